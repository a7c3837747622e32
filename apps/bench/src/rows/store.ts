// Rows: C-STORE of many instances, of one large one, and over a slow link.

import { type Contestant, contest, type Row } from '../contest.ts';
import { program, run, serve } from '../processes.ts';
import type { Workspace } from '../workspace.ts';
import { applications, dcmjsDimse, dcmtk, type Job, library, rawNode } from './contestants.ts';

const RAW = 'raw Node socket';
const DCMTK = 'DCMTK storescu → storescp';
const OURS_KEPT = 'openSession → dimse-scp';
const OURS_DISCARDED = 'openSession → createScp';
const APPLICATIONS = 'dimse-scu → dimse-scp';
const MEGABYTE = 1024 * 1024;

export async function manyToFilesRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const [instances, one] = [await workspace.images(count, 512), await workspace.images(1, 512)];
  const job: Job = { workspace, instances, keeps: true, counts: 'megabytes' };
  const row = await contest(
    {
      name: 'store-files',
      title: `C-STORE, ${describe(instances)}, file → file, one association, window 1`,
      unit: 'MB',
      rounds,
      targets: [
        { ours: OURS_KEPT, other: RAW, atLeast: 0.85 },
        { ours: OURS_KEPT, other: DCMTK, atLeast: 1 },
      ],
    },
    [rawNode(job), dcmtk(job, one), library(job), applications(job, one)],
  );
  workspace.remove(instances.folder);
  return row;
}

export async function manyDiscardedRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const [instances, one] = [await workspace.images(count, 512), await workspace.images(1, 512)];
  const job: Job = { workspace, instances, keeps: false, counts: 'megabytes' };
  const row = await contest(
    {
      name: 'store-discarded',
      title: `C-STORE, ${describe(instances)}, file → nowhere, one association, window 1`,
      unit: 'MB',
      rounds,
      targets: [
        { ours: OURS_DISCARDED, other: RAW, atLeast: 0.85 },
        { ours: OURS_DISCARDED, other: DCMTK, atLeast: 1 },
        { ours: OURS_DISCARDED, other: 'dcmjs-dimse', atLeast: 20 },
      ],
    },
    [rawNode(job), dcmtk(job, one), library(job), dcmjsDimse(job, Math.min(count, 40))],
  );
  workspace.remove(instances.folder);
  return row;
}

export async function smallRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const [instances, one] = [await workspace.images(count, 60), await workspace.images(1, 60)];
  const job: Job = { workspace, instances, keeps: true, counts: 'instances' };
  const row = await contest(
    {
      name: 'store-small',
      title: `C-STORE, ${describe(instances)}, file → file, one association`,
      unit: 'instances',
      rounds,
      targets: [{ ours: OURS_KEPT, other: DCMTK, atLeast: 1 }],
    },
    [rawNode(job), dcmtk(job, one), library(job), library(job, 16), applications(job, one)],
  );
  workspace.remove(instances.folder);
  return row;
}

const MOST_MEMORY = 150 * MEGABYTE;

export async function largeRow(workspace: Workspace, rounds: number, gibibytes: number): Promise<Row> {
  // A length field holds less than 4 GiB.
  const instances = await workspace.large(gibibytes * 1024 * MEGABYTE - 1024);
  const job: Job = { workspace, instances, keeps: true, counts: 'megabytes' };
  const row = await contest(
    {
      name: 'large',
      title: `C-STORE, one instance of ${gibibytes} GiB, file → file`,
      unit: 'MB',
      rounds,
      targets: [
        { ours: OURS_KEPT, other: DCMTK, atLeast: 2 },
        { ours: APPLICATIONS, other: DCMTK, atLeast: 2 },
      ],
    },
    [rawNode(job), dcmtk(job), library(job), applications(job)],
  );
  workspace.remove(instances.folder);
  const peaks = row.standings
    .filter(({ name }) => name === OURS_KEPT || name === APPLICATIONS)
    .flatMap(({ peaks }) => peaks ?? []);
  const peak = Math.max(...peaks);
  const isMet = peak * 1e6 <= MOST_MEMORY;
  return {
    ...row,
    notes: [
      `${isMet ? 'met   ' : 'MISSED'} peak memory of ours: ${peak.toFixed(0)} MB (at most ${Math.round(MOST_MEMORY / 1e6)} MB)`,
    ],
  };
}

const DELAY = 10;

export async function slowLinkRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const instances = await workspace.images(count, 60);
  const over = (window: number): Contestant => ({
    name: `window ${window}`,
    async turn() {
      const scp = await serve(program('null-scp'));
      const link = await serve([...program('slow-link'), String(scp.port), String(DELAY)]);
      const sent = await run([
        ...program('scu'),
        'store',
        String(link.port),
        'BENCH',
        instances.folder,
        String(window),
      ]);
      await link.stop();
      await scp.stop();
      return { ...(JSON.parse(sent.stdout) as { milliseconds: number }), amount: count };
    },
  });
  const row = await contest(
    {
      name: 'store-delayed',
      title: `C-STORE, ${describe(instances)}, over a link with ${2 * DELAY} ms of delay there and back`,
      unit: 'instances',
      rounds,
      targets: [{ ours: 'window 16', other: 'window 1', atLeast: 8 }],
    },
    [over(1), over(16)],
  );
  workspace.remove(instances.folder);
  return row;
}

function describe({ count, bytes }: { readonly count: number; readonly bytes: number }): string {
  return `${count.toLocaleString('en')} × ${Math.round(bytes / count / 1000)} KB`;
}
