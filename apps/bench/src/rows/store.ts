// Rows: C-STORE of many instances, of one large one, and over a slow link.

import { type Contestant, contest } from '../contest.ts';
import { measure, withServer } from '../measure.ts';
import { program, run, serve } from '../processes.ts';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';
import { applications, dcmjsDimse, dcmtk, type Job, library, rawNode } from './contestants.ts';

const RAW = 'raw Node socket';
const DCMTK = 'DCMTK storescu → storescp';
const OURS_KEPT = 'openSession → dimse-scp';
const OURS_DISCARDED = 'openSession → createScp';
const APPLICATIONS = 'dimse-scu → dimse-scp';
const MEGABYTE = 1024 * 1024;

export async function manyToFilesRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const [instances, one] = [await workspace.images(count, 512), await workspace.images(1, 512, { first: count })];
  const job: Job = { workspace, instances, keeps: true, counts: 'megabytes' };
  const row = await contest(
    {
      name: 'store-files',
      title: `C-STORE, ${describe(instances)}, file → file, one association, window 1`,
      unit: 'MB',
      rounds,
      targets: [
        { ours: OURS_KEPT, other: RAW, bound: 0.85 },
        { ours: OURS_KEPT, other: DCMTK, bound: 1 },
      ],
    },
    [rawNode(job), dcmtk(job, one), library(job), applications(job, one)],
  );
  workspace.remove(instances.folder);
  return row;
}

export async function manyDiscardedRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const [instances, one] = [await workspace.images(count, 512), await workspace.images(1, 512, { first: count })];
  const job: Job = { workspace, instances, keeps: false, counts: 'megabytes', isWarmedUp: true };
  const row = await contest(
    {
      name: 'store-discarded',
      title: `C-STORE, ${describe(instances)}, file → nowhere, one association, window 1, after as many`,
      unit: 'MB',
      rounds,
      targets: [
        { ours: OURS_DISCARDED, other: RAW, bound: 0.85 },
        { ours: OURS_DISCARDED, other: DCMTK, bound: 1 },
        { ours: OURS_DISCARDED, other: 'dcmjs-dimse', bound: 20 },
      ],
    },
    [rawNode(job), dcmtk(job, one), library(job), dcmjsDimse(job, Math.min(count, 40))],
  );
  workspace.remove(instances.folder);
  return row;
}

export async function smallRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const [instances, one] = [await workspace.images(count, 60), await workspace.images(1, 60, { first: count })];
  const job: Job = { workspace, instances, keeps: true, counts: 'instances' };
  const row = await contest(
    {
      name: 'store-small',
      title: `C-STORE, ${describe(instances)}, file → file, one association`,
      unit: 'instances',
      rounds,
      targets: [{ ours: `${OURS_KEPT}, window 16`, other: DCMTK, bound: 0.75 }],
    },
    [rawNode(job), dcmtk(job, one), library(job), library(job, 16), applications(job, one)],
  );
  workspace.remove(instances.folder);
  return row;
}

/** In MB, for each of the two processes and objects of any size. */
const MOST_MEMORY = 120;

export async function largeRow(workspace: Workspace, rounds: number, gibibytes: number): Promise<Row> {
  // A length field holds less than 4 GiB.
  const instances = await workspace.sized(1, gibibytes * 1024 * MEGABYTE - 1024);
  const job: Job = { workspace, instances, keeps: true, counts: 'megabytes' };
  const row = await contest(
    {
      name: 'large',
      title: `C-STORE, one instance of ${gibibytes < 1 ? `${gibibytes * 1024} MiB` : `${gibibytes} GiB`}, file → file`,
      unit: 'MB',
      rounds,
      longestTurn: 600_000,
      targets: [
        { ours: OURS_KEPT, other: RAW, bound: 1 },
        { ours: OURS_KEPT, of: 'memory', bound: MOST_MEMORY },
        { ours: APPLICATIONS, of: 'memory', bound: MOST_MEMORY },
      ],
    },
    [rawNode(job), dcmtk(job), library(job), applications(job)],
  );
  workspace.remove(instances.folder);
  return row;
}

const DELAY = 10;

export async function slowLinkRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const instances = await workspace.images(count, 60);
  const over = (window: number): Contestant => ({
    name: `window ${window}`,
    turn: () =>
      withServer(workspace, { start: () => serve(program('null-scp')) }, (scp) =>
        withServer(
          workspace,
          { start: () => serve([...program('slow-link'), String(scp.port), String(DELAY)]) },
          async (link) => {
            const client = [...program('scu'), 'store', String(link.port), 'BENCH', instances.folder, String(window)];
            const { milliseconds } = await measure(link, () => run(client));
            return { milliseconds, amount: count };
          },
        ),
      ),
  });
  const row = await contest(
    {
      name: 'store-delayed',
      title: `C-STORE, ${describe(instances)}, over a link with ${2 * DELAY} ms of delay there and back`,
      unit: 'instances',
      rounds,
      targets: [{ ours: 'window 16', other: 'window 1', bound: 12 }],
    },
    [over(1), over(16)],
  );
  workspace.remove(instances.folder);
  return row;
}

function describe({ count, bytes }: { readonly count: number; readonly bytes: number }): string {
  return `${count.toLocaleString('en')} × ${Math.round(bytes / count / 1000)} KB`;
}
