import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UntypedDataSet } from '@x/dimse';
import Database from 'libsql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ArchiveIndex, Level } from './archive-index.ts';
import { ROWS_AT_ONCE } from './row-steps.ts';
import { openSqlArchiveIndex } from './sql-archive-index.ts';

const INSTANCES = Number(process.env.ARCHIVE_INDEX_ROWS ?? 20_000);
const INSTANCES_OF_SERIES = 4000;

let folder: string;
let index: ArchiveIndex;
const steps: number[] = [];

// Two series in each study, two studies of each patient, so that one patient has 16,000 instances.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'row-steps-'));
  const path = join(folder, 'index.db');
  await (await openSqlArchiveIndex(path, { fsync: false }))[Symbol.asyncDispose]();
  const database = new Database(path);
  const numbers = (count: number) =>
    `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})`;
  const series = Math.ceil(INSTANCES / INSTANCES_OF_SERIES);
  database.exec(`${numbers(Math.ceil(series / 4))} insert into patient (id, patient_key, patient_id, patient_name, attributes)
    select n, 'P' || n, 'P' || n, 'doe^' || n, json_object('PatientID', 'P' || n, 'PatientName', 'Doe^' || n) from numbers`);
  database.exec(`${numbers(Math.ceil(series / 2))} insert into study (id, patient, study_instance_uid, study_date,
    accession_number, attributes) select n, (n + 1) / 2, '1.' || n, '20200101', '', json_object('StudyInstanceUID', '1.' || n)
    from numbers`);
  database.exec(`${numbers(series)} insert into series (id, study, series_instance_uid, modality, attributes)
    select n, (n + 1) / 2, '1.2.' || n, iif(n % 2, 'CT', 'MR'), json_object('SeriesInstanceUID', '1.2.' || n) from numbers`);
  database.exec(`${numbers(INSTANCES)} insert into instance (id, series, sop_instance_uid, sop_class_uid,
    transfer_syntax_uid, attributes) select n, (n - 1) / ${INSTANCES_OF_SERIES} + 1, '1.2.3.' || n, '1.2.840.' || (n % 2),
    '1.2.840.10008.1.2', json_object('SOPInstanceUID', '1.2.3.' || n, 'InstanceNumber', n) from numbers`);
  database.exec(`insert into patient_text (id, text) select id, patient_id || char(10) || patient_name from patient;
    insert into series_text (id, text) select id, modality from series;
    insert into instance_text (id, text) select id, 'comment ' || id from instance`);
  database.close();
  index = await openSqlArchiveIndex(path, { fsync: false, onStep: (rows) => steps.push(rows) });
}, 120_000);
afterAll(async () => {
  await index[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  steps.length = 0;
});

/** Counts the turns of the event loop that other work has meanwhile. */
async function turnsDuring(work: () => Promise<void>): Promise<number> {
  let turns = 0;
  let isRunning = true;
  const turn = () => {
    turns++;
    if (isRunning) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isRunning = false;
  return turns;
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const value of values) found.push(value);
  return found;
}

// A step ends when the rows of the last part are counted, so it may exceed the number by one part.
const MOST_ROWS = 2 * ROWS_AT_ONCE;

test.each<[Level, UntypedDataSet, number]>([
  ['IMAGE', { InstanceNumber: '0' }, 0],
  ['IMAGE', { PatientBirthDate: '19000101' }, 0],
  ['IMAGE', { ImageComments: '*no such comment*' }, 0],
  ['IMAGE', { ImageComments: '*comment 7*' }, 0],
  ['IMAGE', { SOPClassUID: '1.2.840.9' }, 0],
  ['IMAGE', { PatientID: 'P1', Modality: 'US' }, 0],
  ['IMAGE', { StudyDate: '20200101-', SOPClassUID: '1.2.840.9' }, 0],
])('a query at level %s for %j visits the rows in steps', async (level, identifier, expected) => {
  let found = 0;
  const turns = await turnsDuring(async () => {
    found = (await all(index.find({ level, identifier }))).length;
  });
  expect(found).toBe(expected);
  expect(Math.max(...steps)).toBeLessThanOrEqual(MOST_ROWS);
  expect(turns).toBeGreaterThanOrEqual(steps.length);
  expect(steps.length).toBeGreaterThanOrEqual(Math.min(INSTANCES, 16_000) / MOST_ROWS);
});

test('counts and lists what is below an entity in steps', async () => {
  const identifier = {
    PatientID: 'P1',
    StudyInstanceUID: '1.1',
    NumberOfPatientRelatedInstances: '',
    NumberOfStudyRelatedInstances: '',
    SOPClassesInStudy: '',
    ModalitiesInStudy: '',
  };
  expect(await all(index.find({ level: 'STUDY', identifier }))).toMatchObject([
    {
      NumberOfPatientRelatedInstances: 4 * INSTANCES_OF_SERIES,
      NumberOfStudyRelatedInstances: 2 * INSTANCES_OF_SERIES,
      SOPClassesInStudy: ['1.2.840.1', '1.2.840.0'],
      ModalitiesInStudy: ['CT', 'MR'],
    },
  ]);
  expect(Math.max(...steps)).toBeLessThanOrEqual(MOST_ROWS);
  expect(steps.length).toBeGreaterThanOrEqual((8 * INSTANCES_OF_SERIES) / MOST_ROWS);
});

test('gives the instances of a patient in the order in which they were entered, in steps', async () => {
  const found = await all(index.instances({ level: 'PATIENT', identifier: { PatientID: 'P1' } }));
  expect(found.map(({ sopInstance }) => sopInstance)).toEqual(
    Array.from({ length: 4 * INSTANCES_OF_SERIES }, (_, at) => `1.2.3.${at + 1}`),
  );
  expect(Math.max(...steps)).toBeLessThanOrEqual(MOST_ROWS);
  expect(steps.length).toBeGreaterThanOrEqual((8 * INSTANCES_OF_SERIES) / MOST_ROWS);
});

test('answers all entities in the order in which they were entered, with turns among the answers of a page', async () => {
  const turns = await turnsDuring(async () => {
    const found = await all(index.find({ level: 'IMAGE', identifier: { PatientName: 'doe*' } }));
    expect(found.map(({ InstanceNumber }) => InstanceNumber)).toEqual(
      Array.from({ length: INSTANCES }, (_, at) => at + 1),
    );
  });
  expect(turns).toBeGreaterThanOrEqual(INSTANCES / 100);
});

test('counts the instances of a retrieval in steps', async () => {
  const count = (level: Level, identifier: UntypedDataSet) => index.countInstances({ level, identifier });
  expect(await count('PATIENT', { PatientID: 'P1' })).toBe(4 * INSTANCES_OF_SERIES);
  expect(Math.max(...steps)).toBeLessThanOrEqual(MOST_ROWS);
  expect(steps.length).toBeGreaterThanOrEqual((4 * INSTANCES_OF_SERIES) / MOST_ROWS);
  expect(await count('SERIES', { SeriesInstanceUID: ['1.2.1', '1.2.2'] })).toBe(2 * INSTANCES_OF_SERIES);
  expect(await count('IMAGE', { SOPInstanceUID: ['1.2.3.1', '1.2.3.0'] })).toBe(1);
});

test('visits few rows if texts select few', async () => {
  expect(await all(index.find({ level: 'IMAGE', identifier: { PatientName: 'nobody*' } }))).toEqual([]);
  expect(await all(index.find({ level: 'SERIES', identifier: { PatientName: 'doe^1*' } }))).toHaveLength(4);
  expect(steps).toEqual([]);
});

test('visits few rows if an index selects few', async () => {
  const identifier = { PatientID: 'P1', StudyInstanceUID: '1.1', SOPInstanceUID: '1.2.3.17' };
  expect(await all(index.find({ level: 'IMAGE', identifier }))).toMatchObject([{ InstanceNumber: 17 }]);
  expect(steps).toEqual([]);
});

test('looks up the values of a long list in steps, even if none is in the index', async () => {
  const SOPInstanceUID = Array.from({ length: 20_000 }, (_, at) => `1.9.${at}`);
  const turns = await turnsDuring(async () => {
    expect(await all(index.find({ level: 'IMAGE', identifier: { SOPInstanceUID } }))).toEqual([]);
  });
  expect(Math.max(...steps)).toBeLessThanOrEqual(MOST_ROWS);
  expect(steps.length).toBeGreaterThanOrEqual(20_000 / MOST_ROWS);
  expect(turns).toBeGreaterThanOrEqual(steps.length);
});

test('compares dates in the time zone of a query in steps, because no index selects them', async () => {
  const identifier = { StudyDate: '20200101', SeriesInstanceUID: '', TimezoneOffsetFromUTC: '+0100' };
  await all(index.find({ level: 'IMAGE', identifier, timezone: true }));
  expect(Math.max(...steps)).toBeLessThanOrEqual(MOST_ROWS);
  expect(steps.length).toBeGreaterThanOrEqual(INSTANCES / MOST_ROWS);
});

test('counts rows in steps, and counts none of them again', async () => {
  const expected = { series: Math.ceil(INSTANCES / INSTANCES_OF_SERIES), instances: INSTANCES };
  expect(await index.counts()).toMatchObject(expected);
  expect(Math.max(...steps)).toBeLessThanOrEqual(MOST_ROWS);
  expect(steps.length).toBeGreaterThanOrEqual(INSTANCES / MOST_ROWS);
  steps.length = 0;
  expect(await index.counts()).toMatchObject(expected);
  expect(steps).toEqual([]);
});
