// An image to be printed, checked by what PS3.3 Table C.13-5 says of Basic Grayscale and Basic Color Image Sequence. No I/O.

import { type DataSet, valuesOf } from '../../data-set/data-set-values.ts';
import { Status } from '../../message/status.ts';
import { attributeFault, checkPresence, type ItemRequirement } from '../../services/attribute-requirements.ts';
import { firstItem, numberValue, textValue } from './print-values.ts';

/** An image that is whole: `pixels` has all that `rows`, `columns` and the rest ask for. */
export interface PrintImage {
  readonly rows: number;
  readonly columns: number;
  readonly isColor: boolean;
  /** The smallest values are white: MONOCHROME1. */
  readonly isInverted: boolean;
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number;
  readonly highBit: number;
  /** Color by plane instead of by pixel: Planar Configuration 1. */
  readonly isByPlane: boolean;
  /** The width of a pixel, its height being 1. */
  readonly pixelWidth: number;
  /** In little endian, not copied. */
  readonly pixels: Uint8Array;
}

/**
 * The image of an image box that was checked; undefined where it has none.
 * @throws DimseError 0120H, 0121H or 0106H where it was not.
 */
export function printImageOf({
  BasicGrayscaleImageSequence,
  BasicColorImageSequence,
}: DataSet): PrintImage | undefined {
  const [gray, color] = [firstItem(BasicGrayscaleImageSequence), firstItem(BasicColorImageSequence)];
  if (gray) return parsePrintImage(gray, false);
  return color && parsePrintImage(color, true);
}

/**
 * The image in an item. More is taken than the standard lets be sent: any number of stored bits from 8 on, anywhere in a
 * pixel, and colors by pixel. @throws DimseError 0120H or 0121H for what is missing, 0106H for what is no such image.
 */
export function parsePrintImage(item: DataSet, isColor: boolean): PrintImage {
  checkPresence(item, isColor ? [...REQUIRED, { keyword: 'PlanarConfiguration', type: 1 }] : REQUIRED);
  const number = (keyword: string) => numberValue(item[keyword]) ?? -1;
  const expect = (isRight: boolean, ...keywords: readonly string[]) => {
    if (!isRight) throw attributeFault(Status.InvalidAttributeValue, keywords, 'cannot be printed');
  };
  const photometric = textValue(item.PhotometricInterpretation);
  expect(number('SamplesPerPixel') === (isColor ? 3 : 1), 'SamplesPerPixel');
  expect(isColor ? photometric === 'RGB' : /^MONOCHROME[12]$/.test(photometric), 'PhotometricInterpretation');
  const [rows, columns, planar] = [number('Rows'), number('Columns'), isColor ? number('PlanarConfiguration') : 0];
  expect(rows > 0, 'Rows');
  expect(columns > 0, 'Columns');
  expect(planar === 0 || planar === 1, 'PlanarConfiguration');
  const [bitsAllocated, bitsStored, highBit] = [number('BitsAllocated'), number('BitsStored'), number('HighBit')];
  expect(bitsAllocated === 8 || (bitsAllocated === 16 && !isColor), 'BitsAllocated');
  expect(bitsStored >= 8 && bitsStored <= bitsAllocated, 'BitsStored');
  expect(highBit >= bitsStored - 1 && highBit < bitsAllocated, 'HighBit');
  expect(number('PixelRepresentation') === 0, 'PixelRepresentation');
  const [pixels] = valuesOf(item.PixelData);
  const length = rows * columns * (isColor ? 3 : 1) * (bitsAllocated / 8);
  if (!(pixels instanceof Uint8Array) || pixels.length < length)
    throw attributeFault(Status.InvalidAttributeValue, ['PixelData'], `not the ${length} bytes of its image`);
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

/** (0028,0034): the vertical size of a pixel, and the horizontal one. @throws DimseError 0106H. */
function pixelWidth(ratio: unknown): number {
  const sizes = valuesOf(ratio);
  if (sizes.length === 0) return 1;
  const [vertical = 0, horizontal = 0] = sizes.map((size) => numberValue(size) ?? 0);
  const width = horizontal / vertical;
  // What is narrower than a hundredth is no pixel, and would be no picture.
  if (sizes.length !== 2 || !(width >= 0.01 && width <= 100))
    throw attributeFault(Status.InvalidAttributeValue, ['PixelAspectRatio'], 'no ratio of pixels');
  return width;
}
