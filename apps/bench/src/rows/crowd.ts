// Row: many SCUs at once, each with an association and its own instances, by one client with each provider.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contestant, contest, type Row } from '../contest.ts';
import { program, run, type Server, serve, servePeer } from '../processes.ts';
import type { Workspace } from '../workspace.ts';
import { orthanc } from './archives.ts';
import { LONGEST_DCMTK_PDU } from './contestants.ts';

const OURS = 'dimse-scp';
const FORKED = 'DCMTK storescp --fork';
const DCMRECV = 'DCMTK dcmrecv';
const ORTHANC = 'Orthanc';
const MOST_MEMORY = 300;
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

export async function crowdRow(workspace: Workspace, rounds: number, scus: number, each: number): Promise<Row> {
  const instances = await workspace.images(scus * each, 512);
  const providers: Record<string, (target: string) => Promise<Server>> = {
    [OURS]: (target) =>
      serve([...program('dimse-scp'), '--port', '0', '--host', '127.0.0.1', '--aet', 'BENCH', '--data', target]),
    [FORKED]: (target) =>
      servePeer('storescp', ['-aet', 'BENCH', '-pdu', LONGEST_DCMTK_PDU, '-dhl', '+B', '--fork', '-od', target]),
    [DCMRECV]: (target) => {
      const config = join(workspace.folder(), 'dcmrecv.cfg');
      writeFileSync(config, DCMRECV_PROFILE);
      const options = ['-aet', 'BENCH', '-pdu', LONGEST_DCMTK_PDU, '-xf', config, 'Default', '+B', '-od', target];
      return servePeer('dcmrecv', options);
    },
    [ORTHANC]: () => orthanc(workspace, 1),
  };
  const contestants = Object.entries(providers).map(
    ([name, provide]): Contestant => ({
      name,
      async turn() {
        const target = workspace.folder();
        const server = await provide(target);
        const command = [...program('scu'), 'crowd', String(server.port), 'BENCH', instances.folder, String(scus)];
        const { stdout, peak } = await run(command);
        const peaks = [peak, server.peak()] as const;
        await server.stop();
        if (name !== ORTHANC) workspace.expectWhole(target, instances);
        workspace.remove(target);
        return { ...(JSON.parse(stdout) as { milliseconds: number }), amount: instances.bytes / 1e6, peaks };
      },
    }),
  );
  const row = await contest(
    {
      name: 'store-crowd',
      title: `${scus} SCUs at once, ${each} × 526 KB each, by the library, to each provider`,
      unit: 'MB',
      rounds,
      targets: [FORKED, DCMRECV, ORTHANC].map((other) => ({ ours: OURS, other, atLeast: 1 })),
    },
    contestants,
  );
  workspace.remove(instances.folder);
  const peak = row.standings.find(({ name }) => name === OURS)?.peaks?.[1] ?? Number.POSITIVE_INFINITY;
  const isMet = peak <= MOST_MEMORY;
  const note = `${isMet ? 'met   ' : 'MISSED'} peak memory of ours: ${peak.toFixed(0)} MB (at most ${MOST_MEMORY} MB)`;
  return { ...row, notes: [note] };
}
