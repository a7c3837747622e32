// Row: C-STORE over TLS 1.3, against a raw TLS socket of Node and DCMTK.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '@x/testing/certificates';
import { type Contestant, contest } from '../contest.ts';
import { measure, NO_START, type Start, startOf, withServer } from '../measure.ts';
import { type Outcome, program, run, type Server, serve, servePeer } from '../processes.ts';
import { LONGEST_DCMTK_PDU } from '../providers.ts';
import type { Row } from '../row.ts';
import type { Instances, Workspace } from '../workspace.ts';
import { WARM_UP } from './contestants.ts';

const RAW = 'raw Node TLS socket';
const DCMTK = 'DCMTK storescu → storescp, +tls';
const OURS = 'openSession → createScp, TLS';

export async function secureRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const [instances, one] = [await workspace.images(count, 512), await workspace.images(1, 512, { first: count })];
  const folder = workspace.folder();
  const authority = await createAuthority();
  const { key, cert } = await authority.issue();
  const [ca, keyFile, certFile] = Object.entries({ 'ca.pem': authority.cert, 'key.pem': key, 'cert.pem': cert }).map(
    ([name, text]) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
  ) as [string, string, string];
  const storescu = (port: number, { folder: from }: Instances) => [
    ...['storescu', '-pdu', LONGEST_DCMTK_PDU, '-aec', 'BENCH', '+tls', keyFile, certFile, '+cf', ca, '+px'],
    ...['+sd', '127.0.0.1', String(port), from],
  ];
  let start: Start | undefined;
  const contestants: Contestant[] = [
    {
      name: RAW,
      turn: () =>
        turn(
          () => serve([...program('raw-receiver'), '-', keyFile, certFile]),
          ({ port }, warmed) => run([...program('raw-sender'), String(port), instances.folder, ca], WARM_UP, warmed),
        ),
    },
    {
      name: DCMTK,
      needs: ['storescu', 'storescp'],
      turn: () =>
        turn(
          () =>
            servePeer('storescp', [
              ...['-aet', 'BENCH', '-pdu', LONGEST_DCMTK_PDU, '-dhl', '--ignore'],
              ...['+tls', keyFile, certFile, '+cf', ca, '+px'],
            ]),
          ({ port }) => run(storescu(port, instances)),
          async ({ port }) => (start ??= await startOf(() => run(storescu(port, one)))),
        ),
    },
    {
      name: OURS,
      turn: () =>
        turn(
          () => serve([...program('null-scp'), keyFile, certFile]),
          ({ port }, warmed) =>
            run(
              [...program('scu'), 'store', String(port), 'BENCH', instances.folder],
              { AUTHORITY: ca, ...WARM_UP },
              warmed,
            ),
        ),
    },
  ];

  function turn(
    receiver: () => Promise<Server>,
    send: (server: Server, warmed: () => void) => Promise<Outcome>,
    startsWith: (server: Server) => Promise<Start> = async () => NO_START,
  ) {
    return withServer(workspace, { start: receiver }, async (server) => {
      const cost = await measure(server, (warmed) => send(server, warmed), await startsWith(server));
      return { ...cost, amount: instances.bytes / 1e6, operations: count };
    });
  }

  const row = await contest(
    {
      name: 'store-tls',
      title: `C-STORE over TLS 1.3, ${count} × 526 KB, file → nowhere, one association, window 1, after as many`,
      unit: 'MB',
      rounds,
      targets: [
        { ours: OURS, other: RAW, bound: 0.85 },
        { ours: OURS, other: DCMTK, bound: 1 },
      ],
    },
    contestants,
  );
  workspace.remove(instances.folder);
  return row;
}
