// Writes the page on speed of the documentation, with its plots, from the results of a run. page RESULTS [FOLDER]

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svg } from './plot.ts';
import { qualityTable } from './quality-table.ts';
import { readResults } from './results.ts';
import { table } from './table.ts';

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
  `Measured on ${measured.slice(0, 10)} by \`pnpm run bench${extent === 'plain' ? '' : ` --${extent}`}\`: ${Object.entries(
    machine,
  )
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}. Contestants take turns in one run; values are medians. This page is generated from the results.`,
  '',
  ...plots.flatMap(({ name, title }) => [`![${title}](speed/${name}.svg)`, '']),
  '## Targets',
  '',
  '```text',
  qualityTable(rows).split('\n').slice(1).join('\n').trimEnd(),
  '```',
  '',
  '## Results',
  '',
  '```text',
  rows.map(table).join('\n').trimEnd(),
  '```',
  '',
].join('\n');
writeFileSync(join(folder, 'speed.md'), page);
process.stdout.write(`${join(folder, 'speed.md')}\n`);
