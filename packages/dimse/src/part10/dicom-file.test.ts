import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { computedTomographySeries, type Slice } from '@x/testing/computed-tomography-phantom';
import { chunksOf, seededRandom } from '@x/testing/rechunk';
import { NO_INSTANCE, sharedFiles, sharedFolder } from '@x/testing/shared-files';
import { afterAll, describe, expect, test } from 'vitest';
import { DataSetError } from '../data-set/data-set-error.ts';
import { DataSetInspector } from '../data-set/data-set-inspector.ts';
import { DataSetScanner, uidValue } from '../data-set/data-set-scanner.ts';
import { DATA_SET_TRANSFER_SYNTAXES, encodeDataSet } from '../data-set/dataset.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import type { DicomFile } from './dicom-file.ts';
import { encodeFileMetaInformation, locateFileMetaInformation } from './file-meta-information.ts';
import { findDicomFiles } from './find-dicom-files.ts';
import { NotDicomError } from './not-dicom-error.ts';
import { openDicomFile } from './open-dicom-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'dicom-file-'));
afterAll(() => rmSync(folder, { recursive: true }));
const put = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const [slice] = [...computedTomographySeries({ slices: 1, size: 64 })] as [Slice];
const dataSetOf = (bytes: Uint8Array) => bytes.subarray(locateFileMetaInformation(bytes)?.end);

async function readAll(path: string, piece = 100_000): Promise<Buffer> {
  await using file = await openDicomFile(path);
  const buffer = Buffer.alloc(file.dataSet.length);
  for (let at = 0; at < buffer.length; ) at += await file.dataSet.readv([buffer.subarray(at, at + piece)], at);
  return buffer;
}

describe('a file', () => {
  test('is recognized by its meta information', async () => {
    await using file = await openDicomFile(put('slice.dcm', slice.bytes));
    expect(file.sopInstance).toBe(slice.sopInstanceUid);
    expect(file.transferSyntax).toBe(TransferSyntax.ExplicitVRLittleEndian);
    expect(await readAll(file.path)).toEqual(Buffer.from(dataSetOf(slice.bytes)));
    await file.checkDataSet();
  });

  test.each([
    ['preamble', slice.bytes.subarray(132)],
    ['meta information', dataSetOf(slice.bytes)],
  ])('without %s is recognized', async (name, bytes) => {
    await using file = await openDicomFile(put(`without ${name}`, bytes));
    expect([file.sopInstance, file.transferSyntax]).toEqual([
      slice.sopInstanceUid,
      TransferSyntax.ExplicitVRLittleEndian,
    ]);
    expect((await readAll(file.path)).equals(dataSetOf(slice.bytes))).toBe(true);
  });

  test('without meta information is recognized if it has the letters DICM by chance', async () => {
    // The value from byte 120 on has the letters at byte 128.
    const head = { StudyDescription: 'x'.repeat(100) };
    const text = (length: number) => ({ ...head, SeriesDescription: `${'x'.repeat(length)}DICM` });
    const dataSet = { ...text(128 - 116 + 0), SOPClassUID: '1.2', SOPInstanceUID: '1.3' };
    const bytes = encodeDataSet(dataSet, TransferSyntax.ExplicitVRLittleEndian);
    const found = bytes.indexOf(0x44, 120);
    const aligned = encodeDataSet(
      { ...dataSet, StudyDescription: 'x'.repeat(100 + 128 - found) },
      TransferSyntax.ExplicitVRLittleEndian,
    );
    expect(Buffer.from(aligned.subarray(128, 132)).toString()).toBe('DICM');
    await using file = await openDicomFile(put('chance.dcm', aligned));
    expect([file.dataSetOffset, file.sopInstance]).toEqual([0, '1.3']);
    await file.checkDataSet();
    // With a real preamble, the data set may follow at once.
    const preamble = Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), aligned]);
    await using other = await openDicomFile(put('no meta.dcm', preamble));
    expect([other.dataSetOffset, other.sopInstance]).toEqual([132, '1.3']);
  });

  test('that is deflated is inflated up to the maximum length', async () => {
    const transferSyntax = TransferSyntax.DeflatedExplicitVRLittleEndian;
    const meta = encodeFileMetaInformation({ sopClass: '1.2', sopInstance: '1.3', transferSyntax });
    const long = encodeDataSet({ ImageComments: 'x'.repeat(4_000_000), PatientID: 'P1' }, transferSyntax);
    const path = put('bomb.dcm', Buffer.concat([meta, long]));
    const scans: ((file: DicomFile) => Promise<unknown>)[] = [
      (file) => file.checkDataSet(),
      (file) => file.attributes([0x00100020]),
      (file) => file.extract([0x00100020]),
    ];
    for (const scan of scans) {
      await using file = await openDicomFile(path, { maximumInflatedLength: 5_000_000 });
      await scan(file);
      await using other = await openDicomFile(path, { maximumInflatedLength: 1_000_000 });
      await expect(scan(other)).rejects.toMatchObject({ limit: 'maximumInflatedLength' });
    }
  });

  test('that is deflated is identified by its beginning, whatever follows', async () => {
    const transferSyntax = TransferSyntax.DeflatedExplicitVRLittleEndian;
    const meta = encodeFileMetaInformation({ sopClass: '1.2', sopInstance: '1.3', transferSyntax });
    const uids = { SOPClassUID: '1.4', SOPInstanceUID: '1.5' };
    const long = encodeDataSet({ ...uids, ImageComments: 'x'.repeat(20_000_000) }, transferSyntax);
    await using file = await openDicomFile(put('long.dcm', Buffer.concat([meta, long])));
    expect([file.sopClass, file.sopInstance]).toEqual(['1.4', '1.5']);
  });

  test('with a very long value in its meta information is read', async () => {
    const meta = encodeFileMetaInformation({
      sopClass: '1.2',
      sopInstance: '1.3',
      transferSyntax: '1.2.840.10008.1.2',
    });
    const value = Buffer.from(`${' '.repeat(200_000)}1.3${' '.repeat(200_001)}`);
    const head = Buffer.from('02000300554e0000', 'hex');
    const length = Buffer.alloc(4);
    length.writeUInt32LE(value.length);
    const data = encodeDataSet({ PatientID: 'P1' }, '1.2.840.10008.1.2');
    await using file = await openDicomFile(put('long meta.dcm', Buffer.concat([meta, head, length, value, data])));
    expect(file.metaInformation.sopInstance).toBe('1.3');
  });

  test('is decoded whole up to the maximum length', async () => {
    const dataSet = { PatientID: 'P1', PatientName: { Alphabetic: 'Doe^Jane' }, ImageComments: 'x'.repeat(100_000) };
    for (const transferSyntax of DATA_SET_TRANSFER_SYNTAXES) {
      const meta = encodeFileMetaInformation({ sopClass: '1.2', sopInstance: '1.3', transferSyntax });
      const bytes = Buffer.concat([meta, encodeDataSet(dataSet, transferSyntax)]);
      await using file = await openDicomFile(put(`whole ${transferSyntax}`, bytes));
      expect(await file.decode()).toEqual(dataSet);
      await expect(file.decode({ maximumLength: 50 })).rejects.toThrow(/more than 50/);
    }
    await using broken = await openDicomFile(put('cut', slice.bytes.subarray(0, -1)));
    await expect(broken.decode()).rejects.toBeInstanceOf(DataSetError);
  });

  test('with a meta group longer than the first read is recognized', async () => {
    const meta = encodeFileMetaInformation({
      sopClass: '1.2',
      sopInstance: '1.3',
      transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
    });
    const long = Buffer.alloc(100_012);
    long.set([2, 0, 2, 1, 0x4f, 0x42, 0, 0]);
    long.writeUInt32LE(100_000, 8);
    await using file = await openDicomFile(put('long meta', Buffer.concat([meta, long, dataSetOf(slice.bytes)])));
    expect(file.dataSetOffset).toBe(meta.length + long.length);
    expect(file.sopInstance).toBe(slice.sopInstanceUid);
  });

  test.each([
    ['that is empty', new Uint8Array(0), 'it is empty'],
    ['of text', Buffer.from('hello, this is text and nothing else'), 'neither the prefix DICM'],
    ['of another kind', Buffer.from('\x08\x00 looks like group 8, is none', 'latin1'), 'neither the prefix DICM'],
  ])('%s is rejected', async (name, bytes, why) => {
    const path = put(name, bytes);
    await expect(openDicomFile(path)).rejects.toThrow(NotDicomError);
    await expect(openDicomFile(path)).rejects.toThrow(why);
  });

  test('that is a folder or does not exist is rejected', async () => {
    await expect(openDicomFile(folder)).rejects.toThrow('it is a folder');
    await expect(openDicomFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('that is truncated is detected', async () => {
    for (const cut of [1, 2, 100, 8191, 8192, 8195, 8204, 8300]) {
      await using file = await openDicomFile(put('cut', slice.bytes.subarray(0, slice.bytes.length - cut)));
      // A cut between two elements cannot be detected.
      if (cut !== 8204) await expect(file.checkDataSet()).rejects.toThrow(DataSetError);
    }
  });

  test('that changes while it is sent is not treated as complete', async () => {
    const path = put('shrinks', slice.bytes);
    await using file = await openDicomFile(path);
    writeFileSync(path, slice.bytes.subarray(0, 100));
    // A small file is in memory completely.
    expect(await file.dataSet.readv([Buffer.alloc(50)], 0)).toBe(50);
  });
});

test('finds files in folders, in order, without following links in circles', async () => {
  const top = join(folder, 'tree');
  mkdirSync(join(top, 'b'), { recursive: true });
  for (const name of ['c.dcm', 'a.dcm', 'b/d.dcm']) writeFileSync(join(top, name), slice.bytes);
  writeFileSync(join(top, 'notes.txt'), 'notes');
  symlinkSync(top, join(top, 'b', 'round'));
  symlinkSync(join(top, 'nowhere'), join(top, 'z'));
  const found = [];
  for await (const { path, file, error } of findDicomFiles([top, join(top, 'a.dcm')]))
    found.push([path.slice(top.length + 1), file ? 'file' : error?.name]);
  expect(found).toEqual([
    ['a.dcm', 'file'],
    ['b/d.dcm', 'file'],
    ['c.dcm', 'file'],
    ['notes.txt', 'NotDicomError'],
    ['z', 'Error'],
    ['a.dcm', 'file'],
  ]);
});

describe.runIf(sharedFolder)('real files', () => {
  test.each(sharedFiles().map((path) => [basename(path), path]))('%s', async (name, path) => {
    await using file = await openDicomFile(path);
    const raw = readFileSync(path);
    const data = raw.subarray(file.dataSetOffset);
    const read = await readAll(path, 7001);
    expect(read.subarray(0, data.length).equals(data)).toBe(true);
    if (file.transferSyntax === TransferSyntax.DeflatedExplicitVRLittleEndian) expect(read.length % 2).toBe(0);
    if (name.includes('MR_truncated')) {
      await expect(file.checkDataSet()).rejects.toThrow(
        '(7FE0,0010) is cut short: it declares 8192 bytes, 8130 are there',
      );
      return;
    }
    await file.checkDataSet();
    expect(file.sopClass === undefined).toBe(NO_INSTANCE.test(name));
    // The same with chunks of any size, without seeking.
    const random = seededRandom(raw.length);
    let found: string | undefined;
    for (const size of [1, 2, 1000, 1 + Math.floor(random() * 5000)]) {
      const inspector = new DataSetInspector(file.transferSyntax, { wanted: [0x00080018] });
      for (const chunk of chunksOf(data, size)) await inspector.push(chunk);
      await inspector.end();
      found = uidValue(inspector.values.get(0x00080018));
      if (found !== undefined) expect(found).toBe(file.sopInstance);
    }
    const attributes = await file.attributes([0x00080018, 0x00080060]);
    expect(attributes.SOPInstanceUID).toBe(found);
    expect(Object.keys(attributes).filter((keyword) => !/^SOPInstanceUID$|^Modality$/.test(keyword))).toEqual([]);
  });
});

describe('the scanner', () => {
  const scan = (bytes: readonly number[], transferSyntax = TransferSyntax.ExplicitVRLittleEndian) => {
    const scanner = new DataSetScanner(transferSyntax, { wanted: [0x00100020] });
    scanner.push(Uint8Array.from(bytes));
    scanner.end();
    return scanner;
  };
  const undefinedSequence = [8, 0, 0x15, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff];
  const item = [0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff];
  const itemEnd = [0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0];
  const sequenceEnd = [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0];
  const patientId = [0x10, 0, 0x20, 0, 0x4c, 0x4f, 2, 0, 0x34, 0x32];

  test('finds values outside sequences only', () => {
    const scanner = scan([...undefinedSequence, ...item, ...patientId, ...itemEnd, ...sequenceEnd]);
    expect(scanner.values.size).toBe(0);
    expect(Buffer.from(scan(patientId).values.get(0x00100020) ?? []).toString()).toBe('42');
  });

  test.each<[string, number[], string]>([
    ['a sequence without its end', [...undefinedSequence, ...item, ...itemEnd], '(0008,1115) is cut short'],
    ['an element where an item is due', [...undefinedSequence, ...patientId], 'stands where an item is due'],
    ['an end that ends nothing', sequenceEnd, 'ends what was not begun'],
    ['an item outside a sequence', item, 'stands where no item is'],
    ['a value representation of other bytes, cut short', [8, 0, 0x16, 0, 1, 2, 3, 4], '(0008,0016) is cut short'],
    ['half a header', [...patientId, 0x10, 0], 'inside the header'],
    [
      'sequences without end',
      Array(70)
        .fill([...undefinedSequence, ...item])
        .flat(),
      'nested more than 64 deep',
    ],
  ])('rejects %s', (_, bytes, message) => {
    expect(() => scan(bytes)).toThrow(message);
  });

  test('ignores zeros after the end', () => expect(() => scan([...patientId, ...Array(100).fill(0)])).not.toThrow());
});

const dcmdump = spawnSync('dcmdump', ['--version']).error === undefined;
test.runIf(dcmdump || process.env.CI)('dcmdump reads the meta information that is written', () => {
  const meta = {
    sopClass: SopClass.CTImageStorage,
    sopInstance: '1.2.3',
    transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
    sourceAeTitle: 'ME',
  };
  const bytes = encodeFileMetaInformation(meta);
  expect(locateFileMetaInformation(bytes)?.meta).toEqual(meta);
  const dump = execFileSync(
    'dcmdump',
    ['-q', '+P', '0002,0003', '+P', '0002,0016', put('meta', Buffer.concat([bytes, dataSetOf(slice.bytes)]))],
    { encoding: 'utf8' },
  );
  expect(dump).toContain('[1.2.3]');
  expect(dump).toContain('[ME]');
});
