// A small picture of a study, made from an image in its middle if that is not compressed (PS3.3 §C.7.6.3).

import { grayShades } from '@x/cli/gray-shades';
import { DATA_SET_TRANSFER_SYNTAXES, decodeDataSet, type UntypedDataSet } from '@x/dimse';
import { byKeyword, number } from '@x/dimse/data-set';
import { PNG } from 'pngjs';
import type { InstanceArchive } from '../instances/instance-archive.ts';

/** Pixels of the longer side. */
const SIZE = 128;
/** Bytes. Larger instances are not read. */
const LARGEST = 16 * 1024 * 1024;
const MOST_KEPT = 50;
const MOST_LOOKED_AT = 200;

export class Thumbnails {
  readonly #instances: InstanceArchive;
  /** A picture that has been made is kept. */
  readonly #kept = new Map<string, Buffer>();
  /** Studies without a picture, and how many instances they had. */
  readonly #without = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(instances: InstanceArchive) {
    this.#instances = instances;
  }

  /**
   * A PNG; undefined if the study has no image that can be shown.
   * @param instances The number of instances in the study: without a picture, it is only tried again after it has changed.
   */
  of(study: string, instances?: number): Promise<Buffer | undefined> {
    if (instances !== undefined && this.#without.get(study) === instances) return Promise.resolve(undefined);
    // One after the other, because each holds a whole instance in memory.
    const turn = this.#turn.then(() => this.#make(study));
    this.#turn = turn.catch(() => {});
    return turn.then((png) => {
      if (png || instances === undefined) return png;
      if (this.#without.size >= MOST_KEPT) this.#without.clear();
      this.#without.set(study, instances);
      return undefined;
    });
  }

  async #make(study: string): Promise<Buffer | undefined> {
    const kept = this.#kept.get(study);
    if (kept || study === '') return kept;
    const candidates = [];
    const query = { level: 'STUDY' as const, identifier: { StudyInstanceUID: study } };
    for await (const instance of this.#instances.index.instances(query)) {
      if (DATA_SET_TRANSFER_SYNTAXES.includes(instance.transferSyntax)) candidates.push(instance);
      if (candidates.length === MOST_LOOKED_AT) break;
    }
    const middle = candidates[Math.floor(candidates.length / 2)];
    if (!middle) return undefined;
    await using file = await this.#instances.open(middle);
    const { length } = file.dataSet;
    if (length > LARGEST) return undefined;
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; ) {
      const read = await file.dataSet.readv([bytes.subarray(at)], at);
      if (read === 0) return undefined;
      at += read;
    }
    const png = picture(byKeyword(decodeDataSet(bytes, middle.transferSyntax)));
    if (png) {
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      this.#kept.set(study, png);
    }
    return png;
  }
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
  const isColor = samples === 3 && bits === 8 && photometric === 'RGB';
  if (!shade && !isColor) return undefined;
  const isByPlane = number(dataSet.PlanarConfiguration) === 1;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
      for (let channel = 0; channel < 3; channel++) {
        const place = isByPlane ? channel * rows * columns + at : at * 3 + channel;
        png.data[(y * width + x) * 4 + channel] = shade ? shade(at) : (pixels[place] ?? 0);
      }
      png.data[(y * width + x) * 4 + 3] = 255;
    }
  return PNG.sync.write(png);
}

function bytesOf(value: unknown): Uint8Array | undefined {
  const [first] = Array.isArray(value) ? value : [value];
  return first instanceof Uint8Array ? first : undefined;
}
