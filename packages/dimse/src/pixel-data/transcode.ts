// Transcodes a data set as it passes: frames of Pixel Data are decoded and encoded, everything else is copied.

import { aNumber, anything, aSignal, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { DataSetTokenizer } from '../data-set/data-set-tokenizer.ts';
import { isUncompressed } from '../data-set/encodings.ts';
import { reencode } from '../data-set/reencode.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { compressionOf, createPixelDataCodec, type PixelDataCodec } from './pixel-data-codec.ts';
import { PixelDataError } from './pixel-data-error.ts';
import { PixelDataRewriter } from './pixel-data-rewriter.ts';

const { ExplicitVRLittleEndian } = TransferSyntax;

/** Options of `transcode`. */
export interface TranscodeOptions {
  /** The transfer syntax of the data set. */
  readonly from: string;
  /** The transfer syntax of the result: any without compression, or one that the codec encodes. */
  readonly to: string;
  /** The codec of frames. Default: one of `createPixelDataCodec` for this data set alone, which starts threads. */
  readonly codec?: PixelDataCodec;
  /** Ends the work; the iteration throws the reason. */
  readonly signal?: AbortSignal;
  /** The maximum number of frames that are in memory at the same time. Default 4. */
  readonly maximumFramesInMemory?: number;
  /** The maximum length of a frame in bytes, compressed or native. Default 256 MiB. */
  readonly maximumFrameLength?: number;
}

/**
 * Transcodes the Pixel Data of a data set, those of icons included. The frames of a data set are decoded at the same time
 * and given in order; at most `maximumFramesInMemory` of them are in memory. Photometric Interpretation and Planar
 * Configuration are those of the decoded frames, Lossy Image Compression is kept, and is 01 after lossy JPEG. Offset
 * tables and group lengths are left out, and sequences have undefined lengths. If the first frame cannot be decoded, the
 * iteration throws before it gives anything, unless the attributes before it have more than 1 MiB.
 * @param source The data set in chunks of any size. A chunk must not change before the next one is asked for.
 * @throws PixelDataError, CodecNotInstalledError or DataSetError
 */
export async function* transcode(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: TranscodeOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const {
    from,
    to,
    signal,
    maximumFramesInMemory = 4,
    maximumFrameLength = 256 * 1024 * 1024,
  } = checkOptions(TRANSCODE_OPTIONS, options);
  if (!Number.isInteger(maximumFramesInMemory) || maximumFramesInMemory < 1)
    throw new RangeError(`maximumFramesInMemory is ${maximumFramesInMemory}; it must be a whole number of at least 1`);
  if (from === to) return yield* source;
  // Frames are little endian, and between data sets in Explicit VR.
  if (isUncompressed(from) && from !== ExplicitVRLittleEndian) {
    const plain = reencode(copiesOf(source), from, ExplicitVRLittleEndian);
    return yield* transcode(plain, { ...options, from: ExplicitVRLittleEndian });
  }
  if (isUncompressed(to) && !DECOMPRESSED_TRANSFER_SYNTAXES.includes(to)) {
    const plain = transcode(copiesOf(source), { ...options, to: ExplicitVRLittleEndian });
    return yield* reencode(plain, ExplicitVRLittleEndian, to);
  }
  const own = options.codec ? undefined : createPixelDataCodec({ threads: maximumFramesInMemory, maximumFrameLength });
  const codec = options.codec ?? (own as PixelDataCodec);
  const ended = new AbortController();
  try {
    checkSyntaxes(from, to, codec);
    const tokenizer = new DataSetTokenizer({ isExplicit: true, littleEndian: true });
    const rewriter = new PixelDataRewriter(tokenizer, {
      from,
      to,
      codec,
      maximumFrameLength,
      signal: signal ? AbortSignal.any([signal, ended.signal]) : ended.signal,
    });
    let hasBegun = false;
    for await (const chunk of source) {
      signal?.throwIfAborted();
      // `slice` copies parts of a Uint8Array, but not of a Buffer.
      tokenizer.feed(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
      for (let token = tokenizer.next(); token !== undefined; token = tokenizer.next()) {
        rewriter.take(token);
        while (rewriter.framesInMemory >= maximumFramesInMemory) {
          yield await rewriter.next();
          hasBegun = true;
        }
      }
      // The bytes after Pixel Data may be many.
      while (rewriter.framesInMemory > 0 && rewriter.lengthAfterFrames > HELD_LENGTH) {
        yield await rewriter.next();
        hasBegun = true;
      }
      hasBegun ||= !rewriter.hasFrames && tokenizer.position > HELD_LENGTH;
      const bytes = hasBegun ? rewriter.takeBytes() : NOTHING;
      if (bytes.length > 0) yield bytes;
    }
    tokenizer.end();
    while (rewriter.framesInMemory > 0) yield await rewriter.next();
    const rest = rewriter.takeBytes();
    if (rest.length > 0) yield rest;
  } finally {
    ended.abort();
    await own?.[Symbol.asyncDispose]();
  }
}

/** Inflating and deflating read ahead. */
async function* copiesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Uint8Array.from(chunk);
}

/** The length of attributes before Pixel Data that are held until the first frame is decoded, or after it, in bytes. */
const HELD_LENGTH = 1024 * 1024;
const NOTHING = new Uint8Array(0);

/** The transfer syntaxes in which decompressed data sets are proposed. */
export const DECOMPRESSED_TRANSFER_SYNTAXES: readonly string[] = [
  ExplicitVRLittleEndian,
  TransferSyntax.ImplicitVRLittleEndian,
];

/** Whether `transcode` can decode a transfer syntax with a codec. @throws CodecNotInstalledError if its package is absent */
export function canDecode(transferSyntax: string, codec: PixelDataCodec): boolean {
  if (!codec.decodes.includes(transferSyntax)) return false;
  codec.checkInstalled?.(transferSyntax);
  return true;
}

function checkSyntaxes(from: string, to: string, codec: PixelDataCodec): void {
  if (from !== ExplicitVRLittleEndian && !(compressionOf(from) && codec.decodes.includes(from)))
    throw new PixelDataError(`cannot decode the transfer syntax ${from}`);
  if (!DECOMPRESSED_TRANSFER_SYNTAXES.includes(to) && !codec.encodes.includes(to))
    throw new PixelDataError(`cannot encode the transfer syntax ${to}`);
  if (codec.encodes.includes(to)) codec.checkInstalled?.(to);
}

const TRANSCODE_OPTIONS: OptionTable<TranscodeOptions> = {
  of: 'transcode',
  rules: {
    from: aValueOf('string'),
    to: aValueOf('string'),
    codec: aValueOf('object'),
    signal: aSignal,
    // Its range is checked in `transcode`.
    maximumFramesInMemory: anything,
    maximumFrameLength: aNumber,
  },
  required: ['from', 'to'],
};
