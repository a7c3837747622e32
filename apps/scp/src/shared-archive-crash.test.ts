// Processes that share an archive are killed, or lose the database, between the steps of keeping an instance.

import { randomUUID } from 'node:crypto';
import { openSession, type Session, Status, serve, storage, studyRoot } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { testStore } from '@x/testing/services';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TEST_SERVER, testSchema, type Wire, wireTo } from '../test/test-database.ts';

const STORE = await testStore();
const UIDS = { sopClass: CT_IMAGE_STORAGE, study: '1.2', series: '1.2.1' };
const INSTANCE = { sopClass: CT_IMAGE_STORAGE, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN };
const dataOf = (sopInstance: string) => syntheticDataSet({ ...UIDS, sopInstance, pixelLength: 5000 });

let schema: ReturnType<typeof testSchema>;
let wire: Wire;
let prefix: string;
const archives: RunningScp[] = [];
const sessions: Session[] = [];

/** Starts a process of the archive, which reaches the database by the wire unless another address is given. */
async function start(index: string = wire.url): Promise<RunningScp> {
  const archive = await startScp(['--index', index, '--store', `${STORE}`.replace('?', `/${prefix}?`)]);
  archives.push(archive);
  return archive;
}

async function connect({ port }: RunningScp, received?: Map<string, Buffer>): Promise<Session> {
  const receiving = serve(storage, {
    async store({ sopInstance, data }) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of data) chunks.push(chunk);
      received?.set(sopInstance, Buffer.concat(chunks));
      return Status.Success;
    },
  });
  const transferSyntaxes = [EXPLICIT_VR_LITTLE_ENDIAN];
  const { Find, Get } = studyRoot.sopClasses;
  const session = await openSession({
    ...{ host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'DIMSE' },
    services: [storage, studyRoot],
    serves: [receiving],
    contexts: [
      ...[Find.uid, Get.uid].map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes })),
      { abstractSyntax: CT_IMAGE_STORAGE, transferSyntaxes, roles: { scu: true, scp: true } },
    ],
  });
  sessions.push(session);
  return session;
}

const store = (session: Session, sopInstance: string) =>
  session.use(storage).store({ ...INSTANCE, sopInstance, data: dataOf(sopInstance) });

async function found(session: Session): Promise<unknown[]> {
  const keys = { StudyInstanceUID: UIDS.study, SeriesInstanceUID: UIDS.series, SOPInstanceUID: '' };
  const uids: unknown[] = [];
  for await (const { identifier } of session
    .use(studyRoot)
    .find({ identifier: { QueryRetrieveLevel: 'IMAGE', ...keys } }))
    uids.push(identifier?.SOPInstanceUID);
  return uids.sort();
}

/** Fails unless a process finds exactly these instances, and gives them whole. */
async function expectWhole(archive: RunningScp, uids: readonly string[]): Promise<void> {
  const received = new Map<string, Buffer>();
  const session = await connect(archive, received);
  expect(await found(session)).toEqual([...uids].sort());
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: UIDS.study };
  if (uids.length > 0) await session.use(studyRoot).get({ identifier }).final;
  expect([...received.keys()].sort()).toEqual([...uids].sort());
  for (const [uid, data] of received) expect(data.equals(dataOf(uid))).toBe(true);
}

describe.skipIf(TEST_SERVER === undefined || STORE === undefined)('an archive of several processes', () => {
  beforeEach(async () => {
    prefix = `test/${randomUUID()}`;
    schema = testSchema();
    wire = await wireTo(schema.url);
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.abort();
    for (const archive of archives.splice(0)) await archive.stop('SIGKILL');
    await wire[Symbol.asyncDispose]();
    await schema[Symbol.asyncDispose]();
  });

  test.each([
    ['after the object was stored, before its row is written', 'insert into instance', 'before', false],
    ['after the row was written, before it is committed', 'commit\0', 'before', false],
    ['after the row was committed, before the response', 'commit\0', 'answered', true],
  ] as const)('loses nothing and doubles nothing if a process is killed %s', async (_, text, when, isKept) => {
    const [first, second] = [await start(), await start(schema.url)];
    wire.cutAt(text, when, () => first.child.kill('SIGKILL'));
    await expect(store(await connect(first), '1.2.3')).rejects.toThrow(/closed the connection|reset/);
    await expectWhole(second, isKept ? ['1.2.3'] : []);
    // The peer sends it again, to a process that runs.
    expect(await store(await connect(second), '1.2.3')).toMatchObject({ status: Status.Success });
    await expectWhole(second, ['1.2.3']);
    await expectWhole(await start(), ['1.2.3']);
  });

  test('answers Success for an instance of a known series that was entered before its process was killed', async () => {
    const [first, second] = [await start(), await start(schema.url)];
    const session = await connect(first);
    await store(session, '1.2.1');
    wire.cutAt('insert into instance', 'answered', () => first.child.kill('SIGKILL'));
    await expect(store(session, '1.2.3')).rejects.toThrow(/closed the connection|reset/);
    expect(await store(await connect(second), '1.2.3')).toMatchObject({ status: Status.Success });
    await expectWhole(second, ['1.2.1', '1.2.3']);
  });

  test('looks whether the row is there if the answer to COMMIT is lost, and answers Success', async () => {
    const [first, second] = [await start(), await start(schema.url)];
    wire.cutAt('commit\0', 'answered');
    expect(await store(await connect(first), '1.2.3')).toMatchObject({ status: Status.Success });
    for (const archive of [first, second]) await expectWhole(archive, ['1.2.3']);
  });

  test('answers A700H if COMMIT does not reach the database, and takes the instance when it is sent again', async () => {
    const [first, second] = [await start(), await start(schema.url)];
    const session = await connect(first);
    wire.cutAt('commit\0', 'before');
    await expect(store(session, '1.2.3')).rejects.toMatchObject({ status: 0xa700 });
    await expectWhole(second, []);
    expect(await store(session, '1.2.3')).toMatchObject({ status: Status.Success });
    for (const archive of [first, second]) await expectWhole(archive, ['1.2.3']);
  });

  test('keeps an instance once that several processes receive at the same time', async () => {
    const all = [await start(), await start(), await start()];
    const open = await Promise.all(all.map((archive) => connect(archive)));
    const uids = Array.from({ length: 8 }, (_, number) => `1.2.3.${number}`);
    for (const uid of uids) {
      const responses = await Promise.all(open.map((session) => store(session, uid)));
      expect(responses.map(({ status }) => status)).toEqual(all.map(() => Status.Success));
    }
    for (const archive of all) await expectWhole(archive, uids);
  });
});
