// Data sets byte by byte: bytes written, bytes read from peers, and malformed bytes with the place that the error names.

import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import {
  combineDataSetCodecs,
  createDataSetCodec,
  decodeDataSet,
  encodeDataSet,
  standardDataSetCodec,
  type UntypedDataSet,
} from './dataset.ts';
import { elementOf } from './misfits.ts';
import { decimalString } from './number-strings.ts';

const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const BIG_ENDIAN = TransferSyntax.ExplicitVRBigEndian;
const DEFLATED = TransferSyntax.DeflatedExplicitVRLittleEndian;

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const hexOf = (dataSet: UntypedDataSet, syntax: string): string =>
  Buffer.from(encodeDataSet(dataSet, syntax)).toString('hex');
const there = (dataSet: UntypedDataSet, syntax: string = EXPLICIT): UntypedDataSet =>
  decodeDataSet(encodeDataSet(dataSet, syntax), syntax);

// biome-ignore format: a table reads as a table
const written: readonly (readonly [what: string, dataSet: UntypedDataSet, syntax: string, hex: string])[] = [
  ['elements in the order of their tags',   { PatientID: '42', StudyDate: '2020' }, EXPLICIT, '08002000 4441 0400 32303230  10002000 4c4f 0200 3432'],
  ['text padded with a space',              { PatientID: '1' },                     IMPLICIT, '10002000 02000000 3120'],
  ['a UID padded with NUL',                 { SOPInstanceUID: '1.2' },              EXPLICIT, '08001800 5549 0400 312e3200'],
  ['an empty number as nothing',            { Rows: null },                         EXPLICIT, '28001000 5553 0000'],
  ['a long header for what may be long',    { SelectorUTValue: 'ab' },              EXPLICIT, '72007000 5554 0000 02000000 6162'],
  ['numbers in big endian',                 { Rows: 513 },                          BIG_ENDIAN, '00280010 5553 0002 0201'],
  ['tags in big endian',                    { FrameIncrementPointer: 0x00181063 },  BIG_ENDIAN, '00280009 4154 0004 00181063'],
  ['tags in little endian',                 { FrameIncrementPointer: '00181063' },  EXPLICIT, '28000900 4154 0400 18006310'],
  ['words turned round in big endian',      { PixelData: Uint8Array.of(1, 2, 3, 4) }, BIG_ENDIAN, '7fe00010 4f57 0000 00000004 02010403'],
  ['a sequence with its length',            { ReferencedStudySequence: [{ StudyID: '1' }, {}] }, EXPLICIT,
    '08001011 5351 0000 1a000000  feff00e0 0a000000 20001000 5348 0200 3120  feff00e0 00000000'],
  ['fragments',                             { PixelData: [Uint8Array.of(), Uint8Array.of(1, 2, 3)] }, EXPLICIT,
    'e07f1000 4f42 0000 ffffffff  feff00e0 00000000  feff00e0 04000000 01020300  feffdde0 00000000'],
  ['a private sequence in implicit VR without length, so that it is seen to be one', { '00091001': { vr: 'SQ', value: [{}] } }, IMPLICIT,
    '09000110 ffffffff  feff00e0 00000000  feffdde0 00000000'],
];

test.each(written)('writes %s', (_, dataSet, syntax, hex) => {
  expect(hexOf(dataSet, syntax)).toBe(hex.replaceAll(' ', ''));
});

// biome-ignore format: a table reads as a table
const received: readonly (readonly [what: string, hex: string, syntax: string, dataSet: UntypedDataSet])[] = [
  ['UIDs padded with spaces',               '08001800 5549 0600 312e32202020', EXPLICIT, { SOPInstanceUID: '1.2' }],
  ['spaces around what they mean nothing in', '10002000 4c4f 0600 202034322020', EXPLICIT, { PatientID: '42' }],
  ['a text that begins with spaces',        '10000040 4c54 0400 20206120', EXPLICIT, { PatientComments: '  a' }],
  ['text padded with NUL',                  '10002000 4c4f 0400 34320000', EXPLICIT, { PatientID: '42' }],
  ['group lengths, which are passed over',  '10000000 554c 0400 0a000000 10002000 4c4f 0200 3432', EXPLICIT, { PatientID: '42' }],
  ['numbers as text, in every form',        '18005000 4453 1400 2031 5c 312e3530 5c 2b2e35 5c 2d316533 20 5c 78 20', EXPLICIT, { '00180050': { vr: 'DS', value: [1, 1.5, 0.5, -1000, 'x'] } }],
  ['a number with more digits than fit',    '20001300 4953 1000 39303037313939323534373430393933', EXPLICIT, { '00200013': { vr: 'IS', value: '9007199254740993' } }],
  ['empty values among others',             '08006100 4353 0600 43545c5c4d52', EXPLICIT, { ModalitiesInStudy: ['CT', '', 'MR'] }],
  ['an element of unknown VR that the dictionary knows', '28001000 554e 0000 02000000 0102', EXPLICIT, { Rows: 513 }],
  ['one that is no such number',            '72007800 554e 0000 06000000 010203040506', EXPLICIT, { '00720078': { vr: 'UN', value: Uint8Array.of(1, 2, 3, 4, 5, 6) } }],
  ['a sequence of unknown VR, which is implicit inside', '08001011 554e 0000 ffffffff feff00e0 ffffffff 20001000 02000000 3120 feff0de0 00000000 feffdde0 00000000', EXPLICIT, { ReferencedStudySequence: [{ StudyID: '1' }] }],
  ['a private one',                         '09000110 554e 0000 ffffffff feff00e0 00000000 feffdde0 00000000', EXPLICIT, { '00091001': { vr: 'SQ', value: [{}] } }],
  ['items and sequences without length',    '08001011 ffffffff feff00e0 ffffffff 20001000 02000000 3120 feff0de0 00000000 feffdde0 00000000', IMPLICIT, { ReferencedStudySequence: [{ StudyID: '1' }] }],
  ['another text VR than the dictionary\'s','10002000 5348 0200 3432', EXPLICIT, { PatientID: '42' }],
  ['another number VR than the dictionary\'s', '28001000 554c 0400 00000100', EXPLICIT, { '00280010': { vr: 'UL', value: 65536 } }],
  ['a VR of a later edition',               '10002000 5a5a 0000 02000000 3432', EXPLICIT, { '00100020': { vr: 'ZZ', value: Uint8Array.of(0x34, 0x32) } }],
  ['signed pixel values',                   '28000301 02000000 0100 28000601 02000000 feff', IMPLICIT, { PixelRepresentation: 1, SmallestImagePixelValue: -2 }],
  ['unsigned ones',                         '28000601 02000000 feff', IMPLICIT, { SmallestImagePixelValue: 65534 }],
  ['overlays of other groups',              '02600030 4f57 0000 02000000 0102', EXPLICIT, { '60023000': Uint8Array.of(1, 2) }],
  ['a retired attribute by its keyword',    '10001010 4153 0400 30343559', EXPLICIT, { PatientAge: '045Y' }],
];

test.each(received)('reads %s', (_, hex, syntax, dataSet) => {
  expect(decodeDataSet(bytes(hex), syntax)).toEqual(dataSet);
  // The same again after it has been written.
  expect(there(dataSet, syntax)).toEqual(dataSet);
});

// biome-ignore format: a table reads as a table
const refused: readonly (readonly [what: string, hex: string, syntax: string, message: string, place: object])[] = [
  ['ends in a header',          '10002000 4c4f', EXPLICIT, '6 bytes are left, an element needs 8 (at byte 0)', { offset: 0 }],
  ['ends in a value',           '10002000 4c4f 0400 3432', EXPLICIT, '(0010,0020) declares 4 bytes, 2 are left (at byte 0)', { tag: 0x00100020, offset: 0 }],
  ['has no VR and ends in a value', '08002000 4441 0000 10002000 02000000 34', EXPLICIT, '(0010,0020) declares 2 bytes, 1 are left (at byte 8)', { tag: 0x00100020, offset: 8 }],
  ['has half a number',         '28001000 5553 0300 010203', EXPLICIT, '(0028,0010) has 3 bytes, US takes 2 each (at byte 0)', { tag: 0x00280010 }],
  ['has text without length',   '10002000 ffffffff', IMPLICIT, '(0010,0020) of value representation LO has no length (at byte 0)', { tag: 0x00100020 }],
  ['has an item outside a sequence', 'feff00e0 00000000', IMPLICIT, '(FFFE,E000) stands where no item is (at byte 0)', { offset: 0 }],
  ['has an element where an item is due', '08001011 08000000 20001000 00000000', IMPLICIT, '(0020,0010) stands where an item is due (at byte 8)', { offset: 8 }],
  ['has an item longer than its sequence', '08001011 08000000 feff00e0 04000000 20001000', IMPLICIT, '(FFFE,E000) declares 4 bytes, 0 are left (at byte 8)', { offset: 8 }],
  ['goes wrong inside items',   '08001011 1a000000 feff00e0 00000000 feff00e0 0a000000 20001000 04000000 3120', IMPLICIT, '(0008,1110)[1].(0020,0010) declares 4 bytes, 2 are left (at byte 24)', { tag: 0x00200010, offset: 24, items: ['(0008,1110)[1]'] }],
];

test.each(refused)('rejects a data set that %s, with the place', (_, hex, syntax, message, place) => {
  let caught: unknown;
  try {
    decodeDataSet(bytes(hex), syntax);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(DataSetError);
  expect(caught).toMatchObject({ message, ...place });
});

test.each<[string, UntypedDataSet, string]>([
  ['a number that does not fit', { Rows: 65536 }, '(0028,0010) of US cannot have the number 65536'],
  ['half a number', { InstanceNumber: 1.5 }, '(0020,0013) of IS cannot have the number 1.5'],
  ['no float', { GraphicData: 'secret' }, '(0070,0022) of FL cannot have a value of type string'],
  ['no number', { Rows: 'secret' }, '(0028,0010) of US cannot have a value of type string'],
  ['an object for text', { PatientID: {} }, '(0010,0020) of LO cannot have a value of type object'],
  ['text for bytes', { EncapsulatedDocument: 'x' }, '(0042,0011) of OB takes a Uint8Array'],
  ['text for items', { ReferencedStudySequence: ['x'] }, '(0008,1110) takes data sets, but item 0 is not one'],
  ['an element twice', { PatientID: '1', '00100020': '2' }, '(0010,0020) is given by its keyword and by its tag'],
  ['an item', { FFFEE000: '' }, '(FFFE,E000) does not belong in a data set'],
])('rejects a value on writing: %s', (_, dataSet, message) => {
  expect(() => encodeDataSet(dataSet, EXPLICIT)).toThrow(message);
});

test('stops parsing unknown values after many that do not fit the dictionary', () => {
  const unknown = (tag: string, hex: string) =>
    `${tag} 554e 0000 ${(hex.length / 2).toString(16).padStart(2, '0')}000000 ${hex}`;
  const [broken, sound] = [unknown('08001111', 'feff00e00500000001'), unknown('08004011', 'feff00e000000000')];
  const decoded = (count: number) =>
    elementOf(decodeDataSet(bytes(broken.repeat(count) + sound), EXPLICIT), 'ReferencedImageSequence');
  expect(decoded(63)).toMatchObject({ vr: 'SQ', value: [{}] });
  expect(decoded(64)).toEqual({ vr: 'UN', value: bytes('feff00e000000000') });
});

describe('sequences', () => {
  const nested = (depth: number): UntypedDataSet =>
    depth === 0 ? { StudyID: '1' } : { ReferencedStudySequence: [nested(depth - 1)] };

  test('are nested at most 64 deep, in both directions', () => {
    expect(there(nested(64))).toEqual(nested(64));
    expect(() => encodeDataSet(nested(65), EXPLICIT)).toThrow(/nested more than 64 deep/);
    for (const syntax of [IMPLICIT, EXPLICIT]) {
      const header = syntax === IMPLICIT ? '08001011 ffffffff' : '08001011 5351 0000 ffffffff';
      const deep = bytes(`${header} feff00e0 ffffffff`.repeat(100_000));
      expect(() => decodeDataSet(deep, syntax)).toThrow(/nested more than 64 deep/);
    }
  });
});

test('writes values too long for their length field as UN, and reads them back', () => {
  const dataSet = { OtherPatientIDs: Array.from({ length: 20_000 }, (_, index) => `${index}`), PixelSpacing: [1, 2] };
  expect(there(dataSet)).toEqual(dataSet);
  expect(there(dataSet, BIG_ENDIAN)).toEqual(dataSet);
});

describe('a deflated data set', () => {
  test('has an even length', () => {
    for (let length = 0; length < 20; length++)
      expect(encodeDataSet({ PatientID: 'x'.repeat(length) }, DEFLATED).length % 2).toBe(0);
  });

  test('is inflated up to the maximum length only', () => {
    const bomb = deflateRawSync(new Uint8Array(10_000_000));
    expect(bomb.length).toBeLessThan(20_000);
    const codec = createDataSetCodec({ maximumInflatedLength: 1_000_000 });
    expect(() => codec.decode(bomb, DEFLATED)).toThrow(/cannot be inflated/);
    expect(codec.decode(codec.encode({ PatientID: '1' }, DEFLATED), DEFLATED)).toEqual({ PatientID: '1' });
  });
});

test.each([
  ['spaces', ' '.repeat(2_000_000)],
  ['digits', '1'.repeat(2_000_000)],
  ['delimiters', '\\'.repeat(100_000)],
  ['equals signs', '='.repeat(2_000_000)],
])('reads text of many %s in linear time', (_, many) => {
  for (const tag of ['10002000', '18005000', '10001000', '10000040', '08000500']) {
    const header = Buffer.alloc(8);
    header.set(bytes(tag));
    header.writeUInt32LE(many.length + 2, 4);
    const decoded = decodeDataSet(Buffer.concat([header, Buffer.from(`${many}x `)]), IMPLICIT);
    expect(Object.keys(decoded)).toHaveLength(1);
  }
});

describe('decimal strings', () => {
  test.each([
    [0, '0'],
    [-1 / 3, '-.33333333333333'],
    [1.2345678901234e22, '12345678901234e9'],
    [0.012345678901234, '.012345678901234'],
  ])('write %d as %s', (number, text) => {
    expect(decimalString(number)).toBe(text);
  });

  test('have at most 16 characters and are as near as possible', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const text = decimalString(number);
        expect(text.length).toBeLessThanOrEqual(16);
        expect(Math.abs(Number(text) - number)).toBeLessThanOrEqual(Math.abs(number) * 1e-8 + Number.MIN_VALUE);
      }),
      { numRuns: 3000 },
    );
  });

  test('keep every number of 16 characters', () => {
    const digits = fc.stringMatching(/^-?\d{1,6}(\.\d{1,8})?(e-?\d{1,2})?$/).filter((text) => text.length <= 16);
    fc.assert(
      fc.property(digits, (text) => {
        expect(Number(decimalString(Number(text))) === Number(text)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

test('combined codecs use the first that knows the transfer syntax', () => {
  const own = {
    transferSyntaxes: ['2.25.1', IMPLICIT],
    encode: () => Uint8Array.of(1),
    decode: () => ({ PatientID: 'own' }),
  };
  const codec = combineDataSetCodecs(own, standardDataSetCodec);
  expect(codec.transferSyntaxes).toEqual(['2.25.1', IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN]);
  expect(codec.encode({}, IMPLICIT)).toEqual(Uint8Array.of(1));
  expect(codec.decode(new Uint8Array(0), '2.25.1')).toEqual({ PatientID: 'own' });
  expect(codec.decode(codec.encode({ PatientID: '1' }, EXPLICIT), EXPLICIT)).toEqual({ PatientID: '1' });
  expect(() => codec.encode({}, '2.25.2')).toThrow(DataSetError);
});
