import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { UntypedDataSet } from '../../data-set/data-set-values.ts';
import { DimseError } from '../../message/errors.ts';
import { parsePresentationLut } from '../provider/presentation-lut.ts';
import { presentationLutOf } from './print-film.ts';
import { parsePrintImage, printImageOf } from './print-image.ts';

const GRAY: UntypedDataSet = {
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: 2,
  Columns: 3,
  BitsAllocated: 16,
  BitsStored: 12,
  HighBit: 11,
  PixelRepresentation: 0,
  PixelData: new Uint8Array(12),
};
const COLOR: UntypedDataSet = {
  ...GRAY,
  SamplesPerPixel: 3,
  PhotometricInterpretation: 'RGB',
  PlanarConfiguration: 1,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelData: new Uint8Array(18),
};

/** The status with which an image is refused; 0 if it is accepted. */
function statusOf(parse: () => unknown): number {
  try {
    parse();
    return 0;
  } catch (error) {
    return (error as DimseError).status;
  }
}

describe('images for printing', () => {
  test('give a view of their pixels, not a copy', () => {
    const image = parsePrintImage(
      { ...GRAY, PixelAspectRatio: [2, 1], PhotometricInterpretation: 'MONOCHROME1' },
      false,
    );
    expect(image).toMatchObject({ rows: 2, columns: 3, bitsStored: 12, pixelWidth: 0.5, isInverted: true });
    expect(image.pixels).toBe(GRAY.PixelData);
    expect(printImageOf({ BasicColorImageSequence: [COLOR] })).toMatchObject({ isColor: true, isByPlane: true });
    expect(printImageOf({ BasicColorImageSequence: [], Polarity: 'NORMAL' })).toBeUndefined();
  });

  test.each(Object.keys(COLOR))('need %s', (keyword) => {
    expect(statusOf(() => parsePrintImage({ ...COLOR, [keyword]: undefined }, true))).toBe(0x0120);
    expect(statusOf(() => parsePrintImage({ ...COLOR, [keyword]: null }, true))).toBe(0x0121);
  });

  test.each([
    [{ SamplesPerPixel: 3 }, 'three samples'],
    [{ PhotometricInterpretation: 'RGB' }, 'another photometric interpretation'],
    [{ PhotometricInterpretation: 'PALETTE COLOR' }, 'a palette'],
    [{ Rows: 0 }, 'no rows'],
    [{ Columns: 'many' }, 'columns that are no number'],
    [{ BitsAllocated: 32 }, '32 bits'],
    [{ BitsAllocated: 8, BitsStored: 12 }, 'more bits stored than allocated'],
    [{ BitsStored: 1 }, 'one bit'],
    [{ HighBit: 7 }, 'a high bit that leaves out some'],
    [{ PixelRepresentation: 1 }, 'signs'],
    [{ PixelData: new Uint8Array(11) }, 'too few pixels'],
    [{ PixelData: 'pixels' }, 'no pixels'],
    [{ PixelAspectRatio: [0, 1] }, 'pixels without a height'],
    [{ PixelAspectRatio: 3 }, 'half a ratio'],
  ])('are rejected with %j: %s', (changes: UntypedDataSet, _) => {
    expect(statusOf(() => parsePrintImage({ ...GRAY, ...changes }, false))).toBe(0x0106);
  });

  test('are accepted or rejected with a status, whatever their attributes', () => {
    const value = fc.oneof(
      fc.constantFrom(1, 3, 8, 16, 12, 11, 7, 0, 'RGB', 'MONOCHROME2', null, '', [], [1, 2], {}),
      fc.uint8Array({ maxLength: 64 }),
    );
    const item = fc.record(
      Object.fromEntries([...Object.keys(COLOR), 'PixelAspectRatio'].map((keyword) => [keyword, value])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(item, fc.boolean(), (changes, isColor) => {
        try {
          const { rows, columns, pixels } = parsePrintImage({ ...(isColor ? COLOR : GRAY), ...changes }, isColor);
          expect(pixels.length).toBeGreaterThanOrEqual(rows * columns);
        } catch (error) {
          expect(error).toBeInstanceOf(DimseError);
        }
      }),
    );
  });
});

describe('presentation LUTs', () => {
  const words = (count: number, value: (index: number) => number) =>
    new Uint8Array(Uint16Array.from({ length: count }, (_, index) => value(index)).buffer);
  const table = (item: UntypedDataSet) => ({ PresentationLUTSequence: [item] });

  test('have a shape or a table', () => {
    expect(parsePresentationLut({ PresentationLUTShape: 'IDENTITY' })).toEqual({ output: 'P-Values' });
    expect(parsePresentationLut({ PresentationLUTShape: 'LIN OD' })).toEqual({ output: 'optical density' });
    const item = { LUTDescriptor: [256, 0, 12], LUTData: words(256, (index) => (index === 255 ? 4095 : 0)) };
    const { table: entries } = parsePresentationLut(table(item));
    expect([entries?.length, entries?.[254], entries?.[255]]).toEqual([256, 0, 1]);
    const all = { LUTDescriptor: [0, 0, 16], LUTData: words(2 ** 16, (index) => index) };
    expect(parsePresentationLut(table(all)).table).toHaveLength(2 ** 16);
    const numbers = { LUTDescriptor: [256, 0, 10], LUTData: Array.from({ length: 256 }, () => 1023) };
    expect(parsePresentationLut(table(numbers)).table?.[7]).toBe(1);
  });

  test.each([
    [{}, 0x0120],
    [{ PresentationLUTShape: '' }, 0x0121],
    [{ PresentationLUTSequence: [] }, 0x0121],
    [{ PresentationLUTShape: 'INVERSE' }, 0x0106],
    [{ PresentationLUTShape: 'IDENTITY', ...table({}) }, 0x0106],
    [table({}), 0x0120],
    [table({ LUTDescriptor: [256, 0, 12], LUTData: null }), 0x0121],
    [table({ LUTDescriptor: [256, 0, 12], LUTData: words(255, () => 0) }), 0x0106],
    [table({ LUTDescriptor: [256, 1, 12], LUTData: words(256, () => 0) }), 0x0106],
    [table({ LUTDescriptor: [255, 0, 12], LUTData: words(256, () => 0) }), 0x0106],
    [table({ LUTDescriptor: [256, 0, 8], LUTData: words(256, () => 0) }), 0x0106],
    [{ PresentationLUTSequence: [{}, {}] }, 0x0106],
  ])('are rejected with %j', (attributes, status) =>
    expect(statusOf(() => parsePresentationLut(attributes))).toBe(status),
  );

  test("of an image box take precedence over the film's", () => {
    const [identity, linear] = [{ PresentationLUTShape: 'IDENTITY' }, { PresentationLUTShape: 'LIN OD' }];
    expect(presentationLutOf(identity, linear)?.output).toBe('P-Values');
    expect(presentationLutOf({}, linear)?.output).toBe('optical density');
    expect(presentationLutOf({}, {})).toBeUndefined();
  });
});
