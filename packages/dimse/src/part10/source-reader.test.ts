import { computedTomographySeries, type Slice } from '@x/testing/computed-tomography-phantom';
import { describe, expect, test } from 'vitest';
import { DataSetError } from '../data-set/data-set-error.ts';
import { STUDY_INSTANCE_UID } from '../data-set/tags.ts';
import { locateFileMetaInformation } from './file-meta-information.ts';
import { NotDicomError } from './not-dicom-error.ts';
import { openDicomSource } from './open-dicom-file.ts';

// Larger than what is read when it is opened, 32 KiB.
const [{ bytes, sopInstanceUid }] = [...computedTomographySeries({ slices: 1, size: 256 })] as [Slice];
const dataSet = bytes.subarray(locateFileMetaInformation(bytes)?.end);

/** A source that gives at most so many bytes at once, and counts how often it was closed. */
function sourceOf(content: Uint8Array, most = 1000) {
  let closed = 0;
  return {
    length: content.length,
    async readv(buffers: readonly Uint8Array[], position: number) {
      if (closed > 0) throw new Error('closed');
      const [first = Buffer.alloc(0)] = buffers;
      const some = content.subarray(position, position + Math.min(most, first.length));
      first.set(some);
      return some.length;
    },
    async close() {
      closed++;
    },
    closed: () => closed,
  };
}

describe('a DICOM file from a source', () => {
  test('has the same content as from the file system, in whatever pieces the source gives it', async () => {
    const source = sourceOf(bytes, 777);
    await using file = await openDicomSource(source, 'elsewhere');
    expect([file.path, file.sopInstance, file.dataSet.length]).toEqual(['elsewhere', sopInstanceUid, dataSet.length]);
    await file.checkDataSet();
    expect(Object.keys(await file.attributes([STUDY_INSTANCE_UID]))).toEqual(['StudyInstanceUID']);
    const read = Buffer.alloc(dataSet.length);
    for (let at = 0; at < read.length; ) at += await file.dataSet.readv([read.subarray(at)], at);
    expect(read.equals(dataSet)).toBe(true);
    expect(Buffer.from((await file.sourceIn(Buffer.alloc(dataSet.length))) as Uint8Array).equals(dataSet)).toBe(true);
  });

  test('is closed once, whether it is closed at once or awaited', async () => {
    const source = sourceOf(bytes);
    const file = await openDicomSource(source, 'elsewhere');
    expect(source.closed()).toBe(0);
    await Promise.all([file.close(), file.close(), file.closeAtOnce()]);
    expect(source.closed()).toBe(1);
  });

  test('is closed as soon as all of it is in the buffer', async () => {
    const source = sourceOf(bytes);
    await using file = await openDicomSource(source, 'elsewhere', { buffer: Buffer.alloc(bytes.length) });
    expect([file.isInMemory, source.closed()]).toEqual([true, 1]);
    expect(Buffer.from(file.source as Uint8Array).equals(dataSet)).toBe(true);
  });

  test.each([
    ['is not one', sourceOf(Buffer.alloc(1000, 1)), NotDicomError],
    ['is empty', sourceOf(Buffer.alloc(0)), NotDicomError],
    ['fails', { ...sourceOf(bytes), readv: () => Promise.reject(new RangeError('broken')) }, RangeError],
  ])('rejects and closes a source that %s', async (_, source, error) => {
    await expect(openDicomSource(source, 'elsewhere')).rejects.toThrow(error);
    expect(source.closed()).toBe(1);
  });

  test('whose source has become shorter is reported as truncated', async () => {
    const source = { ...sourceOf(bytes.subarray(0, 40_000)), length: bytes.length };
    await using file = await openDicomSource(source, 'elsewhere');
    await expect(file.sourceIn(Buffer.alloc(dataSet.length))).rejects.toThrow(DataSetError);
  });
});
