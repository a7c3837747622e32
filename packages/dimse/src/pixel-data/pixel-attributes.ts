// The attributes of the Image Pixel Module (PS3.3 §C.7.6.3) in a data set or an item, as they pass.

import type { Compression } from './frame-codecs.ts';
import type { PixelFormat } from './pixel-format.ts';

export const PIXEL_DATA = 0x7fe00010;
export const LOSSY_IMAGE_COMPRESSION = 0x00282110;
const SAMPLES_PER_PIXEL = 0x00280002;
const PHOTOMETRIC_INTERPRETATION = 0x00280004;
const PLANAR_CONFIGURATION = 0x00280006;
const NUMBER_OF_FRAMES = 0x00280008;
const ROWS = 0x00280010;
const COLUMNS = 0x00280011;
const BITS_ALLOCATED = 0x00280100;
const BITS_STORED = 0x00280101;
const PIXEL_REPRESENTATION = 0x00280103;

const TAGS: ReadonlySet<number> = new Set([
  SAMPLES_PER_PIXEL,
  PHOTOMETRIC_INTERPRETATION,
  PLANAR_CONFIGURATION,
  NUMBER_OF_FRAMES,
  ROWS,
  COLUMNS,
  BITS_ALLOCATED,
  BITS_STORED,
  PIXEL_REPRESENTATION,
  LOSSY_IMAGE_COMPRESSION,
]);

/** Whether `PixelAttributes` wants the value of an element. None of the values is long. */
export function isPixelAttribute(tag: number, length: number): boolean {
  return TAGS.has(tag) && length <= 256;
}

export class PixelAttributes {
  readonly #values = new Map<number, Uint8Array>();
  /** Whether a value that was taken has been replaced, so that native Pixel Data no longer fit. */
  isChanged = false;

  /** Takes a value, and returns the one that it has after the frames are decoded (PS3.5 §8.2). */
  take(tag: number, value: Uint8Array, from: Compression | undefined): Uint8Array {
    this.#values.set(tag, value);
    if (from === undefined) return value;
    if (tag === LOSSY_IMAGE_COMPRESSION) return from === 'jpeg' ? textValue('01') : value;
    const isColor = this.#number(SAMPLES_PER_PIXEL, 1) > 1;
    let replaced = value;
    if (tag === PHOTOMETRIC_INTERPRETATION && isColor) {
      const before = this.#text(tag);
      const after = decodedPhotometricInterpretation(before, from);
      if (after !== before) replaced = textValue(after);
    }
    if (tag === PLANAR_CONFIGURATION && isColor && from !== 'rle' && this.#number(tag, 0) !== 0)
      replaced = new Uint8Array(2);
    if (replaced !== value) this.isChanged = true;
    return replaced;
  }

  has(tag: number): boolean {
    return this.#values.has(tag);
  }

  /** Whether the attributes are those of an image. */
  get isImage(): boolean {
    return this.#values.has(ROWS);
  }

  get numberOfFrames(): number {
    return Math.max(1, Number.parseInt(this.#text(NUMBER_OF_FRAMES), 10) || 1);
  }

  /** The form of the frames before they are decoded. Attributes that are missing have their usual value, or 0. */
  get format(): PixelFormat {
    const bitsAllocated = this.#number(BITS_ALLOCATED, 0);
    return {
      rows: this.#number(ROWS, 0),
      columns: this.#number(COLUMNS, 0),
      samplesPerPixel: this.#number(SAMPLES_PER_PIXEL, 1),
      bitsAllocated,
      bitsStored: this.#number(BITS_STORED, bitsAllocated),
      pixelRepresentation: this.#number(PIXEL_REPRESENTATION, 0),
      photometricInterpretation: this.#text(PHOTOMETRIC_INTERPRETATION),
      planarConfiguration: this.#number(PLANAR_CONFIGURATION, 0),
    };
  }

  /** The first number of a value of US. */
  #number(tag: number, missing: number): number {
    const [low, high] = this.#values.get(tag) ?? [];
    return low === undefined || high === undefined ? missing : low + 256 * high;
  }

  #text(tag: number): string {
    const value = this.#values.get(tag) ?? new Uint8Array(0);
    return Buffer.from(value).toString('latin1').replaceAll('\0', ' ').trim();
  }
}

/** The form of frames after they are decoded. */
export function decodedFormat(format: PixelFormat, from: Compression): PixelFormat {
  if (format.samplesPerPixel === 1) return { ...format, planarConfiguration: 0 };
  return {
    ...format,
    photometricInterpretation: decodedPhotometricInterpretation(format.photometricInterpretation, from),
    planarConfiguration: from === 'rle' ? format.planarConfiguration : 0,
  };
}

function decodedPhotometricInterpretation(before: string, from: Compression): string {
  if (from === 'jpeg' && before.startsWith('YBR')) return 'RGB';
  // PS3.5 §8.2.4: the transformation is part of JPEG 2000.
  if (before === 'YBR_RCT' || before === 'YBR_ICT') return 'RGB';
  // Decoded frames have all samples of each pixel.
  return before === 'YBR_FULL_422' || before === 'YBR_PARTIAL_420' ? 'YBR_FULL' : before;
}

function textValue(text: string): Uint8Array {
  return Buffer.from(text.padEnd(text.length + (text.length % 2)), 'latin1');
}
