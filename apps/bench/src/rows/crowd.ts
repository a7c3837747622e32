// Row: many SCUs at once, each with an association and its own instances, by one client with each provider.

import { type Contestant, contest } from '../contest.ts';
import { measure, withServer } from '../measure.ts';
import { program, run } from '../processes.ts';
import { dcmrecv, FORKED, floor, ORTHANC_UNSYNCED, OURS, orthanc, ours, storescp } from '../providers.ts';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';

/** In MB. */
const MOST_MEMORY = 200;

export async function crowdRow(workspace: Workspace, rounds: number, scus: number, each: number): Promise<Row> {
  const instances = await workspace.images(scus * each, 512);
  const unsynced = orthanc(workspace, { SyncStorageArea: false });
  const providers = [ours('--no-fsync'), floor, storescp('--fork'), dcmrecv(workspace), unsynced];
  const contestants = providers.map(
    (provider): Contestant => ({
      name: provider.name,
      needs: provider.needs ?? [],
      turn: () =>
        withServer(workspace, provider, async (server, target) => {
          const command = [...program('scu'), 'crowd', String(server.port), 'BENCH', instances.folder, String(scus)];
          const { peaks, ...cost } = await measure(server, () => run(command));
          if (provider !== unsynced) workspace.expectWhole(target, instances);
          // The sender is the same for all.
          return { ...cost, peaks: [0, peaks[1]], amount: instances.bytes / 1e6, operations: instances.count };
        }),
    }),
  );
  const row = await contest(
    {
      name: 'store-crowd',
      title: `${scus} SCUs at once, ${each} × 526 KB each, by the library, to each provider, unsynced`,
      unit: 'MB',
      rounds,
      targets: [
        { ours: OURS, other: FORKED, bound: 0.8 },
        { ours: OURS, other: ORTHANC_UNSYNCED, bound: 1.5 },
        { ours: OURS, of: 'memory', bound: MOST_MEMORY },
      ],
    },
    contestants,
  );
  workspace.remove(instances.folder);
  return row;
}
