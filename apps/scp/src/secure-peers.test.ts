// Associations of the archive's own with peers that take secure connections: C-MOVE, and reports of storage commitment.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createScp,
  openSession,
  REQUEST_STORAGE_COMMITMENT,
  type Scp,
  type Session,
  STORAGE_COMMITMENT_INSTANCE,
  Status,
  serve,
  storage,
  storageCommitment,
  studyRoot,
} from '@x/dimse';
import { type CommitmentReport, StorageCommitmentUser } from '@x/dimse/workflow';
import { createAuthority } from '@x/testing/certificates';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { keptIn } from '../test/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'secure-peers-'));
const file = (name: string) => join(folder, name);
let ca: string;
let identity: { readonly key: string; readonly cert: string };
let archive: RunningScp | undefined;
let peer: Scp | undefined;
let session: Session | undefined;
let child: ChildProcess | undefined;

beforeAll(async () => {
  const authority = await createAuthority();
  ca = authority.cert;
  // DCMTK's profiles know cipher suites for RSA alone.
  identity = await authority.issue({ name: 'peer', keyType: 'RSA-2048' });
  const ours = await authority.issue({ name: 'archive', keyType: 'RSA-2048' });
  writeFileSync(file('ca.pem'), ca);
  for (const [name, { key, cert }] of Object.entries({ ours, peer: identity })) {
    writeFileSync(file(`${name}.key`), key);
    writeFileSync(file(`${name}.crt`), cert);
  }
});
afterEach(async () => {
  session?.abort();
  await peer?.close();
  child?.kill();
  await archive?.stop('SIGTERM');
  peer = child = archive = undefined;
  rmSync(file('data'), { recursive: true, force: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

const tls = () => ({ ca, ...identity });

/** A secure archive, with one instance in it and an association. */
async function start(...options: readonly string[]): Promise<Session> {
  const ours = ['--tls-key', file('ours.key'), '--tls-cert', file('ours.crt'), '--tls-ca', file('ca.pem')];
  archive = await startScp([...keptIn(file('data')), ...ours, ...options]);
  session = await openSession({
    host: '127.0.0.1',
    port: archive.port,
    tls: tls(),
    callingAeTitle: 'PEER',
    calledAeTitle: 'DIMSE',
    services: [storage, studyRoot, storageCommitment],
    contexts: [CT_IMAGE_STORAGE, studyRoot.sopClasses.Move.uid, storageCommitment.sopClasses.PushModel.uid].map(
      (abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }),
    ),
  });
  const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3' };
  const data = syntheticDataSet({ ...uids, study: '1.2', series: '1.2.1', pixelLength: 100_000 });
  await session.use(storage).store({ ...uids, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data });
  return session;
}

const STUDY = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2' };
const move = (from: Session) => from.use(studyRoot).move({ destination: 'PEER', identifier: STUDY }).final;

test('moves instances to a peer over TLS and presents its certificate', async () => {
  const seen: unknown[] = [];
  peer = createScp({
    aeTitle: 'PEER',
    tls: tls(),
    accept: (request) => {
      seen.push(request.tls?.certificate?.subject);
      return true;
    },
    services: [
      serve(storage, {
        async store({ data }) {
          for await (const _ of data);
          return Status.Success;
        },
      }),
    ],
  });
  const { port } = await peer.listen({ port: 0, host: '127.0.0.1' });
  const from = await start('--peer', `PEER=tls://127.0.0.1:${port}`);
  expect(await move(from)).toMatchObject({ status: 0, completed: 1 });
  expect(seen).toEqual(['CN=archive']);
});

test('reports storage commitment to a peer over TLS', async () => {
  const reports: CommitmentReport[] = [];
  const user = new StorageCommitmentUser({ onUnexpectedReport: (report) => void reports.push(report) });
  peer = createScp({ aeTitle: 'PEER', tls: tls(), services: [user.service] });
  const { port } = await peer.listen({ port: 0, host: '127.0.0.1' });
  const from = await start('--peer', `PEER=tls://127.0.0.1:${port}`);
  const instance = { ReferencedSOPClassUID: CT_IMAGE_STORAGE, ReferencedSOPInstanceUID: '1.2.3' };
  await from.use(storageCommitment).action({
    sopInstance: STORAGE_COMMITMENT_INSTANCE,
    actionType: REQUEST_STORAGE_COMMITMENT,
    information: { TransactionUID: '1.9', ReferencedSOPSequence: [instance] },
  });
  await from.release();
  await expect.poll(() => reports, { timeout: 20_000 }).toMatchObject([{ transactionUid: '1.9', failed: [] }]);
});

test('tells the requestor if only one of the two sides uses TLS', async () => {
  peer = createScp({ aeTitle: 'PEER', services: [serve(storage, { store: () => Status.Success })] });
  const { port } = await peer.listen({ port: 0, host: '127.0.0.1' });
  const from = await start('--peer', `PEER=tls://127.0.0.1:${port}`);
  await expect(move(from)).rejects.toMatchObject({
    status: 0xa702,
    errorComment: expect.stringMatching(/^destination cannot be reached: .*secure connection/),
  });
});

const hasStorescp = !spawnSync('storescp', ['--version']).error;
if (!hasStorescp) process.stderr.write('storescp is not installed: its test is left out\n');
test.runIf(hasStorescp || process.env.CI)('moves instances to storescp with +tls', async () => {
  const port = await freePort();
  const received = file('received');
  mkdirSync(received);
  const options = ['-aet', 'PEER', '-od', received, '+tls', file('peer.key'), file('peer.crt'), '+cf', file('ca.pem')];
  child = spawn('storescp', [...options, `${port}`], { stdio: 'ignore' });
  const from = await start('--peer', `PEER=tls://localhost:${port}`);
  await expect.poll(() => move(from).catch(() => 'not yet'), { timeout: 20_000 }).toMatchObject({ status: 0 });
  expect(readdirSync(received)).toEqual(['CT.1.2.3']);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
