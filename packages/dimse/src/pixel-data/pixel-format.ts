// The form of the frames of pixel data: the attributes of the Image Pixel Module (PS3.3 §C.7.6.3) that codecs need.

import { PixelDataError } from './pixel-data-error.ts';

/** The form of each frame. All numbers are those of the data set. */
export interface PixelFormat {
  /** (0028,0010) Rows. */
  readonly rows: number;
  /** (0028,0011) Columns. */
  readonly columns: number;
  /** (0028,0002) Samples per Pixel. */
  readonly samplesPerPixel: number;
  /** (0028,0100) Bits Allocated. */
  readonly bitsAllocated: number;
  /** (0028,0101) Bits Stored. */
  readonly bitsStored: number;
  /** 0 for unsigned samples, 1 for two's complement. */
  readonly pixelRepresentation: number;
  /** (0028,0004) Photometric Interpretation. */
  readonly photometricInterpretation: string;
  /** 0 if the samples of a pixel lie together, 1 if each frame has a plane for each sample. */
  readonly planarConfiguration: number;
}

/** The length of a native frame in bytes, without padding. */
export function frameLength({ rows, columns, samplesPerPixel, bitsAllocated }: PixelFormat): number {
  return rows * columns * samplesPerPixel * (bitsAllocated / 8);
}

/**
 * Checks that frames of this form can be decoded and encoded.
 * @param maximumFrameLength The maximum length of a native frame in bytes.
 * @throws PixelDataError
 */
export function checkPixelFormat(format: PixelFormat, maximumFrameLength: number): void {
  for (const [name, value, allowed] of [
    ['Rows', format.rows, isSize],
    ['Columns', format.columns, isSize],
    ['Samples per Pixel', format.samplesPerPixel, (value: number) => value === 1 || value === 3 || value === 4],
    ['Bits Allocated', format.bitsAllocated, (value: number) => [8, 16, 32, 64].includes(value)],
    ['Bits Stored', format.bitsStored, (value: number) => value >= 1 && value <= format.bitsAllocated],
    ['Pixel Representation', format.pixelRepresentation, isFlag],
    ['Planar Configuration', format.planarConfiguration, isFlag],
  ] as const)
    if (!allowed(value)) throw new PixelDataError(`cannot transcode pixel data whose ${name} is ${value}`);
  const length = frameLength(format);
  if (length > maximumFrameLength)
    throw new PixelDataError(
      `a frame has ${length} bytes (${format.rows} rows, ${format.columns} columns, ${format.samplesPerPixel} samples, ${format.bitsAllocated} bits), more than ${maximumFrameLength}`,
      { limit: 'maximumFrameLength' },
    );
}

function isSize(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= 65_535;
}

function isFlag(value: number): boolean {
  return value === 0 || value === 1;
}
