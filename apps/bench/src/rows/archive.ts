// Row: archives that hold the same instances, searched by one client.

import { freePort } from '@x/testing/processes';
import { type Contestant, contest } from '../contest.ts';
import { measure } from '../measure.ts';
import { program, run } from '../processes.ts';
import { DCMQRSCP, ORTHANC, OURS } from '../providers.ts';
import type { Row } from '../row.ts';
import type { Workspace } from '../workspace.ts';
import { type Archive, startArchives } from './archives.ts';

const TARGETS = [DCMQRSCP, ORTHANC].map((other) => ({ ours: OURS, other, bound: 1.2 }));

/** C-FIND of all studies. */
export async function searchRow(workspace: Workspace, rounds: number, studies: number): Promise<Row> {
  // dcmqrscp holds at most 500 studies.
  const instances = await workspace.images(20 * studies, 16, { studies });
  const of = `${studies.toLocaleString('en')} studies among ${instances.count.toLocaleString('en')} instances`;
  return row(workspace, instances, {
    name: 'search',
    title: `C-FIND, all ${of}, by the library, in each archive`,
    unit: 'matches',
    rounds,
    amount: studies,
    operations: studies,
    args: () => ['search', String(studies)],
  });
}

interface Settings extends Pick<Row, 'name' | 'title' | 'unit'> {
  readonly rounds: number;
  readonly amount: number;
  readonly operations: number;
  args(clientPort: number): readonly string[];
}

async function row(
  workspace: Workspace,
  instances: Parameters<typeof startArchives>[1],
  { args, amount, operations, ...settings }: Settings,
): Promise<Row> {
  const clientPort = await freePort();
  const { archives, absent } = await startArchives(workspace, instances, clientPort);
  workspace.remove(instances.folder);
  const contestant = ({ name, server }: Archive): Contestant => ({
    name,
    async turn() {
      const [verb = '', ...rest] = args(clientPort);
      const cost = await measure(server, () => run([...program('scu'), verb, String(server.port), 'BENCH', ...rest]));
      return { ...cost, amount, operations };
    },
  });
  try {
    const row = await contest({ ...settings, targets: TARGETS }, archives.map(contestant));
    return { ...row, notes: [...absent.map((each) => `${each} is left out: it is not installed`), ...row.notes] };
  } finally {
    for (const { server } of archives) await server.stop();
  }
}
