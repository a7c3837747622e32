// Rows: what it costs that Success means on disk, for our archive and for Orthanc, each with and without.

import { type Contestant, contest } from '../contest.ts';
import { measure, withServer } from '../measure.ts';
import { program, run } from '../processes.ts';
import { ORTHANC, ORTHANC_UNSYNCED, OURS, orthanc, ours, type Provider } from '../providers.ts';
import type { Row } from '../row.ts';
import { Workspace } from '../workspace.ts';

const OURS_UNSYNCED = 'dimse-scp --no-fsync';

/**
 * Instances per second, and CPU per instance, on a real disk. The client reads from memory.
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
  const instances = await workspace.images(count, size);
  const disk = new Workspace();
  const providers: readonly Provider[] = [
    ours(),
    orthanc(disk),
    { ...ours('--no-fsync'), name: OURS_UNSYNCED },
    orthanc(disk, { SyncStorageArea: false }),
  ];
  const contestants = providers.map(
    (provider): Contestant => ({
      name: provider.name,
      needs: provider.needs ?? [],
      async turn() {
        const cost = await withServer(disk, provider, (server) =>
          measure(server, () =>
            run([...program('scu'), 'crowd', String(server.port), 'BENCH', instances.folder, `${associations}`]),
          ),
        );
        disk.empty();
        return { ...cost, amount: count };
      },
    }),
  );
  try {
    return await contest(
      {
        name,
        title: `C-STORE, ${count.toLocaleString('en')} × ${Math.round(instances.bytes / count / 1000)} KB, to disk, ${associations} associations`,
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
    disk.remove();
    workspace.remove(instances.folder);
  }
}
