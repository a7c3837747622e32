// One tokenizer is under the scanner, the inspector, the reader and extracts: they see the same elements in any bytes.

import { isDeepStrictEqual } from 'node:util';
import { deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodedParts, parts } from '../../test/data-set-parts.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import { DataSetInspector } from './data-set-inspector.ts';
import { DataSetScanner, type DataSetScannerOptions, uidValue } from './data-set-scanner.ts';
import { DataSetTokenizer } from './data-set-tokenizer.ts';
import { type DataSet, decodeDataSet, decodeExtract, encodeDataSet, tagOf } from './dataset.ts';
import { encodingOf, GE_PRIVATE_IMPLICIT } from './encodings.ts';

const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const BIG_ENDIAN = TransferSyntax.ExplicitVRBigEndian;
const JPEG = TransferSyntax.JPEGBaseline8Bit;
const JPIP_DEFLATE = TransferSyntax.JPIPReferencedDeflate;

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** The tokens of bytes in chunks, with the parts of values put together, and the error at which they end. */
function tokensOf(chunks: readonly Uint8Array[], transferSyntax: string, isShallow = false, length?: number) {
  const tokenizer = new DataSetTokenizer(encodingOf(transferSyntax), length === undefined ? {} : { length });
  const tokens: string[] = [];
  let error: string | undefined;
  try {
    for (const chunk of chunks) {
      tokenizer.feed(chunk);
      for (let token = tokenizer.next(); token !== undefined; token = tokenizer.next()) {
        const { tag, vr, length, offset, depth, container } = tokenizer;
        if (token !== 'value') tokens.push([token, tag, vr, length, offset, depth, container].join(' '));
        if (token === 'item' && isShallow) tokenizer.stepOver();
        if (token === 'element' && vr === 'SQ' && container === undefined && !isShallow) tokenizer.enter();
      }
    }
    tokenizer.end();
  } catch (caught) {
    if (!(caught instanceof DataSetError)) throw caught;
    error = caught.message;
  }
  return { tokens, error, warnings: tokenizer.warnings.list() };
}

interface Seen {
  readonly extract: Uint8Array;
  readonly warnings: unknown;
  readonly error: string | undefined;
  /** The reason, the tag and the offset of the error. */
  readonly fault: unknown;
}

const ALL = { extracted: 'all', maximumExtractLength: 1 << 20 } as const;

function seenBy({ extract, warnings }: DataSetScanner | DataSetInspector, error: DataSetError | undefined): Seen {
  const fault = error && [error.reason, error.tag, error.offset];
  return { extract: Buffer.from(extract), warnings, error: error?.message, fault };
}

function scanned(chunks: readonly Uint8Array[], transferSyntax: string, options: DataSetScannerOptions = {}): Seen {
  const scanner = new DataSetScanner(transferSyntax, { ...ALL, ...options });
  let error: DataSetError | undefined;
  try {
    for (const chunk of chunks) scanner.push(chunk);
    scanner.end();
  } catch (caught) {
    if (!(caught instanceof DataSetError)) throw caught;
    error = caught;
  }
  return seenBy(scanner, error);
}

async function inspected(
  chunks: readonly Uint8Array[],
  transferSyntax: string,
  options: DataSetScannerOptions = {},
): Promise<Seen> {
  const inspector = new DataSetInspector(transferSyntax, { ...ALL, ...options });
  let error: DataSetError | undefined;
  try {
    for (const chunk of chunks) await inspector.push(chunk);
    await inspector.end();
  } catch (caught) {
    if (!(caught instanceof DataSetError)) throw caught;
    error = caught;
  } finally {
    inspector.discard();
  }
  return seenBy(inspector, error);
}

/** The bytes in chunks of these sizes, again and again. */
function chunked(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] as number;
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}

/** Expects that an extract of some elements has the values of the data set. */
function expectSomeInExtract(bytes: Uint8Array, syntax: string, decoded: DataSet): void {
  const extracted = new Set([0x00080005, 0x00280103, 0x00091001, 0x00100020, 0x00280106, 0x7fe00010]);
  const scanner = new DataSetScanner(syntax, { extracted });
  scanner.push(bytes);
  // Implicit VR in big endian, which is not written by known software, cannot be written as UN.
  if (syntax === BIG_ENDIAN && scanner.warnings.some(({ code }) => code === 'IMPLICIT_VR')) return;
  const some = Object.entries(decoded).filter(([key]) => extracted.has(tagOf(key) ?? Number.parseInt(key, 16)));
  expect(decodeExtract(scanner.extract, syntax)).toEqual(Object.fromEntries(some));
}

/** The data set, or the error. */
function outcomeOf(read: () => object): { readonly dataSet?: object; readonly error?: DataSetError } {
  try {
    return { dataSet: read() };
  } catch (error) {
    if (!(error instanceof DataSetError)) throw error;
    return { error };
  }
}

function isTokenOf(token: string, tag: number | undefined, offset: number | undefined): boolean {
  const [name, ofTag, , , at] = token.split(' ');
  return name === 'element' && Number(ofTag) === tag && Number(at) === offset;
}

const placeOf = (error?: DataSetError) => error && [error.reason, error.tag, error.items];

const UNKNOWN_SEQUENCE = 'feff00e0 ffffffff 20001000 02000000 3120 feff0de0 00000000 feffdde0 00000000';

// biome-ignore format: a table reads as a table
const tolerated: readonly (readonly [what: string, syntax: string, bytes: string, dataSet: object, warnings: readonly string[]])[] = [
  ['UN of undefined length in big endian, which is little endian inside', BIG_ENDIAN, `00081110 554e 0000 ffffffff ${UNKNOWN_SEQUENCE} 00100020 4c4f 0002 3432`, { ReferencedStudySequence: [{ StudyID: '1' }], PatientID: '42' }, []],
  ['a VR of two spaces',       EXPLICIT, '10002000 2020 0200 3432 10004000 4353 0200 4d20', { PatientID: '42', PatientSex: 'M' }, ['INVALID_VR']],
  ['a VR of two spaces in a private element', EXPLICIT, '09000110 2020 0200 3432', { '00091001': { vr: 'UN', value: hex('3432') } }, ['INVALID_VR']],
  ['question marks for a VR',  BIG_ENDIAN, '00100020 3f3f 0002 3432', { PatientID: '42' }, ['INVALID_VR']],
  ['small letters for a VR',   EXPLICIT, '10002000 6c6f 0200 3432', { PatientID: '42' }, ['INVALID_VR']],
  ['zeros for a VR',           EXPLICIT, '10002000 0000 0200 3432', { PatientID: '42' }, ['INVALID_VR']],
  ['a VR of a later edition',  EXPLICIT, '10002000 5a5a 0000 02000000 3432', { '00100020': { vr: 'ZZ', value: hex('3432') } }, ['UNKNOWN_VR']],
  ['an element in Implicit VR', EXPLICIT, '08002000 4441 0000 10002000 02000000 3432', { StudyDate: '', PatientID: '42' }, ['MISSING_VR']],
  ['a sequence in Implicit VR', EXPLICIT, `08002000 4441 0000 08001011 ffffffff ${UNKNOWN_SEQUENCE}`, { StudyDate: '', ReferencedStudySequence: [{ StudyID: '1' }] }, ['MISSING_VR']],
  ['a data set in Implicit VR', EXPLICIT, '08002000 00000000 10002000 02000000 3432 e07f1000 04000000 01020304', { StudyDate: '', PatientID: '42', PixelData: hex('01020304') }, ['INVALID_VR', 'IMPLICIT_VR']],
  ['an item that has a length and a delimiter', EXPLICIT, '08001011 5351 0000 ffffffff feff00e0 0a000000 20001000 5348 0200 3120 feff0de0 00000000 feffdde0 00000000', { ReferencedStudySequence: [{ StudyID: '1' }] }, ['STRAY_DELIMITER']],
  ['fragments in Implicit VR', IMPLICIT, 'e07f1000 ffffffff feff00e0 00000000 feff00e0 02000000 0102 feffdde0 00000000', { PixelData: [hex(''), hex('0102')] }, ['FRAGMENTS_IN_IMPLICIT_VR']],
  ['zeros after the last element', EXPLICIT, `10002000 4c4f 0200 3432 ${'00'.repeat(100)}`, { PatientID: '42' }, ['PADDING']],
  ['a few zeros after the last element', EXPLICIT, '10002000 4c4f 0200 3432 000000', { PatientID: '42' }, ['PADDING']],
  ['Papyrus',                  TransferSyntax.Papyrus3ImplicitVRLittleEndian, '10002000 02000000 3432', { PatientID: '42' }, []],
  ['big-endian Pixel Data in the private transfer syntax of GE', GE_PRIVATE_IMPLICIT, '28000001 02000000 1000 e07f1000 04000000 01020304', { BitsAllocated: 16, PixelData: hex('02010403') }, []],
  ['Pixel Data of 8 bits in the private transfer syntax of GE', GE_PRIVATE_IMPLICIT, '28000001 02000000 0800 e07f1000 04000000 01020304', { BitsAllocated: 8, PixelData: hex('01020304') }, []],
];

const WRITTEN_AS_UNKNOWN = new Set(['INVALID_VR', 'MISSING_VR', 'IMPLICIT_VR']);

describe.each(tolerated)('%s', (_, syntax, bytes, dataSet, warnings) => {
  test('is read, with a warning if it is not as the standard says', () => {
    const whole = hex(bytes);
    expect(decodeDataSet(whole, syntax)).toEqual(dataSet);
    for (const sizes of [[whole.length], [1], [7, 3]]) {
      const seen = scanned(chunked(whole, sizes), syntax);
      expect(seen.error).toBeUndefined();
      expect((seen.warnings as { code: string }[]).map(({ code }) => code)).toEqual(warnings);
      // The extract is made of the same bytes, except for headers that are written as UN.
      if (!warnings.some((code) => WRITTEN_AS_UNKNOWN.has(code)))
        expect(Buffer.from(whole.subarray(0, seen.extract.length)).equals(seen.extract)).toBe(true);
      expect(decodeExtract(seen.extract, syntax)).toEqual(dataSet);
    }
  });
});

test.each([
  ['nothing but zeros', EXPLICIT, '00'.repeat(100), 'begins with zeros'],
  ['zeros in place of an item', IMPLICIT, '08001011 ffffffff 00000000 00000000', 'stands where an item is due'],
  [
    'a delimiter of a sequence in an item',
    EXPLICIT,
    '08001011 5351 0000 ffffffff feff00e0 ffffffff feffdde0 00000000',
    'ends what was not begun',
  ],
  [
    'a delimiter that is not of the standard',
    EXPLICIT,
    '10002000 4c4f 0200 3432 feff01e0 00000000',
    'is not an element',
  ],
  [
    'zeros with an element after them',
    EXPLICIT,
    `10002000 4c4f 0200 3432 ${'00'.repeat(9)} 10004000 4353 0200 4d20`,
    'after which there are data (at byte 18)',
  ],
  ['a VR of two spaces, cut short', EXPLICIT, '10002000 2020 0400 3432', '2 are'],
])('%s is rejected by all', (_, syntax, bytes, message) => {
  expect(() => decodeDataSet(hex(bytes), syntax)).toThrow(message);
  expect(scanned([hex(bytes)], syntax).error).toContain(message);
});

test('the first of a repeated element counts, for all', () => {
  const [one, other] = ['08001800 5549 0400 312e3100', '08001800 5549 0400 312e3200'];
  // A misfit, too.
  const two = '08001800 5549 0800 312e335c312e3400';
  for (const repeated of [other, two, `10002000 4c4f 0200 3432 ${other}`, `10002000 4c4f 0200 3432 ${two}`]) {
    const bytes = hex(one + repeated);
    const scanner = new DataSetScanner(EXPLICIT, { wanted: [0x00080018] });
    scanner.push(bytes);
    expect(uidValue(scanner.values.get(0x00080018))).toBe('1.1');
    expect(decodeDataSet(bytes, EXPLICIT).SOPInstanceUID).toBe('1.1');
    expect(decodeDataSet(bytes, EXPLICIT)).not.toHaveProperty('00080018');
  }
  expect(decodeDataSet(hex(two + other), EXPLICIT)).toEqual({ '00080018': { vr: 'UI', value: ['1.3', '1.4'] } });
});

describe('an extract that leaves out the first element', () => {
  const characterSet = '08000500 0a000000 49534f5f495220313030';

  test.each([
    ['that is in Implicit VR', EXPLICIT, '08000500 4353 0000 08001600 04000000 312e3200 10002000 4c4f 0200 3432'],
    ['of a data set in Implicit VR', EXPLICIT, `${characterSet} 10002000 02000000 3432`],
    ['before a length like LO', EXPLICIT, `${characterSet} 10002000 4c4f0000 ${'41'.repeat(0x4f4c)}`],
    ['before a length like spaces', EXPLICIT, `${characterSet} 10002000 20200000 ${'41'.repeat(0x2020)}`],
    ['in big endian', BIG_ENDIAN, '00080005 4353 0000 00080016 00000004 312e3200 00100020 4c4f 0002 3432'],
  ])('has the same values as the data set (%s)', (_, syntax, bytes) => {
    const scanner = new DataSetScanner(syntax, { extracted: [0x00080016, 0x00100020] });
    scanner.push(hex(bytes));
    const { SOPClassUID, PatientID } = decodeDataSet(hex(bytes), syntax);
    expect(decodeExtract(scanner.extract, syntax)).toEqual({ SOPClassUID, PatientID });
  });
});

describe('a deflated data set', () => {
  const plain = encodeDataSet({ PatientID: '42', ImageComments: 'x'.repeat(1000) }, EXPLICIT);

  test.each([TransferSyntax.DeflatedExplicitVRLittleEndian, JPIP_DEFLATE, TransferSyntax.JPIPHTJ2KReferencedDeflate])(
    'is inflated in %s, with and without a zlib wrapper',
    async (syntax) => {
      for (const [bytes, codes] of [
        [deflateRawSync(plain), []],
        [deflateSync(plain), ['ZLIB_WRAPPER']],
        // PS3.5 §A.5: padded to an even length
        [Buffer.concat([deflateSync(plain), Buffer.alloc(1)]), ['ZLIB_WRAPPER']],
      ] as const) {
        expect(decodeDataSet(bytes, syntax)).toMatchObject({ PatientID: '42' });
        for (const sizes of [[bytes.length], [1]]) {
          const { error, warnings, extract } = await inspected(chunked(bytes, sizes), syntax);
          expect([error, (warnings as { code: string }[]).map(({ code }) => code)]).toEqual([undefined, codes]);
          expect(decodeExtract(extract, syntax)).toMatchObject({ PatientID: '42' });
        }
      }
    },
  );

  test('of one byte is rejected', async () => {
    expect((await inspected([Uint8Array.of(0x78)], JPIP_DEFLATE)).error).toContain('cannot be inflated');
  });
});

const changes = fc.array(fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) }), { maxLength: 3 });
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const syntaxes = fc.constantFrom(IMPLICIT, EXPLICIT, BIG_ENDIAN, JPEG, GE_PRIVATE_IMPLICIT);
const inputs = fc
  .record({
    elements: parts,
    syntax: syntaxes,
    changes,
    padding: fc.constantFrom(0, 0, 0, 1, 9),
    cut: fc.option(fc.nat()),
  })
  .map(({ elements, syntax, changes: some, padding, cut }) => {
    const { isExplicit, littleEndian } = encodingOf(syntax);
    const bytes = Buffer.concat([encodedParts(elements, isExplicit, littleEndian), Buffer.alloc(padding)]);
    if (bytes.length > 0) for (const { at, to } of some) bytes[at % bytes.length] = to;
    const end = cut === null || bytes.length === 0 ? bytes.length : cut % bytes.length;
    return { syntax, bytes: Uint8Array.from(bytes.subarray(0, end)) };
  });

describe('for any bytes', () => {
  test('the tokens, warnings and errors do not depend on the chunks', () => {
    let accepted = 0;
    fc.assert(
      fc.property(inputs, sizes, ({ syntax, bytes }, some) => {
        const whole = tokensOf([bytes], syntax);
        if (whole.error === undefined) accepted++;
        expect(tokensOf(chunked(bytes, some), syntax)).toEqual(whole);
        expect(tokensOf(chunked(bytes, some), syntax, true)).toEqual(tokensOf([bytes], syntax, true));
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  test('the scanner, the inspector, the reader and extracts see the same elements', async () => {
    let decodedCount = 0;
    await fc.assert(
      fc.asyncProperty(inputs, sizes, async ({ syntax, bytes }, some) => {
        const seen = scanned(chunked(bytes, some), syntax);
        expect(await inspected(chunked(bytes, some), syntax)).toEqual(seen);
        if (syntax === EXPLICIT)
          expect(await inspected(chunked(deflateRawSync(bytes), some), JPIP_DEFLATE)).toEqual(seen);
        const shallow = tokensOf([bytes], syntax, true);
        expect([shallow.error, shallow.warnings]).toEqual([seen.error, seen.warnings]);
        const readable = syntax === JPEG ? EXPLICIT : syntax;
        let decoded: unknown;
        try {
          decoded = decodeDataSet(bytes, readable);
        } catch (error) {
          if (!(error instanceof DataSetError)) throw error;
        }
        // The reader also enters what has a length, and reads values: it never reads what the others reject.
        if (decoded === undefined) return;
        decodedCount++;
        expect(seen.error).toBeUndefined();
        expect(decodeExtract(seen.extract, syntax)).toEqual(decoded);
        expectSomeInExtract(bytes, syntax, decoded as DataSet);
        const tags = new Set(
          shallow.tokens
            .filter((token) => /^element \d+ \S* \d+ \d+ (0 $|1 \w+$)/.test(token))

            .map((token) => Number(token.split(' ')[1]))
            .filter((tag) => (tag & 0xffff) !== 0),
        );
        expect(Object.keys(decoded as object)).toHaveLength(tags.size);
      }),
      { numRuns: 3000 },
    );
    expect(decodedCount).toBeGreaterThan(300);
  });

  test('the scanner, the inspector, the reader and extracts see the same elements at every level, to the same error', async () => {
    const counts = { accepted: 0, value: 0, structure: 0 };
    await fc.assert(
      fc.asyncProperty(inputs, sizes, async ({ syntax, bytes }, some) => {
        const deep = { isDeep: true, length: bytes.length };
        const seen = scanned(chunked(bytes, some), syntax, deep);
        expect(await inspected(chunked(bytes, some), syntax, deep)).toEqual(seen);
        if (syntax === EXPLICIT)
          expect(await inspected(chunked(deflateRawSync(bytes), some), JPIP_DEFLATE, deep)).toEqual(seen);
        const readable = syntax === JPEG ? EXPLICIT : syntax;
        const read = outcomeOf(() => decodeDataSet(bytes, readable));
        const extracted = outcomeOf(() => decodeExtract(seen.extract, syntax));
        const { tokens } = tokensOf([bytes], syntax, false, bytes.length);
        if (seen.error === undefined) {
          // A value that the reader rejects is rejected in the extract, too.
          expect(extracted.dataSet).toEqual(read.dataSet);
          expect(placeOf(extracted.error)).toEqual(placeOf(read.error));
          if (read.error) counts.value++;
          else counts.accepted++;
          return;
        }
        expect(read.dataSet).toBeUndefined();
        const { reason, offset, tag } = read.error as DataSetError;
        if (isDeepStrictEqual([reason, tag, offset], seen.fault)) counts.structure++;
        // The reader has rejected a value before it.
        else expect(tokens.some((token) => isTokenOf(token, tag, offset))).toBe(true);
        // These headers are written in another form.
        const codes = (seen.warnings as { code: string }[]).map(({ code }) => code);
        if (codes.some((code) => WRITTEN_AS_UNKNOWN.has(code))) return;
        // The extract has the elements that end before the error.
        const found = tokensOf([seen.extract], syntax).tokens;
        expect(tokens.slice(0, found.length)).toEqual(found);
        expect(tokens[found.length] ?? 'element').toMatch(/^(element|ignored|end of)/);
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(counts.accepted, counts.structure)).toBeGreaterThan(300);
  });

  test('as much as possible is read of an extract, and nothing of it twice', () => {
    fc.assert(
      fc.property(inputs, ({ syntax, bytes }) => {
        const { extract, error } = scanned([bytes], syntax);
        const faults: DataSetError[] = [];
        const attributes = decodeExtract(extract, syntax, (fault) => faults.push(fault));
        if (error !== undefined) return;
        try {
          expect(attributes).toEqual(decodeExtract(extract, syntax));
          // A label that the standard does not have is told, and read without an error.
          expect(faults.filter(({ tag }) => tag !== 0x00080005)).toEqual([]);
        } catch (strict) {
          if (!(strict instanceof DataSetError)) throw strict;
          expect(faults.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
