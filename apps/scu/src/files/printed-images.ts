// Images of files in the form for printers: one frame, 8 bits, gray or color by plane (PS3.3 §C.13.5).

import { grayShades } from '@x/cli/gray-shades';
import { UsageError } from '@x/cli/program';
import { DATA_SET_TRANSFER_SYNTAXES, type DataSet, decodeDataSet, openDicomFile, uidName } from '@x/dimse';
import { number } from '@x/dimse/data-set';

/** A frame of a file. */
export interface PrintedFrame {
  readonly path: string;
  /** Counted from 0. */
  readonly frame: number;
}

/** Reads the images of files on demand. The last file stays in memory for its next frame. */
export class PrintedImages {
  readonly #isColor: boolean;
  #last: { readonly path: string; readonly image: ReadImage } | undefined;

  /** @param isColor Whether the film takes color images; gray images are then converted to RGB. */
  constructor(isColor: boolean) {
    this.#isColor = isColor;
  }

  /** The number of frames of a file. @throws UsageError if the image cannot be printed */
  async frames(path: string): Promise<number> {
    const { frames } = await this.#read(path);
    return frames;
  }

  /** An item of Basic Grayscale or Basic Color Image Sequence. @throws UsageError if the image cannot be printed */
  async item({ path, frame }: PrintedFrame): Promise<DataSet> {
    const { dataSet, samples, rows, columns, pixels, bytesOfAFrame } = await this.#read(path);
    const count = rows * columns;
    const own = pixels.subarray(frame * bytesOfAFrame, (frame + 1) * bytesOfAFrame);
    const common = {
      Rows: rows,
      Columns: columns,
      ...aspectRatio(dataSet),
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
    };
    const color = { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', PlanarConfiguration: 1 };
    if (samples === 3) return { ...common, ...color, PixelData: even(colorPlanes(dataSet, own, count)) };
    const shade = grayShades(dataSet, own, count);
    const isInverted = dataSet.PhotometricInterpretation === 'MONOCHROME1';
    const gray = Uint8Array.from({ length: count }, (_, at) => (isInverted ? 255 - shade(at) : shade(at)));
    if (this.#isColor) return { ...common, ...color, PixelData: even(Buffer.concat([gray, gray, gray])) };
    return { ...common, SamplesPerPixel: 1, PhotometricInterpretation: 'MONOCHROME2', PixelData: even(gray) };
  }

  async #read(path: string): Promise<ReadImage> {
    if (this.#last?.path !== path) this.#last = { path, image: await readImage(path, this.#isColor) };
    return this.#last.image;
  }
}

interface ReadImage {
  readonly dataSet: DataSet;
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly frames: number;
  readonly bytesOfAFrame: number;
  readonly pixels: Uint8Array;
}

async function readImage(path: string, isColor: boolean): Promise<ReadImage> {
  await using file = await openDicomFile(path);
  if (!DATA_SET_TRANSFER_SYNTAXES.includes(file.transferSyntax))
    throw new UsageError(`${path} is compressed (${uidName(file.transferSyntax)}): it cannot be printed`);
  const bytes = Buffer.alloc(file.dataSet.length);
  for (let at = 0; at < bytes.length; ) {
    const read = await file.dataSet.readv([bytes.subarray(at)], at);
    if (read === 0) break;
    at += read;
  }
  const dataSet = decodeDataSet(bytes, file.transferSyntax);
  const [rows = 0, columns = 0, bits = 0] = [dataSet.Rows, dataSet.Columns, dataSet.BitsAllocated].map(number);
  const [pixels] = Array.isArray(dataSet.PixelData) ? dataSet.PixelData : [dataSet.PixelData];
  const samples = number(dataSet.SamplesPerPixel) ?? 1;
  const photometric = String(dataSet.PhotometricInterpretation ?? '');
  const kinds = samples === 3 ? COLORS : GRAYS;
  const bytesOfAFrame = rows * columns * samples * (bits / 8);
  const frames = Math.max(1, number(dataSet.NumberOfFrames) ?? 1);
  const isWhole = pixels instanceof Uint8Array && bytesOfAFrame > 0 && pixels.length >= bytesOfAFrame * frames;
  if (!isWhole || (samples === 3 ? bits !== 8 : samples !== 1 || (bits !== 8 && bits !== 16)))
    throw new UsageError(`${path} does not contain an image that can be printed`);
  if (!kinds.includes(photometric))
    throw new UsageError(
      `${path} cannot be printed: unsupported photometric interpretation (${photometric || 'unknown'})`,
    );
  if (samples === 3 && !isColor) throw new UsageError(`${path} is a color image: use --color`);
  return { dataSet, rows, columns, samples, frames, bytesOfAFrame, pixels };
}

const GRAYS: readonly string[] = ['MONOCHROME1', 'MONOCHROME2'];
const COLORS: readonly string[] = ['RGB', 'YBR_FULL'];

/** Pixel Aspect Ratio (0028,0034), if the pixels are not square: that of the image, or the ratio of Pixel Spacing. */
function aspectRatio({ PixelAspectRatio, PixelSpacing }: DataSet): DataSet {
  const [high, wide] = (Array.isArray(PixelAspectRatio) ? PixelAspectRatio : []).map(number);
  if (high && wide) return high === wide ? {} : { PixelAspectRatio: [high, wide] };
  const [down, across] = (Array.isArray(PixelSpacing) ? PixelSpacing : []).map(number);
  if (!down || !across || down === across) return {};
  return {
    PixelAspectRatio: [down, across].map((distance) => Math.round((distance * RATIO) / Math.min(down, across))),
  };
}

const RATIO = 1000;

/** The planes of red, green and blue, one after the other. */
function colorPlanes(dataSet: DataSet, pixels: Uint8Array, count: number): Uint8Array {
  const isByPlane = number(dataSet.PlanarConfiguration) === 1;
  const sample = (at: number, channel: number) => pixels[isByPlane ? channel * count + at : at * 3 + channel] ?? 0;
  const planes = new Uint8ClampedArray(count * 3);
  const isYbr = dataSet.PhotometricInterpretation === 'YBR_FULL';
  for (let at = 0; at < count; at++) {
    const [first, second, third] = [sample(at, 0), sample(at, 1), sample(at, 2)];
    const [blue, red] = [second - 128, third - 128];
    // §C.7.6.3.1.2
    planes[at] = isYbr ? first + 1.402 * red : first;
    planes[count + at] = isYbr ? first - 0.344136 * blue - 0.714136 * red : second;
    planes[2 * count + at] = isYbr ? first + 1.772 * blue : third;
  }
  return new Uint8Array(planes.buffer);
}

/** The value padded to an even number of bytes (PS3.5 §7.1.1). */
function even(bytes: Uint8Array): Uint8Array {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, new Uint8Array(1)]);
}
