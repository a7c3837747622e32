// Archives that are compared: dimse-scp, dcmqrscp and Orthanc, each called BENCH, with our client BENCH-SCU as a destination.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program, run, type Server, serve, servePeer } from '../processes.ts';
import type { Instances, Workspace } from '../workspace.ts';

export interface Archive {
  readonly name: string;
  readonly server: Server;
}

export const OURS = 'dimse-scp';
export const DCMTK = 'DCMTK dcmqrscp';
export const ORTHANC = 'Orthanc';

/** Starts the three archives and stores the same instances in each. */
export async function startArchives(
  workspace: Workspace,
  instances: Instances,
  clientPort: number,
): Promise<Archive[]> {
  const archives = [
    { name: OURS, server: await dimseScp(workspace, clientPort) },
    { name: DCMTK, server: await dcmqrscp(workspace, clientPort) },
    { name: ORTHANC, server: await orthanc(workspace, clientPort) },
  ];
  for (const { server } of archives)
    await run([...program('scu'), 'store', String(server.port), 'BENCH', instances.folder]);
  return archives;
}

function dimseScp(workspace: Workspace, clientPort: number): Promise<Server> {
  const options = ['--aet', 'BENCH', '--data', workspace.folder(), '--peer', `BENCH-SCU=127.0.0.1:${clientPort}`];
  return serve([...program('dimse-scp'), '--port', '0', '--host', '127.0.0.1', ...options]);
}

function dcmqrscp(workspace: Workspace, clientPort: number): Promise<Server> {
  const home = workspace.folder();
  const database = join(home, 'database');
  mkdirSync(database);
  const config = join(home, 'dcmqrscp.cfg');
  const lines = [
    'MaxPDUSize = 131072',
    'MaxAssociations = 64',
    'HostTable BEGIN',
    `client = (BENCH-SCU, 127.0.0.1, ${clientPort})`,
    'HostTable END',
    'VendorTable BEGIN',
    'VendorTable END',
    'AETable BEGIN',
    `BENCH ${database} RW (5000, 64000mb) ANY`,
    'AETable END',
    '',
  ];
  writeFileSync(config, lines.join('\n'));
  return servePeer('dcmqrscp', ['-c', config]);
}

/** Orthanc syncs files, unless `others` say otherwise. */
export function orthanc(
  workspace: Workspace,
  clientPort: number,
  others: Readonly<Record<string, unknown>> = {},
): Promise<Server> {
  const home = workspace.folder();
  const config = join(home, 'orthanc.json');
  return servePeer('Orthanc', (port) => {
    const settings = {
      StorageDirectory: join(home, 'storage'),
      IndexDirectory: join(home, 'storage'),
      HttpServerEnabled: false,
      DicomServerEnabled: true,
      DicomAet: 'BENCH',
      DicomPort: port,
      DicomAlwaysAllowEcho: true,
      DicomAlwaysAllowStore: true,
      DicomAlwaysAllowFind: true,
      DicomAlwaysAllowGet: true,
      DicomAlwaysAllowMove: true,
      DicomModalities: { client: ['BENCH-SCU', '127.0.0.1', clientPort] },
      DicomThreadsCount: 8,
      MaximumPduLength: 131072,
      LimitFindResults: 0,
      LimitFindInstances: 0,
      SynchronousCMove: true,
      // The other archives do not calculate digests.
      StoreMD5ForAttachments: false,
      Plugins: [],
      ...others,
    };
    writeFileSync(config, JSON.stringify(settings));
    return [config];
  });
}
