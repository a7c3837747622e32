// Row: archives that hold the same instances, searched by the same clients.

import { freePort } from '@x/testing/processes';
import { type Contestant, contest } from '../contest.ts';
import { measure } from '../measure.ts';
import { program, run } from '../processes.ts';
import { DCMQRSCP, ORTHANC, OURS } from '../providers.ts';
import type { Row, Turn } from '../row.ts';
import type { Workspace } from '../workspace.ts';
import { type Archive, startArchives } from './archives.ts';

const RAW_SCU = 'prepared requests';
const LIBRARY_SCU = 'openSession';
/** The searches of one turn, after some that warm up both sides. */
const SEARCHES = 100;
const TARGETS = [DCMQRSCP, ORTHANC].map((other) => ({
  ours: `${OURS}, ${RAW_SCU}`,
  other: `${other}, ${RAW_SCU}`,
  bound: 1.2,
}));

/**
 * C-FIND of all studies, many times on one association: by a client that sends prepared requests and counts the responses, so
 * that the archives are compared, and by the library.
 */
export async function searchRow(workspace: Workspace, rounds: number, studies: number): Promise<Row> {
  // dcmqrscp holds at most 500 studies.
  const instances = await workspace.images(20 * studies, 16, { studies });
  const { archives, absent } = await startArchives(workspace, instances, await freePort());
  workspace.remove(instances.folder);
  const amount = studies * SEARCHES;
  const contestant = ({ name, server }: Archive): Contestant => ({
    name,
    async turn() {
      const search = [String(server.port), 'BENCH', String(studies), String(SEARCHES)];
      const clients = [
        { label: RAW_SCU, command: [...program('raw-find'), ...search] },
        { label: LIBRARY_SCU, command: [...program('scu'), 'search', ...search] },
      ];
      const turns: Turn[] = [];
      for (const { label, command } of clients)
        turns.push({ ...(await measure(server, () => run(command))), label, amount });
      return turns;
    },
  });
  try {
    const of = `${studies.toLocaleString('en')} studies among ${instances.count.toLocaleString('en')} instances`;
    const row = await contest(
      {
        name: 'search',
        title: `C-FIND, all ${of}, ${SEARCHES} times on one association, in each archive`,
        unit: 'matches',
        rounds,
        targets: TARGETS,
      },
      archives.map(contestant),
    );
    return { ...row, notes: [...absent.map((each) => `${each} is left out: it is not installed`), ...row.notes] };
  } finally {
    for (const { server } of archives) await server.stop();
  }
}
