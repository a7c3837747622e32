// Rows: C-GET and C-MOVE of one study from archives that hold the same instances.

import { freePort } from '@x/testing/processes';
import { type Contestant, contest, isInstalled } from '../contest.ts';
import { measure } from '../measure.ts';
import { type Outcome, program, run } from '../processes.ts';
import { DCMQRSCP, LONGEST_DCMTK_PDU, ORTHANC, OURS, storescp } from '../providers.ts';
import type { Row, Turn } from '../row.ts';
import type { Workspace } from '../workspace.ts';
import { type Archive, startArchives } from './archives.ts';
import { WARM_UP } from './contestants.ts';

/** Of the CT set. */
const TARGETS = [DCMQRSCP, ORTHANC].map((other) => ({ ours: OURS, other, bound: 1.2 }));
/** The destination of the library's C-MOVE to itself. */
const LIBRARY = 'BENCH-LIBRARY';

interface Retrieval {
  readonly name: string;
  readonly verb: 'get' | 'move';
  readonly count: number;
  /** Pixels of a side: 60 makes 8 KB, 512 makes 526 KB. */
  readonly size: number;
  /** How often a turn retrieves the study, one retrieval after the other. */
  readonly times: number;
}

/**
 * The programs of DCMTK retrieve, because they cost the least, so that archives are compared and not clients. They drop the
 * instances: getscu itself, and storescp as the destination of movescu. The library retrieves from our archive, too.
 */
export async function retrieveRow(workspace: Workspace, rounds: number, retrieval: Retrieval): Promise<Row> {
  const { name, verb, count, size, times } = retrieval;
  const instances = await workspace.images(count, size);
  const receiver = isInstalled('storescp') ? await storescp('--ignore').start(workspace.folder()) : undefined;
  const libraryPort = await freePort();
  const peers = ['--peer', `${LIBRARY}=127.0.0.1:${libraryPort}`];
  const { archives, absent } = await startArchives(workspace, instances, receiver?.port ?? 1, peers);
  workspace.remove(instances.folder);
  const work: Pick<Turn, 'amount' | 'operations'> = {
    amount: (times * instances.bytes) / 1e6,
    operations: times * count,
  };
  const complete = new Set<string>();
  const byDcmtk = ({ name, server }: Archive): Contestant => ({
    name,
    needs: ['getscu', 'movescu', 'storescp'],
    async turn() {
      if (!complete.has(name)) await expectAll(retrieval, server.port, instances.study);
      complete.add(name);
      const received = receiver?.cpu() ?? 0;
      const cost = await measure(server, () => retrieve(retrieval, server.port, instances.study));
      return { ...cost, senderCpu: cost.senderCpu + (receiver?.cpu() ?? 0) - received, ...work };
    },
  });
  const byLibrary = ({ name, server }: Archive): Contestant => ({
    name: `${name} to the library`,
    async turn() {
      const given = [String(count), String(times), LIBRARY, String(libraryPort)];
      const command = [...program('scu'), verb, String(server.port), 'BENCH', ...given];
      const cost = await measure(server, (warmed) => run(command, WARM_UP, warmed));
      return { ...cost, ...work };
    },
  });
  const kilobytes = (instances.bytes / count / 1000).toFixed(0);
  const what = `C-${verb.toUpperCase()}, ${count.toLocaleString('en')} × ${kilobytes} KB, ${times} times`;
  const clients = verb === 'get' ? 'getscu' : 'movescu to storescp';
  try {
    const row = await contest(
      { name, title: `${what}, ${clients}, of each archive`, unit: 'MB', rounds, targets: size < 100 ? [] : TARGETS },
      [...archives.map(byDcmtk), ...archives.filter((each) => each.name === OURS).map(byLibrary)],
    );
    return { ...row, notes: [...absent.map((each) => `${each} is left out: it is not installed`), ...row.notes] };
  } finally {
    for (const { server } of archives) await server.stop();
    await receiver?.stop();
  }
}

function retrieve({ verb, times }: Retrieval, port: number, study: string, ...options: string[]): Promise<Outcome> {
  const titles = ['-aet', 'BENCH-SCU', '-aec', 'BENCH', ...(verb === 'move' ? ['-aem', 'BENCH-SCU'] : ['--ignore'])];
  const keys = ['-S', '-k', 'QueryRetrieveLevel=STUDY', '-k', `StudyInstanceUID=${study}`];
  const given = ['-pdu', LONGEST_DCMTK_PDU, '--repeat', String(times), ...titles, ...keys, ...options];
  return run([`${verb}scu`, ...given, '127.0.0.1', String(port)]);
}

/** @throws Error unless the archive sends all instances */
async function expectAll(retrieval: Retrieval, port: number, study: string): Promise<void> {
  const { stderr } = await retrieve({ ...retrieval, times: 1 }, port, study, '--debug');
  const completed = [...stderr.matchAll(/Completed Suboperations +: (\d+)/g)].at(-1)?.[1];
  if (Number(completed) !== retrieval.count) throw new Error(`${completed} of ${retrieval.count} instances were sent`);
}
