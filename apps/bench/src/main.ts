// The benchmark: each row compares our programs with the limit and with a real peer on the same data, and says whether
// the target is met. bench [--quick] [--only ROW,…] [--large GIBIBYTES] [--out FILE] [--other FILE]
// --other is the main.js of another build of dimse-scp, which longest-stretch measures, too.

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { type Row, table } from './contest.ts';
import { stopAll } from './processes.ts';
import { retrieveRow, searchRow } from './rows/archive.ts';
import { codecRow } from './rows/codec.ts';
import { crowdRow } from './rows/crowd.ts';
import { durableRow } from './rows/durable.ts';
import { associationsRow, echoRow } from './rows/echo.ts';
import { findRow } from './rows/find.ts';
import { longestStretchRow } from './rows/longest-stretch.ts';
import { secureRow } from './rows/secure.ts';
import { largeRow, manyDiscardedRow, manyToFilesRow, slowLinkRow, smallRow } from './rows/store.ts';
import { Workspace } from './workspace.ts';

const { values } = parseArgs({
  // pnpm passes its own separator on.
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    large: { type: 'string', default: '1' },
    out: { type: 'string', default: 'bench-results.json' },
    other: { type: 'string' },
  },
});
const { quick } = values;
const rounds = quick ? 1 : 5;
const count = quick ? 300 : 3_000;
const large = Number(values.large);

const rows: Record<string, (workspace: Workspace) => Promise<Row>> = {
  codec: () => codecRow(rounds),
  'store-files': (workspace) => manyToFilesRow(workspace, rounds, count),
  'store-discarded': (workspace) => manyDiscardedRow(workspace, rounds, count),
  'store-small': (workspace) => smallRow(workspace, rounds, 3_000),
  'store-delayed': (workspace) => slowLinkRow(workspace, Math.min(rounds, 3), quick ? 128 : 640),
  'store-tls': (workspace) => secureRow(workspace, rounds, count),
  'store-crowd': (workspace) => crowdRow(workspace, Math.min(rounds, 3), 32, quick ? 5 : 50),
  'durable-small': (workspace) => durable(workspace, 60, 1),
  'durable-small-crowd': (workspace) => durable(workspace, 60, 8),
  'durable-ct': (workspace) => durable(workspace, 512, 1),
  'durable-ct-crowd': (workspace) => durable(workspace, 512, 8),
  large: (workspace) => largeRow(workspace, Math.min(rounds, 3), large),
  get: (workspace) => retrieveRow(workspace, rounds, 300, 'get'),
  move: (workspace) => retrieveRow(workspace, rounds, 300, 'move'),
  search: (workspace) => searchRow(workspace, rounds, quick ? 50 : 500),
  find: () => findRow(rounds, quick ? 2_000 : 10_000),
  echo: (workspace) => echoRow(workspace, rounds, quick ? 500 : 5_000),
  'echo-associations': (workspace) => associationsRow(workspace, rounds, quick ? 100 : 500, 1),
  'longest-stretch': (workspace) => longestStretchRow(workspace, Math.min(rounds, 3), values.other),
  'echo-crowd': (workspace) => associationsRow(workspace, rounds, quick ? 100 : 500, 50),
};

function durable(workspace: Workspace, size: number, associations: number): Promise<Row> {
  const count = size < 100 ? (quick ? 400 : 2_000) : quick ? 80 : 400;
  return durableRow(workspace, rounds, { count, size, associations });
}

// Selects a row by its name, or several by the beginning of their names.
const asked = values.only?.split(',') ?? [''];
const chosen = Object.keys(rows).filter((name) => asked.some((start) => name.startsWith(start)));
if (chosen.length === 0 || !(large > 0 && large <= 4)) {
  process.stderr.write(`rows are ${Object.keys(rows).join(', ')}; the large instance has up to 4 GiB
`);
  process.exit(2);
}
const dcmtk = spawnSync('storescp', ['--version'], { encoding: 'utf8' });
if (dcmtk.error && chosen.some((name) => !['codec', 'store-delayed', 'find', 'longest-stretch'].includes(name))) {
  process.stderr.write('DCMTK is not installed, and most rows are measured against it: install the package dcmtk\n');
  process.exit(2);
}

const workspace = new Workspace(Math.max(6, 2.5 * large) * 1024 ** 3);
const machine = {
  cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
  memory: `${(totalmem() / 1e9).toFixed(0)} GB`,
  node: process.version,
  dcmtk: /v\d[\d.]*/.exec(dcmtk.stdout ?? '')?.[0] ?? 'none',
  folder: workspace.path.replace(/\/[^/]*$/, ''),
};
process.stdout.write(
  `${Object.entries(machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}\n\n`,
);
const done: Row[] = [];
try {
  for (const name of chosen) {
    const row = await rows[name]?.(workspace);
    if (!row) continue;
    done.push(row);
    process.stdout.write(`${table(row)}\n`);
  }
} finally {
  stopAll();
  workspace.remove();
}
const measured = { measured: new Date().toISOString(), quick, machine, rows: done };
writeFileSync(values.out, `${JSON.stringify(measured, undefined, 2)}\n`);
