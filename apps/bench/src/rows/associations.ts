// Rows: the set-up of associations, by one raw client with each server, and the limit of Node.js with the same bytes.

import { type Contestant, contest, installed } from '../contest.ts';
import { measure } from '../measure.ts';
import { program, run, type Server } from '../processes.ts';
import {
  FORKED,
  ORTHANC_UNSYNCED,
  OURS,
  orthanc,
  ours,
  type Provider,
  rawAssociations,
  storescp,
} from '../providers.ts';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';

export async function associationsRow(
  workspace: Workspace,
  rounds: number,
  times: number,
  atOnce: number,
): Promise<Row> {
  const count = Math.ceil(times / atOnce) * atOnce;
  const { present, absent } = installed<Provider>([
    rawAssociations,
    ours('--no-fsync'),
    orthanc(workspace, { SyncStorageArea: false }),
    storescp('--ignore'),
    storescp('--ignore', '--fork'),
  ]);
  const servers: Server[] = [];
  try {
    const contestants: Contestant[] = [];
    for (const provider of present) {
      const server = await provider.start(workspace.folder());
      servers.push(server);
      // It starts a process for each association.
      const each = provider.name === FORKED ? Math.ceil(count / 5 / atOnce) * atOnce : count;
      const client = [...program('raw-associate'), String(server.port), 'BENCH', String(each), String(atOnce)];
      contestants.push({
        name: provider.name,
        turn: async () => ({ ...(await measure(server, () => run(client))), amount: each }),
      });
    }
    const row = await contest(
      {
        name: atOnce === 1 ? 'associations' : 'associations-crowd',
        title: `Associations, opened and released, ${atOnce === 1 ? 'one after the other' : `${atOnce} at once`}, by a raw client`,
        unit: 'associations',
        rounds,
        targets: [
          { ours: OURS, other: ORTHANC_UNSYNCED, bound: 1 },
          { ours: OURS, of: 'cpu', bound: 0.25 },
        ],
      },
      contestants,
    );
    return { ...row, notes: [...absent.map((each) => `${each} is left out: it is not installed`), ...row.notes] };
  } finally {
    for (const server of servers) await server.stop();
  }
}
