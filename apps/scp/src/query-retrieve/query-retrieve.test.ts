import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  encodeDataSet,
  openSession,
  patientRoot,
  type Session,
  storage,
  studyRoot,
  type UntypedDataSet,
} from '@x/dimse';
import { decodeQueryOptions, encodeQueryOptions } from '@x/net';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '@x/testing/data-sets';
import { type RunningScp, run, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isSharedWorld, keptIn } from '../../test/world.ts';

let folder: string;
let archive: RunningScp;
let session: Session;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'query-retrieve-'));
  archive = await startScp([...keptIn(folder)]);
  session = await openSession({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'DIMSE',
    services: [studyRoot, patientRoot, storage],
    contexts: [
      { abstractSyntax: CT_IMAGE_STORAGE, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] },
      ...[patientRoot, studyRoot].map(({ sopClasses }) => ({
        abstractSyntax: sopClasses.Find.uid,
        transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN],
      })),
    ],
  });
  for (const attributes of INSTANCES) await store(attributes);
});
afterAll(async () => {
  await session?.release();
  await archive?.stop('SIGTERM');
  rmSync(folder, { recursive: true });
});

const head = { StudyInstanceUID: '1', PatientID: '42', PatientName: 'Äneas^Rüdiger', StudyDate: '20200101' };
const INSTANCES: readonly UntypedDataSet[] = [
  { ...head, SeriesInstanceUID: '1.1', SOPInstanceUID: '1.1.1', Modality: 'CT', InstanceNumber: 1 },
  { ...head, SeriesInstanceUID: '1.1', SOPInstanceUID: '1.1.2', Modality: 'CT', InstanceNumber: 2 },
  { ...head, SeriesInstanceUID: '1.2', SOPInstanceUID: '1.2.1', Modality: 'MR', InstanceNumber: 1 },
  { StudyInstanceUID: '2', SeriesInstanceUID: '2.1', SOPInstanceUID: '2.1.1', PatientID: '7', Modality: 'US' },
];

async function store(attributes: UntypedDataSet): Promise<void> {
  const data = encodeDataSet(
    { SpecificCharacterSet: 'ISO_IR 192', SOPClassUID: CT_IMAGE_STORAGE, ...attributes },
    EXPLICIT_VR_LITTLE_ENDIAN,
  );
  await session.use(storage).store({
    sopClass: CT_IMAGE_STORAGE,
    sopInstance: String(attributes.SOPInstanceUID),
    transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
    data,
  });
}

async function find(identifier: UntypedDataSet, model: typeof studyRoot | typeof patientRoot = studyRoot) {
  const found: UntypedDataSet[] = [];
  const statuses = new Set<number>();
  for await (const { identifier: entity, status } of session.use(model as typeof studyRoot).find({ identifier })) {
    found.push(entity as UntypedDataSet);
    statuses.add(status);
  }
  return { found, statuses: [...statuses] };
}

test('finds stored instances at once at every level', async () => {
  const studies = await find({
    QueryRetrieveLevel: 'STUDY',
    SpecificCharacterSet: 'ISO_IR 192',
    PatientName: 'äneas*',
    ModalitiesInStudy: '',
    NumberOfStudyRelatedInstances: '',
    StudyDescription: '',
  });
  expect(studies.statuses).toEqual([0xff00]);
  expect(studies.found).toMatchObject([
    {
      QueryRetrieveLevel: 'STUDY',
      RetrieveAETitle: ['DIMSE'],
      StudyInstanceUID: '1',
      ModalitiesInStudy: ['CT', 'MR'],
      StudyDescription: '',
    },
  ]);
  expect(Number(studies.found[0]?.NumberOfStudyRelatedInstances)).toBe(3);
  expect((await find({ QueryRetrieveLevel: 'SERIES', StudyInstanceUID: '1' })).found).toHaveLength(2);
  const images = { QueryRetrieveLevel: 'IMAGE', StudyInstanceUID: '1', SeriesInstanceUID: '1.1', InstanceNumber: '' };
  expect((await find(images)).found.map(({ SOPInstanceUID }) => SOPInstanceUID)).toEqual(['1.1.1', '1.1.2']);
  const patients = await find({ QueryRetrieveLevel: 'PATIENT', PatientID: '*' }, patientRoot);
  expect(patients.found.map(({ PatientID }) => PatientID)).toEqual(['42', '7']);
  expect((await find({ QueryRetrieveLevel: 'STUDY', PatientID: 'nobody' })).found).toEqual([]);
});

test('omits unsupported keys and reports that', async () => {
  const { found, statuses } = await find({ QueryRetrieveLevel: 'STUDY', Modality: 'CT', StudyInstanceUID: '1' });
  expect(statuses).toEqual([0xff01]);
  expect(found[0]).not.toHaveProperty('Modality');
});

test('refuses an identifier without a valid level, and the association continues', async () => {
  await expect(find({ QueryRetrieveLevel: 'SERIES' })).rejects.toMatchObject({
    name: 'DimseError',
    status: 0xa900,
    errorComment: expect.stringContaining('StudyInstanceUID'),
  });
  expect((await find({ QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '2' })).found).toHaveLength(1);
});

const hasFindscu = !spawnSync('findscu', ['--version']).error;
describe.runIf(hasFindscu || process.env.CI)('findscu', () => {
  test.each([
    [['-S', '-k', 'QueryRetrieveLevel=STUDY', '-k', 'StudyInstanceUID', '-k', 'PatientID=42'], /UI \[1.?\]/],
    [['-P', '-k', 'QueryRetrieveLevel=PATIENT', '-k', 'PatientID'], /\[7 ?\]/],
    [['-S', '-k', 'QueryRetrieveLevel=SERIES', '-k', 'StudyInstanceUID=1', '-k', 'Modality=MR'], /\[MR\]/],
    [
      ['-S', '-k', 'QueryRetrieveLevel=STUDY', '-k', 'StudyDate=20191231-20200102', '-k', 'StudyInstanceUID'],
      /UI \[1.?\]/,
    ],
  ])('%j', async (options, expected) => {
    const { exitCode, stderr, stdout } = await run('findscu', [
      '-v',
      '-aec',
      'DIMSE',
      ...options,
      '127.0.0.1',
      `${archive.port}`,
    ]);
    expect(exitCode).toBe(0);
    expect(stdout + stderr).toMatch(expected);
    expect(stdout + stderr).toMatch(/Received Final Find Response \(Success\)/);
  });
});

test('answers relational and fuzzy queries if they were negotiated', async () => {
  const wide = await openSession({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'DIMSE',
    services: [studyRoot],
    extendedNegotiations: [
      {
        sopClassUid: studyRoot.sopClasses.Find.uid,
        applicationInformation: encodeQueryOptions({ relational: true, fuzzy: true, timezone: true }),
      },
    ],
  });
  const { accepted } = wide.association.extendedNegotiations.get(studyRoot.sopClasses.Find.uid) ?? {};
  expect(decodeQueryOptions(accepted as Uint8Array)).toMatchObject({ relational: true, fuzzy: true, timezone: true });
  const ask = async (identifier: UntypedDataSet) => {
    const found: unknown[] = [];
    for await (const { identifier: entity } of wide.use(studyRoot).find({ identifier }))
      found.push(entity?.SeriesInstanceUID);
    return found;
  };
  expect(await ask({ QueryRetrieveLevel: 'SERIES', Modality: 'US' })).toEqual(['2.1']);
  expect(await ask({ QueryRetrieveLevel: 'SERIES', PatientName: 'rudiger an' })).toEqual(['1.1', '1.2']);
  await wide.release();
});

const hasRetrieval = ['getscu', 'movescu', 'storescp'].every((name) => !spawnSync(name, ['--version']).error);
describe.runIf(hasRetrieval || process.env.CI)('retrieves stored instances', () => {
  const study = ['-S', '-aec', 'DIMSE', '-k', 'QueryRetrieveLevel=STUDY', '-k', 'StudyInstanceUID=1'];

  test('with getscu', async () => {
    const out = mkdtempSync(join(tmpdir(), 'getscu-'));
    const got = await run('getscu', [...study, '-od', out, '127.0.0.1', `${archive.port}`]);
    expect(got.exitCode).toBe(0);
    expect(readdirSync(out).length).toBe(3);
    rmSync(out, { recursive: true });
  });

  test.skipIf(isSharedWorld)('with movescu to storescp, and rejects an unknown destination', async () => {
    const out = mkdtempSync(join(tmpdir(), 'movescu-'));
    const port = await freePort();
    const store = spawn('storescp', ['-od', out, '-aet', 'STORE', `${port}`], { stdio: 'ignore' });
    const other = mkdtempSync(join(tmpdir(), 'query-retrieve-'));
    cpSync(join(folder, 'instances'), join(other, 'instances'), { recursive: true });
    const mover = await startScp([...keptIn(other), '--peer', `STORE=127.0.0.1:${port}`]);
    try {
      // It has no index: moves are refused until the files are entered.
      await mover.printed(/the index agrees with the files of/, 'stderr');
      await accepting(port);
      const move = (title: string) => run('movescu', ['-v', ...study, '-aem', title, '127.0.0.1', `${mover.port}`]);
      const moved = await move('STORE');
      expect([moved.exitCode, readdirSync(out).length]).toEqual([0, 3]);
      const unknown = await move('NOBODY');
      expect(unknown.stdout + unknown.stderr).toMatch(/Move\s?Destination\s?Unknown/i);
    } finally {
      store.kill();
      mover.child.kill('SIGTERM');
      await mover.outcome;
      for (const each of [out, other]) rmSync(each, { recursive: true });
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function accepting(port: number): Promise<void> {
  await vi.waitUntil(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(true));
        socket.on('error', () => resolve(false));
        socket.on('connect', () => socket.destroy());
      }),
    { timeout: 10_000 },
  );
}

test('finds all acknowledged instances after a kill', async () => {
  await archive.stop('SIGKILL');
  archive = await startScp([...keptIn(folder)]);
  session = await openSession({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'DIMSE',
    services: [studyRoot],
  });
  expect((await find({ QueryRetrieveLevel: 'STUDY' })).found).toHaveLength(2);
});
