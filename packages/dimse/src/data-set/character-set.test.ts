import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TransferSyntax } from '../registry/uids.generated.ts';
import type { CharacterSet } from './character-set.ts';
import { characterSet, UnencodableCharacterError } from './character-set.ts';
import { DataSetError } from './data-set-error.ts';
import { createDataSetCodec, decodeDataSet, decodeExtract, encodeDataSet } from './dataset.ts';
import { parsePersonName } from './person-name.ts';

const NAME = { hasManyValues: true, isPersonName: true };
const LINES = { hasManyValues: false, isPersonName: false };
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;

const of = (...terms: readonly string[]): CharacterSet => characterSet(terms) as CharacterSet;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

// PS3.5 Annexes H.3, I.2, J, K.2, and names in the single-byte sets.
// biome-ignore format: a table reads as a table
const names: readonly (readonly [terms: string, name: string, bytes: string])[] = [
  ['\\ISO 2022 IR 87', 'Yamada^Tarou=山田^太郎=やまだ^たろう',
    '59616d6164615e5461726f753d 1b2442 3b334544 1b2842 5e 1b2442 42404f3a 1b2842 3d 1b2442 2464245e2440 1b2842 5e 1b2442 243f246d2426 1b2842'],
  ['ISO 2022 IR 13\\ISO 2022 IR 87', 'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
    'd4cfc0de5ec0dbb33d 1b2442 3b334544 1b284a 5e 1b2442 42404f3a 1b284a 3d 1b2442 2464245e2440 1b284a 5e 1b2442 243f246d2426 1b284a'],
  ['\\ISO 2022 IR 149', 'Hong^Gildong=洪^吉洞=홍^길동',
    '486f6e675e47696c646f6e673d 1b242943 fbf3 5e 1b242943 d1ced4d7 3d 1b242943 c8ab 5e 1b242943 b1e6b5bf'],
  ['\\ISO 2022 IR 58', 'Zhang^XiaoDong=张^小东=',
    '5a68616e675e5869616f446f6e673d 1b242941 d5c5 5e 1b242941 d0a1b6ab 3d'],
  ['ISO_IR 192', 'Wang^XiaoDong=王^小東=', '57616e675e5869616f446f6e673d e78e8b 5e e5b08fe69db1 3d'],
  ['GB18030',    'Wang^XiaoDong=王^小东=', '57616e675e5869616f446f6e673d cdf5 5e d0a1b6ab 3d'],
  ['GBK',        'Wang^XiaoDong=王^小东=', '57616e675e5869616f446f6e673d cdf5 5e d0a1b6ab 3d'],
  ['ISO_IR 100', 'Buc^Jérôme',             '4275635e4ae972f46d65'],
  ['ISO_IR 100', 'Äneas^Rüdiger',          'c46e6561735e52fc6469676572'],
  ['ISO_IR 126', 'Διονυσιος',              'c4e9efedf5f3e9eff2'],
  ['ISO_IR 144', 'Люкceмбypг',             'bbeeda6365dcd17970d3'],
  ['ISO_IR 127', 'قباني^لنزار',            'e2c8c7e6ea5ee4e6d2c7d1'],
  ['ISO_IR 138', 'שרון^דבורה',             'f9f8e5ef5ee3e1e5f8e4'],
  ['ISO_IR 101', 'Wałęsa',                 '5761b3ea7361'],
  ['ISO_IR 109', 'antaŭ',                  '616e7461fd'],
  ['ISO_IR 110', 'Rīga',                   '52ef6761'],
  ['ISO_IR 148', 'Çavuşoğlu',              'c7617675fe6ff06c75'],
  ['ISO_IR 166', 'ไทย',                    'e4b7c2'],
  ['ISO_IR 203', 'Œuvre€',                 'bc75767265a4'],
  ['ISO_IR 13',  'ﾔﾏﾀﾞ^ﾀﾛｳ',              'd4cfc0de5ec0dbb3'],
  ['\\ISO 2022 IR 159', '丂',              '1b242844 3021 1b2842'],
  ['ISO 2022 IR 100\\ISO 2022 IR 126', 'é^Δ', 'e9 5e 1b2d46 c4'],
];

describe.each(names)('in %s', (terms, name, bytes) => {
  const set = of(...terms.split('\\'));

  test(`encodes ${name} as the standard prints it`, () => {
    expect(hex(set.encode(name, NAME))).toBe(bytes.replaceAll(' ', ''));
    expect(set.decode(bytesOf(bytes), NAME)).toBe(name);
  });

  test(`reads ${name} back from a data set that names the character set, in several lines too`, () => {
    const dataSet = {
      SpecificCharacterSet: terms.split('\\'),
      PatientName: parsePersonName(name),
      OtherPatientNames: [parsePersonName(name), parsePersonName(name)],
      PatientComments: `${name}\r\n${name}`,
      OtherPatientIDs: [name, 'x', name],
    };
    expect(decodeDataSet(encodeDataSet(dataSet, EXPLICIT), EXPLICIT)).toEqual(dataSet);
  });
});

test.each([
  ['ISO IR 100', 'ISO_IR 100'],
  ['ISO-IR 100', 'ISO_IR 100'],
  ['ISO 2022 IR 100', 'ISO_IR 100'],
  ['iso_ir 192', 'ISO_IR 192'],
])('reads the misspelt term %s as %s', (spelt, meant) => {
  expect(hex(of(spelt).encode('é', NAME))).toBe(hex(of(meant).encode('é', NAME)));
});

test('encodes and decodes every character of every set', () => {
  for (const number of [100, 101, 109, 110, 144, 127, 126, 138, 148, 166, 13, 203]) {
    const set = of(`ISO_IR ${number}`);
    const text = set.decode(
      Uint8Array.from({ length: 0xff - 0x20 }, (_, index) => index + 0x20),
      LINES,
    );
    for (const character of text.replaceAll('\ufffd', ''))
      expect(set.decode(set.encode(character, LINES), LINES)).toBe(character);
  }
  for (const [number, designation, high] of [
    [87, '1b2442', 0],
    [159, '1b242844', 0],
    [149, '1b242943', 0x80],
    [58, '1b242941', 0x80],
  ] as const) {
    const set = of('', `ISO 2022 IR ${number}`);
    let characters = 0;
    for (let first = 0x21; first <= 0x7e; first++) {
      const row = Array.from({ length: 94 }, (_, index) => [first + high, 0x21 + index + high]).flat();
      for (const character of set.decode(Buffer.concat([bytesOf(designation), Uint8Array.from(row)]), LINES)) {
        if (character === '\ufffd') continue;
        characters++;
        expect(set.decode(set.encode(character, LINES), LINES)).toBe(character);
      }
    }
    expect(characters).toBeGreaterThan(5000);
  }
});

test.each(['GB18030', 'ISO_IR 192'])('%s encodes all of Unicode', (term) => {
  const set = of(term);
  fc.assert(
    // All but the replacement character.
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\ufffd')),
      (text) => {
        expect(set.decode(set.encode(text, LINES), LINES)).toBe(text);
      },
    ),
    { numRuns: 500 },
  );
  for (const character of ['\u0080', '€', 'ÿ', '\u1e3f', '\ufffc', '😀', '𠀀', '\u{10ffff}'])
    expect(set.decode(set.encode(character, LINES), LINES)).toBe(character);
});

test('encodes and decodes text with characters of several sets', () => {
  const set = of('ISO 2022 IR 100', 'ISO 2022 IR 126', 'ISO 2022 IR 87', 'ISO 2022 IR 149', 'ISO 2022 IR 144');
  const unit = fc.constantFrom('a', 'é', 'Δ', '山', 'あ', '길', 'Л', '^', '=', '\\', ' ', '\t', '~', '\r\n');
  for (const kind of [NAME, LINES, { ...LINES, hasManyValues: true }])
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(set.decode(set.encode(text, kind), kind)).toBe(text);
      }),
    );
});

test('does not read the second byte of a character as a delimiter', () => {
  // 構 is 393DH in JIS X 0208, 十 is 3D3DH.
  for (const [terms, text] of [
    [['GBK'], '誠\\b'],
    [['GB18030'], '誠\\b'],
    [['', 'ISO 2022 IR 87'], '構十\\b'],
  ] as const) {
    const dataSet = { SpecificCharacterSet: terms, OtherPatientIDs: text.split('\\') };
    expect(decodeDataSet(encodeDataSet(dataSet, EXPLICIT), EXPLICIT)).toEqual(dataSet);
  }
});

test('reads Korean text that does not designate its set again after a delimiter', () => {
  expect(of('', 'ISO 2022 IR 149').decode(bytesOf('1b242943 fbf3 5e d1ced4d7'), NAME)).toBe('洪^吉洞');
});

describe('a data set', () => {
  const there = (dataSet: object) => decodeDataSet(encodeDataSet({ ...dataSet }, EXPLICIT), EXPLICIT);

  test('without a character set is written in UTF-8 only if its text needs it', () => {
    expect(there({ PatientID: '山' })).toEqual({ SpecificCharacterSet: ['ISO_IR 192'], PatientID: '山' });
    expect(there({ RequestAttributesSequence: [{ StudyID: 'é' }] })).toMatchObject({
      SpecificCharacterSet: ['ISO_IR 192'],
    });
    expect(there({ PatientID: 'a' })).toEqual({ PatientID: 'a' });
  });

  test('may have items with their own character sets', () => {
    const dataSet = {
      SpecificCharacterSet: ['ISO_IR 100'],
      PatientID: 'é',
      ReferencedStudySequence: [
        { SpecificCharacterSet: ['ISO_IR 126'], StudyID: 'Δ', ReferencedSeriesSequence: [{ SeriesDescription: 'Ω' }] },
        { StudyID: 'ü' },
        { SpecificCharacterSet: ['', 'ISO 2022 IR 87'], StudyID: '山' },
      ],
      StudyID: 'ß',
    };
    expect(there(dataSet)).toEqual(dataSet);
    expect(hex(encodeDataSet(dataSet, EXPLICIT))).toContain(hex(Buffer.from('\xd9', 'latin1')));
  });

  test('with a character outside its character set is rejected with the character and the place', () => {
    const dataSet = { SpecificCharacterSet: 'ISO_IR 100', RequestAttributesSequence: [{}, { StudyID: 'a山' }] };
    const encode = () => encodeDataSet(dataSet, EXPLICIT);
    expect(encode).toThrow(DataSetError);
    expect(encode).toThrow('(0040,0275)[1].(0020,0010) the character set has no 山 (U+5C71)');
    // Elements before (0008,0005) are in the default repertoire.
    expect(() => encodeDataSet({ ['00070010' as string]: 'é' }, EXPLICIT)).toThrow(
      /\(0007,0010\) the character set has no é/,
    );
    expect(() => of('ISO_IR 100').encode('山', NAME)).toThrow(UnencodableCharacterError);
    expect(() => of('ISO_IR 13').encode('~', NAME)).toThrow(UnencodableCharacterError);
    expect(() => of('ISO_IR 192').encode('\ud800', NAME)).toThrow(UnencodableCharacterError);
  });

  test('replaces characters outside its character set if the codec has a replacement', () => {
    const codec = createDataSetCodec({ replacement: '?' });
    const dataSet = { SpecificCharacterSet: ['ISO_IR 100'], PatientID: '山é山' };
    expect(codec.decode(codec.encode(dataSet, EXPLICIT), EXPLICIT)).toEqual({ ...dataSet, PatientID: '?é?' });
    const poor = createDataSetCodec({ replacement: '〓' });
    expect(() => poor.encode(dataSet, EXPLICIT)).toThrow(DataSetError);
  });

  test('in an unknown character set is rejected only if an element needs it', () => {
    expect(there({ SpecificCharacterSet: 'KLINGON', PatientID: 'a' })).toMatchObject({ PatientID: 'a' });
    expect(() => there({ SpecificCharacterSet: 'KLINGON', PatientID: 'é' })).toThrow(/KLINGON/);
    const bytes = Buffer.concat([
      encodeDataSet({ SpecificCharacterSet: 'KLINGON' }, EXPLICIT),
      encodeDataSet({ SpecificCharacterSet: 'ISO_IR 100', PatientID: 'éé' }, EXPLICIT).subarray(18),
    ]);
    expect(() => decodeDataSet(bytes, EXPLICIT)).toThrow(/\(0010,0020\) is in an unknown character set: KLINGON/);
  });

  test('is rejected if its list of character sets, or one of their names, is longer than any of the standard', () => {
    const many = Array.from({ length: 1000 }, () => '');
    for (const terms of [many, ['ISO_IR 100'.padEnd(1000, ' ')]]) expect(characterSet(terms)).toBeUndefined();
    const bytes = Buffer.concat([
      encodeDataSet({ SpecificCharacterSet: many }, EXPLICIT),
      encodeDataSet({ SpecificCharacterSet: 'ISO_IR 100', PatientID: 'éé' }, EXPLICIT).subarray(18),
    ]);
    expect(() => decodeDataSet(bytes, EXPLICIT)).toThrow(/\(0010,0020\) is in an unknown character set/);
  });

  test('keeps bytes outside the default repertoire', () => {
    const raw = (text: string) => Buffer.concat([bytesOf('10002000 4c4f 0400'), bytesOf(text)]);
    expect(decodeDataSet(raw('c3a96161'), EXPLICIT)).toEqual({ PatientID: 'éaa' });
    expect(decodeDataSet(raw('e9616161'), EXPLICIT)).toEqual({ PatientID: 'éaaa' });
  });
});

test('decodes any bytes in any character set', () => {
  const terms = ['', 'ISO_IR 13', 'GBK', 'GB18030', 'ISO_IR 192', 'ISO 2022 IR 87', 'ISO 2022 IR 149', 'ISO_IR 144'];
  fc.assert(
    fc.property(fc.constantFrom(...terms), fc.uint8Array({ maxLength: 40 }), (term, bytes) => {
      for (const kind of [NAME, LINES]) expect(typeof of(term).decode(bytes, kind)).toBe('string');
      const escaped = Buffer.concat([Uint8Array.of(0x1b, 0x24, 0x42), bytes, Uint8Array.of(0x1b)]);
      expect(typeof of(term).decode(escaped, NAME)).toBe('string');
    }),
    { numRuns: 2000 },
  );
});

// Values as files and peers send them, by the terms of their Specific Character Set.
// biome-ignore format: a table reads as a table
const inUse: readonly (readonly [terms: string, bytes: string, name: string])[] = [
  ['UTF8',                        '4dc3bc6c6c6572',     'Müller'],
  ['utf-8',                       '4dc3bc6c6c6572',     'Müller'],
  ['ISO-8859-1',                  '4dfc6c6c6572',       'Müller'],
  ['IR 100',                      '4dfc6c6c6572',       'Müller'],
  ['ir_192',                      '4dc3bc6c6c6572',     'Müller'],
  ['GB 18030',                    'cdf55ed0a1b6ab',     '王^小东'],
  ['ISO8859_1',                   '4dfc6c6c6572',       'Müller'],
  ['Latin1',                      '4dfc6c6c6572',       'Müller'],
  ['ISO-8859-5',                  'bbeeda',             'Люк'],
  ['windows-1251',                'cbfeea',             'Люк'],
  ['GB2312',                      'cdf55ed0a1b6ab',     '王^小东'],
  ['EUC-KR',                      'c8ab5eb1e6b5bf',     '홍^길동'],
  ['KS_C_5601-1987',              'c8ab5eb1e6b5bf',     '홍^길동'],
  ['Shift_JIS',                   '8e5293635e91be9859', '山田^太郎'],
  ['NONE',                        '4dfc6c6c6572',       'Müller'],
  ['NONE',                        '4dc3bc6c6c6572',     'Müller'],
  ['US-ASCII',                    '4d756c6c6572',       'Muller'],
  // The sets of two bytes as the only value, without escape sequences.
  ['ISO_IR 149',                  'c8ab5eb1e6b5bf',     '홍^길동'],
  ['ISO 2022 IR 149',             'c8ab5eb1e6b5bf',     '홍^길동'],
  ['\\ISO 2022 IR 149',           'c8ab5eb1e6b5bf',     '홍^길동'],
  ['ISO 2022 IR 58',              'cdf55ed0a1b6ab',     '王^小东'],
  ['ISO 2022 IR 87',              'bbb3c5c45ec2c0cfba', '山田^太郎'],
  ['ISO 2022 IR 87',              '8e5293635e91be9859', '山田^太郎'],
  // Sets that stand alone, beside others: the first is the best guess.
  ['GB18030\\ISO_IR 192',         'cdf55ed0a1b6ab',     '王^小东'],
  ['GBK\\ISO_IR 192',             'cdf55ed0a1b6ab',     '王^小东'],
  ['GB18030\\ISO_IR 100',         'cdf55ed0a1b6ab',     '王^小东'],
  ['ISO_IR 192\\GB18030',         'e78e8b5ee5b08fe4b89c', '王^小东'],
  ['ISO_IR 100\\ISO_IR 192',      '4dfc6c6c6572',       'Müller'],
  ['ISO 2022 IR 6\\ISO_IR 192',   '4dc3bc6c6c6572',     'Müller'],
  ['\\ISO_IR 192',                '4dc3bc6c6c6572',     'Müller'],
  ['GB2312\\ISO_IR 100',          'cdf55ed0a1b6ab',     '王^小东'],
];

describe.each(inUse)('the terms %s, which the standard does not allow like that', (label, bytes, name) => {
  const text = Buffer.from(label.length % 2 === 0 ? label : `${label} `);
  const value = Buffer.from(bytesOf(bytes));
  const padded = value.length % 2 === 0 ? value : Buffer.concat([value, Buffer.from(' ')]);
  const encoded = Buffer.concat([
    Buffer.from([8, 0, 5, 0, 0x43, 0x53, text.length, 0]),
    text,
    Buffer.from([0x10, 0, 0x10, 0, 0x50, 0x4e, padded.length, 0]),
    padded,
  ]);

  test(`are read: ${bytes}`, () => {
    expect(decodeDataSet(encoded, EXPLICIT)).toMatchObject({ PatientName: { Alphabetic: name } });
    expect(decodeExtract(encoded, EXPLICIT, () => {})).toMatchObject({ PatientName: { Alphabetic: name } });
  });

  test('are written as defined terms that say the same', () => {
    const written = decodeDataSet(encodeDataSet(decodeDataSet(encoded, EXPLICIT), EXPLICIT), EXPLICIT);
    const terms = [written.SpecificCharacterSet ?? ''].flat().map(String);
    expect(characterSet(terms)).toBeDefined();
    expect(written.PatientName).toEqual({ Alphabetic: name });
  });
});

test('a label is told as a fault, with its meaning', () => {
  const faults: string[] = [];
  const label = Buffer.from([8, 0, 5, 0, 0x43, 0x53, 6, 0, ...Buffer.from('GB2312')]);
  decodeExtract(label, EXPLICIT, ({ message }) => void faults.push(message));
  expect(faults).toEqual(['(0008,0005) names GB2312, which the standard does not allow; it is read as GB18030']);
});
