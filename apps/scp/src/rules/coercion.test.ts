// Instances that the rules of --coerce change before they are kept.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDataSet, SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { isSharedWorld, openArchive } from '../../test/world.ts';
import { parseFileNameTemplate } from '../instances/file-name-template.ts';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import { coercionOf } from './coercion.ts';
import { readCoercionRules } from './coercion-rules.ts';

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;

let folder: string;
let archive: InstanceArchive | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coercion-'));
});
afterEach(async () => {
  await archive?.[Symbol.asyncDispose]();
  archive = undefined;
  rmSync(folder, { recursive: true });
});

function rules(text: string) {
  const path = join(folder, 'coerce.yaml');
  writeFileSync(path, text);
  return readCoercionRules(path);
}

async function open(text: string, options: { quota?: number; template?: string } = {}): Promise<void> {
  const { quota, template } = options;
  archive = await openArchive(join(folder, 'data'), {
    ...{ fsync: false, reindex: false, coercion: coercionOf({ coerce: rules(text), aet: 'ARCHIVE' }) },
    ...(quota !== undefined && { quotaOptions: { maximumBytes: quota, isEvicting: false } }),
    ...(template !== undefined && { fileName: parseFileNameTemplate(template) }),
  });
}

const KEY = { study: '1.2', series: '1.2.1', sopInstance: '1.2.3' };
const UIDS = {
  SOPClassUID: SopClass.CTImageStorage,
  SOPInstanceUID: '1.2.3',
  StudyInstanceUID: '1.2',
  SeriesInstanceUID: '1.2.1',
};
const PIXELS = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251);

function encoded(attributes: UntypedDataSet = {}, transferSyntax: string = EXPLICIT): Uint8Array {
  const dataSet = { ...UIDS, PatientID: '42', Modality: 'CT', ...attributes, PixelData: PIXELS };
  return encodeDataSet(dataSet as never, transferSyntax);
}

async function keep(data: Uint8Array, { transferSyntax = EXPLICIT as string, sourceAeTitle = 'CT01' } = {}) {
  const instance = { sopClass: UIDS.SOPClassUID, sopInstance: KEY.sopInstance, transferSyntax, sourceAeTitle };
  return (archive as InstanceArchive).keep(instance, arriving(data.subarray(0, 777), data.subarray(777)));
}

async function stored(isDecoded = true): Promise<{ bytes: Uint8Array; dataSet: UntypedDataSet }> {
  const [found] = (await archive?.index.locate(KEY.sopInstance)) ?? [];
  await using file = await (archive as InstanceArchive).open(found as typeof KEY);
  await file.checkDataSet();
  expect(found).toMatchObject({ length: file.dataSet.length, transferSyntax: file.transferSyntax });
  const bytes = new Uint8Array(file.dataSet.length);
  for (let at = 0; at < bytes.length; ) at += await file.dataSet.readv([bytes.subarray(at)], at);
  return { bytes, dataSet: isDecoded ? await file.decode() : {} };
}

const INSTITUTION = 'rules:\n  all: { set: { InstitutionName: Clinic, PatientID: "43" }, remove: [PatientComments] }';

describe('an instance that meets a rule', () => {
  test.each([
    EXPLICIT,
    TransferSyntax.ImplicitVRLittleEndian,
    TransferSyntax.ExplicitVRBigEndian,
    TransferSyntax.DeflatedExplicitVRLittleEndian,
  ])('is changed in %s, and keeps its previous values', async (transferSyntax) => {
    await open(INSTITUTION);
    const kept = await keep(encoded({ PatientComments: 'secret', PatientName: 'DOE^JOHN' }, transferSyntax), {
      transferSyntax,
    });
    expect(kept).toMatchObject({ isDuplicate: false, coerced: [0x00080080, 0x00100020, 0x00104000] });
    const { dataSet } = await stored();
    expect(dataSet).toMatchObject({ InstitutionName: 'Clinic', PatientID: '43', PatientName: expect.anything() });
    expect(dataSet.PatientComments).toBeUndefined();
    expect(Buffer.from(dataSet.PixelData as Uint8Array).equals(PIXELS)).toBe(true);
    expect(dataSet.OriginalAttributesSequence).toEqual([
      {
        SourceOfPreviousValues: 'CT01',
        AttributeModificationDateTime: expect.stringMatching(/^\d{14}\.\d{3}\+0000$/),
        ModifyingSystem: 'ARCHIVE',
        ReasonForTheAttributeModification: 'COERCE',
        ModifiedAttributesSequence: [{ InstitutionName: '', PatientID: '42', PatientComments: 'secret' }],
      },
    ]);
    for await (const found of archive?.index.find({ level: 'STUDY', identifier: { PatientID: '43' } }) ?? [])
      expect(found).toMatchObject({ StudyInstanceUID: '1.2' });
    if (!isSharedWorld) expect(readdirSync(join(folder, 'data/incoming'))).toEqual([]);
  });

  test('adds to the history that it has, in the character sets of both', async () => {
    await open('rules:\n  all: { set: { PatientName: NEW }, remove: ["00091001"] }');
    const before = {
      ...{ SourceOfPreviousValues: 'A', AttributeModificationDateTime: '20250101', ModifyingSystem: 'B' },
      ReasonForTheAttributeModification: 'CORRECT',
      ModifiedAttributesSequence: [{ PatientName: 'ÄLTER' }],
    };
    const data = encoded({
      ...{ SpecificCharacterSet: 'ISO_IR 100', PatientName: 'MÜLLER', OriginalAttributesSequence: [before] },
      ...{ '00090010': { vr: 'LO', value: 'X' }, '00091001': { vr: 'UN', value: new Uint8Array([1, 2]) } },
    });
    await keep(data);
    const { dataSet } = await stored();
    const [first, second] = dataSet.OriginalAttributesSequence as UntypedDataSet[];
    expect(first).toMatchObject({ ...before, ModifiedAttributesSequence: [{ PatientName: expect.anything() }] });
    expect(JSON.stringify(first)).toContain('ÄLTER');
    expect(JSON.stringify(second)).toContain('MÜLLER');
    const [modified] = (second?.ModifiedAttributesSequence ?? []) as UntypedDataSet[];
    expect(modified?.['00091001']).toMatchObject({ vr: 'UN', value: new Uint8Array([1, 2]) });
  });

  test('keeps values that cannot be read as their bytes', async () => {
    await open('rules:\n  all: { set: { PatientName: NEW, Rows: 5 } }');
    // Latin 1 without a label.
    const data = Buffer.from(encoded({ PatientName: 'M?LLER', Rows: 4 }));
    data[data.indexOf('M?LLER') + 1] = 0xdc;
    await keep(data);
    const bytes = Buffer.from((await stored()).bytes).toString('latin1');
    expect(bytes).toContain('\x10\0\x10\0UN\0\0\x06\0\0\0M\xdcLLER\x28\0\x10\0US\x02\0\x04\0');
  });

  test('is not changed if it has the values already', async () => {
    await open(INSTITUTION);
    const data = encoded({ InstitutionName: 'Clinic', PatientID: '43' });
    expect(await keep(data)).not.toHaveProperty('coerced');
    expect(Buffer.from((await stored()).bytes).equals(data)).toBe(true);
  });

  test('is kept once if it arrives again', async () => {
    await open(INSTITUTION, { template: '{PatientID}/{SOPInstanceUID}' });
    await keep(encoded());
    expect(await keep(encoded())).toMatchObject({ isDuplicate: true, coerced: expect.anything() });
    if (!isSharedWorld) expect(readdirSync(join(folder, 'data/named'))).toEqual(['43']);
    expect((await stored()).dataSet.OriginalAttributesSequence).toHaveLength(1);
  });

  test('is changed inside of sequences, whose previous items are kept', async () => {
    await open('rules:\n  all: { set: { "RequestAttributesSequence[*].ScheduledProcedureStepID": NEW } }');
    await keep(
      encoded({ RequestAttributesSequence: [{ ScheduledProcedureStepID: 'OLD' }, { RequestedProcedureID: 'R' }] }),
    );
    const { dataSet } = await stored();
    expect(dataSet.RequestAttributesSequence).toMatchObject([
      { ScheduledProcedureStepID: 'NEW' },
      { RequestedProcedureID: 'R', ScheduledProcedureStepID: 'NEW' },
    ]);
    const [item] = dataSet.OriginalAttributesSequence as UntypedDataSet[];
    expect(item?.ModifiedAttributesSequence).toEqual([
      { RequestAttributesSequence: [{ ScheduledProcedureStepID: 'OLD' }, { RequestedProcedureID: 'R' }] },
    ]);
  });

  test.skipIf(isSharedWorld)('does not get more room than the quota has', async () => {
    const data = encoded();
    await open(INSTITUTION, { quota: data.length + 20 });
    await expect(keep(data)).rejects.toMatchObject({ status: 0xa700 });
    expect(archive?.quota?.counts).toMatchObject({ used: 0 });
    expect(await archive?.index.locate(KEY.sopInstance)).toEqual([]);
    expect(readdirSync(join(folder, 'data/incoming'))).toEqual([]);
  });

  test('is refused if the values to keep are very long', async () => {
    await open('rules:\n  all: { remove: ["00091002"] }');
    const long = { '00090010': { vr: 'LO', value: 'X' }, '00091002': { vr: 'OB', value: new Uint8Array(2_000_000) } };
    await expect(keep(encoded(long))).rejects.toMatchObject({
      status: 0x0110,
      errorComment: expect.stringContaining('1048576 bytes'),
    });
    expect(await archive?.index.locate(KEY.sopInstance)).toEqual([]);
  });
});

test('rules apply by calling AE title and attributes, in their order', async () => {
  await open(`
rules:
  first: { calling: CT01, set: { InstitutionName: One, StationName: A } }
  second: { match: { Modality: [MR, CT] }, set: { InstitutionName: Two }, keep-original: false }
  third: { match: { Modality: MR }, set: { InstitutionName: Three } }
`);
  await keep(encoded({ InstitutionName: 'Zero' }));
  expect((await stored()).dataSet).toMatchObject({ InstitutionName: 'Two', StationName: 'A' });
  await archive?.delete({ study: '1.2' }).catch(() => archive?.compare().then(() => archive?.delete({ study: '1.2' })));
  await keep(encoded(), { sourceAeTitle: 'CT02' });
  const { dataSet } = await stored();
  expect(dataSet).toMatchObject({ InstitutionName: 'Two' });
  expect(dataSet.StationName).toBeUndefined();
  expect(dataSet.OriginalAttributesSequence).toBeUndefined();
});

test('compressed pixel data stay bit for bit', async () => {
  await open(INSTITUTION);
  const transferSyntax = TransferSyntax.JPEGBaseline8Bit;
  const plain = encodeDataSet({ ...UIDS, PatientID: '42' }, EXPLICIT);
  const pixels = Buffer.from('e07f10004f420000fffffffffeff00e000000000feff00e004000000ffd8ffd9feffdde000000000', 'hex');
  await keep(Buffer.concat([plain, pixels]), { transferSyntax });
  const { bytes } = await stored(false);
  expect(Buffer.from(bytes.subarray(-pixels.length)).equals(pixels)).toBe(true);
});

test.each([
  ['', ':1:1: has no rules'],
  ['rules:\n  a: {}', ':2:3: changes nothing: add `set` or `remove`'],
  ['rules:\n  a: { st: { PatientID: x } }', ":2:8: st: 'st' is not the name of a setting; did you mean 'set'?"],
  [
    'rules:\n  a: { set: { SOPInstanceUID: "1.2" } }',
    ':2:8: set: SOPInstanceUID cannot be changed: peers ask for the instance by it',
  ],
  ['rules:\n  a: { remove: "0020000D" }', ':2:8: remove: 0020000D cannot be changed'],
  ['rules:\n  a: { remove: [SeriesInstanceUID] }', 'remove: SeriesInstanceUID cannot be changed'],
  ['rules:\n  a: { set: { SpecificCharacterSet: ISO_IR 192 } }', 'text that is not changed would keep its encoding'],
  ['rules:\n  a: { remove: [PixelData] }', 'pixel data are not held in memory'],
  ['rules:\n  a: { remove: [private] }', '`private` is for forwarding only'],
  [
    'rules:\n  a: { set: { InstitutionName: Zürich } }',
    "set: InstitutionName: 'ü' is not in the character set of every instance",
  ],
  ['rules:\n  a: { set: { Rows: many } }', ':2:8: set: '],
  [
    'rules:\n  a: { match: { Modalty: CT }, set: { PatientID: x } }',
    "match: 'Modalty' is not the name of an indexed attribute",
  ],
  ['rules:\n  a: { set: { PatientID: x }, keep-original: maybe }', 'keep-original: true or false is needed'],
  [
    'rules:\n  a: { remove: RequestAttributesSequence }\n  b: { set: { "RequestAttributesSequence[0].RequestedProcedureID": x } }',
    ':3:3: (0040,0275) is changed twice',
  ],
])('refuses %j with the place and the remedy', (text, message) => {
  expect(() => rules(text)).toThrow(message);
});
