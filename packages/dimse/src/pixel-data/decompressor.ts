// Gives compressed data sets in transfer syntaxes that every peer takes (PS3.5 §10.1).

import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import {
  CODEC_OPTIONS,
  createPixelDataCodec,
  type PixelDataCodec,
  type PixelDataCodecOptions,
} from './pixel-data-codec.ts';
import { DECOMPRESSED_TRANSFER_SYNTAXES, transcode } from './transcode.ts';

/** Gives data sets in other transfer syntaxes, for peers that do not take them as they are. */
export interface DataSetTranscoder {
  /** The transfer syntaxes in which a data set can be given instead, the best first; none if it cannot. */
  alternatives(transferSyntax: string): readonly string[];
  /** The data set in one of them. Leaving the loop ends the work. */
  transcode(data: AsyncIterable<Uint8Array>, from: string, to: string): AsyncIterable<Uint8Array>;
}

/** Options of `createDecompressor`. */
export interface DecompressorOptions extends PixelDataCodecOptions {
  /** The codec of frames. Default: one of `createPixelDataCodec` with the other options. */
  readonly codec?: PixelDataCodec;
}

/**
 * Decompresses data sets for `storeInstances`, `performMove` and `performGet`. Instances that are sent at the same time share
 * the threads. Close it, so that the threads end.
 */
export function createDecompressor(options: DecompressorOptions = {}): DataSetTranscoder & AsyncDisposable {
  const { codec: given, ...rest } = checkOptions(DECOMPRESSOR_OPTIONS, options);
  const own = given ? undefined : createPixelDataCodec(rest);
  const codec = given ?? (own as PixelDataCodec);
  const { maximumFrameLength } = rest;
  return {
    alternatives: (transferSyntax) => (codec.decodes.includes(transferSyntax) ? DECOMPRESSED_TRANSFER_SYNTAXES : []),
    transcode: (data, from, to) =>
      transcode(data, { from, to, codec, ...(maximumFrameLength !== undefined && { maximumFrameLength }) }),
    [Symbol.asyncDispose]: async () => own?.[Symbol.asyncDispose](),
  };
}

const DECOMPRESSOR_OPTIONS: OptionTable<DecompressorOptions> = {
  of: 'createDecompressor',
  rules: { ...CODEC_OPTIONS.rules, codec: aValueOf('object') },
};
