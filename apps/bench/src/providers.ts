// The servers that are compared: ours, the floor, raw Node.js, and those of Debian.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { program, type Server, serve, servePeer } from './processes.ts';
import type { Workspace } from './workspace.ts';

/** A kind of server, started for each turn or once for all. */
export interface Provider {
  readonly name: string;
  /** The programs without which it is left out. */
  readonly needs?: readonly string[];
  /** @param target the folder for what it receives */
  start(target: string): Promise<Server>;
}

export const OURS = 'dimse-scp';
export const FLOOR = 'floor (minimal Node SCP)';
const FLOOR_SYNCED = `${FLOOR}, synced`;
export const RAW = 'raw Node';
export const STORESCP = 'DCMTK storescp';
export const FORKED = 'DCMTK storescp --fork';
export const DCMRECV = 'DCMTK dcmrecv';
export const DCMQRSCP = 'DCMTK dcmqrscp';
export const ORTHANC = 'Orthanc';
export const ORTHANC_UNSYNCED = 'Orthanc, SyncStorageArea false';
export const LONGEST_DCMTK_PDU = '131072';

/** @param options further options, for example `--no-fsync` */
export function ours(...options: readonly string[]): Provider {
  const given = ['--port', '0', '--host', '127.0.0.1', '--aet', 'BENCH', ...options];
  return { name: OURS, start: (target) => serve([...program('dimse-scp'), ...given, '--data', target]) };
}

export const floor: Provider = { name: FLOOR, start: (target) => serve([...program('floor-scp'), target]) };

export const syncedFloor: Provider = {
  name: FLOOR_SYNCED,
  start: (target) => serve([...program('floor-scp'), target, '--fsync']),
};

export const rawAssociations: Provider = { name: RAW, start: () => serve(program('raw-scp')) };

/** @param options further options; without `--ignore`, files are written as they arrive */
export function storescp(...options: readonly string[]): Provider {
  const given = ['-aet', 'BENCH', '-pdu', LONGEST_DCMTK_PDU, '-dhl', ...options];
  return {
    name: options.includes('--fork') ? FORKED : STORESCP,
    needs: ['storescp'],
    start: (target) =>
      servePeer('storescp', [...given, ...(options.includes('--ignore') ? [] : ['+B', '-od', target])]),
  };
}

const DCMRECV_PROFILE = `
[[TransferSyntaxes]]
[Uncompressed]
TransferSyntax1 = LittleEndianExplicit
[[PresentationContexts]]
[Storage]
PresentationContext1 = CTImageStorage\\Uncompressed
[[Profiles]]
[Default]
PresentationContexts = Storage
`;

export function dcmrecv(workspace: Workspace): Provider {
  return {
    name: DCMRECV,
    needs: ['dcmrecv'],
    start: (target) => {
      const config = join(workspace.folder(), 'dcmrecv.cfg');
      writeFileSync(config, DCMRECV_PROFILE);
      const options = ['-aet', 'BENCH', '-pdu', LONGEST_DCMTK_PDU, '-xf', config, 'Default', '+B', '-od', target];
      return servePeer('dcmrecv', options);
    },
  };
}

/** @param clientPort the port of BENCH-SCU, a destination of C-MOVE */
export function dcmqrscp(workspace: Workspace, clientPort = 1): Provider {
  return {
    name: DCMQRSCP,
    needs: ['dcmqrscp'],
    start: () => {
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
    },
  };
}

/** @param others settings; Orthanc syncs files, unless they say otherwise */
export function orthanc(
  workspace: Workspace,
  others: Readonly<Record<string, unknown>> = {},
  clientPort = 1,
): Provider {
  return {
    name: others.SyncStorageArea === false ? ORTHANC_UNSYNCED : ORTHANC,
    needs: ['Orthanc'],
    start: () => {
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
    },
  };
}
