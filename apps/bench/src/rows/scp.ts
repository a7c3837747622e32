// Rows: storescu sends to each archive, to a process that has just started (cold) and to one that has worked (warm).

import { type Contestant, contest } from '../contest.ts';
import { measure, startOf, withServer } from '../measure.ts';
import { run } from '../processes.ts';
import {
  DCMQRSCP,
  dcmqrscp,
  FLOOR,
  floor,
  ORTHANC_UNSYNCED,
  OURS,
  orthanc,
  ours,
  type Provider,
  STORESCP,
  storescp,
} from '../providers.ts';
import type { Row } from '../row.ts';
import type { Target } from '../verdicts.ts';
import type { Instances, Workspace } from '../workspace.ts';
import { storescu } from './contestants.ts';

const WARM = 'warm';

export function computedTomographyScpRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  return row(workspace, rounds, count, 512, 'scp-ct', [
    ...atFloor(1.15, 1.6),
    atLeast(STORESCP, 0.75),
    atLeast(ORTHANC_UNSYNCED, 2.5),
    atLeast(DCMQRSCP, 2),
    { ours: `${OURS}, ${WARM}`, of: 'major', bound: 1 },
    { ours: `${OURS}, cold`, of: 'major', bound: 1 },
  ]);
}

export function smallScpRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const targets = [...atFloor(1.4, 2), atLeast(STORESCP, 0.6), atLeast(ORTHANC_UNSYNCED, 1.8)];
  return row(workspace, rounds, count, 60, 'scp-small', targets);
}

/** The most wall time, and the most CPU, as multiples of the floor's. */
function atFloor(wall: number, cpu: number): Target[] {
  const both = { ours: `${OURS}, ${WARM}`, other: `${FLOOR}, ${WARM}` };
  return [
    { ...both, bound: 1 / wall },
    { ...both, of: 'cpu', bound: cpu },
  ];
}

function atLeast(other: string, bound: number): Target {
  return { ours: `${OURS}, ${WARM}`, other: `${other}, ${WARM}`, bound };
}

/** The index of dcmqrscp becomes slower with each instance. */
const MOST_FOR_DCMQRSCP = 300;

async function row(
  workspace: Workspace,
  rounds: number,
  count: number,
  size: number,
  name: string,
  targets: readonly Target[],
): Promise<Row> {
  const setsOf = async (each: number): Promise<readonly [string, Instances][]> => [
    ['cold', await workspace.images(each, size)],
    [WARM, await workspace.images(each, size, { first: each })],
  ];
  const sets = await setsOf(count);
  const fewSets = await setsOf(Math.min(count, MOST_FOR_DCMQRSCP));
  const one = await workspace.images(1, size, { first: 2 * count });
  const start = await withServer(workspace, storescp('--ignore'), ({ port }) =>
    startOf(() => run(storescu(port, one))),
  );
  const contestant = (provider: Provider): Contestant => ({
    name: provider.name,
    needs: ['storescu', ...(provider.needs ?? [])],
    turn: () =>
      withServer(workspace, provider, async (server) => {
        const turns = [];
        for (const [label, set] of provider.name === DCMQRSCP ? fewSets : sets) {
          const { peaks, ...cost } = await measure(server, () => run(storescu(server.port, set)), start);
          turns.push({ ...cost, label, peaks, amount: set.count });
        }
        return turns;
      }),
  });
  const providers = [
    storescp(),
    floor,
    ours('--no-fsync'),
    orthanc(workspace, { SyncStorageArea: false }),
    dcmqrscp(workspace),
  ];
  const bytes = Math.round((sets[0]?.[1].bytes ?? 0) / count / 1000);
  try {
    return await contest(
      {
        name,
        title: `C-STORE, ${count.toLocaleString('en')} × ${bytes} KB twice, storescu to each archive, window 1, unsynced`,
        unit: 'instances',
        rounds,
        targets,
      },
      providers.map(contestant),
    );
  } finally {
    for (const [, { folder }] of [...sets, ...fewSets, ['one', one] as const]) workspace.remove(folder);
  }
}
