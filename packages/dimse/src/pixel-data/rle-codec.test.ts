import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PixelFormat } from './pixel-format.ts';
import { rleCodec } from './rle-codec.ts';

const { decode, encode } = rleCodec();
const gray: PixelFormat = {
  rows: 2,
  columns: 4,
  samplesPerPixel: 1,
  bitsAllocated: 8,
  bitsStored: 8,
  pixelRepresentation: 0,
  photometricInterpretation: 'MONOCHROME2',
  planarConfiguration: 0,
};

const header = (...numbers: number[]) => {
  const bytes = new Uint8Array(64);
  numbers.forEach((number, index) => {
    new DataView(bytes.buffer).setUint32(4 * index, number, true);
  });
  return [...bytes];
};

test('decodes literal bytes, runs and codes without meaning', () => {
  const frame = Uint8Array.from([...header(1, 64), 128, 2, 1, 2, 3, 252, 9, 0]);
  expect([...decode(frame, gray)]).toEqual([1, 2, 3, 9, 9, 9, 9, 9]);
});

test('writes each row by itself, and segments of even length', () => {
  const frame = encode(Uint8Array.from([7, 7, 7, 7, 7, 7, 7, 8]), gray);
  expect([...frame]).toEqual([...header(1, 64), 253, 7, 254, 7, 0, 8]);
});

test('takes the planes of bytes with the most significant first', () => {
  const format = { ...gray, rows: 1, columns: 2, bitsAllocated: 16, bitsStored: 16 };
  const frame = encode(Uint8Array.from([0x34, 0x12, 0x35, 0x12]), format);
  expect([...frame]).toEqual([...header(2, 64, 66), 255, 0x12, 1, 0x34, 0x35, 0]);
});

test('decodes any frame as it was, in each form', () => {
  const forms = fc.record({
    rows: fc.integer({ min: 1, max: 6 }),
    columns: fc.integer({ min: 1, max: 300 }),
    samplesPerPixel: fc.constantFrom(1, 3),
    bitsAllocated: fc.constantFrom(8, 16, 32),
    planarConfiguration: fc.constantFrom(0, 1),
  });
  fc.assert(
    fc.property(forms, fc.infiniteStream(fc.constantFrom(0, 0, 0, 1, 255)), (form, bytes) => {
      const format = { ...gray, ...form };
      const length = form.rows * form.columns * form.samplesPerPixel * (form.bitsAllocated / 8);
      const frame = Uint8Array.from(bytes.take(length));
      const encoded = encode(frame, format);
      expect(encoded.length % 2).toBe(0);
      expect(Buffer.from(decode(encoded, format)).equals(frame)).toBe(true);
    }),
  );
});

describe('rejects', () => {
  test.each([
    ['a frame that is shorter than its header', [1, 0, 0], 'fewer than the header'],
    ['another number of segments', header(2, 64, 64), 'has 2 RLE segments instead of 1'],
    ['a segment inside the header', [...header(1, 8), 255, 1], 'an RLE segment from byte 8'],
    ['a segment beyond the end', header(1, 4_000_000_000), 'an RLE segment from byte 4000000000'],
    ['a run without its byte', [...header(1, 64), 249], 'lacks 8 of 8 bytes'],
    ['fewer literal bytes than announced', [...header(1, 64), 7, 1, 2], 'lacks 8 of 8 bytes'],
  ])('%s', (_, bytes, message) => {
    expect(() => decode(Uint8Array.from(bytes), gray)).toThrow(message);
  });

  test('random bytes, in linear time and without an end in view', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(decode(Uint8Array.from([...header(1, 64), ...bytes]), gray)).toHaveLength(8);
        } catch (error) {
          expect((error as Error).message).toContain('cut short');
        }
      }),
    );
  });
});
