import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeDataSet, encodeDataSet, type UntypedDataSet } from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import {
  CT_IMAGE_STORAGE,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN as IMPLICIT,
  syntheticDataSet,
} from '@x/testing/data-sets';
import Database from 'libsql';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { isSharedWorld, openArchive } from '../../test/world.ts';
import type { IndexedInstance } from './archive-index/archive-index.ts';
import { type InstanceArchive, openInstanceArchive } from './instance-archive.ts';

let folder: string;
let archive: InstanceArchive;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'instance-archive-'));
  archive = await openArchive(folder, { fsync: false, reindex: false });
});
afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Opens the archive again with --reindex, after a change of its files. */
async function reopened(change: () => void = () => {}): Promise<InstanceArchive> {
  await archive[Symbol.asyncDispose]();
  change();
  archive = await openInstanceArchive(folder, { fsync: false, reindex: true });
  await archive.compare();
  return archive;
}

const instance = (sopInstance: string) => ({
  sopClass: CT_IMAGE_STORAGE,
  sopInstance,
  transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
  sourceAeTitle: 'SCU',
});

function dataSet(sopInstance: string, attributes: UntypedDataSet = {}): Uint8Array {
  const identified = {
    SOPClassUID: CT_IMAGE_STORAGE,
    SOPInstanceUID: sopInstance,
    StudyInstanceUID: '1',
    SeriesInstanceUID: '1.1',
    ...attributes,
  };
  return encodeDataSet(identified, EXPLICIT_VR_LITTLE_ENDIAN);
}

const keep = (sopInstance: string, attributes?: UntypedDataSet) =>
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

const part10 = (sopInstance: string, attributes?: UntypedDataSet) =>
  Buffer.concat([encodeFileMetaInformation(instance(sopInstance)), dataSet(sopInstance, attributes)]);

test('finds and opens an instance that was kept', async () => {
  await keep('1.1.1', { PatientID: '42' });
  expect(await found()).toEqual([['1.1.1', '42']]);
  const [located] = await archive.index.locate('1.1.1');
  expect(located).toMatchObject({ study: '1', series: '1.1', sopClass: CT_IMAGE_STORAGE });
  await using file = await archive.open(located as NonNullable<typeof located>);
  expect(file.sopInstance).toBe('1.1.1');
});

test.skipIf(isSharedWorld)('enters the kept file if a duplicate is encoded differently', async () => {
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

test.skipIf(isSharedWorld)(
  'does not start if all files are missing, keeps the index, and empties it only with --reindex',
  async () => {
    await keep('1.1.1', { PatientID: '42' });
    await archive[Symbol.asyncDispose]();
    const [instances, away] = [join(folder, 'instances'), join(folder, 'away')];
    renameSync(instances, away);
    const start = () => openInstanceArchive(folder, { fsync: false, reindex: false });
    // Without the folder, as before it exists, and with an empty one, as a mount point has it.
    for (let attempt = 0; attempt < 2; attempt++)
      await expect(start()).rejects.toMatchObject({ message: expect.stringContaining(`but ${instances} has none`) });
    rmSync(instances, { recursive: true });
    renameSync(away, instances);
    archive = await start();
    expect(await found()).toEqual([['1.1.1', '42']]);
    expect(await archive.compare()).toEqual({ added: 0, removed: 0, unreadable: [] });
    await reopened(() => rmSync(instances, { recursive: true }));
    expect(await found()).toEqual([]);
  },
);

test('keeps a duplicate once', async () => {
  expect(await keep('1.1.1', { PatientID: '42' })).toMatchObject({ isDuplicate: false });
  expect(await keep('1.1.1', { PatientID: '43' })).toMatchObject({ isDuplicate: true });
  expect(await found()).toEqual([['1.1.1', '42']]);
});

test.skipIf(isSharedWorld)('replaces a damaged file when the instance is sent again', async () => {
  await keep('1.1.1', { PatientID: '42', PatientComments: 'long'.repeat(100) });
  await reopened(() => put('1/1.1/1.1.1.dcm', part10('1.1.1').subarray(0, -10)));
  expect(await found()).toEqual([]);
  expect(await keep('1.1.1', { PatientID: '43' })).toMatchObject({ isDuplicate: false, isReplacement: true });
  expect(await found()).toEqual([['1.1.1', '43']]);
  // Damaged while it is in the index: the new file is entered.
  put('1/1.1/1.1.1.dcm', new Uint8Array());
  await keep('1.1.1', { PatientID: '44', StudyDescription: 'of another length' });
  const [located] = await archive.index.locate('1.1.1');
  await using file = await archive.open(located as NonNullable<typeof located>);
  expect(file.dataSet.length).toBe(located?.length);
});

test.skipIf(isSharedWorld)('does not open a file that was truncated later', async () => {
  await keep('1.1.1', { PatientComments: 'x'.repeat(1000) });
  const [located] = (await archive.index.locate('1.1.1')) as [IndexedInstance];
  put('1/1.1/1.1.1.dcm', part10('1.1.1'));
  await expect(archive.open(located)).rejects.toThrow(/its file has \d+ bytes of data, \d+ were stored/);
  rmSync(join(folder, 'instances/1/1.1/1.1.1.dcm'));
  await expect(archive.open(located)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('keeps the same instance in another study as another file and finds both', async () => {
  await keep('1.1.1');
  expect(await keep('1.1.1', { StudyInstanceUID: '2', SeriesInstanceUID: '2.1' })).toMatchObject({
    isDuplicate: false,
  });
  expect(await archive.index.locate('1.1.1')).toMatchObject([{ study: '1' }, { study: '2' }]);
});

test('keeps one of twenty simultaneous instances with the same UID and enters its file', async () => {
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, number) => keep('1.1.1', { PatientID: `${number}`, StudyID: 'x'.repeat(number) })),
  );
  expect(all.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(1);
  const [located, ...others] = await archive.index.locate('1.1.1');
  expect(others).toEqual([]);
  await using file = await archive.open(located as NonNullable<typeof located>);
  expect(file.dataSet.length).toBe(located?.length);
  expect(await found()).toEqual([['1.1.1', (await file.attributes([0x00100020])).PatientID]]);
});

test.skipIf(isSharedWorld)(
  'refuses an instance that cannot be entered, and enters its file at the next start',
  async () => {
    const { index } = archive;
    const add = vi.spyOn(index, 'add').mockRejectedValue(Object.assign(new Error('I/O'), { code: 'SQLITE_IOERR' }));
    await expect(keep('1.1.1', { PatientID: '42' })).rejects.toThrow('I/O');
    add.mockRejectedValue(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }));
    await expect(keep('1.1.1', { PatientID: '42' })).rejects.toMatchObject({ status: 0xa700 });
    add.mockRestore();
    expect(await found()).toEqual([]);
    await archive[Symbol.asyncDispose]();
    archive = await openInstanceArchive(folder, { fsync: false, reindex: false });
    expect(await archive.compare()).toEqual({ added: 1, removed: 0, unreadable: [] });
    expect(await found()).toEqual([['1.1.1', '42']]);
  },
);

test('keeps an instance with 64-bit integers in place of text', async () => {
  const number = Buffer.from('20001300535600000800000001000000000020ff', 'hex');
  const bytes = Buffer.concat([dataSet('1.1.1'), number]);
  await archive.keep(instance('1.1.1'), arriving(bytes));
  expect(await found()).toEqual([['1.1.1', undefined]]);
  if (isSharedWorld) return;
  expect(await (await reopened()).compare()).toEqual({ added: 1, removed: 0, unreadable: [] });
});

test('does not assign instances without a study to another patient', async () => {
  const bytes = (sopInstance: string, PatientID: string) =>
    encodeDataSet({ SOPClassUID: CT_IMAGE_STORAGE, SOPInstanceUID: sopInstance, PatientID }, EXPLICIT_VR_LITTLE_ENDIAN);
  for (const [sopInstance, patient] of [
    ['9.1', 'A'],
    ['9.2', 'B'],
  ] as const)
    await archive.keep(instance(sopInstance), arriving(bytes(sopInstance, patient)));
  expect(await found()).toEqual([
    ['9.1', undefined],
    ['9.2', undefined],
  ]);
});

test.skipIf(isSharedWorld)('rebuilds the index from the files', async () => {
  await keep('1.1.1', { PatientID: '42' });
  await keep('1.1.2', { PatientID: '42' });
  const reconciliation = await (await reopened()).compare();
  expect(reconciliation).toEqual({ added: 2, removed: 0, unreadable: [] });
  expect(await found()).toEqual([
    ['1.1.1', '42'],
    ['1.1.2', '42'],
  ]);
});

test.skipIf(isSharedWorld)('reports files that are not instances and leaves them in place', async () => {
  await reopened(() => {
    put('1/1.1/1.1.1.dcm', part10('1.1.1', { PatientID: '7' }));
    put('1/1.1/1.1.2.dcm', Buffer.from('no instance'));
    put('1/1.1/1.1.3.dcm', Buffer.concat([encodeFileMetaInformation(instance('1.1.3')), Buffer.alloc(40, 0xff)]));
    put('1/1.1/1.1.4.dcm', part10('1.1.5'));
    mkdirSync(join(folder, 'instances/1/1.1/1.1.6.dcm'));
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
  const reconciliation = await archive.compare();
  expect(reconciliation.added).toBe(2);
  const reasons = reconciliation.unreadable.map(({ sopInstance, why }) => `${sopInstance}: ${why}`).sort();
  expect(reasons).toEqual([
    expect.stringMatching(/^1\.1\.2: .*not a DICOM file/),
    expect.stringMatching(/^1\.1\.3: ./),
    '1.1.4: it has the instance 1.1.5',
    expect.stringMatching(/^1\.1\.6: .*it is a folder/),
  ]);
  expect(await archive.index.locate('9.9')).toMatchObject([{ study: '', series: '' }]);
});

test.skipIf(isSharedWorld).each([false, true])(
  'refuses a second process before it changes anything (reindex %s)',
  async (reindex) => {
    await keep('1.1.1', { PatientID: '42' });
    put('../incoming/1.part', Buffer.from('under way'));
    await expect(openInstanceArchive(folder, { fsync: false, reindex })).rejects.toThrow(/in use/);
    rmSync(join(folder, 'incoming', '1.part'));
    expect(await found()).toEqual([['1.1.1', '42']]);
  },
);

test.skipIf(isSharedWorld)('rebuilds a damaged or newer index on request', async () => {
  await keep('1.1.1', { PatientID: '42' });
  const path = join(folder, 'index.db');
  for (const spoil of [
    () => writeFileSync(path, randomBytes(50_000)),
    () => truncateSync(path, 5000),
    () => overwriteMiddle(path),
    () => {
      const database = new Database(path);
      database.prepare("insert into kysely_migration values ('999-later', '2030-01-01T00:00:00Z')").run();
      database.close();
    },
  ]) {
    expect(await (await reopened(spoil)).compare()).toEqual({ added: 1, removed: 0, unreadable: [] });
    expect(await found()).toEqual([['1.1.1', '42']]);
  }
});

test.skipIf(isSharedWorld)('an index that is damaged further inside is told with what to do', async () => {
  await keep('1.1.1');
  await archive[Symbol.asyncDispose]();
  overwriteMiddle(join(folder, 'index.db'));
  const opening = openInstanceArchive(folder, { fsync: false, reindex: false });
  await expect(opening).rejects.toMatchObject({ name: 'DatabaseError', message: expect.stringMatching(/--reindex/) });
  await reopened();
});

/** All pages but the first. */
function overwriteMiddle(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 4096), randomBytes(bytes.length - 4096)]));
}

test.skipIf(isSharedWorld)(
  'describes an instance by its new file if the earlier one was removed while the archive ran',
  async () => {
    await keep('1.2.3', { PatientName: 'Doe^Jane', InstanceNumber: 1 });
    await keep('1.2.4', { PatientName: 'Doe^Jane' });
    const count = () => archive.index.counts();
    expect(await count()).toEqual({ studies: 1, series: 1, instances: 2 });
    rmSync(join(folder, 'instances/1/1.1/1.2.3.dcm'));
    await keep('1.2.3', { PatientName: 'Roe^Richard', InstanceNumber: 10_000, ImageComments: 'longer than before' });
    const [entry] = await archive.index.locate('1.2.3');
    await using file = await archive.open(entry as IndexedInstance);
    expect(file.dataSet.length).toBe(entry?.length);
    expect(await count()).toEqual({ studies: 2, series: 2, instances: 2 });
    const before = await found();
    await reopened();
    expect(await found()).toEqual(before);
  },
);

test.skipIf(isSharedWorld)(
  'ignores folders that are not named by UIDs, so that their names get into no answer',
  async () => {
    await keep('1.2.3');
    await reopened(() => {
      const study = join(folder, 'instances/1');
      cpSync(study, join(folder, 'instances/stra\u00dfe \\ 1\n'), { recursive: true });
      cpSync(join(study, '1.1'), join(study, '9'.repeat(65)), { recursive: true });
    });
    expect(await archive.compare()).toMatchObject({ added: 1, unreadable: [] });
    expect(await archive.index.counts()).toEqual({ studies: 1, series: 1, instances: 1 });
  },
);

test.skipIf(isSharedWorld)(
  'describes an instance by its file when it is sent again after a crash that left the entry of an earlier file',
  async () => {
    await keep('1.2.3', { InstanceNumber: 1 });
    await archive[Symbol.asyncDispose]();
    const path = join(folder, 'instances/1/1.1/1.2.3.dcm');
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('e07f10004f4200000200000001ff', 'hex')]));
    archive = await openInstanceArchive(folder, { fsync: false, reindex: false });
    expect((await keep('1.2.3', { InstanceNumber: 1 })).isDuplicate).toBe(true);
    const [entry] = await archive.index.locate('1.2.3');
    await using file = await archive.open(entry as IndexedInstance);
    expect(file.dataSet.length).toBe(entry?.length);
  },
);

test.skipIf(isSharedWorld)(
  'refuses one instance after its folders were removed, and stores the next ones',
  async () => {
    await keep('1.2.3');
    rmSync(join(folder, 'incoming'), { recursive: true });
    rmSync(join(folder, 'instances'), { recursive: true });
    await expect(keep('1.2.4')).rejects.toThrow('ENOENT');
    for (const sopInstance of ['1.2.4', '1.2.3']) expect((await keep(sopInstance)).isDuplicate).toBe(false);
    await using file = await archive.open({ study: '1', series: '1.1', sopInstance: '1.2.3' });
    await file.checkDataSet();
  },
);
