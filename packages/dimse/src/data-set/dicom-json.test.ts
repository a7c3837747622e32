import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import { decodeDataSet, encodeDataSet, type UntypedDataSet } from './dataset.ts';
import { type DicomJsonModel, fromDicomJson, toDicomJson } from './dicom-json.ts';
import { privateKey, privateValue, withPrivate } from './private-attributes.ts';

const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;

// Each kind of value in both directions, after the examples of PS3.18 §F.4.
const pairs: readonly (readonly [what: string, dataSet: UntypedDataSet, model: DicomJsonModel])[] = [
  ['text', { StudyDate: '20130409' }, { '00080020': { vr: 'DA', Value: ['20130409'] } }],
  [
    'an empty value, which is not an absent one',
    { AccessionNumber: '', Rows: null, ReferencedStudySequence: [], PatientName: null },
    {
      '00080050': { vr: 'SH' },
      '00081110': { vr: 'SQ' },
      '00100010': { vr: 'PN' },
      '00280010': { vr: 'US' },
    },
  ],
  ['several values', { ModalitiesInStudy: ['CT', 'PET'] }, { '00080061': { vr: 'CS', Value: ['CT', 'PET'] } }],
  [
    'an empty value among others',
    { ModalitiesInStudy: ['CT', '', 'MR'], PixelSpacing: [1.5, null], OtherPatientNames: [{ Alphabetic: 'A' }, null] },
    {
      '00080061': { vr: 'CS', Value: ['CT', null, 'MR'] },
      '00101001': { vr: 'PN', Value: [{ Alphabetic: 'A' }, null] },
      '00280030': { vr: 'DS', Value: [1.5, null] },
    },
  ],
  [
    'a name in its component groups',
    { PatientName: { Alphabetic: 'Wang^XiaoDong', Ideographic: '王^小東', Phonetic: 'ワン' } },
    { '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Wang^XiaoDong', Ideographic: '王^小東', Phonetic: 'ワン' }] } },
  ],
  [
    'sequences, with empty items',
    { RequestAttributesSequence: [{ StudyID: '1', ReferencedStudySequence: [{ StudyID: '2' }] }, {}] },
    {
      '00400275': {
        vr: 'SQ',
        Value: [
          {
            '00081110': { vr: 'SQ', Value: [{ '00200010': { vr: 'SH', Value: ['2'] } }] },
            '00200010': { vr: 'SH', Value: ['1'] },
          },
          {},
        ],
      },
    },
  ],
  [
    'numbers',
    {
      SelectorFDValue: [1.5, Number.NaN, Number.NEGATIVE_INFINITY],
      SelectorISValue: [-3],
      SelectorUVValue: [2n ** 63n],
    },
    {
      '00720064': { vr: 'IS', Value: [-3] },
      '00720074': { vr: 'FD', Value: [1.5, 'NaN', '-inf'] },
      '00720083': { vr: 'UV', Value: ['9223372036854775808'] },
    },
  ],
  ['a tag', { FrameIncrementPointer: [0x00181063] }, { '00280009': { vr: 'AT', Value: ['00181063'] } }],
  [
    'bytes in line',
    { EncapsulatedDocument: Uint8Array.of(1, 2, 3, 4) },
    { '00420011': { vr: 'OB', InlineBinary: 'AQIDBA==' } },
  ],
  [
    'bulk data elsewhere',
    { '7FE00010': { vr: 'OW', value: { BulkDataURI: 'https://example.org/1' } } },
    { '7FE00010': { vr: 'OW', BulkDataURI: 'https://example.org/1' } },
  ],
  [
    'private attributes',
    {
      '00090010': 'CREATOR',
      '00091001': { vr: 'LO', value: 'x' },
      '00091002': { vr: 'UN', value: Uint8Array.of(7, 8) },
    },
    {
      '00090010': { vr: 'LO', Value: ['CREATOR'] },
      '00091001': { vr: 'LO', Value: ['x'] },
      '00091002': { vr: 'UN', InlineBinary: 'Bwg=' },
    },
  ],
  ['no attributes', {}, {}],
];

describe.each(pairs)('%s', (_, dataSet, model) => {
  test('is converted to the model and back', () => {
    expect(toDicomJson(dataSet)).toEqual(model);
    expect(fromDicomJson(JSON.parse(JSON.stringify(model)))).toEqual(dataSet);
  });
});

test('signed pixel values have the value representation that follows from Pixel Representation', () => {
  expect(toDicomJson({ PixelRepresentation: 1, SmallestImagePixelValue: -5 })).toMatchObject({
    '00280106': { vr: 'SS', Value: [-5] },
  });
});

test('the character set of a model is UTF-8', () => {
  const dataSet = { SpecificCharacterSet: ['', 'ISO 2022 IR 87'], PatientID: '山' };
  expect(toDicomJson(dataSet)['00080005']).toEqual({ vr: 'CS', Value: ['ISO_IR 192'] });
  // It can be encoded without changes.
  const back = fromDicomJson(toDicomJson(dataSet));
  expect(decodeDataSet(encodeDataSet(back, EXPLICIT), EXPLICIT)).toEqual(back);
});

test('numbers as strings become numbers', () => {
  const model = { '00280030': { vr: 'DS', Value: ['1.5', '1.50'] }, '00720083': { vr: 'UV', Value: [5] } };
  expect(fromDicomJson(model)).toEqual({ PixelSpacing: [1.5, 1.5], SelectorUVValue: [5n] });
});

test('bytes are replaced by the URI that the option gives; encapsulated pixel data need one', () => {
  const dataSet = { PixelData: [Uint8Array.of(), Uint8Array.of(1, 2)], OverlayData: Uint8Array.of(1, 2) };
  expect(() => toDicomJson(dataSet)).toThrow(DataSetError);
  const bulkDataUri = (tag: number) => (tag === 0x7fe00010 ? 'frames' : undefined);
  expect(toDicomJson(dataSet, { bulkDataUri })).toEqual({
    '60003000': { vr: 'OW', InlineBinary: 'AQI=' },
    '7FE00010': { vr: 'OB', BulkDataURI: 'frames' },
  });
  const elsewhere: UntypedDataSet = { PixelData: { BulkDataURI: 'frames' } };
  expect(() => encodeDataSet(elsewhere, EXPLICIT)).toThrow('(7FE0,0010) has its value elsewhere');
});

test.each<[string, unknown]>([
  ['a keyword for a tag', { PatientID: { vr: 'LO' } }],
  ['an attribute that is none', { '00100020': 'x' }],
  ['no value representation for what has none', { '00091001': { Value: ['x'] } }],
  ['a value that is no array', { '00100020': { vr: 'LO', Value: 'x' } }],
  ['an object for text', { '00100020': { vr: 'LO', Value: [{}] } }],
  ['text for a number', { '00280010': { vr: 'US', Value: ['x'] } }],
  ['text for a tag', { '00280009': { vr: 'AT', Value: ['x'] } }],
  ['text for an item', { '00400275': { vr: 'SQ', Value: ['x'] } }],
  ['binary text', { '00100020': { vr: 'LO', InlineBinary: 'AQ==' } }],
  ['something deep down', { '00400275': { vr: 'SQ', Value: [{}, { '00100020': { vr: 'LO', Value: [true] } }] } }],
])('rejects a model with %s', (_, model) => {
  expect(() => fromDicomJson(model as DicomJsonModel)).toThrow(DataSetError);
});

test.each<[string, DicomJsonModel]>([
  ['words', { '00280010': { vr: 'US', Value: ['many'] } }],
  ['more than it holds', { '00280010': { vr: 'US', Value: [65536] } }],
  ['a fraction', { '00280010': { vr: 'US', Value: [1.5] } }],
  ['a blank', { '00280010': { vr: 'US', Value: [' '] } }],
  ['words for a float', { '00700022': { vr: 'FL', Value: ['left'] } }],
])('rejects a number that is %s', (_, model) => {
  expect(() => fromDicomJson(model)).toThrow(DataSetError);
});

test.each<[string, UntypedDataSet]>([
  ['words', { Rows: 'many' }],
  ['words for a float', { GraphicData: ['left', 1] }],
  ['words for a tag', { FrameIncrementPointer: 'left' }],
])('rejects a value that is %s', (_, dataSet) => {
  expect(() => toDicomJson(dataSet)).toThrow(DataSetError);
});

test('errors have the place', () => {
  const model = { '00400275': { vr: 'SQ', Value: [{}, { '00100020': { vr: 'LO', Value: [true] } }] } };
  expect(() => fromDicomJson(model)).toThrow('(0040,0275)[1].(0010,0020) of LO');
});

test('models may be nested as deep as data sets, not deeper', () => {
  let model: DicomJsonModel = {};
  for (let depth = 0; depth < 64; depth++) model = { '00400275': { vr: 'SQ', Value: [model] } };
  expect(toDicomJson(fromDicomJson(model))).toEqual(model);
  const deeper = { '00400275': { vr: 'SQ', Value: [model] } };
  expect(() => fromDicomJson(deeper)).toThrow(/nested more than 64 deep/);
});

test('gives a data set or a DataSetError for any JSON', () => {
  const key = fc.constantFrom('00100010', '00100020', '00280010', '00400275', '7FE00010', '00091001', 'x');
  const vr = fc.constantFrom('PN', 'LO', 'US', 'SQ', 'OB', 'AT', 'DS', 'UV', 'ZZ', '');
  const attribute = fc.record(
    { vr, Value: fc.oneof(fc.array(fc.jsonValue(), { maxLength: 3 }), fc.jsonValue()), InlineBinary: fc.string() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.dictionary(key, fc.oneof(attribute, fc.jsonValue())), (model) => {
      try {
        toDicomJson(fromDicomJson(model as unknown as DicomJsonModel));
      } catch (error) {
        if (!(error instanceof DataSetError)) throw error;
      }
    }),
    { numRuns: 2000, endOnFailure: true },
  );
});

describe('private attributes', () => {
  const dataSet = withPrivate(
    withPrivate({ PatientID: '1' }, 'ONE', 0x0009, { 1: { vr: 'LO', value: 'a' } }),
    'TWO',
    0x0009,
    {
      1: { vr: 'US', value: 5 },
    },
  );

  test('are in the block of their creator', () => {
    expect(dataSet).toEqual({
      PatientID: '1',
      '00090010': 'ONE',
      '00091001': { vr: 'LO', value: 'a' },
      '00090011': 'TWO',
      '00091101': { vr: 'US', value: 5 },
    });
    expect(privateKey(dataSet, 'TWO', 0x0009, 0x01)).toBe('00091101');
    expect(privateValue(dataSet, 'TWO', 0x0009, 0x01)).toBe(5);
    expect(privateValue(dataSet, 'THREE', 0x0009, 0x01)).toBeUndefined();
    expect(decodeDataSet(encodeDataSet(dataSet, EXPLICIT), EXPLICIT)).toEqual(dataSet);
  });

  test('are added to the existing block', () => {
    expect(withPrivate(dataSet, 'ONE', 0x0009, { 2: { vr: 'LO', value: 'b' } })).toEqual({
      ...dataSet,
      '00091002': { vr: 'LO', value: 'b' },
    });
  });

  test('need an odd group, an element of a block, and a value representation if they have a value', () => {
    expect(() => withPrivate({}, 'ONE', 0x0010, {})).toThrow(RangeError);
    expect(() => withPrivate({}, 'ONE', 0x0009, { 256: { vr: 'LO', value: '' } })).toThrow(RangeError);
    expect(decodeDataSet(encodeDataSet({ ['00091001' as string]: '' }, EXPLICIT), EXPLICIT)).toEqual({
      '00091001': { vr: 'UN', value: null },
    });
    expect(() => encodeDataSet({ ['00091001' as string]: 'x' }, EXPLICIT)).toThrow(
      '(0009,1001) needs a value representation',
    );
    expect(() => encodeDataSet({ ['NoSuchKeyword' as string]: 'x' }, EXPLICIT)).toThrow(
      "'NoSuchKeyword' is neither a keyword",
    );
  });

  test('are read as UN bytes in implicit VR', () => {
    const implicit = TransferSyntax.ImplicitVRLittleEndian;
    expect(decodeDataSet(encodeDataSet(dataSet, implicit), implicit)).toMatchObject({
      '00090010': 'ONE',
      '00091001': { vr: 'UN', value: Uint8Array.of(0x61, 0x20) },
    });
  });
});
