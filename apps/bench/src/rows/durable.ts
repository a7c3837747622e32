// Rows: what it costs that Success means on disk, for our archive and for Orthanc, each with and without.

import { type Contestant, contest } from '../contest.ts';
import { measure } from '../measure.ts';
import { type Outcome, run } from '../processes.ts';
import { ORTHANC, ORTHANC_UNSYNCED, OURS, orthanc, ours, type Provider, syncedFloor } from '../providers.ts';
import type { Row } from '../row.ts';
import { type Instances, Workspace } from '../workspace.ts';
import { storescu } from './contestants.ts';

const OURS_UNSYNCED = 'dimse-scp --no-fsync';

/**
 * Instances per second, and CPU per instance, on a real disk, of processes that have stored as many before. The clients read
 * from memory; their start is in the time, and is the same for all.
 *
 * The files stay until the benchmark ends. ext4 does not use an inode again for minutes after a deletion, and looks at each
 * of them before it makes a file: a contestant would pay for the files of the one before. Unsynced data are
 * written after each turn, because the system would write them in the next one.
 * @param size pixels of a side: 60 makes 8 KB, 512 makes 526 KB
 */
export async function durableRow(
  workspace: Workspace,
  rounds: number,
  {
    name,
    count,
    size,
    associations,
  }: { readonly name: string; readonly count: number; readonly size: number; readonly associations: number },
): Promise<Row> {
  const shares = async (each: number, from: number): Promise<readonly Instances[]> =>
    Promise.all(
      Array.from({ length: associations }, (_, share) => workspace.images(each, size, { first: from + share * each })),
    );
  const [warmUp, instances] = [await shares(count / associations, 0), await shares(count / associations, count)];
  const disk = onDisk();
  const providers: readonly Provider[] = [
    ours(),
    orthanc(disk),
    syncedFloor,
    { ...ours('--no-fsync'), name: OURS_UNSYNCED },
    orthanc(disk, { SyncStorageArea: false }),
  ];
  const contestants = providers.map(
    (provider): Contestant => ({
      name: provider.name,
      needs: ['storescu', ...(provider.needs ?? [])],
      async turn() {
        const target = disk.folder();
        const server = await provider.start(target);
        try {
          await sendAll(server.port, warmUp);
          const cost = await measure(server, () => sendAll(server.port, instances));
          return { ...cost, amount: count };
        } finally {
          await server.stop();
          await run(['sync', '-f', target]);
        }
      },
    }),
  );
  const bytes = instances.reduce((sum, each) => sum + each.bytes, 0);
  try {
    return await contest(
      {
        name,
        title: `C-STORE, ${count.toLocaleString('en')} × ${Math.round(bytes / count / 1000)} KB after as many, to disk, ${associations} storescu`,
        unit: 'instances',
        rounds,
        targets: [
          { ours: OURS, other: ORTHANC, bound: 1.2 },
          { ours: OURS_UNSYNCED, other: ORTHANC_UNSYNCED, bound: 1 },
        ],
        warmsUp: false,
      },
      contestants,
    );
  } finally {
    for (const { folder } of [...warmUp, ...instances]) workspace.remove(folder);
  }
}

/** One storescu for each set, at the same time. */
async function sendAll(port: number, sets: readonly Instances[]): Promise<Outcome> {
  const outcomes = await Promise.all(sets.map((set) => run(storescu(port, set))));
  const largest = (of: 'milliseconds' | 'peak' | 'cpu') => Math.max(...outcomes.map((outcome) => outcome[of]));
  // All begin at the same time, so the last one that ends has the CPU of all.
  return { stdout: '', stderr: '', milliseconds: largest('milliseconds'), peak: largest('peak'), cpu: largest('cpu') };
}

let shared: Workspace | undefined;

/** A folder on disk for all these rows, which is removed when the benchmark ends. */
function onDisk(): Workspace {
  if (!shared) {
    const made = new Workspace();
    process.once('exit', () => made.remove());
    shared = made;
  }
  return shared;
}
