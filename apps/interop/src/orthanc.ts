// Orthanc with its REST interface, by which it can be told to ask others.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Outcome, startPeer } from '@x/testing/processes';

export interface RunningOrthanc {
  /** Of DICOM; it is called ORTHANC. */
  readonly port: number;
  /** The address of the REST interface. */
  readonly rest: string;
  stop(): Promise<Outcome>;
}

/** Starts it in a folder; it knows the others by their names, and may be asked for commitment by them. */
export async function startOrthanc(
  home: string,
  modalities: Readonly<Record<string, { readonly aeTitle: string; readonly port: number }>>,
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
      }),
    );
    return [config];
  });
  return { port, rest: `http://127.0.0.1:${orthanc.port}`, stop: () => orthanc.stop() };
}

/** Has it ask one of those it knows for storage commitment, and gives the report once it is there. */
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
  throw new Error('no report came within 20 s');
}
