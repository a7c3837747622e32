// Other archives, configured for tests: dcmqrscp and Orthanc, each with AE title QR and our move destination ME.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Listening, startPeer } from '@x/testing/processes';

/** How each archive is started, and the program that must be installed for it. */
export const ARCHIVES = [
  { program: 'dcmqrscp', start: startDcmqrscp },
  { program: 'Orthanc', start: startOrthanc },
] as const;

async function startDcmqrscp(ourPort: number): Promise<Listening> {
  const home = mkdtempSync(join(tmpdir(), 'dcmqrscp-'));
  const database = join(home, 'database');
  mkdirSync(database);
  const config = join(home, 'dcmqrscp.cfg');
  writeFileSync(
    config,
    [
      'MaxPDUSize = 131072',
      'MaxAssociations = 16',
      'HostTable BEGIN',
      `me = (ME, 127.0.0.1, ${ourPort})`,
      'HostTable END',
      'VendorTable BEGIN',
      'VendorTable END',
      'AETable BEGIN',
      `QR ${database} RW (200, 1024mb) ANY`,
      'AETable END',
      '',
    ].join('\n'),
  );
  return startPeer('dcmqrscp', (port) => ['-c', config, `${port}`]);
}

async function startOrthanc(ourPort: number): Promise<Listening> {
  const home = mkdtempSync(join(tmpdir(), 'orthanc-'));
  const config = join(home, 'orthanc.json');
  return startPeer('Orthanc', (port) => {
    writeFileSync(
      config,
      JSON.stringify({
        ...orthancSettings(home, port),
        DicomAlwaysAllowMove: true,
        DicomModalities: { me: ['ME', '127.0.0.1', ourPort] },
        SynchronousCMove: true,
      }),
    );
    return [config];
  });
}

/** The settings of an Orthanc with AE title QR, its data in `home`, which takes, finds and sends instances. */
export function orthancSettings(home: string, port: number) {
  return {
    Name: 'test',
    StorageDirectory: home,
    IndexDirectory: home,
    HttpServerEnabled: false,
    DicomServerEnabled: true,
    DicomAet: 'QR',
    DicomPort: port,
    DicomAlwaysAllowEcho: true,
    DicomAlwaysAllowStore: true,
    DicomAlwaysAllowFind: true,
    DicomAlwaysAllowGet: true,
    Plugins: [],
  };
}
