import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeExtract, encodeDataSet } from '../data-set/dataset.ts';
import type { IncomingData } from '../message/operation.ts';
import { FileWriter } from '../part10/file-writer.ts';
import { openDicomFile } from '../part10/open-dicom-file.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { writeInstance } from './write-instance.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-instance-'));
});
afterAll(() => rm(folder, { recursive: true }));

const STUDY_INSTANCE_UID = 0x0020000d;
const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3' };
const instance = { ...uids, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, sourceAeTitle: 'MODALITY' };
const bytes = syntheticDataSet({ ...uids, study: '1.2.9', pixelLength: 5000 });

/** The data in pieces that split elements. */
function arriving(all: Uint8Array): IncomingData {
  async function* batches() {
    for (let at = 0; at < all.length; at += 77) yield [all.subarray(at, at + 40), all.subarray(at + 40, at + 77)];
  }
  return {
    batches,
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches()) yield* batch;
    },
  };
}

test('writes the instance byte for byte and returns the wanted values', async () => {
  const path = join(folder, 'whole.dcm');
  const writer = new FileWriter(path);
  const options = { wanted: [STUDY_INSTANCE_UID, 0x0020000e], extracted: [STUDY_INSTANCE_UID] };
  const written = await writeInstance(writer, instance, arriving(bytes), options);
  await writer.finish();
  expect([written.length, [...written.uids]]).toEqual([bytes.length, [[STUDY_INSTANCE_UID, '1.2.9']]]);
  expect(decodeExtract(written.extract, EXPLICIT_VR_LITTLE_ENDIAN)).toEqual({ StudyInstanceUID: '1.2.9' });
  await using file = await openDicomFile(path);
  expect(file.metaInformation).toMatchObject(instance);
  expect((await readFile(path)).subarray(file.dataSetOffset)).toEqual(Buffer.from(bytes));
});

const without = (tag: keyof typeof UIDS) => {
  const { [tag]: _, ...others } = UIDS;
  return encodeDataSet({ ...others, PatientID: '42' }, EXPLICIT_VR_LITTLE_ENDIAN);
};
const UIDS = { SOPClassUID: CT_IMAGE_STORAGE, SOPInstanceUID: '1.2.3' };

test.each([
  ['of no bytes', instance, new Uint8Array(), 0xa900],
  ['of zeros alone', instance, new Uint8Array(200), 0xc000],
  ['that begins with a preamble', instance, Buffer.concat([new Uint8Array(128), Buffer.from('DICM'), bytes]), 0xc000],
  ['without a SOP Class UID', instance, without('SOPClassUID'), 0xa900],
  ['without a SOP Instance UID', instance, without('SOPInstanceUID'), 0xa900],
  ['that is incomplete', instance, bytes.subarray(0, -10), 0xc000],
  ['that is not a data set', instance, Buffer.from('something else, that is long enough to be read'), 0xc000],
  ['of another SOP class', { ...instance, sopClass: SopClass.MRImageStorage }, bytes, 0xa900],
  ['of another SOP instance', { ...instance, sopInstance: '1.2.4' }, bytes, 0xa900],
])('an instance %s is refused', async (_, announced, data, status) => {
  const writer = new FileWriter(join(folder, 'refused.dcm'));
  await expect(writeInstance(writer, announced, arriving(data))).rejects.toMatchObject({ status });
  await writer.discard();
  await expect(readFile(writer.path)).rejects.toMatchObject({ code: 'ENOENT' });
});
