// Instances whose files a template names, beside those of the default layout.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDataSet, SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { parseFileNameTemplate } from './file-name-template.ts';
import { FileNaming } from './file-naming.ts';
import { openFolderInstanceStore } from './folder-instance-store.ts';
import { type InstanceArchive, openInstanceArchive } from './instance-archive.ts';
import { instanceStoreContract } from './instance-store-contract.ts';

const SYNTAX = TransferSyntax.ExplicitVRLittleEndian;
const BY_PATIENT = '{PatientID}/{SOPInstanceUID}.dcm';

let folder: string;
let archive: InstanceArchive | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-naming-'));
});
afterEach(async () => {
  await close();
  rmSync(folder, { recursive: true });
});

async function close(): Promise<void> {
  await archive?.[Symbol.asyncDispose]();
  archive = undefined;
}

/** Opens the archive with a template and compares it with its files. */
async function open(template: string | null = BY_PATIENT, { reindex = false, compare = true } = {}) {
  await close();
  const fileName = template === null ? undefined : parseFileNameTemplate(template);
  archive = await openInstanceArchive(folder, { fsync: true, reindex, fileName });
  return { archive, found: compare ? await archive.compare() : undefined };
}

async function keep(number: number | string, attributes: UntypedDataSet = {}) {
  const sopInstance = `1.2.3.${number}`;
  const uids = { SOPInstanceUID: sopInstance, StudyInstanceUID: '1.2', SeriesInstanceUID: '1.2.1' };
  const data = {
    SOPClassUID: SopClass.CTImageStorage,
    ...uids,
    PatientID: '42',
    ...attributes,
    PixelData: new Uint8Array(2000),
  };
  const instance = { sopClass: SopClass.CTImageStorage, sopInstance, transferSyntax: SYNTAX, sourceAeTitle: 'CT' };
  return (archive as InstanceArchive).keep(instance, arriving(encodeDataSet(data, SYNTAX)));
}

/** Paths of the files that are kept, from the data folder on. */
function files(): string[] {
  const below = (name: string): string[] =>
    existsSync(join(folder, name))
      ? readdirSync(join(folder, name), { withFileTypes: true }).flatMap((entry) =>
          entry.isDirectory() ? below(join(name, entry.name)) : [join(name, entry.name)],
        )
      : [];
  return [...below('instances'), ...below('named'), ...below('incoming')].sort();
}

/** The SOP instances of the index whose files can be opened and have them. */
async function readable(): Promise<string[]> {
  const uids: string[] = [];
  for await (const instance of archive?.index.instances({ level: 'IMAGE', identifier: {} }) ?? []) {
    await using file = await (archive as InstanceArchive).open(instance);
    await file.checkDataSet();
    expect(file.sopInstance).toBe(instance.sopInstance);
    uids.push(`${instance.study}/${instance.series}/${instance.sopInstance}`);
  }
  return uids.sort();
}

describe('the contract of stores with a template', () => {
  let count = 0;
  const names = { find: () => undefined, ownerOf: () => undefined, ofSeries: () => new Map<string, string>() };
  // A store whose index is empty finds its files by the default layout only, so the template is not used here.
  const create = () =>
    openFolderInstanceStore(join(folder, `${++count}`), {
      fsync: false,
      naming: new FileNaming(names, undefined, true),
    });
  test.each(instanceStoreContract(create))('$name', ({ check }) => check());
});

test('files are named by attributes, are found, and survive restarts, --reindex and a lost index', async () => {
  await open('{PatientID}/{StudyDate}/{Modality}/{SOPInstanceUID}.dcm');
  await keep(1, { StudyDate: '20260101', Modality: 'CT' });
  await keep(2, { PatientID: '../..', Modality: 'CON' });
  await keep(3, { StudyInstanceUID: undefined, SeriesInstanceUID: undefined, PatientID: undefined });
  const named = [
    'named/42/20260101/CT/1.2.3.1.dcm',
    'named/_____/unknown/_CON/1.2.3.2.dcm',
    'named/unknown/unknown/unknown/1.2.3.3.dcm',
  ];
  expect(files()).toEqual(named);
  const all = ['//1.2.3.3', '1.2/1.2.1/1.2.3.1', '1.2/1.2.1/1.2.3.2'];
  expect(await readable()).toEqual(all);
  expect((await open()).found).toEqual({ added: 0, removed: 0, unreadable: [] });
  expect(await readable()).toEqual(all);
  expect((await open(null, { reindex: true })).found).toMatchObject({ added: 3, removed: 0 });
  expect(await readable()).toEqual(all);
  await close();
  rmSync(join(folder, 'index.db'));
  expect((await open()).found).toMatchObject({ added: 3, removed: 0, unreadable: [] });
  expect(await readable()).toEqual(all);
  expect(files()).toEqual(named);
});

test('an instance has one file, also if it arrives again with other attributes or another template', async () => {
  await open(null);
  await keep(1);
  await open();
  expect(await keep(1)).toMatchObject({ isDuplicate: true });
  expect(await keep(2)).toMatchObject({ isDuplicate: false });
  expect(await keep(2, { PatientID: '43' })).toMatchObject({ isDuplicate: true });
  await open('{PatientID}-{SOPInstanceUID}');
  for (const number of [1, 2]) expect(await keep(number)).toMatchObject({ isDuplicate: true });
  await keep(3);
  await open(null);
  for (const number of [1, 2, 3]) expect(await keep(number)).toMatchObject({ isDuplicate: true });
  expect(files()).toEqual(['instances/1.2/1.2.1/1.2.3.1.dcm', 'named/42-1.2.3.3.dcm', 'named/42/1.2.3.2.dcm']);
  expect((await open(null)).found).toEqual({ added: 0, removed: 0, unreadable: [] });
});

test('an instance that arrives many times at once, each time with other attributes, has one file', async () => {
  await open();
  const kept = await Promise.all(Array.from({ length: 20 }, (_, number) => keep(1, { PatientID: `${number}` })));
  expect(kept.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(1);
  expect(files()).toHaveLength(1);
  expect((await open()).found).toEqual({ added: 0, removed: 0, unreadable: [] });
});

test('two instances never share a file: the one whose name is taken goes to the default layout', async () => {
  await open();
  await keep(1);
  await keep(1, { StudyInstanceUID: '1.3' });
  await Promise.all(['1.4', '1.5'].map((study) => keep(2, { StudyInstanceUID: study })));
  // Some file systems do not distinguish case.
  await Promise.all(
    ['a', 'A'].map((PatientID) => keep(3, { PatientID, StudyInstanceUID: `1.6.${PatientID.charCodeAt(0)}` })),
  );
  expect(files().filter((path) => path.startsWith('named'))).toHaveLength(3);
  expect(files()).toHaveLength(6);
  expect(await readable()).toHaveLength(6);
  expect((await open(BY_PATIENT, { reindex: true })).found).toMatchObject({ added: 6, unreadable: [] });
  expect(await readable()).toHaveLength(6);
});

test('a file that has no entry after a crash is used again, not doubled', async () => {
  await open();
  await keep(1);
  await close();
  rmSync(join(folder, 'index.db'));
  await open(BY_PATIENT, { compare: false });
  expect(await keep(1)).toMatchObject({ isDuplicate: true });
  expect(await archive?.compare()).toEqual({ added: 0, removed: 0, unreadable: [] });
  expect(files()).toEqual(['named/42/1.2.3.1.dcm']);
});

test('a damaged file is replaced, and a removed file is written again', async () => {
  await open();
  await keep(1);
  writeFileSync(join(folder, 'named/42/1.2.3.1.dcm'), 'damaged');
  expect(await keep(1)).toMatchObject({ isReplacement: true });
  rmSync(join(folder, 'named/42'), { recursive: true });
  expect(await keep(1)).toMatchObject({ isDuplicate: false });
  expect(await readable()).toEqual(['1.2/1.2.1/1.2.3.1']);
});

test('a file that somebody renamed keeps its instance; one that is missing loses its entry', async () => {
  await open();
  await keep(1);
  await keep(2);
  await close();
  mkdirSync(join(folder, 'named/elsewhere'));
  renameSync(join(folder, 'named/42/1.2.3.1.dcm'), join(folder, 'named/elsewhere/x.dcm'));
  rmSync(join(folder, 'named/42/1.2.3.2.dcm'));
  expect((await open()).found).toMatchObject({ removed: 1, unreadable: [] });
  expect(await readable()).toEqual(['1.2/1.2.1/1.2.3.1']);
});

test('a second file of an instance is reported and left alone', async () => {
  await open();
  await keep(1);
  await close();
  mkdirSync(join(folder, 'named/copies'));
  renameSync(join(folder, 'named/42/1.2.3.1.dcm'), join(folder, 'named/copies/a.dcm'));
  await open();
  await keep(1);
  await close();
  const [only] = files();
  expect(only).toBe('named/copies/a.dcm');
  writeFileSync(join(folder, 'named/b.dcm'), readFileSync(join(folder, only as string)));
  const { found } = await open();
  expect(found?.unreadable).toMatchObject([{ file: 'b.dcm', why: 'its instance 1.2.3.1 has the file copies/a.dcm' }]);
  expect(files()).toEqual(['named/b.dcm', 'named/copies/a.dcm']);
});

test('a deletion removes named files and the folders that are empty then, and is finished after a crash', async () => {
  await open();
  await keep(1);
  await keep(2, { StudyInstanceUID: '1.3', PatientID: '43' });
  await open('{Modality}/{PatientID}-{SOPInstanceUID}');
  await keep(3, { StudyInstanceUID: '1.3', Modality: 'MR' });
  await open(null);
  await keep(4, { StudyInstanceUID: '1.3' });
  expect(await archive?.delete({ study: '1.3' })).toMatchObject({ instances: 3 });
  expect(files()).toEqual(['named/42/1.2.3.1.dcm']);
  expect(readdirSync(join(folder, 'named'))).toEqual(['42']);
  // As a crash between the entries and the files leaves it.
  await archive?.index.deletions.listForRemoval({ study: '1.2' }, Number.MAX_SAFE_INTEGER, 10);
  await open();
  expect(files()).toEqual([]);
  expect(await readable()).toEqual([]);
});

test('an instance that arrives again under another name survives the end of its earlier deletion', async () => {
  await open();
  await keep(1);
  await archive?.index.deletions.listForRemoval({ study: '1.2' }, Number.MAX_SAFE_INTEGER, 10);
  await keep(1, { PatientID: '43' });
  await archive?.index.deletions.listForRemoval({ study: '1.2' }, Number.MAX_SAFE_INTEGER, 10);
  await keep(1, { PatientID: '44' });
  await open();
  expect(files()).toEqual(['named/44/1.2.3.1.dcm']);
  expect(await readable()).toEqual(['1.2/1.2.1/1.2.3.1']);
});

test.skipIf(process.platform === 'win32')('links in the folder of named files are not written through', async () => {
  await open();
  const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  try {
    symlinkSync(elsewhere, join(folder, 'named/42'));
    await expect(keep(1)).rejects.toThrow();
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(files()).toEqual(['named/42']);
    writeFileSync(join(elsewhere, 'x.dcm'), '');
    expect((await open()).found).toEqual({ added: 0, removed: 0, unreadable: [] });
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});
