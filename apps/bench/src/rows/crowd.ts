// Row: many SCUs at once, each with an association and its own instances, by one client with each provider, which has just
// started (cold), and has received as many instances before (warm).

import { type Contestant, contest } from '../contest.ts';
import { measure, withServer } from '../measure.ts';
import { program, run } from '../processes.ts';
import { dcmrecv, FORKED, floor, ORTHANC_UNSYNCED, OURS, orthanc, ours, storescp } from '../providers.ts';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';

/** In MB. */
const MOST_MEMORY = 200;
const WARM = 'warm';

export async function crowdRow(workspace: Workspace, rounds: number, scus: number, each: number): Promise<Row> {
  const count = scus * each;
  const sets = [
    ['cold', await workspace.images(count, 512)],
    [WARM, await workspace.images(count, 512, { first: count })],
  ] as const;
  const unsynced = orthanc(workspace, { SyncStorageArea: false });
  const providers = [ours('--no-fsync'), floor, storescp('--fork'), dcmrecv(workspace), unsynced];
  const contestants = providers.map(
    (provider): Contestant => ({
      name: provider.name,
      needs: provider.needs ?? [],
      turn: () =>
        withServer(workspace, provider, async (server, target) => {
          const turns = [];
          for (const [label, { folder, bytes }] of sets) {
            const command = [...program('scu'), 'crowd', String(server.port), 'BENCH', folder, String(scus)];
            const { peaks, ...cost } = await measure(server, () => run(command));
            // The sender is the same for all.
            turns.push({ ...cost, label, peaks: [0, peaks[1]] as const, amount: bytes / 1e6, operations: count });
          }
          if (provider !== unsynced) workspace.expectWhole(target, { count: 2 * count, bytes: 2 * sets[0][1].bytes });
          return turns;
        }),
    }),
  );
  const row = await contest(
    {
      name: 'store-crowd',
      title: `${scus} SCUs at once, ${each} × 526 KB each, twice, by the library, to each provider, unsynced`,
      unit: 'MB',
      rounds,
      targets: [
        { ours: `${OURS}, ${WARM}`, other: `${FORKED}, ${WARM}`, bound: 0.8 },
        { ours: `${OURS}, ${WARM}`, other: `${ORTHANC_UNSYNCED}, ${WARM}`, bound: 1.5 },
        { ours: `${OURS}, ${WARM}`, of: 'memory', bound: MOST_MEMORY },
      ],
    },
    contestants,
  );
  for (const [, { folder }] of sets) workspace.remove(folder);
  return row;
}
