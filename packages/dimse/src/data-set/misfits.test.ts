import { describe, expect, test } from 'vitest';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { UNITS_PER_STEP, watchSteps } from '../turns.ts';
import { matchesIdentifier } from './attribute-matching.ts';
import { decodeDataSet, encodeDataSet } from './dataset.ts';
import { asIdentifier, byKeyword, byKeywordInTurns, elementOf, misfits, withElements } from './misfits.ts';
import type { DataSet, UntypedDataSet } from './typed-data-set.ts';

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const there = (dataSet: UntypedDataSet): DataSet => decodeDataSet(encodeDataSet(dataSet, EXPLICIT), EXPLICIT);

// biome-ignore format: a table reads as a table
const shapes: readonly (readonly [what: string, written: UntypedDataSet, read: DataSet])[] = [
  ['one text',                 { PatientID: '42' },                       { PatientID: '42' }],
  ['an empty text',            { PatientID: null },                       { PatientID: '' }],
  ['one text of several',      { ImageType: ['ORIGINAL', 'PRIMARY'] },    { ImageType: ['ORIGINAL', 'PRIMARY'] }],
  ['one value for an array',   { ModalitiesInStudy: 'CT' },               { ModalitiesInStudy: ['CT'] }],
  ['an empty array of texts',  { ModalitiesInStudy: '' },                 { ModalitiesInStudy: [] }],
  ['a name',                   { PatientName: 'Doe^Jane' },               { PatientName: { Alphabetic: 'Doe^Jane' } }],
  ['an empty name',            { PatientName: '' },                       { PatientName: null }],
  ['one name for an array',    { OtherPatientNames: 'A' },                { OtherPatientNames: [{ Alphabetic: 'A' }] }],
  ['a number',                 { Rows: 512 },                             { Rows: 512 }],
  ['an empty number',          { Rows: '' },                              { Rows: null }],
  ['a number as text',         { InstanceNumber: '7' },                   { InstanceNumber: 7 }],
  ['several numbers',          { PixelSpacing: '0.5\\0.25' },           { PixelSpacing: [0.5, 0.25] }],
  ['no numbers',               { PixelSpacing: null },                    { PixelSpacing: [] }],
  ['an empty sequence',        { RequestAttributesSequence: null },       { RequestAttributesSequence: [] }],
  ['an item',                  { RequestAttributesSequence: [{ ImageType: ['A', 'B'] }] }, { RequestAttributesSequence: [{ ImageType: ['A', 'B'] }] }],
  ['fragments',                { PixelData: [Uint8Array.of(), Uint8Array.of(1, 2)] }, { PixelData: [Uint8Array.of(), Uint8Array.of(1, 2)] }],
];

test.each(shapes)('reads %s in the declared shape', (_, written, read) => {
  expect(there(written)).toEqual(read);
  expect(misfits(there(written))).toEqual([]);
});

// biome-ignore format: a table reads as a table
const odd: readonly (readonly [what: string, written: UntypedDataSet, keyword: string, tag: string, element: object])[] = [
  ['two values in an attribute of VM 1', { PatientID: ['A', 'B'] },      'PatientID',      '00100020', { vr: 'LO', value: ['A', 'B'] }],
  ['one value in an attribute of VM 2',  { PixelSpacing: 1 },            'PixelSpacing',   '00280030', { vr: 'DS', value: 1 }],
  ['three of 1-2',                       { ContrastFrameAveraging: [1, 2, 3] }, 'ContrastFrameAveraging', '00286112', { vr: 'US', value: [1, 2, 3] }],
  ['text in IS',                         { InstanceNumber: 'N/A' },      'InstanceNumber', '00200013', { vr: 'IS', value: 'N/A' }],
  ['more digits than a number has',      { SliceThickness: '9007199254740993' }, 'SliceThickness', '00180050', { vr: 'DS', value: '9007199254740993' }],
  ['another VR',                         { Rows: { vr: 'UL', value: 65536 } }, 'Rows',     '00280010', { vr: 'UL', value: 65536 }],
];

describe.each(odd)('%s', (_, written, keyword, tag, element) => {
  test('is not read under its keyword, but reported with its place, and encoded again as it was', () => {
    const read = there({ RequestAttributesSequence: [{}, written] });
    const [, item = {}] = read.RequestAttributesSequence ?? [];
    expect(item).toEqual({ [tag]: element });
    expect(misfits(read)).toEqual([
      { ...element, keyword, tag: Number.parseInt(tag, 16), items: [['RequestAttributesSequence', 1]] },
    ]);
    expect(elementOf(item, keyword as 'PatientID')).toEqual(element);
    expect(elementOf(item, Number.parseInt(tag, 16))).toEqual(element);
    expect(Buffer.compare(encodeDataSet(read, EXPLICIT), encodeDataSet(there(read as UntypedDataSet), EXPLICIT))).toBe(
      0,
    );
  });

  test('is replaced by a value under its keyword', () => {
    expect(there({ ...there(written), [keyword]: null })).toEqual(there({ [keyword]: null }));
  });
});

test('an attribute in the declared shape is an element, too', () => {
  const dataSet = withElements({ Rows: 512, PatientName: 'A' }, { '00091001': { vr: 'LO', value: 'x' } });
  expect(elementOf(dataSet, 'Rows')).toEqual({ vr: 'US', value: 512 });
  expect(elementOf(dataSet, 0x00091001)).toEqual({ vr: 'LO', value: 'x' });
  expect(elementOf(dataSet, 'Columns')).toBeUndefined();
  expect(() => withElements({}, { PatientID: { vr: 'LO', value: 'x' } })).toThrow(RangeError);
});

test('the identifier of a query has several values of a key, and text in numbers, under the keyword', () => {
  const read = there({
    StudyInstanceUID: ['1.2', '1.3'],
    Rows: 1,
    InstanceNumber: '1-5',
    Item: undefined,
    PatientID: '1',
  });
  const keys = { ...read, RequestAttributesSequence: [there({ StudyInstanceUID: ['1.4', '1.5'] })] };
  expect(asIdentifier(keys)).toEqual({
    StudyInstanceUID: ['1.2', '1.3'],
    Rows: 1,
    InstanceNumber: '1-5',
    PatientID: '1',
    RequestAttributesSequence: [{ StudyInstanceUID: ['1.4', '1.5'] }],
  });
  const usual = there({ PatientID: '1' });
  expect(asIdentifier(usual)).toBe(usual);
});

test('matching sees misfits on both sides', () => {
  const key = there({ StudyInstanceUID: ['1.2', '1.3'] });
  expect(matchesIdentifier({ StudyInstanceUID: '1.3' }, key)).toBe(true);
  expect(matchesIdentifier({ StudyInstanceUID: '1.4' }, key)).toBe(false);
  expect(matchesIdentifier(there({ PatientID: ['A', 'B'] }), { PatientID: 'B' })).toBe(true);
});

test('finds misfits by keyword in steps if there are many items', async () => {
  const item = { '00100020': { vr: 'UN', value: Uint8Array.of(1, 2) } };
  const dataSet = { RequestAttributesSequence: Array.from({ length: 20_000 }, () => item) };
  const work: number[] = [];
  const stop = watchSteps((units) => work.push(units));
  const found = await byKeywordInTurns(dataSet);
  stop();
  expect(found).toEqual(byKeyword(dataSet));
  expect(found).not.toEqual(dataSet);
  expect(work.length).toBeGreaterThanOrEqual(4);
  for (const units of work) expect(units).toBeLessThan(2 * UNITS_PER_STEP);
});
