// Row: C-STORE over TLS 1.3, against a raw TLS socket of Node and DCMTK.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from '@x/testing/certificates';
import { type Contestant, contest, median, type Row } from '../contest.ts';
import { type Outcome, program, run, type Server, serve, servePeer } from '../processes.ts';
import type { Instances, Workspace } from '../workspace.ts';
import { LONGEST_DCMTK_PDU } from './contestants.ts';

const RAW = 'raw Node TLS socket';
const DCMTK = 'DCMTK storescu → storescp, +tls';
const OURS = 'openSession → createScp, TLS';

export async function secureRow(workspace: Workspace, rounds: number, count: number): Promise<Row> {
  const [instances, one] = [await workspace.images(count, 512), await workspace.images(1, 512)];
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
  let start: number | undefined;
  const contestants: Contestant[] = [
    {
      name: RAW,
      turn: () =>
        turn(
          () => serve([...program('raw-receiver'), '-', keyFile, certFile]),
          ({ port }) => timed(run([...program('raw-sender'), String(port), instances.folder, ca])),
        ),
    },
    {
      name: DCMTK,
      turn: () =>
        turn(
          () =>
            servePeer('storescp', [
              ...['-aet', 'BENCH', '-pdu', LONGEST_DCMTK_PDU, '-dhl', '--ignore'],
              ...['+tls', keyFile, certFile, '+cf', ca, '+px'],
            ]),
          async ({ port }) => {
            start ??= await startOf(() => run(storescu(port, one)));
            const outcome = await run(storescu(port, instances));
            return { ...outcome, milliseconds: outcome.milliseconds - start };
          },
        ),
    },
    {
      name: OURS,
      turn: () =>
        turn(
          () => serve([...program('null-scp'), keyFile, certFile]),
          ({ port }) =>
            timed(run([...program('scu'), 'store', String(port), 'BENCH', instances.folder], { AUTHORITY: ca })),
        ),
    },
  ];

  async function turn(receiver: () => Promise<Server>, send: (server: Server) => Promise<Measured>) {
    const server = await receiver();
    const { milliseconds, peak } = await send(server);
    const peaks = [peak, server.peak()] as const;
    await server.stop();
    return { milliseconds, amount: instances.bytes / 1e6, peaks };
  }

  const row = await contest(
    {
      name: 'store-tls',
      title: `C-STORE over TLS 1.3, ${count} × 526 KB, file → nowhere, one association, window 1`,
      unit: 'MB',
      rounds,
      targets: [
        { ours: OURS, other: RAW, atLeast: 0.85 },
        { ours: OURS, other: DCMTK, atLeast: 1 },
      ],
    },
    contestants,
  );
  workspace.remove(instances.folder);
  return row;
}

type Measured = Pick<Outcome, 'milliseconds' | 'peak'>;

async function timed(outcome: Promise<Outcome>): Promise<Measured> {
  const { stdout, peak } = await outcome;
  return { ...(JSON.parse(stdout) as { milliseconds: number }), peak };
}

/** The time that a program needs to start: a run with a single instance. */
async function startOf(runOne: () => Promise<Outcome>): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < 5; time++) times.push((await runOne()).milliseconds);
  return median(times);
}
