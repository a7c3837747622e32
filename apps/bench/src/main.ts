// The benchmark: each row compares our programs with the limit and with real peers on the same data, and says whether the
// targets are met.
//
//   bench [--quick | --full] [--only ROW,…] [--out FILE] [--compare FILE] [--other FILE]
//
// It takes at most 15 minutes. --full has no limit, more rounds, and adds 1,000,000 instances and objects of 1 and 4 GiB.
// --out is the JSON file; plots are written beside it. --compare names the results that are worse than those of another
// run. --other is the main.js of another build of dimse-scp, which longest-stretch measures, too.

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { svg } from './plot.ts';
import { stopAll } from './processes.ts';
import { qualityTable } from './quality-table.ts';
import { type Results, readResults, slower } from './results.ts';
import type { Row } from './row.ts';
import { type Extent, rowsOf } from './rows.ts';
import { table } from './table.ts';
import { Workspace } from './workspace.ts';

const USAGE = `usage: pnpm run bench [--quick | --full] [--only ROW,…] [--out FILE] [--compare FILE] [--other FILE]
apps/bench/README.md describes the options.
`;
const values = options();
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const extent: Extent = values.quick ? 'quick' : values.full ? 'full' : 'plain';
/** Milliseconds after which no further row begins. */
const LONGEST = extent === 'full' || values.only !== undefined ? Number.POSITIVE_INFINITY : 14 * 60_000;
const old = values.compare === undefined ? undefined : readResults(values.compare);

const rows = rowsOf(extent, values.other);
// Selects a row by its name, or several by the beginning of their names.
const asked = values.only?.split(',');
const chosen = rows.filter(({ name, isExtra }) => asked?.some((start) => name.startsWith(start)) ?? !isExtra);
if (chosen.length === 0) {
  process.stderr.write(`rows are ${rows.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

const begun = performance.now();
const workspace = new Workspace((extent === 'full' ? 10 : 6) * 1024 ** 3);
const machine = {
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  memory: `${(totalmem() / 1e9).toFixed(0)} GB`,
  system: release(),
  node: process.version,
  folder: dirname(workspace.path),
};
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stopAll();
    workspace.remove();
    process.exit(1);
  });
const machineText = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
process.stdout.write(`${machineText.join(', ')}\n\n`);
const done: Row[] = [];
try {
  for (const { name, measure } of chosen) {
    const rowBegun = performance.now();
    const row = rowBegun - begun > LONGEST ? unmeasured(name, 'the time is over') : await attempt(name, measure);
    const seconds = Math.round((performance.now() - rowBegun) / 1000);
    process.stderr.write(`${name} took ${seconds} s\n`);
    done.push({ ...row, seconds });
    process.stdout.write(`${table(row)}\n`);
  }
} finally {
  stopAll();
  workspace.remove();
}
const results: Results = { measured: new Date().toISOString(), extent, machine, rows: done };
const out = resolve(values.out);
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, `${JSON.stringify(results, undefined, 2)}\n`);
for (const plot of done.flatMap(({ plots = [] }) => plots))
  writeFileSync(join(dirname(out), `${plot.name}.svg`), svg(plot));
process.stdout.write(
  `${qualityTable(done, values.only !== undefined)}\n${((performance.now() - begun) / 60_000).toFixed(1)} minutes; ${out}\n`,
);
const worse = old ? slower(old, results) : [];
if (old) process.stdout.write(`${worse.length} results are worse than in ${values.compare}\n`);
for (const each of worse) process.stdout.write(`SLOWER ${each}\n`);
if (worse.length > 0 || done.some(({ failed }) => failed)) process.exitCode = 1;

async function attempt(name: string, measure: (workspace: Workspace) => Promise<Row>): Promise<Row> {
  try {
    return await measure(workspace);
  } catch (error) {
    stopAll();
    return unmeasured(name, `FAILED ${error instanceof Error ? error.message : error}`);
  } finally {
    workspace.empty();
  }
}

function unmeasured(name: string, reason: string): Row {
  const failed = reason.startsWith('FAILED');
  return { name, title: name, unit: '', standings: [], verdicts: [], notes: [reason], ...(failed && { failed }) };
}

/** Exits with 2 if there is an option that does not exist. */
function options() {
  try {
    return parseArgs({
      // pnpm passes its own separator on.
      args: process.argv.slice(2).filter((argument) => argument !== '--'),
      options: {
        quick: { type: 'boolean', default: false },
        full: { type: 'boolean', default: false },
        only: { type: 'string' },
        out: { type: 'string', default: 'bench-results/results.json' },
        compare: { type: 'string' },
        other: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}
