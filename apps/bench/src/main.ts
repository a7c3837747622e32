// pnpm bench: the rows of the bench, as tables and as JSON. --quick for a small run, --only for some rows.

import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { codecRows } from './codec.ts';
import { echoRows } from './echo.ts';
import { printRow, type Row } from './measure.ts';
import { largeObjectRow, storeRows } from './store.ts';

const options = new Command('bench')
  .option('--quick', 'fewer instances, fewer rounds', false)
  .option('--large <gibibytes>', 'size of the large object', Number, 1)
  .option('--only <kinds>', 'codec, store, large, echo: some of them, joined by commas', 'codec,store,large,echo')
  .parse()
  .opts<{ quick: boolean; large: number; only: string }>();

const rounds = options.quick ? 1 : 5;
const instances = options.quick ? 300 : 3000;
const folder = mkdtempSync(join(workplace(), 'bench-'));
const kinds = new Set(options.only.split(','));
const rows: Row[] = [];
const add = (more: readonly Row[]) => {
  rows.push(...more);
  more.forEach(printRow);
};
try {
  process.stdout.write(`Files are in ${folder}. Figures are medians of ${rounds} rounds in turn.\n\n`);
  if (kinds.has('codec')) add(await codecRows(rounds));
  if (kinds.has('echo')) add(await echoRows(rounds));
  if (kinds.has('store')) add(await storeRows({ folder, rounds, instances }));
  if (kinds.has('large'))
    add([await largeObjectRow({ folder, rounds: Math.min(rounds, 3), instances: 1 }, options.large)]);
  writeFileSync('bench-results.json', `${JSON.stringify({ node: process.version, rows }, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Memory, if there is room for all files twice; else the disk. */
function workplace(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize > 8 * 1024 ** 3) return '/dev/shm';
  } catch {
    // There is no such place.
  }
  return tmpdir();
}
