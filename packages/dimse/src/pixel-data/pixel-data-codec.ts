// Decodes and encodes single frames of pixel data in worker threads (PS3.5 §8.2 and §A.4).

import { aNumber, anything, checkOptions, type OptionTable } from '@x/pdu/internal';
import { TransferSyntax } from '../registry/uids.generated.ts';
import type { Compression } from './frame-codecs.ts';
import { FrameWorkers, type FrameWorkersOptions, packageResolver } from './frame-workers.ts';
import { CodecNotInstalledError, PixelDataError } from './pixel-data-error.ts';
import { checkPixelFormat, frameLength, type PixelFormat } from './pixel-format.ts';

/** A frame, and its form in the data set. */
export interface PixelDataFrame {
  /** The fragments of a compressed frame put together, or the samples of a native one, little endian. */
  readonly bytes: Uint8Array;
  /** The form of the frame. */
  readonly format: PixelFormat;
}

/** Options of `createPixelDataCodec`. */
export interface PixelDataCodecOptions extends FrameWorkersOptions {
  /** The maximum length of a frame in bytes, compressed or native. Default 256 MiB. */
  readonly maximumFrameLength?: number;
}

/**
 * Decodes and encodes frames. A program may pass its own implementation to `transcode`, for example one that calls a
 * native library. Frames of a data set are given in order, several at a time.
 */
export interface PixelDataCodec {
  /** Transfer syntaxes whose frames can be decoded. */
  readonly decodes: readonly string[];
  /** Transfer syntaxes whose frames can be encoded. */
  readonly encodes: readonly string[];
  /** @throws an error if the frames of a transfer syntax can be decoded in general, but not by this installation */
  checkInstalled?(transferSyntax: string): void;
  /**
   * The native frame: little endian, without padding, the samples of a pixel together. That of RLE has the planar
   * configuration of `format`. Colours of lossy JPEG and of JPEG 2000 become RGB. The bytes belong to the caller.
   */
  decode(frame: PixelDataFrame, transferSyntax: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** The compressed frame of a native one that has the planar configuration of `format`. */
  encode(frame: PixelDataFrame, transferSyntax: string, signal?: AbortSignal): Promise<Uint8Array>;
}

/**
 * The codec of this package. RLE, deflated and uncompressed frames need nothing else. Other frames are decoded and encoded by
 * npm packages, which are loaded when the first frame needs them: see `CODEC_PACKAGES`. A frame is encoded without loss: JPEG-LS,
 * or JPEG 2000 and HTJ2K if it has one sample per pixel. It is decoded again, and rejected if it is not the same.
 */
export function createPixelDataCodec(options: PixelDataCodecOptions = {}): PixelDataCodec & AsyncDisposable {
  const { maximumFrameLength = 256 * 1024 * 1024 } = checkOptions(CODEC_OPTIONS, options);
  const workers = new FrameWorkers(options);
  const run = async (
    operation: 'decode' | 'encode',
    { bytes, format }: PixelDataFrame,
    transferSyntax: string,
    signal: AbortSignal | undefined,
  ) => {
    const compression = COMPRESSIONS.get(transferSyntax);
    if (!compression) throw new PixelDataError(`the transfer syntax ${transferSyntax} is not supported`);
    checkPixelFormat(format, maximumFrameLength);
    if (bytes.length > maximumFrameLength)
      throw new PixelDataError(`has ${bytes.length} bytes compressed, more than ${maximumFrameLength}`, {
        limit: 'maximumFrameLength',
      });
    return workers.run({ operation, compression, frame: bytes, format }, modulesFor(transferSyntax), signal);
  };
  return {
    decodes: [...COMPRESSIONS.keys()],
    encodes: ENCODED,
    checkInstalled: (transferSyntax) => void modulesFor(transferSyntax),
    async decode(frame, transferSyntax, signal) {
      const decoded = await run('decode', frame, transferSyntax, signal);
      if (decoded.length !== frameLength(frame.format))
        throw new PixelDataError(`has ${decoded.length} bytes instead of ${frameLength(frame.format)}`);
      return decoded;
    },
    encode: (frame, transferSyntax, signal) => run('encode', frame, transferSyntax, signal),
    [Symbol.asyncDispose]: () => workers.close(),
  };
}

/** The npm packages that decode and encode frames: optional peer dependencies, by compression. */
export const CODEC_PACKAGES: Readonly<Record<'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k', string>> = {
  jpeg: 'dcmjs-codecs',
  'jpeg-lossless': 'dcmjs-codecs',
  'jpeg-ls': '@cornerstonejs/codec-charls',
  'jpeg-2000': '@cornerstonejs/codec-openjpeg',
  htj2k: '@cornerstonejs/codec-openjph',
};

/** The modules of the packages that `frameCodecs` loads: that of the decoder, and that of the encoder if it is another. */
const MODULES: Readonly<Partial<Record<Compression, readonly string[]>>> = {
  jpeg: ['dcmjs-codecs'],
  'jpeg-lossless': ['dcmjs-codecs'],
  'jpeg-ls': ['@cornerstonejs/codec-charls/decodewasmjs', '@cornerstonejs/codec-charls/wasmjs'],
  'jpeg-2000': ['@cornerstonejs/codec-openjpeg/decodewasmjs', '@cornerstonejs/codec-openjpeg/wasmjs'],
  htj2k: ['@cornerstonejs/codec-openjph/wasmjs'],
};

/** The transfer syntaxes that are encoded: all of them lossless. */
const ENCODED: readonly string[] = [
  TransferSyntax.RLELossless,
  TransferSyntax.JPEGLSLossless,
  TransferSyntax.JPEG2000Lossless,
  TransferSyntax.HTJ2KLossless,
];

/** How the frames of a transfer syntax are compressed; undefined if they are native or cannot be decoded. */
export function compressionOf(transferSyntax: string): Compression | undefined {
  return COMPRESSIONS.get(transferSyntax);
}

/** PS3.5 §A.4 and §10. */
const COMPRESSIONS: ReadonlyMap<string, Compression> = new Map<string, Compression>([
  [TransferSyntax.EncapsulatedUncompressedExplicitVRLittleEndian, 'none'],
  [TransferSyntax.DeflatedImageFrameCompression, 'deflate'],
  [TransferSyntax.RLELossless, 'rle'],
  [TransferSyntax.JPEGBaseline8Bit, 'jpeg'],
  [TransferSyntax.JPEGExtended12Bit, 'jpeg'],
  [TransferSyntax.JPEGSpectralSelectionNonHierarchical68, 'jpeg'],
  [TransferSyntax.JPEGFullProgressionNonHierarchical1012, 'jpeg'],
  [TransferSyntax.JPEGLossless, 'jpeg-lossless'],
  [TransferSyntax.JPEGLosslessSV1, 'jpeg-lossless'],
  [TransferSyntax.JPEGLSLossless, 'jpeg-ls'],
  [TransferSyntax.JPEGLSNearLossless, 'jpeg-ls'],
  [TransferSyntax.JPEG2000Lossless, 'jpeg-2000'],
  [TransferSyntax.JPEG2000, 'jpeg-2000'],
  [TransferSyntax.HTJ2KLossless, 'htj2k'],
  [TransferSyntax.HTJ2KLosslessRPCL, 'htj2k'],
  [TransferSyntax.HTJ2K, 'htj2k'],
]);

/** Packages are found as this module finds them, and loaded in the threads. */
function modulesFor(transferSyntax: string): Readonly<Record<string, string>> {
  const compression = COMPRESSIONS.get(transferSyntax);
  const modules = (compression && MODULES[compression]) ?? [];
  try {
    return Object.fromEntries(modules.map((module) => [module, packageResolver.resolve(module)]));
  } catch (cause) {
    throw new CodecNotInstalledError(CODEC_PACKAGES[compression as keyof typeof CODEC_PACKAGES], transferSyntax, {
      cause,
    });
  }
}

export const CODEC_OPTIONS: OptionTable<PixelDataCodecOptions> = {
  of: 'createPixelDataCodec',
  // The users of the others check their ranges.
  rules: { threads: anything, maximumQueuedFrames: anything, frameTimeout: anything, maximumFrameLength: aNumber },
};
