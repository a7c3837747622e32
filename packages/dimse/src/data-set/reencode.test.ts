// Re-encoding: both sides decode to the same values, in chunks of any size, and other toolkits read the result.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { sharedFiles } from '@x/testing/shared-files';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { encodedParts, type Part, parts } from '../../test/data-set-parts.ts';
import { encodeFileMetaInformation } from '../part10/file-meta-information.ts';
import { openDicomFile } from '../part10/open-dicom-file.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import { DATA_SET_TRANSFER_SYNTAXES, decodeDataSet, encodeDataSet } from './dataset.ts';
import { encodingOf, GE_PRIVATE_IMPLICIT, isUncompressed } from './encodings.ts';
import { reencode } from './reencode.ts';

const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const BIG_ENDIAN = TransferSyntax.ExplicitVRBigEndian;
const DEFLATED = TransferSyntax.DeflatedExplicitVRLittleEndian;

const folder = mkdtempSync(join(tmpdir(), 'reencode-'));
afterAll(() => rmSync(folder, { recursive: true }));
const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

function* chunked(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] as number;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

async function reencoded(bytes: Uint8Array, from: string, to: string, sizes = [bytes.length || 1]): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  for await (const block of reencode(chunked(bytes, sizes), from, to)) blocks.push(block);
  return Buffer.concat(blocks);
}

// biome-ignore format: a table reads as a table
const rules: readonly (readonly [what: string, from: string, bytes: string, to: string, expected: string])[] = [
  ['the dictionary gives the value representation', IMPLICIT, '10002000 02000000 3432', EXPLICIT, '10002000 4c4f 0200 3432'],
  ['private creators are LO, other private elements UN', IMPLICIT, '09001000 02000000 4142 09000110 02000000 4142', EXPLICIT, '09001000 4c4f 0200 4142 09000110 554e 0000 02000000 4142'],
  ['numbers are signed by Pixel Representation', IMPLICIT, '28000301 02000000 0100 28000601 02000000 feff', BIG_ENDIAN, '00280103 5553 0002 0001 00280106 5353 0002 fffe'],
  ['tags are two words', EXPLICIT, '28000900 4154 0400 18006310', BIG_ENDIAN, '00280009 4154 0004 00181063'],
  ['OW is swapped, OB is not', BIG_ENDIAN, '7fe00010 4f57 0000 00000004 01020304 fffcfffc 4f42 0000 00000002 0102', IMPLICIT, 'e07f1000 04000000 02010403 fcfffcff 02000000 0102'],
  ['UN is little endian in big endian', EXPLICIT, '09000110 554e 0000 04000000 01020304', BIG_ENDIAN, '00091001 554e 0000 00000004 01020304'],
  ['UN of undefined length is copied', BIG_ENDIAN, '00091001 554e 0000 ffffffff feff00e0 0a000000 20001000 02000000 3120 feffdde0 00000000 00100020 4c4f 0002 3432', EXPLICIT, '09000110 554e 0000 ffffffff feff00e0 0a000000 20001000 02000000 3120 feffdde0 00000000 10002000 4c4f 0200 3432'],
  ['sequences get undefined lengths', EXPLICIT, '08001011 5351 0000 12000000 feff00e0 0a000000 20001000 5348 0200 3120', IMPLICIT, '08001011 ffffffff feff00e0 ffffffff 20001000 02000000 3120 feff0de0 00000000 feffdde0 00000000'],
  ['an empty sequence stays empty', EXPLICIT, '08001011 5351 0000 00000000', BIG_ENDIAN, '00081110 5351 0000 00000000'],
  ['group lengths are left out', EXPLICIT, '10000000 554c 0400 0a000000 10002000 4c4f 0200 3432', IMPLICIT, '10002000 02000000 3432'],
  ['a VR of two spaces becomes UN', EXPLICIT, '09000110 2020 0200 3432', BIG_ENDIAN, '00091001 554e 0000 00000002 3432'],
  ['text of odd length is padded with a space', EXPLICIT, '10002000 4c4f 0300 343231', IMPLICIT, '10002000 04000000 34323120'],
  ['padding is left out', EXPLICIT, '10002000 4c4f 0200 3432 00000000 00000000', IMPLICIT, '10002000 02000000 3432'],
];

test.each(rules)('%s', async (_, from, bytes, to, expected) => {
  for (const sizes of [[1000], [1], [5, 3]])
    expect((await reencoded(hex(bytes), from, to, sizes)).toString('hex')).toBe(expected.replaceAll(' ', ''));
});

test('a value too long for its value representation becomes UN', async () => {
  const dataSet = { OtherPatientIDs: Array.from({ length: 20_000 }, (_, index) => `${index}`) };
  const bytes = encodeDataSet(dataSet, IMPLICIT);
  for (const to of [EXPLICIT, BIG_ENDIAN, DEFLATED])
    expect(decodeDataSet(await reencoded(bytes, IMPLICIT, to), to)).toEqual(dataSet);
  expect((await reencoded(bytes, IMPLICIT, EXPLICIT)).subarray(4, 6).toString()).toBe('UN');
});

test.each<[string, string, string, string]>([
  [
    'compressed pixel data',
    EXPLICIT,
    'e07f1000 4f42 0000 ffffffff feff00e0 00000000 feffdde0 00000000',
    'is encapsulated',
  ],
  ['a data set that is cut short', EXPLICIT, '10002000 4c4f 0400 3432', 'is cut short'],
  ['bytes that are not deflated', DEFLATED, 'ffffffff', 'cannot be inflated'],
  ['a compressed transfer syntax', TransferSyntax.JPEGBaseline8Bit, '', 'cannot be re-encoded'],
])('rejects %s', async (_, from, bytes, message) => {
  await expect(reencoded(hex(bytes), from, IMPLICIT)).rejects.toThrow(message);
  await expect(reencoded(hex(bytes), from, IMPLICIT)).rejects.toBeInstanceOf(DataSetError);
});

test('rejects a deflated data set that is too long, and ends its source when it is left', async () => {
  const bytes = encodeDataSet({ ImageComments: 'x'.repeat(8_000_000) }, DEFLATED);
  const options = { maximumInflatedLength: 1_000_000 };
  const all = async () => {
    for await (const _ of reencode(bytes, DEFLATED, IMPLICIT, options));
  };
  await expect(all()).rejects.toMatchObject({ code: 'DATA_SET_LIMIT', limit: 'maximumInflatedLength' });
  for (const from of [EXPLICIT, DEFLATED]) {
    let isEnded = false;
    const source = async function* () {
      try {
        for (;;) yield bytes.subarray(0, 10_000);
      } finally {
        isEnded = true;
      }
    };
    for await (const _ of reencode(source(), from === DEFLATED ? DEFLATED : EXPLICIT, EXPLICIT)) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(isEnded).toBe(true);
  }
});

test('holds blocks of bounded length only', async () => {
  const value = new Uint8Array(1024 * 1024);
  const bytes = encodeDataSet({ PixelData: value }, EXPLICIT);
  let longest = 0;
  for await (const block of reencode(bytes, EXPLICIT, BIG_ENDIAN)) longest = Math.max(longest, block.length);
  expect(longest).toBeLessThanOrEqual(64 * 1024);
});

/** UN of odd length could be another value after it is padded. */
const evenParts = parts.map((elements) => elements.map(even));

function even(part: Part): Part {
  const { value, items } = part;
  return { ...part, value: value.subarray(value.length % 2), items: items?.map((item) => item.map(even)) };
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

describe('decoding gives the same values', () => {
  test('of any data set in Explicit VR, in any of its encodings', async () => {
    let count = 0;
    const explicit = fc.constantFrom(EXPLICIT, BIG_ENDIAN, DEFLATED);
    await fc.assert(
      fc.asyncProperty(
        evenParts,
        fc.constantFrom(EXPLICIT, BIG_ENDIAN),
        explicit,
        sizes,
        async (elements, from, to, some) => {
          const bytes = encodedParts(elements, true, encodingOf(from).littleEndian);
          const decoded = tryTo(() => decodeDataSet(bytes, from));
          if (decoded === undefined || elements.some(hasFragments)) return;
          count++;
          expect(padded(decodeDataSet(await reencoded(bytes, from, to, some), to))).toEqual(padded(decoded));
        },
      ),
      { numRuns: 2000 },
    );
    expect(count).toBeGreaterThan(200);
  });

  test('of any data set in Implicit VR, in every encoding', async () => {
    let count = 0;
    const sources = fc.constantFrom(IMPLICIT, GE_PRIVATE_IMPLICIT, TransferSyntax.Papyrus3ImplicitVRLittleEndian);
    const targets = fc.constantFrom(...DATA_SET_TRANSFER_SYNTAXES);
    await fc.assert(
      fc.asyncProperty(evenParts, sources, targets, sizes, async (elements, from, to, some) => {
        const bytes = encodedParts(elements, false, true);
        const decoded = tryTo(() => decodeDataSet(bytes, from));
        if (decoded === undefined || elements.some(hasFragments)) return;
        count++;
        expect(padded(decodeDataSet(await reencoded(bytes, from, to, some), to))).toEqual(padded(decoded));
      }),
      { numRuns: 2000 },
    );
    expect(count).toBeGreaterThan(200);
  });

  test('of attributes of the standard after Implicit VR and back', async () => {
    const dataSets = fc.record(
      {
        PatientName: fc.constantFrom('Doe^Jane', 'Müller^Jörg'),
        SelectorATValue: fc.integer({ min: 0, max: 0xffffffff }),
        SelectorFDValue: fc.double({ noNaN: true }),
        SelectorFLValue: fc.float({ noNaN: true }),
        SelectorSLValue: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        SelectorSVValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        SelectorUSValue: fc.array(fc.nat(0xffff), { minLength: 2, maxLength: 9 }),
        SelectorODValue: fc.uint8Array({ minLength: 16, maxLength: 16 }),
        SelectorOWValue: fc.uint8Array({ minLength: 6, maxLength: 6 }),
        PixelData: fc.uint8Array({ minLength: 10, maxLength: 10 }),
        RequestAttributesSequence: fc.array(fc.record({ SelectorSSValue: fc.integer({ min: -99, max: 99 }) }), {
          maxLength: 3,
        }),
      },
      { requiredKeys: [] },
    );
    const syntaxes = fc.constantFrom(...DATA_SET_TRANSFER_SYNTAXES);
    await fc.assert(
      fc.asyncProperty(
        dataSets,
        fc.array(syntaxes, { minLength: 2, maxLength: 5 }),
        sizes,
        async (given, route, some) => {
          const first = route[0] as string;
          const bytes = encodeDataSet({ SpecificCharacterSet: 'ISO_IR 100', ...given }, first);
          let [current, from]: [Uint8Array, string] = [bytes, first];
          for (const to of route.slice(1)) [current, from] = [await reencoded(current, from, to, some), to];
          expect(decodeDataSet(current, from)).toEqual(decodeDataSet(bytes, first));
          expect(current.length % 2).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

const isThere = (tool: string) => spawnSync(tool, ['--version']).error === undefined;
const dcmtk = isThere('dcmdump') && isThere('dcmconv');
const files = sharedFiles().filter((path) => !/truncated|nested_priv/.test(path));

describe.skipIf(files.length === 0).each(files.map((path) => [basename(path), path]))('%s', (name, path) => {
  test('has the same values in every encoding', async () => {
    await using file = await openDicomFile(path);
    const { transferSyntax } = file;
    if (!isUncompressed(transferSyntax)) return;
    const bytes = readFileSync(path).subarray(file.dataSetOffset);
    const decoded = decodeDataSet(bytes, transferSyntax);
    for (const to of DATA_SET_TRANSFER_SYNTAXES) {
      const other = await reencoded(bytes, transferSyntax, to, [1000, 7]);
      const again = decodeDataSet(other, to);
      const isLossy = to === IMPLICIT && transferSyntax !== IMPLICIT;
      if (!isLossy) expect(isDeepStrictEqual(padded(again), padded(decoded))).toBe(true);
      if (!dcmtk) continue;
      // DCMTK reads the file, and writes the same as of the original.
      const meta = encodeFileMetaInformation({
        sopClass: file.sopClass ?? '1.2',
        sopInstance: file.sopInstance ?? '1.3',
        transferSyntax: to,
      });
      const ours = join(folder, `${name}.${to}`);
      writeFileSync(ours, Buffer.concat([meta, other]));
      expect(dumped(ours)).toBe(dumped(path));
    }
  });
});

/** The data set as DCMTK writes it in Implicit VR, without meta information, with undefined lengths and without group lengths. */
function dumped(path: string): string {
  const target = join(folder, 'theirs');
  execFileSync('dcmconv', ['-q', '-F', '+ti', '-g', '-e', path, target]);
  return readFileSync(target).toString('latin1');
}

function tryTo<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof DataSetError) return undefined;
    throw error;
  }
}

/** Whether Pixel Data, or another element, has fragments. */
function hasFragments({ tag, items, fragments }: Part): boolean {
  return (
    fragments !== undefined ||
    (tag === 0x7fe00010 && items !== undefined) ||
    (items ?? []).some((item) => item.some(hasFragments))
  );
}

/** Values of odd length are padded when they are written. */
function padded(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from([...value, ...(value.length % 2 === 1 ? [0] : [])]);
  if (Array.isArray(value)) return value.map(padded);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, padded(one)]));
}
