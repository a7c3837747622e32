// Query and retrieve: our SCU with dcmqrscp and Orthanc; findscu, getscu and movescu with an SCP made with the library.

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createScp,
  type DataSet,
  get,
  moveToSelf,
  openDicomFile,
  openSession,
  patientRoot,
  performGet,
  performMove,
  type Scp,
  Status,
  serve,
  storage,
  studyRoot,
  verification,
} from '@x/dimse';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { freePort, isInstalled, type Listening, run, runScu, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ARCHIVES } from './archives.ts';
import { dataSetOf, filesIn } from './stored-files.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const COUNT = 8;
const folder = mkdtempSync(join(tmpdir(), 'query-retrieve-'));
const series = join(folder, 'series');
mkdirSync(series);
const slices = [...computedTomographySeries({ slices: COUNT, size: 128 })];
for (const { sopInstanceUid, bytes } of slices) writeFileSync(join(series, `${sopInstanceUid}.dcm`), bytes);
const studyUid = slices[0]?.studyInstanceUid;
const allUids = slices.map(({ sopInstanceUid }) => sopInstanceUid).sort();
afterAll(() => rmSync(folder, { recursive: true }));

for (const { program, start } of ARCHIVES)
  describe.runIf(isInstalled(program))(`our SCU with ${program}`, () => {
    let archive: Listening;
    let receiver: Scp;
    let receiverPort = 0;
    let received: { uid: string; originator: string | undefined; messageId: number | undefined }[] = [];
    let study: DataSet = {};

    beforeAll(async () => {
      receiver = createScp({
        aeTitle: 'ME',
        services: [
          serve(storage, {
            async store({ sopInstance, data, moveOriginatorAeTitle, moveOriginatorMessageId }) {
              for await (const _ of data);
              received.push({
                uid: sopInstance,
                originator: moveOriginatorAeTitle,
                messageId: moveOriginatorMessageId,
              });
              return Status.Success;
            },
          }),
        ],
      });
      receiverPort = (await receiver.listen({ port: 0, host: '127.0.0.1' })).port;
      archive = await start(receiverPort);
      const stored = await runScu('store', `QR@127.0.0.1:${archive.port}`, series);
      expect([stored.exitCode, stored.stderr]).toEqual([0, '']);
    });
    afterAll(async () => {
      await receiver?.close();
      await archive?.stop();
    });

    const connect = (extra: object = {}) =>
      openSession({
        host: '127.0.0.1',
        port: archive.port,
        callingAeTitle: 'ME',
        calledAeTitle: 'QR',
        services: [studyRoot, patientRoot],
        ...extra,
      });

    test('finds at every level of both models', async () => {
      const session = await connect();
      const keys: Record<string, string> = {};
      const levels = [
        ['PATIENT', 'PatientID', 1],
        ['STUDY', 'StudyInstanceUID', 1],
        ['SERIES', 'SeriesInstanceUID', 1],
        ['IMAGE', 'SOPInstanceUID', COUNT],
      ] as const;
      for (const [level, key, count] of levels) {
        for (const model of level === 'PATIENT' ? [patientRoot] : [patientRoot, studyRoot]) {
          const { PatientID: _, ...withoutPatient } = keys;
          const unique = model === studyRoot ? withoutPatient : keys;
          const found: string[] = [];
          const responses = session
            .use(model)
            .find({ identifier: { QueryRetrieveLevel: level, ...unique, [key]: '' } });
          for await (const { identifier } of responses) found.push(String(identifier?.[key]));
          expect([model.name, level, found.length]).toEqual([model.name, level, count]);
          expect((await responses.final).status).toBe(Status.Success);
          if (count === 1) keys[key] = found[0] as string;
          else expect(found.sort()).toEqual(allUids);
        }
      }
      study = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: keys.StudyInstanceUID as string };
      await session.release();
    });

    test('returns an empty result if nothing matches', async () => {
      const session = await connect();
      const identifier = { QueryRetrieveLevel: 'STUDY', PatientID: 'NOBODY', StudyInstanceUID: '' };
      const responses = session.use(studyRoot).find({ identifier });
      for await (const _ of responses) expect.unreachable();
      expect((await responses.final).status).toBe(Status.Success);
      await session.release();
    });

    test('uses the association again after leaving a search', async () => {
      const session = await connect();
      const identifier = { ...study, QueryRetrieveLevel: 'SERIES', SeriesInstanceUID: '' };
      for await (const _ of session.use(studyRoot).find({ identifier })) break;
      await session.use(studyRoot).find({ identifier }).final;
      await session.release();
      expect((await session.association.closed).how).toBe('released');
    });

    /** Opens a session that receives CT images from the peer. */
    async function connectToGet(store: (uid: string) => void) {
      const taken = serve(storage, {
        async store({ sopInstance, data }) {
          for await (const _ of data);
          store(sopInstance);
          return Status.Success;
        },
      });
      const contexts = [
        { abstractSyntax: studyRoot.sopClasses.Get.uid, transferSyntaxes: [EXPLICIT] },
        { abstractSyntax: CT, transferSyntaxes: [EXPLICIT], roles: { scu: true, scp: true } },
      ];
      return connect({ serves: [taken], contexts });
    }

    test('gets a study', async () => {
      const uids: string[] = [];
      const session = await connectToGet((uid) => uids.push(uid));
      const responses = session.use(studyRoot).get({ identifier: study });
      for await (const { status } of responses) expect(status).toBe(Status.Pending);
      expect(await responses.final).toMatchObject({ status: Status.Success, completed: COUNT, failed: 0 });
      expect(uids.sort()).toEqual(allUids);
      await session.release();
    });

    test('cancels a get half way, and uses the association again', async () => {
      const uids: string[] = [];
      const controller = new AbortController();
      const reason = new Error('enough');
      const session = await connectToGet((uid) => {
        uids.push(uid);
        if (uids.length === COUNT / 2) controller.abort(reason);
      });
      const { final } = session.use(studyRoot).get({ identifier: study }, { signal: controller.signal });
      // The peer may or may not have stopped in time. It has answered, and the association can be used again.
      await expect(final).rejects.toBe(reason);
      expect(uids.length).toBeGreaterThanOrEqual(COUNT / 2);
      uids.length = 0;
      await session.use(studyRoot).get({ identifier: study }).final;
      expect(uids.sort()).toEqual(allUids);
      await session.release();
    });

    test('moves to itself, as requestor and as destination', async () => {
      received = [];
      const session = await connect();
      const responses = session.use(studyRoot).move({ destination: 'ME', identifier: study });
      for await (const { status } of responses) expect(status).toBe(Status.Pending);
      expect(await responses.final).toMatchObject({ status: Status.Success });
      expect(received.map(({ uid }) => uid).sort()).toEqual(allUids);
      expect(new Set(received.map(({ originator, messageId }) => `${originator} ${messageId}`))).toEqual(
        new Set(['ME 1']),
      );
      await session.release();
    });

    test('cancels a move half way, and uses the association again', async () => {
      const session = await connect();
      const controller = new AbortController();
      const reason = new Error('enough');
      const responses = session
        .use(studyRoot)
        .move({ destination: 'ME', identifier: study }, { signal: controller.signal });
      controller.abort(reason);
      await expect(responses.final).rejects.toBe(reason);
      received = [];
      await session.use(studyRoot).move({ destination: 'ME', identifier: study }).final;
      expect(new Set(received.map(({ uid }) => uid))).toEqual(new Set(allUids));
      await session.release();
    });

    const peer = () => ({ host: '127.0.0.1', port: archive.port, callingAeTitle: 'ME', calledAeTitle: 'QR' });

    test('gets with the contexts that get() proposes by default', async () => {
      const retrieval = get({ ...peer(), identifier: study });
      const uids: string[] = [];
      for await (const { sopInstance } of retrieval) uids.push(sopInstance);
      expect(uids.sort()).toEqual(allUids);
      expect(retrieval.report).toMatchObject({ status: Status.Success, completed: COUNT, failed: 0 });
    });

    test('cancels a get by leaving the loop', async () => {
      let count = 0;
      for await (const _ of get({ ...peer(), identifier: study })) if (++count === 2) break;
      expect(count).toBe(2);
    });

    test('gets and moves to itself with the command line, byte for byte', async () => {
      const port = receiverPort;
      await receiver.close();
      const key = ['--key', `StudyInstanceUID=${study.StudyInstanceUID}`, '--calling', 'ME'];
      for (const verb of [['get'], ['move', '--receive', `${port}`]]) {
        const out = mkdtempSync(join(folder, 'out-'));
        const [name = '', ...options] = verb;
        const outcome = await runScu(name, `QR@127.0.0.1:${archive.port}`, ...key, ...options, '--out', out);
        expect([outcome.exitCode, outcome.stderr]).toEqual([0, '']);
        expect(filesIn(out)).toHaveLength(COUNT);
        for (const { sopInstanceUid } of slices) {
          const [found = ''] = filesIn(out).filter((path) => path.endsWith(`/${sopInstanceUid}.dcm`));
          expect(await dataSetOf(found)).toEqual(await dataSetOf(join(series, `${sopInstanceUid}.dcm`)));
        }
      }
      const retrieval = moveToSelf({ ...peer(), identifier: study, receiver: { host: '127.0.0.1', port } });
      const uids: string[] = [];
      for await (const { sopInstance } of retrieval) uids.push(sopInstance);
      expect(uids.sort()).toEqual(allUids);
      expect(retrieval.report).toMatchObject({ status: Status.Success, completed: COUNT, failed: 0 });
    });

    test('reports that the move destination is unknown', async () => {
      const session = await connect();
      const { final } = session.use(studyRoot).move({ destination: 'NOWHERE', identifier: study });
      await expect(final).rejects.toMatchObject({ name: 'DimseError', category: 'failure' });
      await session.release();
    });
  });

describe.runIf(['findscu', 'getscu', 'movescu'].every(isInstalled))('DCMTK with an SCP made with the library', () => {
  let scp: Scp;
  let destination = 0;
  let at: string[];

  /** The series, slow enough for a cancel to arrive in between. */
  const instances = slices.map(({ sopInstanceUid }) => ({
    sopClass: CT,
    sopInstance: sopInstanceUid,
    transferSyntax: EXPLICIT,
    open: async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const file = await openDicomFile(join(series, `${sopInstanceUid}.dcm`));
      return { source: file.source, close: () => file.close() };
    },
  }));

  beforeAll(async () => {
    scp = createScp({
      aeTitle: 'ARCHIVE',
      calls: [storage],
      services: [
        serve(verification, { echo: () => Status.Success }),
        serve(studyRoot, {
          async *rawFind({ identifier }, { signal }) {
            const level = identifier.QueryRetrieveLevel as string;
            for (const uid of level === 'IMAGE' ? allUids : ['1.2.3']) {
              if (signal.aborted) return Status.Cancel;
              yield { identifier: { QueryRetrieveLevel: level, SOPInstanceUID: uid } };
              // Simulates a slow search, so that the peer's cancel arrives in between.
              await new Promise((resolve) => setTimeout(resolve, 20));
            }
            return Status.Success;
          },
          get: (_request, context) => performGet(instances, context, { interval: 0 }),
          move: ({ destination: title }, context) => {
            const address = { host: '127.0.0.1', port: destination, callingAeTitle: 'ARCHIVE' };
            const resolve = (name: string) => (name === 'HERE' ? address : undefined);
            return performMove(instances, title, resolve, context, { interval: 0 });
          },
        }),
      ],
    });
    const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
    at = ['-aet', 'THEM', '-aec', 'ARCHIVE', '127.0.0.1', `${port}`];
  });
  afterAll(() => scp.close());

  const keys = (level: string) => ['-k', `QueryRetrieveLevel=${level}`, '-k', 'StudyInstanceUID=1.2.3'];
  const errors = (text: string) => text.split('\n').filter((line) => /^[EF]:/.test(line));

  test.each([
    ['STUDY', 1],
    ['SERIES', 1],
    ['IMAGE', COUNT],
  ])('findscu finds at level %s', async (level, count) => {
    const out = mkdtempSync(join(folder, 'found-'));
    const outcome = await run('findscu', ['-S', '-X', '-od', out, ...keys(level), '-k', 'SOPInstanceUID', ...at]);
    expect([outcome.exitCode, errors(outcome.stderr)]).toEqual([0, []]);
    expect(filesIn(out)).toHaveLength(count);
  });

  test('findscu cancels a search', async () => {
    const out = mkdtempSync(join(folder, 'found-'));
    const outcome = await run('findscu', ['-v', '-S', '-X', '-od', out, '--cancel', '2', ...keys('IMAGE'), ...at]);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stdout + outcome.stderr).toMatch(/Received Final Find Response.*Cancel/);
    expect(filesIn(out).length).toBeLessThan(COUNT);
  });

  test('getscu gets a study', async () => {
    const out = mkdtempSync(join(folder, 'got-'));
    const outcome = await run('getscu', ['-S', '+B', '-od', out, ...keys('STUDY'), ...at]);
    expect([outcome.exitCode, errors(outcome.stderr)]).toEqual([0, []]);
    expect(filesIn(out)).toHaveLength(COUNT);
  });

  test('movescu moves to itself', async () => {
    destination = await freePort();
    const out = mkdtempSync(join(folder, 'moved-'));
    const to = ['-aem', 'HERE', '+P', `${destination}`, '-od', out];
    const outcome = await run('movescu', ['-S', ...to, ...keys('STUDY'), ...at]);
    expect([outcome.exitCode, errors(outcome.stderr)]).toEqual([0, []]);
    expect(filesIn(out)).toHaveLength(COUNT);
  });

  test('movescu cancels half way', async () => {
    destination = await freePort();
    const out = mkdtempSync(join(folder, 'moved-'));
    const to = ['-aem', 'HERE', '+P', `${destination}`, '-od', out, '--cancel', '2'];
    const outcome = await run('movescu', ['-v', '-S', ...to, ...keys('STUDY'), ...at]);
    expect(outcome.stdout + outcome.stderr).toMatch(/Received Final Move Response.*Cancel/);
    expect(filesIn(out).length).toBeLessThan(COUNT);
  });

  test('movescu reports that the move destination is unknown', async () => {
    const outcome = await run('movescu', ['-v', '-S', '-aem', 'NOWHERE', ...keys('STUDY'), ...at]);
    expect(outcome.stdout + outcome.stderr).toMatch(/0xa801|MoveDestinationUnknown/i);
  });
});

describe.runIf(['storescu', 'findscu', 'getscu', 'movescu'].every(isInstalled))('DCMTK with dimse-scp', () => {
  let scp: Listening;
  let destination = 0;
  let at: string[];
  const keys = [...['-k', 'QueryRetrieveLevel=STUDY'], ...['-k', `StudyInstanceUID=${studyUid}`]];

  beforeAll(async () => {
    destination = await freePort();
    const peer = ['--peer', `HERE=127.0.0.1:${destination}`];
    scp = await startScp(['--data', join(folder, 'archive'), '--aet', 'ARCHIVE', ...peer]);
    at = ['-aet', 'THEM', '-aec', 'ARCHIVE', '127.0.0.1', `${scp.port}`];
    expect(await run('storescu', [...at, '+sd', series])).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => scp?.stop());

  const digestOf = async (path: string) =>
    createHash('sha256')
      .update(await dataSetOf(path))
      .digest('hex');
  const digests = async (files: string) => (await Promise.all(filesIn(files).map(digestOf))).sort();
  const isWhole = async (out: string) => expect(await digests(out)).toEqual(await digests(series));

  test('findscu finds the series', async () => {
    const out = mkdtempSync(join(folder, 'found-'));
    const asked = ['-k', 'NumberOfStudyRelatedInstances', '-k', 'PatientName'];
    expect(await run('findscu', ['-S', '-X', '-od', out, ...keys, ...asked, ...at])).toMatchObject({ exitCode: 0 });
    expect(filesIn(out)).toHaveLength(1);
  });

  test('getscu gets a study', async () => {
    const out = mkdtempSync(join(folder, 'got-'));
    expect(await run('getscu', ['-S', '+B', '-od', out, ...keys, ...at])).toMatchObject({ exitCode: 0 });
    await isWhole(out);
  });

  test('movescu moves to itself', async () => {
    const out = mkdtempSync(join(folder, 'moved-'));
    const to = ['-aem', 'HERE', '+P', `${destination}`, '-od', out];
    expect(await run('movescu', ['-S', ...to, ...keys, ...at])).toMatchObject({ exitCode: 0 });
    expect(filesIn(out)).toHaveLength(COUNT);
  });

  test('our get and move retrieve the same instances', async () => {
    const ours = ['--key', `StudyInstanceUID=${studyUid}`, '--calling', 'HERE'];
    for (const [verb = '', ...options] of [['get'], ['move', '--receive', `${destination}`]]) {
      const out = mkdtempSync(join(folder, 'ours-'));
      const outcome = await runScu(verb, `ARCHIVE@127.0.0.1:${scp.port}`, ...ours, ...options, '--out', out);
      expect([outcome.exitCode, outcome.stderr]).toEqual([0, '']);
      await isWhole(out);
    }
  });
});
