// Rows: C-ECHO round trips, by one client with each provider, and by our SCU and echoscu with one provider.

import { type Contestant, contest, installed } from '../contest.ts';
import { measure, startOf, withServer } from '../measure.ts';
import { program, run, type Server, serve } from '../processes.ts';
import { ORTHANC_UNSYNCED, OURS, orthanc, ours, type Provider, STORESCP, storescp } from '../providers.ts';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';

const PEER = 'dcmjs-dimse';
/** dcmjs-dimse waits for delayed acknowledgements. */
const MOST_FOR_PEER = 200;

export async function echoRow(workspace: Workspace, rounds: number, times: number): Promise<Row> {
  const { present, absent } = installed<Provider>([
    storescp('--ignore'),
    ours('--no-fsync'),
    orthanc(workspace, { SyncStorageArea: false }),
    { name: PEER, start: () => serve(program('dcmjs-dimse-scp')) },
  ]);
  const servers: Server[] = [];
  try {
    const contestants: Contestant[] = [];
    for (const { name, start } of present) {
      const server = await start(workspace.folder());
      servers.push(server);
      const count = name === PEER ? Math.min(times, MOST_FOR_PEER) : times;
      const client = [...program('scu'), 'echo', String(server.port), 'BENCH', String(count)];
      contestants.push({ name, turn: async () => ({ ...(await measure(server, () => run(client))), amount: count }) });
    }
    const row = await contest(
      {
        name: 'echo',
        title: `C-ECHO, ${times.toLocaleString('en')} round trips on one association, the library's SCU with each SCP`,
        unit: 'echoes',
        rounds,
        targets: [
          { ours: OURS, other: STORESCP, bound: 1 },
          { ours: OURS, other: ORTHANC_UNSYNCED, bound: 1 },
          { ours: OURS, other: PEER, bound: 14 },
        ],
      },
      contestants,
    );
    return { ...row, notes: [...absent.map((each) => `${each} is left out: it is not installed`), ...row.notes] };
  } finally {
    for (const server of servers) await server.stop();
  }
}

export function echoScuRow(workspace: Workspace, rounds: number, times: number): Promise<Row> {
  const echoscu = (port: number, repeat: number) =>
    run(['echoscu', '-aec', 'BENCH', '--repeat', String(repeat), '127.0.0.1', String(port)]);
  let start: ReturnType<typeof startOf> | undefined;
  const withStorescp = (turn: (server: Server) => Promise<Awaited<ReturnType<typeof measure>>>) => () =>
    withServer(workspace, storescp('--ignore'), async (server) => ({ ...(await turn(server)), amount: times }));
  const [DCMTK, LIBRARY] = ['DCMTK echoscu', 'openSession'];
  return contest(
    {
      name: 'echo-scu',
      title: `C-ECHO, ${times.toLocaleString('en')} round trips on one association, each SCU with storescp`,
      unit: 'echoes',
      rounds,
      targets: [{ ours: LIBRARY, other: DCMTK, bound: 0.8 }],
    },
    [
      {
        name: DCMTK,
        needs: ['echoscu', 'storescp'],
        turn: withStorescp(async (server) => {
          start ??= startOf(() => echoscu(server.port, 1));
          return measure(server, () => echoscu(server.port, times), await start);
        }),
      },
      {
        name: LIBRARY,
        needs: ['storescp'],
        turn: withStorescp((server) =>
          measure(server, () => run([...program('scu'), 'echo', String(server.port), 'BENCH', String(times)])),
        ),
      },
    ],
  );
}
