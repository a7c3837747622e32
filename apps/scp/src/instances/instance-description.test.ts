import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { encodeDataSet, SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import fc from 'fast-check';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { makeEarlier } from '../../test/earlier-index.ts';
import { isSharedWorld, openArchive } from '../../test/world.ts';
import type { ArchiveQuery } from './archive-index/archive-index.ts';
import type { InstanceArchive } from './instance-archive.ts';
import type { Notice } from './notices.ts';

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const BIG_ENDIAN = TransferSyntax.ExplicitVRBigEndian;
const DEFLATED = TransferSyntax.DeflatedExplicitVRLittleEndian;
const OPTIONS = { fsync: false, reindex: false };

let folder: string;
let archive: InstanceArchive;
let notices: Notice[];
const notice = (told: Notice) => void notices.push(told);
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'instance-description-'));
  notices = [];
  archive = await openArchive(folder, { ...OPTIONS, notice });
});
afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function reopen(change: (path: string) => void = () => {}, reindex = false): Promise<void> {
  await archive[Symbol.asyncDispose]();
  notices = [];
  change(join(folder, 'index.db'));
  archive = await openArchive(folder, { ...OPTIONS, reindex, notice });
  await archive.compare();
}

const deleteIndex = () => {
  for (const name of readdirSync(folder)) if (name.startsWith('index.db')) rmSync(join(folder, name));
};

const uids = (sopInstance: string, study = '1.2') => ({
  SOPClassUID: SopClass.CTImageStorage,
  SOPInstanceUID: sopInstance,
  StudyInstanceUID: study,
  SeriesInstanceUID: `${study}.1`,
});

async function keep(sopInstance: string, bytes: Uint8Array, transferSyntax: string = EXPLICIT): Promise<unknown> {
  const instance = { sopClass: SopClass.CTImageStorage, sopInstance, transferSyntax, sourceAeTitle: 'SCU' };
  return archive.keep(instance, arriving(bytes));
}

const keepDataSet = (sopInstance: string, attributes: UntypedDataSet) =>
  keep(sopInstance, encodeDataSet({ ...uids(sopInstance), ...attributes }, EXPLICIT));

async function found(query: ArchiveQuery): Promise<UntypedDataSet[]> {
  const entities: UntypedDataSet[] = [];
  for await (const entity of archive.index.find(query)) entities.push(entity);
  return entities;
}

async function sopInstances(query: ArchiveQuery): Promise<string[]> {
  const located: string[] = [];
  for await (const { sopInstance } of archive.index.instances(query)) located.push(sopInstance);
  return located.sort();
}

/** All that the index has, without the ids of its rows. */
async function content(): Promise<unknown> {
  const counted = {
    NumberOfPatientRelatedStudies: '',
    NumberOfPatientRelatedInstances: '',
    NumberOfStudyRelatedInstances: '',
    NumberOfSeriesRelatedInstances: '',
    ModalitiesInStudy: '',
  };
  const levels = ['PATIENT', 'STUDY', 'SERIES', 'IMAGE'] as const;
  const entities = await Promise.all(levels.map((level) => found({ level, identifier: counted })));
  const located = await Promise.all(
    (entities[3] as UntypedDataSet[]).map(async ({ SOPInstanceUID }) => {
      const found = await archive.index.locate(`${SOPInstanceUID}`);
      // In the shared world, each arrival has an object of its own.
      return isSharedWorld ? found.map(({ file: _, ...others }) => others) : found;
    }),
  );
  const texts = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value, sortedKeys)).sort();
  return [...entities.map(texts), texts(located)];
}

const sortedKeys = (_: string, value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;

/** An element in Explicit VR Little Endian. */
function element(tag: number, vr: string, value: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4, 'latin1');
  head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

describe('an instance with a value that cannot be read', () => {
  const ROWS = 0x00280010;
  const CHARACTER_SET = 0x00080005;
  const PATIENT_NAME = 0x00100010;
  const whole = (...more: readonly Buffer[]) =>
    Buffer.concat([encodeDataSet({ ...uids('1.2.3'), PatientID: '42' }, EXPLICIT), ...more]);
  const latin1 = Buffer.from('Müller', 'latin1');

  test.each<[string, Uint8Array, string, UntypedDataSet, string]>([
    [
      'a number of a wrong length',
      whole(element(ROWS, 'US', Uint8Array.of(2))),
      EXPLICIT,
      { PatientID: '42' },
      '(0028,0010) has 1 bytes',
    ],
    [
      'an unknown character set',
      whole(element(CHARACTER_SET, 'CS', Buffer.from('NOPE')), element(PATIENT_NAME, 'PN', latin1)),
      EXPLICIT,
      { PatientID: '42', PatientName: { Alphabetic: 'Müller' } },
      '(0008,0005) names an unknown character set',
    ],
    [
      'text under the tag of a sequence',
      Buffer.concat([
        encodeDataSet({ ...uids('1.2.3'), PatientID: '42' }, IMPLICIT),
        Buffer.from('4000750206000000', 'hex'),
        Buffer.from('a text'),
      ]),
      IMPLICIT,
      { PatientID: '42' },
      '(0040,0275)',
    ],
  ])('is found by the others: %s', async (_, bytes, transferSyntax, attributes, fault) => {
    await keep('1.2.3', bytes, transferSyntax);
    expect(notices).toMatchObject([{ kind: 'unreadable attributes', instance: { sopInstance: '1.2.3' } }]);
    expect(notices[0]).toMatchObject({ faults: [expect.stringContaining(fault)] });
    const query: ArchiveQuery = { level: 'IMAGE', identifier: { PatientID: '42', StudyInstanceUID: '1.2' } };
    expect(await found(query)).toMatchObject([{ ...attributes, ...uids('1.2.3') }]);
    const before = await content();
    // In the shared world, the index is not made from the instances.
    const rebuilds = isSharedWorld ? [] : [() => reopen(deleteIndex), () => reopen(undefined, true)];
    for (const rebuild of rebuilds) {
      await rebuild();
      expect(await archive.compare()).toEqual({ added: 1, removed: 0, unreadable: [] });
      expect(notices).toMatchObject([{ kind: 'unreadable attributes' }]);
      expect(await content()).toEqual(before);
    }
    // Sent again while it is not in the index.
    await archive.index.remove({ study: '1.2', series: '1.2.1', sopInstance: '1.2.3' });
    await keep('1.2.3', bytes, transferSyntax);
    expect(await content()).toEqual(before);
  });
});

describe('a study with instances of two patients', () => {
  const instances: readonly (readonly [string, UntypedDataSet])[] = [
    ['1.2.1', { PatientID: 'A', PatientName: 'Doe^Jane', StudyDescription: 'first', Modality: 'CT' }],
    ['1.2.2', { PatientID: 'B', PatientName: 'Roe^Ann', StudyDescription: 'second', Modality: 'MR' }],
    ['1.2.3', { PatientID: 'A', PatientName: 'Doe^J', StudyDescription: 'third', Modality: 'CT' }],
  ];
  const inOrder = async (order: readonly number[]) => {
    for (const at of order) await keepDataSet(...(instances[at] as (typeof instances)[number]));
  };
  beforeEach(() => inOrder([2, 1, 0]));

  test('is found under both, each with its own instances', async () => {
    const count = { NumberOfPatientRelatedInstances: '', NumberOfPatientRelatedStudies: '' };
    expect(await found({ level: 'PATIENT', identifier: { PatientID: '', ...count } })).toMatchObject([
      { PatientID: 'A', NumberOfPatientRelatedInstances: 2, NumberOfPatientRelatedStudies: 1 },
      { PatientID: 'B', NumberOfPatientRelatedInstances: 1, NumberOfPatientRelatedStudies: 1 },
    ]);
    const byPatient = (PatientID: string): ArchiveQuery => ({ level: 'STUDY', identifier: { PatientID } });
    expect(await found(byPatient('A'))).toMatchObject([{ StudyInstanceUID: '1.2', StudyDescription: 'first' }]);
    expect(await found(byPatient('B'))).toMatchObject([{ StudyInstanceUID: '1.2', StudyDescription: 'second' }]);
    expect(await sopInstances({ level: 'PATIENT', identifier: { PatientID: 'B' } })).toEqual(['1.2.2']);
    const whole = await sopInstances({ level: 'STUDY', identifier: { StudyInstanceUID: '1.2' } });
    expect(whole).toEqual(['1.2.1', '1.2.2', '1.2.3']);
    expect(await archive.index.sopInstancesOf({ study: '1.2', series: '1.2.1' })).toEqual(new Set(whole));
  });

  test('is told once', async () => {
    expect(notices).toMatchObject([{ kind: 'second patient', instance: { study: '1.2', sopInstance: '1.2.2' } }]);
    await keepDataSet('1.2.4', { PatientID: 'B' });
    expect(notices).toHaveLength(1);
  });

  test('is in the index in the same way in whatever order its instances arrive', async () => {
    const before = await content();
    await reopen(undefined, !isSharedWorld);
    expect(await content()).toEqual(before);
    for (const order of [
      [0, 1, 2],
      [1, 0, 2],
    ]) {
      for (const [sopInstance] of instances) await archive.index.remove({ study: '1.2', series: '1.2.1', sopInstance });
      if (!isSharedWorld) deleteFiles();
      await inOrder(order);
      expect(await content()).toEqual(before);
    }
  });

  const deleteFiles = () => {
    for (const [sopInstance] of instances) rmSync(join(folder, 'instances/1.2/1.2.1', `${sopInstance}.dcm`));
  };

  test('loses a patient with the last instance of that patient', async () => {
    await archive.index.remove({ study: '1.2', series: '1.2.1', sopInstance: '1.2.2' });
    expect(await found({ level: 'PATIENT', identifier: {} })).toMatchObject([{ PatientID: 'A' }]);
  });
});

test('values that break the VR or the VM of the dictionary are found and answered', async () => {
  const rows = { vr: 'UL', value: 512 };
  await keepDataSet('1.2.1.1', { PatientID: ['A', 'B'], StudyID: ['1', '2'], InstanceNumber: 'N/A', Rows: rows });
  const item = { PatientID: ['A', 'B'], StudyID: ['1', '2'], InstanceNumber: 'N/A', Rows: 512 };
  for (const identifier of [{ PatientID: 'A' }, { StudyID: '1' }, {}])
    expect([identifier, await found({ level: 'IMAGE', identifier })]).toMatchObject([identifier, [item]]);
  expect(await found({ level: 'STUDY', identifier: { PatientID: 'C' } })).toEqual([]);
});

test.skipIf(isSharedWorld)('describes again in the background what an earlier version did not read', async () => {
  await keepDataSet('1.2.1', { PatientID: 'A', StudyDescription: 'first', InstanceNumber: 1 });
  await keepDataSet('1.2.3', { PatientID: 'A', StudyDescription: 'third', InstanceNumber: 3 });
  const before = await content();
  await reopen((path) => {
    const database = new Database(path);
    makeEarlier(database);
    database.exec(`update patient set patient_key = '["name","",""]', patient_id = '', attributes = '{}';
      update study set attributes = '{}'; update series set attributes = '{}';
      update instance set attributes = '{}'`);
    database.close();
  });
  // A second patient of an earlier version.
  expect(await content()).not.toEqual(before);
  expect(await archive.completeIndex()).toBe(true);
  expect(await content()).toEqual(before);
  expect(await archive.index.outdated()).toEqual([]);
  // An instance whose file has gone stays as it is.
  await reopen((path) => {
    const database = new Database(path);
    makeEarlier(database);
    database.close();
  });
  rmSync(join(folder, 'instances/1.2/1.2.1/1.2.1.dcm'));
  expect(await archive.completeIndex()).toBe(true);
  expect(await found({ level: 'IMAGE', identifier: { SOPInstanceUID: '1.2.1' } })).toHaveLength(1);
});

describe.skipIf(isSharedWorld)('any data set that is accepted', () => {
  const RUNS = 30;
  const text = fc.string({ maxLength: 20, unit: 'binary' });
  const bytes = fc.uint8Array({ maxLength: 12 });

  /** A data set with values of the kinds that the index reads, in the encoding of any transfer syntax. */
  const valid = fc.record({
    SpecificCharacterSet: fc.constantFrom('ISO_IR 192', 'ISO_IR 100', 'ISO_IR 6', 'NONE', 'UTF8'),
    PatientID: fc.constantFrom('A', 'B', ''),
    StudyDescription: fc.constantFrom('Kopf', 'CT Head'),
    InstanceNumber: fc.integer({ min: 0, max: 1000 }),
    Rows: fc.nat({ max: 65535 }),
    PixelSpacing: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 2 }),
    RequestAttributesSequence: fc.array(
      fc.record({ ScheduledProcedureStepID: fc.constantFrom('a', 'bc') }, { requiredKeys: [] }),
      { maxLength: 2 },
    ),
  });
  const hostile = fc.array(
    fc.record({
      tag: fc.constantFrom(
        0x00080005,
        0x00080020,
        0x00081032,
        0x00100010,
        0x00100020,
        0x0020000d,
        0x00280010,
        0x00400275,
      ),
      vr: fc.constantFrom('PN', 'LO', 'US', 'IS', 'DS', 'FD', 'CS', 'DA', 'UI', 'AT', 'ZZ'),
      value: fc.oneof(
        bytes,
        text.map((each) => Buffer.from(each, 'latin1')),
        fc.constant(new Uint8Array(300).fill(0x39)),
      ),
    }),
    { maxLength: 3 },
  );
  const changes = fc.array(fc.record({ at: fc.nat(), to: fc.nat({ max: 255 }) }), { maxLength: 3 });
  const syntaxes = fc.constantFrom(EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED, TransferSyntax.JPEGBaseline8Bit);

  test(
    'has the same entry after its index was rebuilt, and is found by its UIDs',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(valid, hostile, changes, syntaxes, fc.boolean()), { minLength: 8, maxLength: 8 }),
          async (all) => {
            const accepted: string[] = [];
            for (const [at, [dataSet, elements, changed, transferSyntax, isOdd]] of all.entries()) {
              const sopInstance = `1.2.${at}`;
              const encoding = transferSyntax === IMPLICIT || transferSyntax === BIG_ENDIAN ? transferSyntax : EXPLICIT;
              const plain = encodeDataSet({ ...uids(sopInstance), ...dataSet }, encoding);
              for (const { at: place, to } of changed) plain[120 + (place % (plain.length - 120))] = to;
              const more = elements.map(({ tag, vr, value }) => element(tag, vr, value));
              let whole = Buffer.concat([plain, ...(encoding === EXPLICIT ? more : [])]);
              if (transferSyntax === DEFLATED) {
                whole = deflateRawSync(whole);
                if (isOdd !== (whole.length % 2 === 1)) whole = Buffer.concat([whole, Buffer.alloc(1)]);
              }
              const kept = await keep(sopInstance, whole, transferSyntax).then(
                () => true,
                (error) => {
                  // A refusal has a status of its own, so a fault in our own code is not taken for one.
                  expect([0xa900, 0xc000]).toContain(error.status);
                  return false;
                },
              );
              if (kept) accepted.push(sopInstance);
            }
            const received = await content();
            const readAtReception = notices.filter(({ kind }) => kind === 'unreadable attributes').map(faultsOf);
            await reopen(undefined, true);
            expect(await archive.compare()).toEqual({ added: accepted.length, removed: 0, unreadable: [] });
            expect(await content()).toEqual(received);
            expect(
              notices
                .filter(({ kind }) => kind === 'unreadable attributes')
                .map(faultsOf)
                .sort(),
            ).toEqual(readAtReception.sort());
            for (const sopInstance of accepted) {
              const [located] = await archive.index.locate(sopInstance);
              const { study = '', series = '' } = located ?? {};
              const keys = {
                ...{ SOPInstanceUID: sopInstance },
                ...(study && { StudyInstanceUID: study }),
                ...(series && { SeriesInstanceUID: series }),
              };
              expect(await sopInstances({ level: 'IMAGE', identifier: keys })).toEqual([sopInstance]);
              expect(await found({ level: 'IMAGE', identifier: keys })).toMatchObject([keys]);
            }
            await reopen(() => {
              deleteIndex();
              rmSync(join(folder, 'instances'), { recursive: true });
            });
          },
        ),
        { numRuns: RUNS },
      );
    },
    120_000 * Math.max(1, Number(process.env.DIMSE_PROPERTY_RUNS ?? 1)),
  );
});

test('the deviations of an instance are told once, with the instances that deviate', async () => {
  const element = Buffer.from('0900011000000000', 'hex');
  const bytes = Buffer.concat([
    encodeDataSet({ SOPClassUID: SopClass.CTImageStorage, SOPInstanceUID: '1.2.3' }, EXPLICIT),
    element,
    element,
    encodeDataSet({ StudyInstanceUID: '1.2', SeriesInstanceUID: '1.2.1' }, EXPLICIT),
  ]);
  await keep('1.2.3', bytes);
  await keep('1.2.3', bytes);
  await keepDataSet('1.2.4', {});
  expect(notices).toMatchObject([
    {
      kind: 'deviations',
      sourceAeTitle: 'SCU',
      instance: { sopInstance: '1.2.3' },
      deviations: [{ code: 'INVALID_VR', count: 2 }],
    },
  ]);
});

function faultsOf(told: Notice): string {
  return JSON.stringify([told.instance.sopInstance, 'faults' in told && told.faults]);
}
