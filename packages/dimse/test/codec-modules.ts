// The encoders of the npm packages of codecs, which make frames for tests.

import { createRequire } from 'node:module';
import type { PixelFormat } from '../src/pixel-data/pixel-format.ts';

const require = createRequire(import.meta.url);

/** A format for tests: gray, 8 bits. */
export const gray8: PixelFormat = {
  rows: 33,
  columns: 27,
  samplesPerPixel: 1,
  bitsAllocated: 8,
  bitsStored: 8,
  pixelRepresentation: 0,
  photometricInterpretation: 'MONOCHROME2',
  planarConfiguration: 0,
};

/** A smooth image with some noise, little endian. */
export function imageOf(format: PixelFormat, seed = 0): Uint8Array {
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, pixelRepresentation } = format;
  const image = Buffer.alloc((rows * columns * samplesPerPixel * bitsAllocated) / 8);
  const range = 2 ** bitsStored;
  for (let at = 0; at < rows * columns * samplesPerPixel; at++) {
    const [pixel, sample] = [Math.floor(at / samplesPerPixel), at % samplesPerPixel];
    const [x, y] = [pixel % columns, Math.floor(pixel / columns)];
    const wave = 0.4 * Math.sin((x + 7 * sample + seed) / 9) * Math.cos((y - 3 * sample) / 7);
    const value = Math.floor(range * (wave + (pixelRepresentation === 1 ? 0 : 0.5))) + ((x * 7 + y * 3) % 3);
    if (bitsAllocated === 8) image[at] = value & 0xff;
    else image.writeUInt16LE(value & 0xffff, 2 * at);
  }
  return new Uint8Array(image);
}

interface Encoder {
  getDecodedBuffer(frameInfo: object): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  encode(): void;
  setDecompositions?(number: number): void;
  setQuality?(isLossless: boolean, step: number): void;
  setNearLossless?(tolerance: number): void;
  setInterleaveMode?(mode: number): void;
  delete(): void;
}

const ENCODERS = {
  'jpeg-ls': ['@cornerstonejs/codec-charls/wasmjs', 'JpegLSEncoder'],
  'jpeg-2000': ['@cornerstonejs/codec-openjpeg/wasmjs', 'J2KEncoder'],
  htj2k: ['@cornerstonejs/codec-openjph/wasmjs', 'HTJ2KEncoder'],
} as const;

type Codecs = Record<string, new () => Encoder>;
const made = new Map<string, Promise<Codecs>>();

/** A frame of an encoder of cornerstone, lossless unless `prepare` says otherwise. */
export async function encodeFrame(
  compression: keyof typeof ENCODERS,
  image: Uint8Array,
  format: PixelFormat,
  prepare?: (encoder: Encoder) => void,
): Promise<Uint8Array> {
  const [module, name] = ENCODERS[compression];
  // A module can be made only once.
  let codecs = made.get(module);
  if (!codecs) {
    codecs = require(module)({ print() {}, printErr() {} }) as Promise<Codecs>;
    made.set(module, codecs);
  }
  const encoder = new ((await codecs)[name] as new () => Encoder)();
  const info = {
    width: format.columns,
    height: format.rows,
    bitsPerSample: format.bitsStored,
    componentCount: format.samplesPerPixel,
    isSigned: format.pixelRepresentation === 1,
    isUsingColorTransform: format.samplesPerPixel > 1,
  };
  encoder.getDecodedBuffer(info).set(image);
  if (compression === 'htj2k') encoder.setQuality?.(true, 0);
  // More would need a larger image.
  if (compression === 'jpeg-2000') encoder.setDecompositions?.(2);
  prepare?.(encoder);
  encoder.encode();
  const encoded = new Uint8Array(encoder.getEncodedBuffer());
  encoder.delete();
  return encoded;
}

/** A frame of JPEG: lossless by prediction, or lossy. */
export function encodeJpeg(
  image: Uint8Array,
  format: PixelFormat,
  parameters: { readonly lossy: boolean; readonly predictor?: number },
): Promise<Uint8Array> {
  return encodeByDcmjs('encodeJpeg', image, format, parameters);
}

/** A lossless frame of HTJ2K by another package than the one that decodes it. */
export function encodeHtj2k(image: Uint8Array, format: PixelFormat): Promise<Uint8Array> {
  return encodeByDcmjs('encodeHtJpeg2000', image, format, { lossy: false });
}

async function encodeByDcmjs(
  method: string,
  image: Uint8Array,
  format: PixelFormat,
  parameters: object,
): Promise<Uint8Array> {
  const { NativeCodecs, Context } = require('dcmjs-codecs');
  if (!NativeCodecs.isInitialized()) await NativeCodecs.initializeAsync();
  const context = new Context({ ...format, width: format.columns, height: format.rows, decodedBuffer: image });
  return new Uint8Array(NativeCodecs[method](context, parameters).getEncodedBuffer());
}
