// Rows: what it costs that Success means on disk, for our archive and for Orthanc, each with and without.

import { type Contestant, contest, type Row } from '../contest.ts';
import { program, run, type Server, serve } from '../processes.ts';
import { Workspace } from '../workspace.ts';
import { orthanc } from './archives.ts';

const OURS = 'dimse-scp';
const OURS_UNSYNCED = 'dimse-scp --no-fsync';
const ORTHANC = 'Orthanc';
const ORTHANC_UNSYNCED = 'Orthanc, SyncStorageArea false';

/**
 * Instances per second, and CPU per instance, on a real disk. The client reads from memory.
 * @param size pixels of a side: 60 makes 8 KB, 512 makes 526 KB
 */
export async function durableRow(
  workspace: Workspace,
  rounds: number,
  { count, size, associations }: { readonly count: number; readonly size: number; readonly associations: number },
): Promise<Row> {
  const instances = await workspace.images(count, size);
  const disk = new Workspace();
  const providers: Record<string, () => Promise<Server>> = {
    [OURS]: () => dimseScp(disk),
    [ORTHANC]: () => orthanc(disk, 1),
    [OURS_UNSYNCED]: () => dimseScp(disk, '--no-fsync'),
    [ORTHANC_UNSYNCED]: () => orthanc(disk, 1, { SyncStorageArea: false }),
  };
  const contestants = Object.entries(providers).map(
    ([name, provide]): Contestant => ({
      name,
      async turn() {
        const server = await provide();
        const command = [...program('scu'), 'crowd', String(server.port), 'BENCH', instances.folder, `${associations}`];
        const before = server.cpu();
        const { stdout } = await run(command);
        const cpu = server.cpu() - before;
        await server.stop();
        disk.empty();
        return { ...(JSON.parse(stdout) as { milliseconds: number }), amount: count, cpu };
      },
    }),
  );
  try {
    return await contest(
      {
        name: 'durable',
        title: `C-STORE, ${count.toLocaleString('en')} × ${Math.round(instances.bytes / count / 1000)} KB, to disk, ${associations} associations`,
        unit: 'instances',
        rounds,
        targets: [
          { ours: OURS, other: ORTHANC, atLeast: 1 },
          { ours: OURS_UNSYNCED, other: ORTHANC_UNSYNCED, atLeast: 1 },
        ],
      },
      contestants,
    );
  } finally {
    disk.remove();
    workspace.remove(instances.folder);
  }
}

function dimseScp(disk: Workspace, ...options: readonly string[]): Promise<Server> {
  const given = ['--port', '0', '--host', '127.0.0.1', '--aet', 'BENCH', '--data', disk.folder(), ...options];
  return serve([...program('dimse-scp'), ...given]);
}
