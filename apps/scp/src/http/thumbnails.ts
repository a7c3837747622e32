// A small picture of a study, made from an image in its middle (PS3.3 §C.7.6.3).

import { grayShades } from '@x/cli/gray-shades';
import {
  DATA_SET_TRANSFER_SYNTAXES,
  type DicomFile,
  decodeDataSet,
  TransferSyntax,
  type UntypedDataSet,
} from '@x/dimse';
import { byKeyword, DataSetError, number } from '@x/dimse/data-set';
import { CodecNotInstalledError, canDecode, createPixelDataCodec, PixelDataError, transcode } from '@x/dimse/transcode';
import { PNG } from 'pngjs';
import type { IndexedInstance } from '../instances/archive-index/archive-index.ts';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import { kindOfInstance } from './kind-of-instance.ts';

/** Pixels of the longer side. */
const SIZE = 128;
/** Bytes, decompressed. Larger instances are not shown. */
const LARGEST = 64 * 1024 * 1024;
/** Bytes that are read at once. */
const CHUNK = 256 * 1024;
const MOST_KEPT = 50;
const MOST_LOOKED_AT = 200;
/** Images that are tried, from the middle outwards. */
const MOST_TRIED = 3;

/** How a study is shown: by a picture, by the kind of its instances, or neither. */
export interface Preview {
  readonly png?: Buffer;
  /** Such as `report`. */
  readonly kind?: string;
}

export class Thumbnails implements AsyncDisposable {
  readonly #instances: InstanceArchive;
  /** A picture that has been made is kept. */
  readonly #kept = new Map<string, Preview>();
  /** Studies without a picture, and how many instances they had. */
  readonly #without = new Map<string, { readonly instances: number; readonly preview: Preview }>();
  /** One thread, so that pictures take no more of the machine than one processor. */
  readonly #codec = createPixelDataCodec({ threads: 1, maximumFrameLength: LARGEST });
  #turn: Promise<unknown> = Promise.resolve();

  constructor(instances: InstanceArchive) {
    this.#instances = instances;
  }

  /**
   * A picture if the study has an image that can be shown.
   * @param instances The number of instances in the study: without a picture, it is only tried again after it has changed.
   */
  of(study: string, instances?: number): Promise<Preview> {
    const before = this.#without.get(study);
    if (before && before.instances === instances) return Promise.resolve(before.preview);
    // One after the other, because each holds a whole instance in memory.
    const turn = this.#turn.then(() => this.#make(study));
    this.#turn = turn.catch(() => {});
    return turn.then((preview) => {
      if (preview.png || instances === undefined) return preview;
      if (this.#without.size >= MOST_KEPT) this.#without.clear();
      this.#without.set(study, { instances, preview });
      return preview;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#codec[Symbol.asyncDispose]();
  }

  async #make(study: string): Promise<Preview> {
    const kept = this.#kept.get(study);
    if (kept || study === '') return kept ?? {};
    const images = [];
    const kinds = new Set<string>();
    let lookedAt = 0;
    for await (const instance of this.#instances.index.instances({
      level: 'STUDY',
      identifier: { StudyInstanceUID: study },
    })) {
      const kind = kindOfInstance(instance.sopClass);
      if (kind) kinds.add(kind);
      else if (this.#canShow(instance.transferSyntax)) images.push(instance);
      if (++lookedAt === MOST_LOOKED_AT) break;
    }
    const middle = Math.floor(images.length / 2);
    const fromTheMiddle = [...images.keys()].sort((one, other) => Math.abs(one - middle) - Math.abs(other - middle));
    for (const index of fromTheMiddle.slice(0, MOST_TRIED)) {
      const png = await this.#picture(images[index] as IndexedInstance).catch(ifDamaged);
      if (!png) continue;
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      this.#kept.set(study, { png });
      return { png };
    }
    const [kind] = kinds;
    return kind ? { kind } : {};
  }

  #canShow(transferSyntax: string): boolean {
    try {
      return DATA_SET_TRANSFER_SYNTAXES.includes(transferSyntax) || canDecode(transferSyntax, this.#codec);
    } catch (error) {
      if (error instanceof CodecNotInstalledError) return false;
      throw error;
    }
  }

  async #picture(instance: IndexedInstance): Promise<Buffer | undefined> {
    const { transferSyntax } = instance;
    await using file = await this.#instances.open(instance);
    const isNative = DATA_SET_TRANSFER_SYNTAXES.includes(transferSyntax);
    const decodedSyntax = isNative ? transferSyntax : TransferSyntax.ExplicitVRLittleEndian;
    const chunks = chunksOf(file.dataSet);
    const bytes = await collected(
      isNative
        ? chunks
        : transcode(chunks, { from: transferSyntax, to: decodedSyntax, codec: this.#codec, maximumFramesInMemory: 1 }),
    );
    return bytes && picture(byKeyword(decodeDataSet(bytes, decodedSyntax)));
  }
}

/** An image that cannot be decoded has no picture: it is kept and sent as it came. */
function ifDamaged(error: unknown): undefined {
  if (error instanceof PixelDataError || error instanceof DataSetError) return undefined;
  throw error;
}

async function* chunksOf(source: DicomFile['dataSet']): AsyncGenerator<Uint8Array, void, undefined> {
  for (let position = 0; position < source.length; ) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, source.length - position));
    const read = await source.readv([chunk], position);
    // A file that has become shorter is refused as truncated.
    if (read === 0) return;
    yield chunk.subarray(0, read);
    position += read;
  }
}

/** Undefined if there are more than can be shown; then the rest is not read. */
async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > LARGEST) return undefined;
    // A chunk may change when the next one is asked for.
    parts.push(Buffer.from(chunk));
  }
  return Buffer.concat(parts);
}

/** The first frame, reduced. Undefined if the instance is not an image, or of a kind that is not shown. */
export function picture(dataSet: UntypedDataSet): Buffer | undefined {
  const [rows, columns, bits] = ['Rows', 'Columns', 'BitsAllocated'].map((name) => number(dataSet[name]));
  const samples = number(dataSet.SamplesPerPixel) ?? 1;
  const pixels = bytesOf(dataSet.PixelData);
  if (!rows || !columns || !pixels || (bits !== 8 && bits !== 16)) return undefined;
  if (pixels.length < rows * columns * samples * (bits / 8)) return undefined;
  const photometric = String(dataSet.PhotometricInterpretation ?? '');
  const scale = Math.max(rows, columns) / SIZE;
  const [width, height] = [columns, rows].map((side) => Math.max(1, Math.floor(side / Math.max(scale, 1)))) as [
    number,
    number,
  ];
  const png = new PNG({ width, height });
  const shades = photometric.startsWith('MONOCHROME') ? grayShades(dataSet, pixels, rows * columns) : undefined;
  const isInverted = photometric === 'MONOCHROME1';
  const shade = shades && ((at: number) => (isInverted ? 255 - shades(at) : shades(at)));
  const isColor = samples === 3 && bits === 8 && (photometric === 'RGB' || photometric === 'YBR_FULL');
  if (!shade && !isColor) return undefined;
  const isByPlane = number(dataSet.PlanarConfiguration) === 1;
  const sample = (at: number, channel: number) =>
    pixels[isByPlane ? channel * rows * columns + at : at * 3 + channel] ?? 0;
  const sampled = (at: number): Color => [sample(at, 0), sample(at, 1), sample(at, 2)];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
      const color: Color = shade ? [shade(at), shade(at), shade(at)] : sampled(at);
      png.data.set(photometric === 'YBR_FULL' ? rgb(color) : color, (y * width + x) * 4);
      png.data[(y * width + x) * 4 + 3] = 255;
    }
  return PNG.sync.write(png);
}

type Color = readonly [number, number, number];

/** The colour of Y, CB and CR (PS3.3 §C.7.6.3.1.2). */
function rgb([y, cb, cr]: Color): Color {
  const cut = (value: number) => Math.min(255, Math.max(0, Math.round(value)));
  return [
    cut(y + 1.402 * (cr - 128)),
    cut(y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128)),
    cut(y + 1.772 * (cb - 128)),
  ];
}

function bytesOf(value: unknown): Uint8Array | undefined {
  const [first] = Array.isArray(value) ? value : [value];
  return first instanceof Uint8Array ? first : undefined;
}
