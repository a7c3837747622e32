import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataSet, decodeDataSet, encodeDataSet, encodeFileMetaInformation } from '@x/dimse';
import {
  CT_IMAGE_STORAGE,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN as IMPLICIT,
  syntheticDataSet,
} from '@x/testing/data-sets';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { arriving } from './arriving-data.ts';
import { type InstanceArchive, openInstanceArchive } from './instance-archive.ts';

let folder: string;
let archive: InstanceArchive;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'instance-archive-'));
  archive = await openInstanceArchive(folder, { fsync: false, reindex: false });
});
afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** What another start finds: a copy of the files in a folder of its own, where the index may be changed before. */
async function reopened(change: () => void = () => {}): Promise<InstanceArchive> {
  await archive[Symbol.asyncDispose]();
  change();
  archive = await openInstanceArchive(folder, { fsync: false, reindex: true });
  return archive;
}

const instance = (sopInstance: string) => ({
  sopClass: CT_IMAGE_STORAGE,
  sopInstance,
  transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
  sourceAeTitle: 'SCU',
});

function dataSet(sopInstance: string, attributes: DataSet = {}): Uint8Array {
  const identified = {
    SOPClassUID: CT_IMAGE_STORAGE,
    SOPInstanceUID: sopInstance,
    StudyInstanceUID: '1',
    SeriesInstanceUID: '1.1',
    ...attributes,
  };
  return encodeDataSet(identified, EXPLICIT_VR_LITTLE_ENDIAN);
}

const keep = (sopInstance: string, attributes?: DataSet) =>
  archive.keep(instance(sopInstance), arriving(dataSet(sopInstance, attributes)));

async function found(): Promise<unknown[]> {
  const entities: unknown[] = [];
  for await (const { SOPInstanceUID, PatientID } of archive.index.find({ level: 'IMAGE', identifier: {} }))
    entities.push([SOPInstanceUID, PatientID]);
  return entities.sort();
}

function put(path: string, bytes: Uint8Array): void {
  const target = join(folder, 'instances', path);
  mkdirSync(join(target, '..'), { recursive: true });
  writeFileSync(target, bytes);
}

const part10 = (sopInstance: string, attributes?: DataSet) =>
  Buffer.concat([encodeFileMetaInformation(instance(sopInstance)), dataSet(sopInstance, attributes)]);

test('what is kept can be found and opened', async () => {
  await keep('1.1.1', { PatientID: '42' });
  expect(await found()).toEqual([['1.1.1', '42']]);
  const [located] = await archive.index.locate('1.1.1');
  expect(located).toMatchObject({ study: '1', series: '1.1', sopClass: CT_IMAGE_STORAGE });
  await using file = await archive.open(located as NonNullable<typeof located>);
  expect(file.sopInstance).toBe('1.1.1');
});

test('the same otherwise encoded is entered as it was kept', async () => {
  await keep('1.1.1', { PatientID: '42' });
  const [before] = await archive.index.locate('1.1.1');
  const bytes = encodeDataSet(
    decodeDataSet(dataSet('1.1.1', { PatientID: 'other' }), EXPLICIT_VR_LITTLE_ENDIAN),
    IMPLICIT,
  );
  const again = () => archive.keep({ ...instance('1.1.1'), transferSyntax: IMPLICIT }, arriving(bytes));
  expect((await again()).isDuplicate).toBe(true);
  expect(await archive.index.locate('1.1.1')).toEqual([before]);
  // As when the first one has its file, and is not entered yet.
  await archive.index.remove({ study: '1', series: '1.1', sopInstance: '1.1.1' });
  await again();
  expect(await archive.index.locate('1.1.1')).toEqual([before]);
  expect(await found()).toEqual([['1.1.1', '42']]);
});

test('the same again is kept once', async () => {
  expect(await keep('1.1.1', { PatientID: '42' })).toMatchObject({ isDuplicate: false });
  expect(await keep('1.1.1', { PatientID: '43' })).toMatchObject({ isDuplicate: true });
  expect(await found()).toEqual([['1.1.1', '42']]);
});

test('the index is made anew from the files', async () => {
  await keep('1.1.1', { PatientID: '42' });
  await keep('1.1.2', { PatientID: '42' });
  const { reconciliation } = await reopened();
  expect(reconciliation).toEqual({ added: 2, removed: 0, unreadable: [] });
  expect(await found()).toEqual([
    ['1.1.1', '42'],
    ['1.1.2', '42'],
  ]);
});

test('files that are no instances are told, and left alone', async () => {
  const { reconciliation } = await reopened(() => {
    put('1/1.1/1.1.1.dcm', part10('1.1.1', { PatientID: '7' }));
    put('1/1.1/1.1.2.dcm', Buffer.from('no instance'));
    put('1/1.1/1.1.3.dcm', Buffer.concat([encodeFileMetaInformation(instance('1.1.3')), Buffer.alloc(40, 0xff)]));
    put('1/1.1/notes.txt', Buffer.from('none either'));
    put('stray.txt', Buffer.from('nor this'));
    put(
      'unknown-study/unknown-series/9.9.dcm',
      Buffer.concat([
        encodeFileMetaInformation(instance('9.9')),
        syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance: '9.9' }),
      ]),
    );
  });
  expect(reconciliation.added).toBe(2);
  expect(reconciliation.unreadable.map(({ sopInstance }) => sopInstance).sort()).toEqual(['1.1.2', '1.1.3']);
  expect(await archive.index.locate('9.9')).toMatchObject([{ study: '', series: '' }]);
});

test('a second process is refused before it touches anything', async () => {
  put('../incoming/1.part', Buffer.from('under way'));
  await expect(openInstanceArchive(folder, { fsync: false, reindex: false })).rejects.toThrow(/in use/);
  rmSync(join(folder, 'incoming', '1.part'));
});
