// Row: our SCU and storescu send to storescp. Our program counts with its own preparation, without the start of the process.

import { type Contestant, contest } from '../contest.ts';
import { measure, startOf, withServer } from '../measure.ts';
import { type Outcome, program, run } from '../processes.ts';
import { storescp } from '../providers.ts';
import type { Row } from '../row.ts';
import type { Target } from '../verdicts.ts';
import type { Instances, Workspace } from '../workspace.ts';
import { storescu } from './contestants.ts';

const OURS = 'dimse-scu';
const LIBRARY = 'openSession, in its process';
const DCMTK = 'DCMTK storescu';

export function computedTomographyScuRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  return row(workspace, rounds, count, 512, 'scu-ct', [
    { ours: OURS, other: DCMTK, bound: 0.85 },
    { ours: OURS, of: 'senderCpu', bound: 0.35 },
  ]);
}

export function smallScuRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  return row(workspace, rounds, count, 60, 'scu-small', []);
}

async function row(
  workspace: Workspace,
  rounds: number,
  count: number,
  size: number,
  name: string,
  targets: readonly Target[],
): Promise<Row> {
  const instances = await workspace.images(count, size);
  const one = await workspace.images(1, size, { first: count });
  const contestant = (sender: string, send: (port: number, set: Instances) => Promise<Outcome>): Contestant => {
    let start: ReturnType<typeof startOf> | undefined;
    return {
      name: sender,
      needs: sender === DCMTK ? ['storescu', 'storescp'] : ['storescp'],
      turn: () =>
        withServer(workspace, storescp(), async (server) => {
          start ??= startOf(() => send(server.port, one));
          const { milliseconds, ...before } = await start;
          // The library prints its own milliseconds, but its CPU includes the start of the process.
          const subtracted = { ...before, milliseconds: sender === LIBRARY ? 0 : milliseconds };
          const cost = await measure(server, () => send(server.port, instances), subtracted);
          return { ...cost, amount: count };
        }),
    };
  };
  try {
    return await contest(
      {
        name,
        title: `C-STORE, ${count.toLocaleString('en')} × ${Math.round(instances.bytes / count / 1000)} KB, each SCU to storescp, window 1`,
        unit: 'instances',
        rounds,
        targets,
      },
      [
        contestant(DCMTK, (port, set) => run(storescu(port, set))),
        contestant(OURS, (port, { folder }) =>
          run([...program('dimse-scu'), 'store', `BENCH@127.0.0.1:${port}`, folder, '--quiet']),
        ),
        contestant(LIBRARY, (port, { folder }) => run([...program('scu'), 'store', String(port), 'BENCH', folder])),
      ],
    );
  } finally {
    workspace.remove(instances.folder);
    workspace.remove(one.folder);
  }
}
