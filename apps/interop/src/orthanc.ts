// Orthanc with its REST interface, which makes it send requests to other peers.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Outcome, startPeer } from '@x/testing/processes';

export interface RunningOrthanc {
  /** The DICOM port; the AE title is ORTHANC. */
  readonly port: number;
  /** The address of the REST interface. */
  readonly rest: string;
  stop(): Promise<Outcome>;
}

/**
 * Starts Orthanc in a folder. The modalities are its known peers, and may request storage commitment.
 * @param settings Further lines of its configuration.
 */
export async function startOrthanc(
  home: string,
  modalities: Readonly<Record<string, { readonly aeTitle: string; readonly port: number }>>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<RunningOrthanc> {
  const port = await freePort();
  const orthanc = await startPeer('Orthanc', (httpPort) => {
    const config = join(home, 'orthanc.json');
    const known = Object.entries(modalities).map(([name, { aeTitle, port: theirPort }]) => [
      name,
      { AET: aeTitle, Host: '127.0.0.1', Port: theirPort, AllowStorageCommitment: true },
    ]);
    writeFileSync(
      config,
      JSON.stringify({
        Name: 'test',
        StorageDirectory: join(home, 'orthanc'),
        IndexDirectory: join(home, 'orthanc'),
        HttpServerEnabled: true,
        HttpPort: httpPort,
        AuthenticationEnabled: false,
        RemoteAccessAllowed: false,
        DicomServerEnabled: true,
        DicomAet: 'ORTHANC',
        DicomPort: port,
        DicomAlwaysAllowStore: true,
        DicomModalities: Object.fromEntries(known),
        Plugins: [],
        ...settings,
      }),
    );
    return [config];
  });
  return { port, rest: `http://127.0.0.1:${orthanc.port}`, stop: () => orthanc.stop() };
}

/** Makes Orthanc request storage commitment from a modality, and gives the report when it has arrived. */
export async function askByOrthanc(
  { rest }: RunningOrthanc,
  modality: string,
  instances: readonly (readonly [sopClass: string, sopInstance: string])[],
): Promise<Record<string, unknown>> {
  const body = JSON.stringify({ DicomInstances: instances });
  const asked = await fetch(`${rest}/modalities/${modality}/storage-commitment`, { method: 'POST', body });
  if (asked.status !== 200) throw new Error(`Orthanc answered ${asked.status}`);
  const { Path: path } = (await asked.json()) as { Path: string };
  for (let attempt = 0; attempt < 400; attempt++) {
    const report = (await (await fetch(`${rest}${path}`)).json()) as Record<string, unknown>;
    if (report.Status !== 'Pending') return report;
    await new Promise((settle) => setTimeout(settle, 50));
  }
  throw new Error('Orthanc received no report within 20 s');
}
