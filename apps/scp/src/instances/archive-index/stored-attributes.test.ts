import { encodeDataSet, type UntypedDataSet } from '@x/dimse';
import { decodeExtract, tagOf } from '@x/dimse/data-set';
import { EXPLICIT_VR_LITTLE_ENDIAN } from '@x/testing/data-sets';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { INDEXED_ATTRIBUTES } from './indexed-attributes.ts';
import { storedAttributes } from './stored-attributes.ts';

const SHORT = ['AE', 'AS', 'AT', 'CS', 'DA', 'DS', 'DT', 'FD', 'FL', 'IS', 'LO', 'LT', 'PN', 'SH', 'SL', 'SS', 'ST'];
const VALUE_REPRESENTATIONS = [...SHORT, 'TM', 'UI', 'UL', 'US', 'OB', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'];
const KEYWORDS = INDEXED_ATTRIBUTES.filter(({ computed }) => !computed).map(({ keyword }) => keyword);

/** An element with any value representation. */
function element(keyword: string, vr: string, value: Uint8Array): Uint8Array {
  const tag = tagOf(keyword) as number;
  const isLong = /^(?:O.|SQ|SV|U[CNRTV])$/.test(vr);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4, 'latin1');
  if (isLong) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
}

test('keeps of any value only what a response can carry', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...KEYWORDS),
      fc.constantFrom(...VALUE_REPRESENTATIONS),
      fc.uint8Array({ minLength: 1, maxLength: 3 }),
      (keyword, vr, pattern) => {
        const value =
          vr === 'SQ'
            ? new Uint8Array()
            : Uint8Array.from({ length: 8 }, (_, at) => pattern[at % pattern.length] as number);
        let attributes: ReturnType<typeof decodeExtract>;
        try {
          attributes = decodeExtract(element(keyword, vr, value), EXPLICIT_VR_LITTLE_ENDIAN);
        } catch {
          return;
        }
        const { json, attributes: stored } = storedAttributes(attributes);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(stored)));
        encodeDataSet(JSON.parse(json), EXPLICIT_VR_LITTLE_ENDIAN);
      },
    ),
    { numRuns: 5000 },
  );
});

test('keeps usual values unchanged', () => {
  const attributes = {
    PatientID: '42',
    InstanceNumber: 7,
    PatientName: { Alphabetic: 'Doe^Jane' },
    PixelSpacing: [1, 2],
  };
  expect(storedAttributes(attributes)).toEqual({ attributes, json: JSON.stringify(attributes) });
  const names = { PatientName: { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎' } };
  expect(storedAttributes(names)).toEqual({ attributes: names, json: JSON.stringify(names) });
});

test.each<[string, string, unknown, unknown]>([
  ['an umlaut in a code string', 'BodyPartExamined', 'SCHÄDEL', 'SCH?DEL'],
  ['one of several values', 'ImageType', ['ÄX', 'PRIMARY'], ['?X', 'PRIMARY']],
  ['an integer of 64 bits', 'InstanceNumber', { vr: 'SV', value: 9007199254740993n }, '9007199254740993'],
  ['a binary number', 'InstanceNumber', { vr: 'US', value: 7 }, 7],
  ['another text', 'PatientID', { vr: 'SH', value: '42' }, '42'],
  ['bytes', 'PatientID', { vr: 'OB', value: new Uint8Array([1, 2]) }, undefined],
])('keeps %s as far as possible', (_, keyword, value, kept) => {
  expect((storedAttributes({ [keyword]: value }).attributes as UntypedDataSet)[keyword]).toEqual(kept);
});
