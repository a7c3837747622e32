// Row: a C-FIND of many matches from a handler, against dcmjs-dimse and against the data set codec alone.

import { type Contestant, contest } from '../contest.ts';
import { program, run, type Server, serve } from '../processes.ts';
import type { Row } from '../row.ts';

const OURS = 'openSession → createScp';
const CODEC = 'data set codec alone';
const PEER = 'dcmjs-dimse';
/** The searches of one turn, after some that warm up both sides. dcmjs-dimse searches once: it takes many seconds. */
const TIMES = '10';

export async function findRow(rounds: number, count: number): Promise<Row> {
  const servers: Server[] = [];
  const started = async (name: string) => {
    const server = await serve(program(name));
    servers.push(server);
    return server;
  };
  const contestant = (name: string, command: readonly string[]): Contestant => ({
    name,
    async turn() {
      const { stdout } = await run([...command, String(count), TIMES]);
      return { ...(JSON.parse(stdout) as { milliseconds: number }), amount: count };
    },
  });
  try {
    const [ours, peer] = [await started('null-scp'), await started('dcmjs-dimse-scp')];
    return await contest(
      {
        name: 'find',
        title: `C-FIND, ${count.toLocaleString('en')} matches from a handler`,
        unit: 'matches',
        rounds,
        targets: [
          { ours: OURS, other: CODEC, bound: 0.8 },
          { ours: OURS, other: PEER, bound: 3 },
        ],
      },
      [
        contestant(CODEC, program('matches-codec')),
        contestant(OURS, [...program('scu'), 'find', String(ours.port), 'BENCH']),
        contestant(PEER, [...program('dcmjs-dimse-find'), String(peer.port), 'BENCH']),
      ],
    );
  } finally {
    for (const server of servers) await server.stop();
  }
}
