// Writes the page on speed of the documentation, with its plots, from the results of a run. page RESULTS [FOLDER]

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resultsSections, targetsTable } from './page-tables.ts';
import { svg } from './plot.ts';
import { readResults } from './results.ts';

const [path, folder = fileURLToPath(new URL('../../docs', import.meta.url))] = process.argv
  .slice(2)
  .filter((argument) => argument !== '--');
if (path === undefined) {
  process.stderr.write('usage: page RESULTS.json [FOLDER]\n');
  process.exit(2);
}
const { measured, extent, machine, rows } = readResults(path);
const plots = rows.flatMap((row) => row.plots ?? []);
mkdirSync(join(folder, 'speed'), { recursive: true });
for (const plot of plots) writeFileSync(join(folder, 'speed', `${plot.name}.svg`), svg(plot));
const page = [
  '# Speed',
  '',
  `Measured on ${measured.slice(0, 10)} by \`pnpm run bench${extent === 'plain' ? '' : ` --${extent}`}\`: ${machineText(machine)}. Contestants take turns in one run; values are medians. [The method](./benchmark.md) says how. This page is generated from the results.`,
  '',
  ...plots.flatMap(({ name, title }) => [`![${title}](speed/${name}.svg)`, '']),
  '## Targets',
  '',
  'A result is a ratio to the contestant that is named, unless a unit follows it. A target that is missed stays in the table.',
  '',
  ...targetsTable(rows),
  '',
  '## Results',
  '',
  ...resultsSections(rows),
].join('\n');
writeFileSync(join(folder, 'speed.md'), page);
process.stdout.write(`${join(folder, 'speed.md')}\n`);

function machineText(machine: Readonly<Record<string, string>>): string {
  const { cpu, memory, system, node, folder } = machine;
  return `${cpu}, ${memory} of memory, Linux ${system}, Node.js ${node?.slice(1)}, files in ${folder}`;
}
