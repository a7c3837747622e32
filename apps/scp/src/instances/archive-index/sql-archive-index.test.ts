import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ArchiveIndex, ArchiveQuery, Level } from './archive-index.ts';
import { archiveIndexContract } from './archive-index-contract.ts';
import { openSqlArchiveIndex } from './sql-archive-index.ts';

let folder: string;
let index: ArchiveIndex;
const path = () => join(folder, 'index.db');
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'archive-index-'));
  index = await openSqlArchiveIndex(path(), { fsync: false });
});
afterEach(async () => {
  await index[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

describe('the contract', () => {
  const folders = new Map<ArchiveIndex, string>();
  afterEach(async () => {
    for (const [each, at] of folders) {
      await each[Symbol.asyncDispose]();
      rmSync(at, { recursive: true, force: true });
    }
    folders.clear();
  });
  describe.each([false, true])('with fsync %s', (fsync) => {
    const open = async (at: string) => {
      const one = await openSqlArchiveIndex(join(at, 'index.db'), { fsync });
      folders.set(one, at);
      return one;
    };
    const create = () => open(mkdtempSync(join(tmpdir(), 'archive-index-')));
    const reopen = async (one: ArchiveIndex) => {
      await one[Symbol.asyncDispose]();
      return open(folders.get(one) ?? '');
    };
    test.each(archiveIndexContract(create, reopen))('$name', ({ check }) => check());
  });
});

const CT = SopClass.CTImageStorage;
const SR = SopClass.BasicTextSRStorage;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;

async function add(uids: string, attributes: UntypedDataSet = {}, sopClass: string = CT): Promise<void> {
  const [study = '', series = '', sopInstance = ''] = uids.split('/');
  await index.add(
    { study, series, sopInstance, sopClass, transferSyntax: EXPLICIT, length: 1000 },
    { StudyInstanceUID: study, SeriesInstanceUID: series, ...attributes },
  );
}

/** Two patients, three studies, four series, six instances. */
async function fill(): Promise<void> {
  const doe = { PatientID: '42', PatientName: 'Doe^Jane', PatientSex: 'F' };
  const first = { ...doe, StudyDate: '20200101', StudyTime: '0800', AccessionNumber: 'A1', StudyDescription: 'Head' };
  await add('1/1.1/1.1.1', { ...first, Modality: 'CT', SeriesNumber: 1, InstanceNumber: 1 });
  await add('1/1.1/1.1.2', { ...first, Modality: 'CT', SeriesNumber: 1, InstanceNumber: 2 });
  await add('1/1.2/1.2.1', { ...first, Modality: 'SR', SeriesNumber: 2, InstanceNumber: 1 }, SR);
  await add('2/2.1/2.1.1', { ...doe, StudyDate: '20210101', Modality: 'CT', AccessionNumber: 'B_1' });
  const yamada = { PatientID: '7', PatientName: 'Yamada^Tarou=山田^太郎', StudyDate: '20220101' };
  await add('3/3.1/3.1.1', { ...yamada, Modality: 'MR', AccessionNumber: 'BX1' });
  await add('3/3.1/3.1.2', { ...yamada, Modality: 'MR', AccessionNumber: 'BX1' });
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

async function find(
  level: Level,
  identifier: UntypedDataSet,
  options: Partial<ArchiveQuery> = {},
): Promise<UntypedDataSet[]> {
  return all(index.find({ level, identifier, ...options }));
}

const uidOf = { PATIENT: 'PatientID', STUDY: 'StudyInstanceUID', SERIES: 'SeriesInstanceUID', IMAGE: 'SOPInstanceUID' };

describe('a query', () => {
  beforeEach(fill);

  test.each<[Level, UntypedDataSet, string[], Partial<ArchiveQuery>?]>([
    ['PATIENT', {}, ['42', '7']],
    ['PATIENT', { PatientID: '42' }, ['42']],
    ['PATIENT', { PatientID: '4*' }, ['42']],
    ['PATIENT', { PatientName: 'doe*' }, ['42']],
    ['PATIENT', { PatientName: '山田*' }, ['7']],
    ['PATIENT', { PatientName: 'tarou yam' }, ['7'], { fuzzy: true }],
    ['PATIENT', { PatientName: 'tarou yam' }, []],
    ['STUDY', {}, ['1', '2', '3']],
    ['STUDY', { PatientID: '42' }, ['1', '2']],
    ['STUDY', { StudyDate: '20200101-20210101' }, ['1', '2']],
    ['STUDY', { StudyDate: '-20201231' }, ['1']],
    ['STUDY', { StudyDate: '20210101' }, ['2']],
    ['STUDY', { StudyDate: '20191231-20200101', StudyTime: '0900-0830' }, ['1'], { combinedDateTime: true }],
    ['STUDY', { StudyInstanceUID: ['1', '3', '9'] }, ['1', '3']],
    ['STUDY', { AccessionNumber: 'B_1' }, ['2']],
    ['STUDY', { AccessionNumber: 'B?1' }, ['2', '3']],
    ['STUDY', { AccessionNumber: 'B_*' }, ['2']],
    ['STUDY', { ModalitiesInStudy: 'SR' }, ['1']],
    ['STUDY', { ModalitiesInStudy: ['SR', 'MR'] }, ['1', '3']],
    ['STUDY', { ModalitiesInStudy: 'S*' }, ['1']],
    ['STUDY', { StudyDescription: 'h*' }, []],
    ['STUDY', { StudyDescription: 'H*' }, ['1']],
    ['SERIES', { StudyInstanceUID: '1' }, ['1.1', '1.2']],
    ['SERIES', { Modality: 'CT' }, ['1.1', '2.1']],
    ['SERIES', { SeriesNumber: '2' }, ['1.2']],
    ['IMAGE', { SeriesInstanceUID: '1.1' }, ['1.1.1', '1.1.2']],
    ['IMAGE', { SOPClassUID: SR }, ['1.2.1']],
    ['IMAGE', { SOPInstanceUID: ['3.1.2', '1.1.1'] }, ['1.1.1', '3.1.2']],
    ['IMAGE', { PatientID: '7', InstanceNumber: '' }, ['3.1.1', '3.1.2']],
  ])('at level %s for %j: %j', async (level, identifier, expected, options) => {
    const found = await find(level, identifier, options);
    expect(found.map((entity) => entity[uidOf[level]])).toEqual(expected);
  });

  test('returns the attributes of its level and of those above, and computed ones', async () => {
    const identifier = {
      StudyInstanceUID: '1',
      ModalitiesInStudy: '',
      SOPClassesInStudy: '',
      NumberOfStudyRelatedSeries: '',
      NumberOfStudyRelatedInstances: '',
      NumberOfPatientRelatedStudies: '',
      NumberOfPatientRelatedSeries: '',
      NumberOfPatientRelatedInstances: '',
    };
    expect(await find('STUDY', identifier)).toEqual([
      {
        PatientID: '42',
        PatientName: 'Doe^Jane',
        PatientSex: 'F',
        StudyInstanceUID: '1',
        StudyDate: '20200101',
        StudyTime: '0800',
        AccessionNumber: 'A1',
        StudyDescription: 'Head',
        ModalitiesInStudy: ['CT', 'SR'],
        SOPClassesInStudy: [CT, SR],
        NumberOfStudyRelatedSeries: 2,
        NumberOfStudyRelatedInstances: 3,
        NumberOfPatientRelatedStudies: 2,
        NumberOfPatientRelatedSeries: 3,
        NumberOfPatientRelatedInstances: 4,
      },
    ]);
    expect(await find('SERIES', { SeriesInstanceUID: '1.1', NumberOfSeriesRelatedInstances: '' })).toMatchObject([
      { NumberOfSeriesRelatedInstances: 2, Modality: 'CT', PatientSex: 'F' },
    ]);
    expect(await find('IMAGE', { SOPInstanceUID: '1.2.1', AvailableTransferSyntaxUID: '' })).toMatchObject([
      { AvailableTransferSyntaxUID: EXPLICIT, SOPClassUID: SR, Modality: 'SR' },
    ]);
  });

  test('can return instances', async () => {
    const instances = (level: Level, identifier: UntypedDataSet) => all(index.instances({ level, identifier }));
    expect((await instances('PATIENT', { PatientID: '42' })).map(({ sopInstance }) => sopInstance)).toEqual([
      '1.1.1',
      '1.1.2',
      '1.2.1',
      '2.1.1',
    ]);
    expect(await instances('IMAGE', { SOPInstanceUID: '1.2.1' })).toEqual([
      { study: '1', series: '1.2', sopInstance: '1.2.1', sopClass: SR, transferSyntax: EXPLICIT, length: 1000 },
    ]);
    expect(await instances('SERIES', { SeriesInstanceUID: '9' })).toEqual([]);
    expect(await index.locate('3.1.1')).toMatchObject([{ study: '3', series: '3.1' }]);
    expect(await index.locate('3.1.9')).toEqual([]);
  });
});

test('finds more than one page, each entity once', async () => {
  for (let number = 1; number <= 450; number++) await add(`1/${1 + (number % 3)}/${number}`);
  const found = await find('IMAGE', {});
  expect(new Set(found.map(({ SOPInstanceUID }) => SOPInstanceUID)).size).toBe(450);
  expect(found).toHaveLength(450);
  expect(await all(index.instances({ level: 'STUDY', identifier: {} }))).toHaveLength(450);
});

test('does not change an existing entry', async () => {
  await add('1/1.1/1.1.1', { PatientID: '42', InstanceNumber: 1 });
  await add('1/1.1/1.1.1', { PatientID: '43', InstanceNumber: 2 });
  expect(await find('IMAGE', {})).toMatchObject([{ PatientID: '42', InstanceNumber: 1 }]);
  expect(await index.counts()).toEqual({ studies: 1, series: 1, instances: 1 });
});

test('distinguishes patients without an identifier by name and date of birth', async () => {
  await add('1/1/1', { PatientName: 'Doe^Jane' });
  await add('2/2/2', { PatientName: 'Doe^John' });
  await add('3/3/3', { PatientName: 'Doe^John' });
  await add('4/4/4', { PatientName: 'Doe^John', PatientBirthDate: '20000101' });
  await add('5/5/5', { PatientID: '1', IssuerOfPatientID: 'A' });
  await add('6/6/6', { PatientID: '1', IssuerOfPatientID: 'B' });
  expect(await find('PATIENT', {})).toHaveLength(5);
});

test('keeps data sets without UIDs', async () => {
  await index.add(
    { study: '', series: '', sopInstance: '1', sopClass: CT, transferSyntax: EXPLICIT, length: null },
    {},
  );
  expect(await find('IMAGE', {})).toEqual([{ SOPInstanceUID: '1', SOPClassUID: CT }]);
  expect(await all(index.series())).toMatchObject([{ study: '', series: '' }]);
});

test('removes an instance and the entities that are empty then', async () => {
  await fill();
  await index.remove({ study: '1', series: '1.2', sopInstance: '1.2.1' });
  expect(await index.counts()).toEqual({ studies: 3, series: 3, instances: 5 });
  await index.remove({ study: '2', series: '2.1', sopInstance: '2.1.1' });
  await index.remove({ study: '3', series: '3.1', sopInstance: '3.1.1' });
  expect(await index.sopInstancesOf({ study: '3', series: '3.1' })).toEqual(new Set(['3.1.2']));
  await index.remove({ study: '3', series: '3.1', sopInstance: '3.1.2' });
  expect(await index.counts()).toEqual({ studies: 1, series: 1, instances: 2 });
  expect((await find('PATIENT', {})).map(({ PatientID }) => PatientID)).toEqual(['42']);
  await add('3/3.1/3.1.1');
  expect(await index.counts()).toEqual({ studies: 2, series: 2, instances: 3 });
});

describe('a long search', () => {
  beforeEach(async () => {
    for (let number = 1; number <= 2000; number++) await add(`1/1.1/${number}`, { PatientID: '42' });
  });

  test('lets other work run although nothing matches', async () => {
    let turns = 0;
    const turn = setInterval(() => turns++);
    expect(await find('IMAGE', { ImageType: 'NONE' })).toEqual([]);
    clearInterval(turn);
    expect(turns).toBeGreaterThan(0);
  });

  test('ends soon after it was cancelled', async () => {
    const cancelled = new AbortController();
    const cancel = new Error('cancelled');
    setImmediate(() => cancelled.abort(cancel));
    const query: ArchiveQuery = { level: 'IMAGE', identifier: { ImageType: 'NONE' } };
    await expect(all(index.find(query, cancelled.signal))).rejects.toMatchObject({ name: 'AbortError', cause: cancel });
    await expect(all(index.instances(query, cancelled.signal))).rejects.toThrow();
  });

  test('can have very many UIDs', async () => {
    const uids = Array.from({ length: 40_000 }, (_, number) => `${number * 2}`);
    expect(await all(index.instances({ level: 'IMAGE', identifier: { SOPInstanceUID: uids } }))).toHaveLength(1000);
  });
});

test.each<[string, UntypedDataSet]>([
  ['an endless pattern', { AccessionNumber: 'A*'.repeat(40_000) }],
  ['very many patterns', { AccessionNumber: Array.from({ length: 64 }, (_, number) => `${number}*`) }],
  ['an endless name', { PatientName: 'x'.repeat(60_000) }],
  ['an SQL statement', { PatientID: "' or 1=1; drop table instance; --" }],
  ['the special characters of SQL patterns', { PatientID: '%', PatientName: '_%\\' }],
  ['a backslash and a wildcard', { AccessionNumber: '\\*' }],
])('treats %s as an ordinary key', async (_, identifier) => {
  await fill();
  expect(await find('STUDY', identifier)).toEqual([]);
  expect(await find('STUDY', {})).toHaveLength(3);
});

test('refuses more patterns than attribute matching compares', async () => {
  await fill();
  const patterns = Array.from({ length: 2000 }, (_, number) => `${number}*`);
  await expect(find('STUDY', { AccessionNumber: patterns })).rejects.toMatchObject({ code: 'DATA_SET_LIMIT' });
});

test('accepts lists of dates and names, which the standard does not define', async () => {
  await fill();
  expect(await find('STUDY', { StudyDate: ['20200101', '20220101'] })).toHaveLength(2);
  expect(await find('STUDY', { PatientName: ['Doe*', 'Yamada*'] })).toHaveLength(3);
});

test.each(['*^*', '*^*^*', '^*', '* ^ *', '^', '*'])(
  'finds empty names by a name of delimiters and asterisks: %s',
  async (key) => {
    await fill();
    await add('4/4.1/4.1.1', { PatientID: '8', PatientName: '' });
    expect(await find('STUDY', { PatientName: key })).toHaveLength(4);
  },
);

test('accepts a new instance during a query', async () => {
  await fill();
  const found: unknown[] = [];
  for await (const { SOPInstanceUID } of index.find({ level: 'IMAGE', identifier: {} })) {
    found.push(SOPInstanceUID);
    if (found.length === 1) await add('9/9/9');
  }
  expect(found.length).toBeGreaterThanOrEqual(6);
});

describe('the file', () => {
  test('can be synced to disk with every entry', async () => {
    await using safe = await openSqlArchiveIndex(join(folder, 'safe.db'), { fsync: true });
    await safe.add(
      { study: '1', series: '2', sopInstance: '3', sopClass: CT, transferSyntax: EXPLICIT, length: null },
      {},
    );
    expect(await safe.counts()).toEqual({ studies: 1, series: 1, instances: 1 });
  });

  test('is refused if it is in use', async () => {
    await expect(openSqlArchiveIndex(path(), { fsync: false })).rejects.toMatchObject({
      name: 'DatabaseError',
      message: `the index ${path()} is in use by another process`,
    });
  });

  test('is refused with a remedy if it is damaged', async () => {
    const other = join(folder, 'other.db');
    writeFileSync(other, 'this is not a database '.repeat(100));
    await expect(openSqlArchiveIndex(other, { fsync: false })).rejects.toThrow(/damaged.*--reindex/);
    await fill();
    await index[Symbol.asyncDispose]();
    truncateSync(path(), 5000);
    await expect(openSqlArchiveIndex(path(), { fsync: false })).rejects.toThrow(/damaged.*--reindex/);
    rmSync(path());
    index = await openSqlArchiveIndex(path(), { fsync: false });
  });

  test('is refused with a remedy if it was made by a newer version', async () => {
    await index[Symbol.asyncDispose]();
    const database = new Database(path());
    database.prepare("insert into kysely_migration values ('999-later', '2030-01-01T00:00:00Z')").run();
    database.close();
    await expect(openSqlArchiveIndex(path(), { fsync: false })).rejects.toThrow(/newer version.*999-later.*--reindex/);
    rmSync(path());
    index = await openSqlArchiveIndex(path(), { fsync: false });
  });

  test('that cannot be created is reported', async () => {
    await expect(openSqlArchiveIndex(join(folder, 'none', 'index.db'), { fsync: false })).rejects.toThrow();
  });

  test('can be read by other programs', async () => {
    await fill();
    await index[Symbol.asyncDispose]();
    const database = new Database(path());
    expect(database.prepare('select count(*) as count from instance').get()).toMatchObject({ count: 6 });
    expect(database.pragma('integrity_check')).toMatchObject([{ integrity_check: 'ok' }]);
    database.close();
  });
});
