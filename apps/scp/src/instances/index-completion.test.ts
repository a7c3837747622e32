import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { encodeDataSet, SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { makeEarlier } from '../../test/earlier-index.ts';
import type { ArchiveQuery } from './archive-index/archive-index.ts';
import { TEXTS } from './archive-index/completion.ts';
import { INDEXED_ATTRIBUTES, type IndexedAttribute } from './archive-index/indexed-attributes.ts';
import { type InstanceArchive, openInstanceArchive } from './instance-archive.ts';

/** The table of a later version: new attributes of each level, and a column for one that was kept without. */
const MORE: readonly IndexedAttribute[] = [
  ...INDEXED_ATTRIBUTES.map((row) => (row.keyword === 'StudyDescription' ? { ...row, column: 'text' as const } : row)),
  { level: 'PATIENT', keyword: 'PatientMotherBirthName', column: 'name' },
  { level: 'STUDY', keyword: 'ReasonForStudy' },
  { level: 'SERIES', keyword: 'SeriesType', column: 'text' },
  { level: 'IMAGE', keyword: 'IrradiationEventUID', column: 'uid' },
];

const PRESENT = { fsync: false, reindex: false };
const LATER = { ...PRESENT, attributes: MORE };
const INSTANCES = 50;

let folder: string;
let archive: InstanceArchive | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'index-completion-'));
  await reopen(PRESENT);
  for (let number = 1; number <= INSTANCES; number++) await keep(number);
});
afterEach(async () => {
  await archive?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function reopen(options: Parameters<typeof openInstanceArchive>[1]): Promise<InstanceArchive> {
  await archive?.[Symbol.asyncDispose]();
  archive = undefined;
  archive = await openInstanceArchive(folder, options);
  await archive.compare();
  return archive;
}

async function keep(number: number): Promise<void> {
  const study = 1 + (number % 2);
  const dataSet = {
    SOPClassUID: SopClass.CTImageStorage,
    SOPInstanceUID: `1.2.3.${number}`,
    StudyInstanceUID: `1.2.${study}`,
    SeriesInstanceUID: `1.2.${study}.1`,
    PatientID: '42',
    StudyDescription: `Study ${study}`,
    PatientMotherBirthName: 'Smith^Ann',
    ReasonForStudy: `reason ${study}`,
    SeriesType: ['STATIC', 'IMAGE'],
    IrradiationEventUID: `1.2.9.${number}`,
  };
  const description = {
    sopClass: SopClass.CTImageStorage,
    sopInstance: dataSet.SOPInstanceUID,
    transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
    sourceAeTitle: 'SCU',
  };
  await archive?.keep(description, arriving(encodeDataSet(dataSet, TransferSyntax.ExplicitVRLittleEndian)));
}

const QUERIES: readonly (readonly [ArchiveQuery, number])[] = [
  [{ level: 'PATIENT', identifier: { PatientMotherBirthName: 'smith*' } }, 1],
  [{ level: 'PATIENT', identifier: { PatientMotherBirthName: 'jones*' } }, 0],
  [{ level: 'STUDY', identifier: { ReasonForStudy: 'reason 2' } }, 1],
  [{ level: 'STUDY', identifier: { StudyDescription: 'Study 1' } }, 1],
  [{ level: 'SERIES', identifier: { SeriesType: 'STATIC', ReasonForStudy: 'reason ?' } }, 2],
  [{ level: 'IMAGE', identifier: { IrradiationEventUID: ['1.2.9.7', '1.2.9.49', '1.2.9.99'] } }, 2],
];

async function found(query: ArchiveQuery): Promise<UntypedDataSet[]> {
  const entities: UntypedDataSet[] = [];
  for await (const entity of archive?.index.find(query) ?? []) entities.push(entity);
  return entities;
}

async function expectAllFound(): Promise<void> {
  for (const [{ level, identifier }, count] of QUERIES)
    expect([identifier, (await found({ level, identifier })).length]).toEqual([identifier, count]);
}

/** The values of a column. */
function column(table: string, name: string): unknown[] {
  const database = new Database(join(folder, 'index.db'));
  try {
    return database.prepare(`select ${name} as value from ${table} order by id`).pluck().all();
  } finally {
    database.close();
  }
}

describe('an index that a later version with more attributes opens', () => {
  test('answers queries for the new attributes before it is completed', async () => {
    const { index } = await reopen(LATER);
    expect(index.lacking).toEqual([
      ...['PatientMotherBirthName', 'ReasonForStudy', 'StudyDescription', 'SeriesType', 'IrradiationEventUID'],
    ]);
    await expectAllFound();
    const [study] = await found({ level: 'STUDY', identifier: { StudyInstanceUID: '1.2.1', ReasonForStudy: '' } });
    expect(study).toMatchObject({ ReasonForStudy: 'reason 1', StudyDescription: 'Study 1' });
  });

  test('is completed from the stored attributes and from the files', async () => {
    const { index } = await reopen(LATER);
    await archive?.completeIndex();
    expect(index.lacking).toEqual([]);
    await expectAllFound();
    await archive?.[Symbol.asyncDispose]();
    archive = undefined;
    expect(column('study', 'study_description').sort()).toEqual(['Study 1', 'Study 2']);
    expect(column('patient', 'patient_mother_birth_name')).toEqual(['smith^ann']);
    const events = Array.from({ length: INSTANCES }, (_, at) => `1.2.9.${at + 1}`);
    expect(column('instance', 'irradiation_event_uid')).toEqual(events);
    const { index: again } = await reopen(LATER);
    expect(again.lacking).toEqual([]);
    await expectAllFound();
  });

  test('takes instances while it is being completed', async () => {
    await reopen(LATER);
    const completed = archive?.completeIndex();
    await keep(51);
    await completed;
    expect(await found({ level: 'IMAGE', identifier: { IrradiationEventUID: '1.2.9.51' } })).toHaveLength(1);
    expect(await found({ level: 'IMAGE', identifier: {} })).toHaveLength(INSTANCES + 1);
  });

  test.each(['stopped', 'killed'] as const)('is completed further after the first run was %s', async (how) => {
    const { index } = await reopen(LATER);
    const completed = archive?.completeIndex();
    // The last level is being completed.
    while (index.lacking.length > 1) await setImmediate();
    // Without the end of the process, what it leaves is what its files are now.
    const left = mkdtempSync(join(tmpdir(), 'index-completion-'));
    if (how === 'killed') cpSync(folder, left, { recursive: true });
    await archive?.[Symbol.asyncDispose]();
    await completed;
    archive = undefined;
    if (how === 'killed') {
      rmSync(folder, { recursive: true });
      folder = left;
    } else rmSync(left, { recursive: true });
    const next = await reopen(LATER);
    expect(next.index.lacking).toEqual(['IrradiationEventUID']);
    await expectAllFound();
    await next.completeIndex();
    expect(next.index.lacking).toEqual([]);
    await expectAllFound();
  });

  test('is completed with the attributes of two later versions at once', async () => {
    await reopen({ ...PRESENT, attributes: MORE.filter(({ keyword }) => keyword !== 'ReasonForStudy') });
    const { index } = await reopen(LATER);
    expect(index.lacking).toContain('ReasonForStudy');
    expect(index.lacking).toContain('StudyDescription');
    await archive?.completeIndex();
    await expectAllFound();
  });

  test('is complete although files cannot be read', async () => {
    rmSync(join(folder, 'instances/1.2.1/1.2.1.1/1.2.3.50.dcm'));
    const { index } = await reopen(LATER);
    rmSync(join(folder, 'instances/1.2.1/1.2.1.1/1.2.3.48.dcm'));
    await archive?.completeIndex();
    expect(index.lacking).toEqual([]);
    expect(await found({ level: 'IMAGE', identifier: { IrradiationEventUID: '1.2.9.48' } })).toEqual([]);
    expect(await found({ level: 'IMAGE', identifier: { SOPInstanceUID: '1.2.3.48' } })).toHaveLength(1);
  });

  test('is rejected afterwards by the earlier version, which can rebuild it', async () => {
    await reopen(LATER);
    await archive?.[Symbol.asyncDispose]();
    archive = undefined;
    const path = join(folder, 'index.db');
    await expect(openInstanceArchive(folder, PRESENT)).rejects.toMatchObject({
      name: 'DatabaseError',
      message: `the index ${path} was made by a newer version, which has 'study.study_description text': start once with --reindex to rebuild it from the files`,
    });
    await reopen({ ...PRESENT, reindex: true });
    expect(await found({ level: 'IMAGE', identifier: {} })).toHaveLength(INSTANCES);
  });
});

test('an index that did not record its attributes yet needs only texts to be complete', async () => {
  await archive?.[Symbol.asyncDispose]();
  archive = undefined;
  const database = new Database(join(folder, 'index.db'));
  makeEarlier(database);
  database.exec('drop table indexed_attribute; drop table completion');
  database.prepare("delete from kysely_migration where name = '003-attribute-list'").run();
  database.close();
  const earlier = await reopen(PRESENT);
  expect(earlier.index.lacking).toEqual([TEXTS]);
  const identifier = { StudyDescription: '*dy 1' };
  expect(await found({ level: 'IMAGE', identifier })).toHaveLength(INSTANCES / 2);
  await earlier.completeIndex();
  expect(earlier.index.lacking).toEqual([]);
  expect(await found({ level: 'IMAGE', identifier })).toHaveLength(INSTANCES / 2);
  await earlier[Symbol.asyncDispose]();
  expect(column('study_text', 'text').sort()).toEqual(['Study 1', 'Study 2']);
  const { index: later } = await reopen(LATER);
  expect(later.lacking).toHaveLength(5);
  await expectAllFound();
});
