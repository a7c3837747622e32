import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { sharedFiles } from '@x/testing/shared-files';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDicomFile } from '../part10/open-dicom-file.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import { DATA_SET_TRANSFER_SYNTAXES, decodeDataSet, encodeDataSet, keywordOf, type UntypedDataSet } from './dataset.ts';

const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const BIG_ENDIAN = TransferSyntax.ExplicitVRBigEndian;

const ascii = (maxLength: number) =>
  fc
    .string({ unit: fc.constantFrom(...'abcXYZ019 _-.,*?%&'), minLength: 1, maxLength })
    .map((text) => text.trim())
    .filter((text) => text !== '');
const unicode = (maxLength: number) =>
  fc
    .string({ unit: fc.constantFrom(...'aB9 -äéßΔЯ山田ﾔ길小ไق€', '😀'), minLength: 1, maxLength })
    .map((text) => text.trim())
    .filter((text) => text !== '');
const lines = fc
  .string({ unit: fc.constantFrom(...'aé山 \\\t', '\r\n'), minLength: 1, maxLength: 40 })
  .map((text) => text.replace(/ +$/, ''))
  .filter((text) => text !== '');
const evenBytes = (word: number) =>
  fc.uint8Array({ minLength: 1, maxLength: 5 }).map((some) => {
    const bytes = new Uint8Array(some.length * Math.max(word, 2));
    for (let at = 0; at < bytes.length; at++) bytes[at] = (some[at % some.length] as number) + at;
    return bytes;
  });
const group = fc.array(ascii(8), { minLength: 1, maxLength: 5 }).map((components) => components.join('^'));
const personName = fc.record(
  { Alphabetic: group, Ideographic: unicode(10), Phonetic: unicode(10) },
  { requiredKeys: ['Alphabetic'] },
);

/** One value or several, or none. */
const values = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<readonly T[]> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.tuple(one) },
    { weight: 2, arbitrary: fc.array(one, { minLength: 2, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constant([]) },
  );
const single = (one: fc.Arbitrary<unknown>, none: unknown) =>
  fc.oneof({ weight: 5, arbitrary: one }, { weight: 1, arbitrary: fc.constant(none) });

// An attribute of each value representation, with its possible values.
const plain: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  SelectorAEValue: values(ascii(16)),
  SelectorASValue: values(fc.constantFrom('018M', '045Y')),
  SelectorATValue: values(fc.integer({ min: 0, max: 0xffffffff })),
  SelectorCSValue: values(ascii(16)),
  SelectorDAValue: values(fc.constantFrom('20200101', '20200101-', '20200101-20201231')),
  SelectorDSValue: values(
    fc.oneof(
      fc.integer(),
      fc.constantFrom(0.1, -1.5, 1e-20, 1.5e300, -1.2345678901e-10, 12345.6789, 1e22, 0.00000123456789),
    ),
  ),
  SelectorDTValue: values(fc.constantFrom('20200101120000.123456+0100', '2020')),
  SelectorFDValue: values(fc.double({ noNaN: false })),
  SelectorFLValue: values(fc.float({ noNaN: false })),
  SelectorISValue: values(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  SelectorLOValue: values(unicode(64)),
  SelectorLTValue: single(lines, ''),
  SelectorOBValue: single(evenBytes(1), null),
  SelectorODValue: single(evenBytes(8), null),
  SelectorOFValue: single(evenBytes(4), null),
  SelectorOLValue: single(evenBytes(4), null),
  SelectorOVValue: single(evenBytes(8), null),
  SelectorOWValue: single(evenBytes(2), null),
  SelectorPNValue: fc.array(personName, { maxLength: 3 }),
  SelectorSHValue: values(unicode(16)),
  SelectorSLValue: values(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  SelectorSSValue: values(fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 })),
  SelectorSTValue: single(lines, ''),
  SelectorSVValue: values(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  SelectorTMValue: values(fc.constantFrom('120000', '120000.123456', '10-12')),
  SelectorUCValue: values(unicode(40)),
  SelectorUIValue: values(fc.constantFrom('1.2.3', SopClass.Verification)),
  SelectorULValue: values(fc.integer({ min: 0, max: 0xffffffff })),
  SelectorUNValue: single(evenBytes(1), null),
  SelectorURValue: single(ascii(40), ''),
  SelectorUSValue: values(fc.integer({ min: 0, max: 0xffff })),
  SelectorUTValue: single(lines, ''),
  SelectorUVValue: values(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  PixelData: single(evenBytes(2), null),
  SmallestImagePixelValue: fc.constantFrom(0, 0xffff, null),
  OverlayData: single(evenBytes(2), null),
};
const creator = fc.record({ '00090010': ascii(10) });
// Attributes whose VR is encoded in explicit VR only.
const privateElements = fc.record(
  {
    '00091001': unicode(10).map((value) => ({ vr: 'LO', value })),
    '00091002': fc.integer({ min: 0, max: 0xffff }).map((value) => ({ vr: 'US', value })),
    '00091003': fc.array(personName, { minLength: 1, maxLength: 2 }).map((value) => ({ vr: 'PN', value })),
    '00091004': evenBytes(1).map((value) => ({ vr: 'UN', value })),
    '00091005': fc.record({ '00090010': ascii(5) }).map((item) => ({ vr: 'SQ', value: [item, {}] })),
    '00091006': fc.constant({ vr: 'DS', value: [1.5, null, 2] }),
    '00091007': fc.constant({ vr: 'ZZ', value: Uint8Array.of(1, 2) }),
    '60023000': evenBytes(2),
  },
  { requiredKeys: [] },
);
const itemOf = (item: fc.Arbitrary<UntypedDataSet>) =>
  fc.record(
    { ...plain, RequestAttributesSequence: fc.array(item, { maxLength: 3 }) },
    { requiredKeys: [] },
  ) as fc.Arbitrary<UntypedDataSet>;
const leaf = fc.record(plain, { requiredKeys: [] }) as fc.Arbitrary<UntypedDataSet>;
const dataSets = fc
  .tuple(itemOf(itemOf(leaf)), fc.option(fc.tuple(creator, privateElements), { nil: undefined }))
  .map(([known, own]) => ({ known: { SpecificCharacterSet: ['ISO_IR 192'], ...known }, own }));

describe.each(DATA_SET_TRANSFER_SYNTAXES)('in %s', (syntax) => {
  test('reads back every data set unchanged', () => {
    fc.assert(
      fc.property(dataSets, ({ known, own }) => {
        const dataSet = { ...known, ...own?.[0], ...(syntax !== IMPLICIT && own?.[1]) };
        const bytes = encodeDataSet(dataSet, syntax);
        const decoded = decodeDataSet(bytes, syntax);
        expect(decoded).toEqual(dataSet);
        // The bytes are the same, too.
        expect(Buffer.compare(encodeDataSet(decoded, syntax), bytes)).toBe(0);
        expect(bytes.length % 2).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('gives a data set or a DataSetError for truncated bytes', () => {
    fc.assert(
      fc.property(dataSets, ({ known }) => {
        const bytes = encodeDataSet(known, syntax);
        const step = Math.max(1, Math.floor(bytes.length / 200));
        for (let length = 0; length < bytes.length; length += step)
          tryTo(() => decodeDataSet(bytes.subarray(0, length), syntax));
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });

  test('gives a data set that can be encoded, or a DataSetError, for changed bytes', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(dataSets, fc.array(change, { minLength: 1, maxLength: 5 }), ({ known }, changes) => {
        const bytes = encodeDataSet(known, syntax).slice();
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const decoded = tryTo(() => decodeDataSet(bytes, syntax));
        if (decoded) tryTo(() => encodeDataSet(decoded, syntax));
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });
});

test('converts a data set from one transfer syntax to every other', () => {
  fc.assert(
    fc.property(dataSets, ({ known }) => {
      let dataSet: UntypedDataSet = known;
      for (const syntax of [...DATA_SET_TRANSFER_SYNTAXES, IMPLICIT, BIG_ENDIAN])
        dataSet = decodeDataSet(encodeDataSet(dataSet, syntax), syntax);
      expect(dataSet).toEqual(known);
    }),
  );
});

const files = sharedFiles();
test.skipIf(files.length === 0).each(files.map((path) => [basename(path), path]))(
  'writes %s as it was read',
  async (_, path) => {
    await using file = (await openDicomFile(path).catch(() => undefined)) as Awaited<ReturnType<typeof openDicomFile>>;
    if (!file) return;
    const bytes = new Uint8Array(Math.min(file.dataSet.length, 2_000_000));
    for (let at = 0; at < bytes.length; at += await file.dataSet.readv([bytes.subarray(at)], at));
    const isOwn = DATA_SET_TRANSFER_SYNTAXES.includes(file.transferSyntax);
    const syntax = isOwn ? file.transferSyntax : EXPLICIT;
    if (path.includes('truncated')) {
      expect(() => decodeDataSet(bytes, syntax)).toThrow(/\(7FE0,0010\) declares/);
      return;
    }
    const dataSet = decodeDataSet(bytes, syntax);
    expect(Object.keys(dataSet).length).toBeGreaterThan(0);
    const again = decodeDataSet(encodeDataSet(dataSet, syntax), syntax);
    expectEqual(again, padded(dataSet));
    // The same in the other byte order.
    if (syntax !== IMPLICIT && isOwn) expectEqual(decodeDataSet(encodeDataSet(again, BIG_ENDIAN), BIG_ENDIAN), again);
    // Every key is a keyword, or a tag that is not in the standard.
    for (const key of Object.keys(dataSet))
      if (/^[0-9A-F]{8}$/.test(key)) expect(keywordOf(Number.parseInt(key, 16))).toBeUndefined();
  },
);

/** The result of the call; undefined if it throws a DataSetError. Other errors are bugs. */
function tryTo<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof DataSetError) return undefined;
    throw error;
  }
}

/** Vitest compares pixel data byte by byte, which takes seconds: it is asked only for its report of a difference. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

/** Values of odd length are padded when they are written. */
function padded(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    const bytes = new Uint8Array(value.length + (value.length % 2));
    bytes.set(value);
    return bytes;
  }
  if (Array.isArray(value)) return value.map(padded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, padded(one)]));
}
