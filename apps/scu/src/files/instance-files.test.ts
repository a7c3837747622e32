// The files that store, commit and mpps take from their arguments.

import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodeDataSet, SopClass, TransferSyntax } from '@x/dimse';
import { encodeFileMetaInformation, pathBytes } from '@x/dimse/data-set';
import { CT_IMAGE_STORAGE, syntheticDataSet } from '@x/testing/data-sets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { instanceFiles } from './instance-files.ts';

let root: string;
const transferSyntax = TransferSyntax.ExplicitVRLittleEndian;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'dimse-scu-files-'));
});
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;

/** A new folder with instances at these paths. */
function folderOf(...paths: readonly string[]): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  for (const [index, path] of paths.entries()) writeInstance(join(folder, path), `1.2.${index + 1}`);
  return folder;
}

function writeInstance(path: string, sopInstance: string): void {
  mkdirSync(pathBytes(dirname(path)), { recursive: true });
  const meta = encodeFileMetaInformation({ sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax });
  writeFileSync(
    pathBytes(path),
    Buffer.concat([meta, syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance, pixelLength: 100 })]),
  );
}

/** Writes a DICOMDIR whose records reference these files. */
function writeDicomdir(folder: string, ids: readonly (readonly string[])[], inUse = 0xffff): string {
  const records = ids.map((id) => ({ RecordInUseFlag: inUse, DirectoryRecordType: 'IMAGE', ReferencedFileID: id }));
  const sopClass = SopClass.MediaStorageDirectoryStorage;
  const meta = encodeFileMetaInformation({ sopClass, sopInstance: '1.2.3', transferSyntax });
  const path = join(folder, 'DICOMDIR');
  const dataSet = {
    FileSetID: 'CD',
    DirectoryRecordSequence: [{ DirectoryRecordType: 'PATIENT' }, ...records],
  };
  writeFileSync(path, Buffer.concat([meta, encodeDataSet(dataSet, transferSyntax)]));
  return path;
}

/** A line for each path below the folder: `+` if it is an instance, the reason otherwise. */
async function lines(folder: string, ...paths: readonly string[]): Promise<string[]> {
  const all: string[] = [];
  for await (const { path, file, skipped, error } of instanceFiles(paths)) {
    expect(path.startsWith(folder)).toBe(true);
    all.push(
      `${path.slice(folder.length + 1)} ${file ? '+' : (skipped ?? error?.message)}`.replaceAll(`${folder}/`, ''),
    );
  }
  return all;
}

test('a DICOMDIR that is named stands for the files that it references', async () => {
  const folder = folderOf('IMG/IM1', 'IMG/IM2', 'OTHER');
  const dicomdir = writeDicomdir(folder, [
    ['IMG', 'IM2'],
    ['IMG', 'IM1'],
    ['IMG', 'IM3'],
  ]);
  expect(await lines(folder, dicomdir)).toEqual([
    'IMG/IM2 +',
    'IMG/IM1 +',
    'IMG/IM3 DICOMDIR references this file, but it does not exist',
  ]);
});

test('a DICOMDIR in a folder is skipped', async () => {
  const folder = folderOf('IM1');
  writeDicomdir(folder, [['IM1']]);
  expect(await lines(folder, folder)).toEqual(['DICOMDIR it is a DICOMDIR, not an instance', 'IM1 +']);
});

test('a DICOMDIR without files in use is skipped, and one that is malformed fails', async () => {
  const folder = folderOf('IM1');
  expect(await lines(folder, writeDicomdir(folder, [['IM1']], 0))).toEqual([
    'DICOMDIR it is a DICOMDIR, not an instance',
  ]);
  const cut = writeDicomdir(folder, [['IM1']]);
  writeFileSync(cut, readFileSync(cut).subarray(0, -3));
  expect(await lines(folder, cut)).toEqual([expect.stringMatching(/^DICOMDIR .*declares 68 bytes, 65 are left/)]);
});

test('a DICOMDIR does not lead out of its folder', async () => {
  const folder = folderOf('CD/IM1', 'SECRET', 'CD/SUB/IM2');
  const cd = join(folder, 'CD');
  symlinkSync(join(folder, 'SECRET'), join(cd, 'LINK'));
  symlinkSync(folder, join(cd, 'UP'));
  const ids = [
    ['..', 'SECRET'],
    ['SUB', '..', '..', 'SECRET'],
    ['../SECRET'],
    ['/etc/passwd'],
    ['LINK'],
    ['UP', 'SECRET'],
    [''],
    ['SUB'],
    ['IM1'],
  ];
  const found = await lines(folder, writeDicomdir(cd, ids));
  expect(found.filter((line) => line.endsWith('+'))).toEqual(['CD/IM1 +']);
  expect(found).toHaveLength(ids.length - 1);
});

test('a DICOMDIR finds names in other letter case', async () => {
  const folder = folderOf('img/im1.;1', 'img/Im2');
  const dicomdir = writeDicomdir(folder, [
    ['IMG', 'IM1'],
    ['IMG', 'IM2'],
  ]);
  expect(await lines(folder, dicomdir)).toEqual(['img/im1.;1 +', 'img/Im2 +']);
});

test('a file is given once, however it is reached', async () => {
  const folder = folderOf('a', 'sub/b');
  symlinkSync(join(folder, 'a'), join(folder, 'c'));
  linkSync(join(folder, 'a'), join(folder, 'd'));
  symlinkSync(join(folder, 'sub'), join(folder, 'e'));
  const dicomdir = writeDicomdir(join(folder, 'sub'), [['B']]);
  expect(await lines(folder, folder, `${folder}/./a`.replace('/./', '/'), dicomdir)).toEqual([
    'a +',
    'c it is the same file as a',
    'd it is the same file as a',
    'e/DICOMDIR it is a DICOMDIR, not an instance',
    'e/b +',
    'sub/DICOMDIR it is the same file as e/DICOMDIR',
    'sub/b it is the same file as e/b',
    'a it is the same file as a',
    'sub/DICOMDIR it is the same file as e/DICOMDIR',
  ]);
});

test('names that are not UTF-8 keep their bytes', async () => {
  const folder = folderOf('M\udcfcller/\udce9.dcm', 'Müller');
  expect(await lines(folder, folder)).toEqual(['Müller +', 'M\udcfcller/\udce9.dcm +']);
  expect(await lines(folder, `${folder}/M\udcfcller`)).toEqual(['M\udcfcller/\udce9.dcm +']);
  expect(await lines(folder, `${folder}/\udcff`)).toEqual([expect.stringMatching(/^\udcff ENOENT/)]);
  // Node.js does not remove such names with the folder.
  unlinkSync(pathBytes(`${folder}/M\udcfcller/\udce9.dcm`));
  rmdirSync(pathBytes(`${folder}/M\udcfcller`));
});
