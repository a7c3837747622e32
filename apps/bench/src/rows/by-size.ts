// Row and plot: throughput by the size of the object.

import { type Contestant, contest } from '../contest.ts';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';
import { dcmtk, type Job, library, rawNode } from './contestants.ts';

const KIBI = 1024;
const MEBI = 1024 * KIBI;
const SMALLEST = 8 * KIBI;
const SIZES = [SMALLEST, 64 * KIBI, 512 * KIBI, 4 * MEBI, 32 * MEBI, 256 * MEBI];
const LARGEST = 1024 * MEBI;
/** Bytes of one turn, and the most instances. */
const VOLUME = 256 * MEBI;
const MOST_INSTANCES = 2_000;

export async function bySizeRow(workspace: Workspace, rounds: number, isFull: boolean): Promise<Row> {
  const points = new Map<string, [number, number][]>();
  const rows: Row[] = [];
  const smallest = await workspace.sized(1, SMALLEST, MOST_INSTANCES);
  for (const size of isFull ? [...SIZES, LARGEST] : SIZES) {
    const count = Math.max(1, Math.min(MOST_INSTANCES, Math.floor(VOLUME / size)));
    const instances = await workspace.sized(count, size);
    const job: Job = { workspace, instances, keeps: true, counts: 'megabytes' };
    const title = `${count.toLocaleString('en')} × ${bytes(size)}`;
    const contestants: Contestant[] = [rawNode(job), dcmtk(job, smallest), library(job)];
    const row = await contest({ name: 'by-size', title, unit: 'MB', rounds, targets: [], warmsUp: false }, contestants);
    for (const { name, rate } of row.standings)
      points.set(name, [...(points.get(name) ?? []), [instances.bytes / count, rate]]);
    rows.push({
      ...row,
      standings: row.standings.map((standing) => ({ ...standing, name: `${standing.name}, ${bytes(size)}` })),
    });
    workspace.remove(instances.folder);
  }
  workspace.remove(smallest.folder);
  return {
    name: 'by-size',
    title: 'C-STORE, file → file, one association, window 1, by the size of the object',
    unit: 'MB',
    standings: rows.flatMap(({ standings }) => standings),
    verdicts: [],
    notes: [...new Set(rows.flatMap(({ notes }) => notes))],
    plots: [
      {
        name: 'throughput-by-object-size',
        title: 'Throughput by object size',
        x: 'bytes in an object',
        y: 'MB/s',
        curves: [...points].map(([name, curve]) => ({ name, points: curve })),
      },
    ],
    failed: rows.some(({ failed }) => failed),
  };
}

function bytes(size: number): string {
  if (size >= LARGEST) return `${size / LARGEST} GiB`;
  return size >= MEBI ? `${size / MEBI} MiB` : `${size / KIBI} KiB`;
}
