// Archives that are compared: each called BENCH, with our client BENCH-SCU as a destination and the same instances.

import { installed } from '../contest.ts';
import { program, run, type Server } from '../processes.ts';
import { dcmqrscp, orthanc, ours } from '../providers.ts';
import type { Instances, Workspace } from '../workspace.ts';

export interface Archive {
  readonly name: string;
  readonly server: Server;
}

/**
 * Starts the archives that are installed, and stores the same instances in each.
 * @param options further ones for dimse-scp
 */
export async function startArchives(
  workspace: Workspace,
  instances: Instances,
  clientPort: number,
  options: readonly string[] = [],
): Promise<{ readonly archives: readonly Archive[]; readonly absent: readonly string[] }> {
  const { present, absent } = installed([
    ours('--peer', `BENCH-SCU=127.0.0.1:${clientPort}`, ...options),
    dcmqrscp(workspace, clientPort),
    orthanc(workspace, {}, clientPort),
  ]);
  const archives: Archive[] = [];
  for (const { name, start } of present) archives.push({ name, server: await start(workspace.folder()) });
  for (const { server } of archives)
    await run([...program('scu'), 'store', String(server.port), 'BENCH', instances.folder]);
  return { archives, absent };
}
