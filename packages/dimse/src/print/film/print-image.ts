// Images for printing, checked against the Basic Grayscale and Color Image Sequences of PS3.3 Table C.13-5. No I/O.

import { firstItem, number, text } from '../../data-set/access.ts';
import { type UntypedDataSet, valuesOf } from '../../data-set/data-set-values.ts';
import { Status } from '../../message/status.ts';
import { attributeFault, checkPresence, type ItemRequirement } from '../../services/attribute-requirements.ts';

/** A complete image: `pixels` has at least the length that the other properties require. */
export interface PrintImage {
  /** Height in pixels. */
  readonly rows: number;
  /** Width in pixels. */
  readonly columns: number;
  /** Whether a pixel has red, green and blue samples. */
  readonly isColor: boolean;
  /** Whether the smallest value is white: MONOCHROME1. */
  readonly isInverted: boolean;
  /** Bits of a sample in memory. */
  readonly bitsAllocated: 8 | 16;
  /** Bits of a sample that are used. */
  readonly bitsStored: number;
  /** The highest bit that is used. */
  readonly highBit: number;
  /** Whether colors are stored by plane instead of by pixel: Planar Configuration 1. */
  readonly isByPlane: boolean;
  /** The width of a pixel in relation to its height. */
  readonly pixelWidth: number;
  /** The pixels in little endian; a view of the data set, not a copy. */
  readonly pixels: Uint8Array;
}

/**
 * The image of an image box; undefined if it has none.
 * @throws DimseError 0120H, 0121H or 0106H if the image is not valid. The provider has checked the image boxes of its films.
 */
export function printImageOf({
  BasicGrayscaleImageSequence,
  BasicColorImageSequence,
}: UntypedDataSet): PrintImage | undefined {
  const [gray, color] = [firstItem(BasicGrayscaleImageSequence), firstItem(BasicColorImageSequence)];
  if (gray) return parsePrintImage(gray, false);
  return color && parsePrintImage(color, true);
}

/**
 * The image in an item. It may have forms that the standard does not allow: any number of stored bits from 8 on, at any place
 * in the pixel, and colors by pixel.
 * @throws DimseError 0120H or 0121H for attributes that are missing or empty, 0106H for values that cannot be printed.
 */
export function parsePrintImage(item: UntypedDataSet, isColor: boolean): PrintImage {
  checkPresence(item, isColor ? [...REQUIRED, { keyword: 'PlanarConfiguration', type: 1 }] : REQUIRED);
  const numberOf = (keyword: string) => number(item[keyword]) ?? -1;
  const expect = (isRight: boolean, ...keywords: readonly string[]) => {
    if (!isRight) throw attributeFault(Status.InvalidAttributeValue, keywords, 'cannot be printed');
  };
  const photometric = text(item.PhotometricInterpretation);
  expect(numberOf('SamplesPerPixel') === (isColor ? 3 : 1), 'SamplesPerPixel');
  expect(isColor ? photometric === 'RGB' : /^MONOCHROME[12]$/.test(photometric), 'PhotometricInterpretation');
  const [rows, columns, planar] = [
    numberOf('Rows'),
    numberOf('Columns'),
    isColor ? numberOf('PlanarConfiguration') : 0,
  ];
  expect(rows > 0, 'Rows');
  expect(columns > 0, 'Columns');
  expect(planar === 0 || planar === 1, 'PlanarConfiguration');
  const [bitsAllocated, bitsStored, highBit] = [numberOf('BitsAllocated'), numberOf('BitsStored'), numberOf('HighBit')];
  expect(bitsAllocated === 8 || (bitsAllocated === 16 && !isColor), 'BitsAllocated');
  expect(bitsStored >= 8 && bitsStored <= bitsAllocated, 'BitsStored');
  expect(highBit >= bitsStored - 1 && highBit < bitsAllocated, 'HighBit');
  expect(numberOf('PixelRepresentation') === 0, 'PixelRepresentation');
  const [pixels] = valuesOf(item.PixelData);
  const length = rows * columns * (isColor ? 3 : 1) * (bitsAllocated / 8);
  if (!(pixels instanceof Uint8Array) || pixels.length < length)
    throw attributeFault(Status.InvalidAttributeValue, ['PixelData'], `must have ${length} bytes`);
  return {
    rows,
    columns,
    isColor,
    isInverted: photometric === 'MONOCHROME1',
    bitsAllocated: bitsAllocated as 8 | 16,
    bitsStored,
    highBit,
    isByPlane: planar === 1,
    pixelWidth: pixelWidth(item.PixelAspectRatio),
    pixels,
  };
}

const REQUIRED: readonly ItemRequirement[] = [
  'SamplesPerPixel',
  'PhotometricInterpretation',
  'Rows',
  'Columns',
  'BitsAllocated',
  'BitsStored',
  'HighBit',
  'PixelRepresentation',
  'PixelData',
].map((keyword) => ({ keyword, type: 1 }));

/** (0028,0034) Pixel Aspect Ratio: vertical size, horizontal size. @throws DimseError 0106H. */
function pixelWidth(ratio: unknown): number {
  const sizes = valuesOf(ratio);
  if (sizes.length === 0) return 1;
  const [vertical = 0, horizontal = 0] = sizes.map((size) => number(size) ?? 0);
  const width = horizontal / vertical;
  // More extreme ratios are mistakes, and would make an image that cannot be seen.
  if (sizes.length !== 2 || !(width >= 0.01 && width <= 100))
    throw attributeFault(Status.InvalidAttributeValue, ['PixelAspectRatio'], 'not an aspect ratio');
  return width;
}
