import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CommitmentFailure,
  createScp,
  makeUid,
  openSession,
  REQUEST_STORAGE_COMMITMENT,
  type Scp,
  type Session,
  SopClass,
  STORAGE_COMMITMENT_INSTANCE,
  storage,
  storageCommitment,
} from '@x/dimse';
import { type CommitmentReport, type ReferencedInstance, StorageCommitmentUser } from '@x/dimse/workflow';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isSharedWorld, keptIn } from '../../test/world.ts';

let folder: string;
let archive: RunningScp | undefined;
let modality: Scp | undefined;
const sessions: Session[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'commitment-'));
});
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort();
  await modality?.close();
  modality = undefined;
  await kill();
  rmSync(folder, { recursive: true });
});

async function start(...args: readonly string[]): Promise<void> {
  archive = await startScp([...keptIn(folder), ...args]);
}

async function kill(): Promise<void> {
  await archive?.stop('SIGKILL');
  archive = undefined;
}

async function connect(user?: StorageCommitmentUser): Promise<Session> {
  const session = await openSession({
    host: '127.0.0.1',
    port: archive?.port ?? 0,
    callingAeTitle: 'MODALITY',
    calledAeTitle: 'DIMSE',
    services: [storage, storageCommitment],
    contexts: [CT_IMAGE_STORAGE, storageCommitment.sopClasses.PushModel.uid].map((abstractSyntax) => ({
      abstractSyntax,
      transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN],
    })),
    ...(user && { serves: [user.service] }),
  });
  sessions.push(session);
  return session;
}

/** Stores instances of one series. */
async function store(session: Session, ...uids: readonly string[]): Promise<ReferencedInstance[]> {
  for (const sopInstance of uids) {
    const uidsOfAll = { sopClass: CT_IMAGE_STORAGE, sopInstance, study: '1.2', series: '1.2.1' };
    const data = syntheticDataSet({ ...uidsOfAll, pixelLength: 1000 });
    await session
      .use(storage)
      .store({ sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data });
  }
  return uids.map((sopInstance) => ({ sopClass: CT_IMAGE_STORAGE, sopInstance }));
}

const fileOf = (sopInstance: string) => join(folder, 'instances', '1.2', '1.2.1', `${sopInstance}.dcm`);

/** Sends a request without waiting for the report. */
async function ask(session: Session, instances: readonly ReferencedInstance[], transactionUid = makeUid()) {
  await session.use(storageCommitment).action({
    sopInstance: STORAGE_COMMITMENT_INSTANCE,
    actionType: REQUEST_STORAGE_COMMITMENT,
    information: {
      TransactionUID: transactionUid,
      ReferencedSOPSequence: instances.map(({ sopClass, sopInstance }) => ({
        ReferencedSOPClassUID: sopClass,
        ReferencedSOPInstanceUID: sopInstance,
      })),
    },
  });
  return transactionUid;
}

/** Lets the modality accept associations. */
async function listen(port = 0) {
  const reports: CommitmentReport[] = [];
  const user = new StorageCommitmentUser({ onUnexpectedReport: (report) => void reports.push(report) });
  modality = createScp({ aeTitle: 'MODALITY', services: [user.service] });
  const listener = await modality.listen({ port, host: '127.0.0.1' });
  return { reports, port: listener.port };
}

// In the shared world, what a killed process had claimed is taken over within a minute.
const [SOON, OF_A_TEST] = isSharedWorld ? [60_000, 240_000] : [25_000, undefined];

const eventually = (look: () => unknown, expected: unknown) =>
  expect.poll(look, { timeout: SOON, interval: 20 }).toEqual(expected);

test.skipIf(isSharedWorld)('is given for complete instances and refused with the reason for others', async () => {
  await start();
  const user = new StorageCommitmentUser();
  const session = await connect(user);
  const [whole, gone, cut, empty, short] = (await store(session, '1.1', '1.2', '1.3', '1.4', '1.5')) as [
    ReferencedInstance,
    ReferencedInstance,
    ReferencedInstance,
    ReferencedInstance,
    ReferencedInstance,
  ];
  expect(await user.requestCommitment(session, [whole, gone, cut, empty, short])).toMatchObject({
    committed: [whole, gone, cut, empty, short],
    failed: [],
  });
  rmSync(fileOf('1.2'));
  truncateSync(fileOf('1.3'), 700);
  truncateSync(fileOf('1.4'), 0);
  // At the end of an element: a whole data set, but not the one that was stored.
  const { size } = statSync(fileOf('1.5'));
  truncateSync(fileOf('1.5'), size - 1000 - 12);
  const other = { ...whole, sopClass: SopClass.MRImageStorage };
  const unknown = { ...whole, sopInstance: '1.9' };
  const path = { ...whole, sopInstance: '../../../etc/passwd' };
  const { committed, failed } = await user.requestCommitment(session, [
    ...[whole, gone, cut, empty, short],
    ...[other, unknown, path],
  ]);
  // Said to be both: then rather not.
  expect(committed).toEqual([]);
  expect(failed).toEqual([
    { ...gone, reason: CommitmentFailure.NoSuchObjectInstance },
    { ...cut, reason: CommitmentFailure.ProcessingFailure },
    { ...empty, reason: CommitmentFailure.ProcessingFailure },
    { ...short, reason: CommitmentFailure.ProcessingFailure },
    { ...other, reason: CommitmentFailure.ClassInstanceConflict },
    { ...unknown, reason: CommitmentFailure.NoSuchObjectInstance },
    { ...path, reason: CommitmentFailure.NoSuchObjectInstance },
  ]);
  expect(await user.requestCommitment(session, [whole])).toMatchObject({ committed: [whole], failed: [] });
  expect(archive?.stderr()).toContain('no commitment for 1.2: its file is missing');
  expect(archive?.stderr()).toMatch(/no commitment for 1\.5: its file has \d+ bytes of data, \d+ were stored/);
  expect(archive?.stderr()).toContain('storage commitment for MODALITY: 5 instances, not for 0');
});

test('is reported on a new association if that of the request has ended', async () => {
  const { reports, port } = await listen();
  await start('--peer', `MODALITY=127.0.0.1:${port}`);
  const session = await connect();
  const instances = await store(session, '1.1', '1.2');
  // No event can be told on this association: it does not take N-EVENT-REPORT.
  const transactionUid = await ask(session, [...instances, { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.9' }]);
  await session.release();
  await eventually(() => reports.length, 1);
  expect(reports[0]).toMatchObject({ transactionUid, committed: instances, failed: [{ sopInstance: '1.9' }] });
});

test(
  'is reported after a kill once the modality can be reached',
  async () => {
    const away = await listen();
    await modality?.close();
    const peer = ['--peer', `MODALITY=127.0.0.1:${away.port}`];
    await start(...peer);
    const session = await connect();
    const instances = await store(session, '1.1', '1.2');
    const transactionUid = await ask(session, instances);
    await session.release();
    await eventually(
      () => /could not be delivered to MODALITY, it will be retried/.test(archive?.stderr() ?? ''),
      true,
    );
    await kill();
    const { reports } = await listen(away.port);
    await start(...peer);
    await eventually(() => reports.length, 1);
    expect(reports[0]).toMatchObject({ transactionUid, committed: instances, failed: [] });
    // It is not told again.
    await kill();
    await start(...peer);
    const last = await ask(await connect(), instances);
    await eventually(() => reports.map((report) => report.transactionUid), [transactionUid, last]);
  },
  OF_A_TEST,
);

test(
  'is decided after a kill during the check',
  async () => {
    const { reports, port } = await listen();
    const peer = ['--peer', `MODALITY=127.0.0.1:${port}`];
    await start(...peer);
    const session = await connect();
    const instances = await store(session, ...Array.from({ length: 200 }, (_, index) => `1.1.${index}`));
    const transactionUid = await ask(session, instances);
    await kill();
    await start(...peer);
    await eventually(() => reports.length, 1);
    expect(reports[0]).toMatchObject({ transactionUid, failed: [] });
    expect(reports[0]?.committed).toHaveLength(200);
    if (!isSharedWorld) expect(readdirSync(folder)).toContain('workflow.db');
  },
  OF_A_TEST,
);

test(
  'keeps every accepted request whenever the archive is killed',
  async () => {
    const { reports, port } = await listen();
    const peer = ['--peer', `MODALITY=127.0.0.1:${port}`];
    const accepted = new Set<string>();
    let instances: ReferencedInstance[] = [];
    for (let round = 0; round < 4; round++) {
      await start(...peer);
      const session = await connect();
      if (round === 0) instances = await store(session, '1.1', '1.2');
      // Some are reported by now, some are being looked into, and one is on its way.
      const asked = Array.from({ length: 10 * (round + 1) }, () =>
        ask(session, instances).then(
          (transactionUid) => accepted.add(transactionUid),
          () => undefined,
        ),
      );
      await Promise.race([asked[5 * round], asked.at(-1)]);
      await kill();
      await Promise.all(asked);
    }
    await start(...peer);
    const missing = () => {
      const told = new Set(reports.map(({ transactionUid }) => transactionUid));
      return [...accepted].filter((transactionUid) => !told.has(transactionUid));
    };
    expect(accepted.size).toBeGreaterThan(15);
    await eventually(missing, []);
    for (const { committed, failed } of reports) expect([committed, failed]).toEqual([instances, []]);
  },
  OF_A_TEST,
);

test('logs ten of the instances to which it does not commit, and the number of the others', async () => {
  await start();
  const user = new StorageCommitmentUser();
  const session = await connect(user);
  const missing = Array.from({ length: 25 }, (_, at) => ({ sopClass: CT_IMAGE_STORAGE, sopInstance: `1.9.${at}` }));
  for (let request = 1; request <= 2; request++) {
    expect((await user.requestCommitment(session, missing)).failed).toHaveLength(25);
    await eventually(() => archive?.stderr().match(/not for 25/g)?.length, request);
    expect(archive?.stderr().match(/no commitment for 1\.9/g)).toHaveLength(10 * request);
    expect(archive?.stderr().match(/no commitment for 15 more instances/g)).toHaveLength(request);
  }
});
