// Row: a C-FIND of many matches from a handler, against dcmjs-dimse and against the data set codec alone.

import { type Contestant, contest, type Row } from '../contest.ts';
import { program, run, serve } from '../processes.ts';

const OURS = 'openSession → createScp';
const CODEC = 'data set codec alone';
const PEER = 'dcmjs-dimse';

export async function findRow(rounds: number, count: number): Promise<Row> {
  const ours = await serve(program('null-scp'));
  const peer = await serve(program('dcmjs-dimse-scp'));
  const contestant = (name: string, command: readonly string[]): Contestant => ({
    name,
    async turn() {
      const { stdout } = await run([...command, String(count)]);
      return { ...(JSON.parse(stdout) as { milliseconds: number }), amount: count };
    },
  });
  try {
    return await contest(
      {
        name: 'find',
        title: `C-FIND, ${count.toLocaleString('en')} matches from a handler`,
        unit: 'matches',
        rounds,
        targets: [
          { ours: OURS, other: CODEC, atLeast: 0.8 },
          { ours: OURS, other: PEER, atLeast: 3 },
        ],
      },
      [
        contestant(CODEC, program('matches-codec')),
        contestant(OURS, [...program('scu'), 'find', String(ours.port), 'BENCH']),
        contestant(PEER, [...program('dcmjs-dimse-find'), String(peer.port), 'BENCH']),
      ],
    );
  } finally {
    await ours.stop();
    await peer.stop();
  }
}
