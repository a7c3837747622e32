// The public names of @x/dimse/transcode: compressed pixel data. A program that does not import it does not load it.

export { createDecompressor, type DataSetTranscoder, type DecompressorOptions } from './pixel-data/decompressor.ts';
export type { FrameWorkersOptions } from './pixel-data/frame-workers.ts';
export {
  CODEC_PACKAGES,
  createPixelDataCodec,
  type PixelDataCodec,
  type PixelDataCodecOptions,
  type PixelDataFrame,
} from './pixel-data/pixel-data-codec.ts';
export { CodecNotInstalledError, PixelDataError } from './pixel-data/pixel-data-error.ts';
export type { PixelFormat } from './pixel-data/pixel-format.ts';
export { canDecode, DECOMPRESSED_TRANSFER_SYNTAXES, type TranscodeOptions, transcode } from './pixel-data/transcode.ts';
