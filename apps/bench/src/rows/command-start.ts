// Row: the whole process of a small command, beside the empty program of Node.js.

import { type Contestant, contest } from '../contest.ts';
import { withServer } from '../measure.ts';
import { type Outcome, program, run } from '../processes.ts';
import { ours } from '../providers.ts';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';

const EMPTY = 'node -e 0';
const OURS = 'dimse-scu echo';

export function commandStartRow(workspace: Workspace, rounds: number, times: number): Promise<Row> {
  return withServer(workspace, ours('--no-fsync'), ({ port }) => {
    const contestant = (name: string, needs: readonly string[], once: () => Promise<Outcome>): Contestant => ({
      name,
      needs,
      async turn() {
        const outcomes: Outcome[] = [];
        for (let time = 0; time < times; time++) outcomes.push(await once());
        const sum = (value: (outcome: Outcome) => number) => outcomes.reduce((total, each) => total + value(each), 0);
        return {
          milliseconds: sum(({ milliseconds }) => milliseconds),
          senderCpu: sum(({ cpu }) => cpu),
          amount: times,
          peaks: [Math.max(...outcomes.map(({ peak }) => peak)), 0],
        };
      },
    });
    return contest(
      {
        name: 'start',
        title: 'Whole processes, started one after the other',
        unit: 'processes',
        rounds,
        targets: [
          { ours: OURS, other: EMPTY, bound: 1 / 1.7 },
          { ours: OURS, of: 'memory', bound: 55 },
        ],
      },
      [
        contestant(EMPTY, [], () => run([process.execPath, '-e', '0'])),
        contestant(OURS, [], () => run([...program('dimse-scu'), 'echo', `BENCH@127.0.0.1:${port}`, '--quiet'])),
        contestant('DCMTK echoscu', ['echoscu'], () => run(['echoscu', '-aec', 'BENCH', '127.0.0.1', String(port)])),
      ],
    );
  });
}
