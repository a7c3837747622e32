// The codecs of single frames. Worker threads run the text of `frameCodecs`: it uses nothing that is outside it.

import type { CodestreamHeader, CodestreamHeaders } from './codestream-header.ts';
import type { PixelFormat } from './pixel-format.ts';
import type { RleCodec } from './rle-codec.ts';

/** A way of compression, which several transfer syntaxes share. */
export type Compression = 'none' | 'deflate' | 'rle' | 'jpeg' | 'jpeg-lossless' | 'jpeg-ls' | 'jpeg-2000' | 'htj2k';

export interface FrameJob {
  readonly operation: 'decode' | 'encode';
  readonly compression: Compression;
  readonly frame: Uint8Array;
  readonly format: PixelFormat;
}

/**
 * Makes the function that does a job. A decoded frame is little endian, and has the samples of a pixel together, except
 * that of RLE, which has the planar configuration of the data set. Colours of lossy JPEG and of JPEG 2000 are RGB.
 * @param load Gives the module of an npm package, or of Node.js.
 */
export function frameCodecs(
  load: (module: string) => unknown,
  rle: RleCodec,
  headers: CodestreamHeaders,
): (job: FrameJob) => Promise<Uint8Array> {
  /** Samples in as many bytes as Bits Allocated says, with the sign continued. */
  function widen(samples: Uint8Array, bits: number, format: PixelFormat): Uint8Array {
    const [from, to] = [bits > 8 ? 2 : 1, format.bitsAllocated / 8];
    const expected = format.rows * format.columns * format.samplesPerPixel;
    if (samples.length !== expected * from)
      throw new Error(`has ${samples.length} bytes when decoded instead of ${expected * from}`);
    if (from === to) return samples;
    const wide = new Uint8Array(expected * to);
    for (let sample = 0; sample < expected; sample++) {
      const last = samples[sample * from + from - 1] as number;
      const fill = format.pixelRepresentation === 1 && last >= 0x80 ? 0xff : 0;
      for (let byte = 0; byte < to; byte++)
        wide[sample * to + byte] = byte < from ? (samples[sample * from + byte] as number) : fill;
    }
    return wide;
  }

  /** The planes of the samples, put together by pixel. */
  function interleave(planes: Uint8Array, bits: number, samplesPerPixel: number): Uint8Array {
    const bytes = bits > 8 ? 2 : 1;
    const pixels = planes.length / bytes / samplesPerPixel;
    const together = new Uint8Array(planes.length);
    for (let sample = 0, from = 0; sample < samplesPerPixel; sample++)
      for (let pixel = 0; pixel < pixels; pixel++)
        for (let byte = 0; byte < bytes; byte++)
          together[(pixel * samplesPerPixel + sample) * bytes + byte] = planes[from++] as number;
    return together;
  }

  interface Native {
    initializeAsync(): Promise<void>;
    decodeJpeg(context: unknown, options: object): { getDecodedBuffer(): Uint8Array };
  }
  interface DcmjsCodecs {
    NativeCodecs: Native;
    Context: new (format: object) => unknown;
  }
  let native: Promise<DcmjsCodecs> | undefined;

  /** The codec of IJG at 8, 12 and 16 bits in dcmjs-codecs. */
  async function decodeJpeg({ frame, format, compression }: FrameJob): Promise<Uint8Array> {
    const header = headers.readJpeg(frame, false);
    headers.check(frame, header, format);
    native ??= (async () => {
      const module = load('dcmjs-codecs') as DcmjsCodecs;
      await module.NativeCodecs.initializeAsync();
      return module;
    })();
    const { NativeCodecs, Context } = await native;
    const bitsAllocated = header.bits > 8 ? 16 : 8;
    const context = new Context({
      width: format.columns,
      height: format.rows,
      bitsAllocated,
      bitsStored: Math.min(bitsAllocated, format.bitsStored),
      samplesPerPixel: format.samplesPerPixel,
      pixelRepresentation: format.pixelRepresentation,
      planarConfiguration: 0,
      photometricInterpretation: format.photometricInterpretation,
      encodedBuffer: frame,
    });
    const convertColorspaceToRgb = compression === 'jpeg' && format.photometricInterpretation.startsWith('YBR');
    const decoded = NativeCodecs.decodeJpeg(context, { convertColorspaceToRgb }).getDecodedBuffer();
    return widen(decoded, header.bits, format);
  }

  interface Decoder {
    getEncodedBuffer(length: number): Uint8Array;
    decode(): void;
    getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number };
    getInterleaveMode?(): number;
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  }
  interface Encoder {
    getDecodedBuffer(frameInfo: object): Uint8Array;
    encode(): void;
    getEncodedBuffer(): Uint8Array;
    setInterleaveMode?(mode: number): void;
    setDecompositions?(number: number): void;
    delete(): void;
  }
  type Codecs = Record<string, new () => Decoder | Encoder>;
  const modules = new Map<string, Promise<Codecs>>();

  function codecsOf(module: string): Promise<Codecs> {
    let codecs = modules.get(module);
    if (!codecs) {
      const begin = load(module) as (settings: object) => Promise<Codecs>;
      // They would print what they read.
      codecs = begin({ print() {}, printErr() {} });
      modules.set(module, codecs);
    }
    return codecs;
  }

  /** The samples of a decoder of cornerstone, each of which has the same methods. */
  async function decodeBy(
    module: string,
    className: string,
    job: FrameJob,
    header: CodestreamHeader,
  ): Promise<Uint8Array> {
    const { frame, format } = job;
    headers.check(frame, header, format);
    const decoder = new ((await codecsOf(module))[className] as new () => Decoder)();
    decoder.getEncodedBuffer(frame.length).set(frame);
    decoder.decode();
    const { width, height, componentCount } = decoder.getFrameInfo();
    // A frame that cannot be decoded has no error, but a size of 0.
    if (width !== header.columns || height !== header.rows || componentCount !== header.components)
      throw new Error('cannot be decoded');
    let decoded: Uint8Array = new Uint8Array(decoder.getDecodedBuffer());
    const isPlanar = decoder.getInterleaveMode?.() === 0 && componentCount > 1;
    decoder.delete();
    if (isPlanar) decoded = interleave(decoded, header.bits, componentCount);
    return decoded;
  }

  async function decodeJpegLs(job: FrameJob): Promise<Uint8Array> {
    const header = headers.readJpeg(job.frame, true);
    const decoded = await decodeBy('@cornerstonejs/codec-charls/decodewasmjs', 'JpegLSDecoder', job, header);
    return widen(decoded, header.bits, job.format);
  }

  function withoutSign(codestream: Uint8Array, components: number): Uint8Array {
    const changed = codestream.slice();
    for (let at = 42; at < 42 + 3 * components; at += 3) changed[at] = (changed[at] as number) & 0x7f;
    return changed;
  }

  /** The codecs take samples of up to 8 bits for unsigned ones: those with a sign are moved into their range (§G.1.2). */
  async function decodeJpeg2000(module: string, className: string, job: FrameJob): Promise<Uint8Array> {
    const frame = headers.findJpeg2000(job.frame);
    const header = headers.readJpeg2000(frame);
    // OpenJPEG is asked for the whole reference grid.
    if (header.hasOffset && job.compression === 'jpeg-2000')
      throw new Error('has an image offset, which is not supported');
    const isMoved = header.isSigned && header.bits <= 8;
    const moved = isMoved ? withoutSign(frame, header.components) : frame;
    const decoded = await decodeBy(module, className, { ...job, frame: moved }, header);
    const distance = isMoved ? 2 ** (header.bits - 1) : 0;
    for (let at = 0; isMoved && at < decoded.length; at++) decoded[at] = (decoded[at] as number) - distance;
    return widen(decoded, header.bits, job.format);
  }

  function inflate(frame: Uint8Array, format: PixelFormat): Uint8Array {
    const { inflateRawSync } = load('node:zlib') as typeof import('node:zlib');
    const length = format.rows * format.columns * format.samplesPerPixel * (format.bitsAllocated / 8);
    return takeFrame(inflateRawSync(frame, { maxOutputLength: length + 1 }), format);
  }

  /** A native frame without the byte that pads it. */
  function takeFrame(frame: Uint8Array, format: PixelFormat): Uint8Array {
    const length = format.rows * format.columns * format.samplesPerPixel * (format.bitsAllocated / 8);
    if (frame.length < length || frame.length > length + 1)
      throw new Error(`has ${frame.length} bytes instead of ${length}`);
    return new Uint8Array(frame.subarray(0, length));
  }

  const DECODERS = {
    none: ({ frame, format }) => takeFrame(frame, format),
    deflate: ({ frame, format }) => inflate(frame, format),
    rle: ({ frame, format }) => rle.decode(frame, format),
    jpeg: decodeJpeg,
    'jpeg-lossless': decodeJpeg,
    'jpeg-ls': decodeJpegLs,
    'jpeg-2000': (job) => decodeJpeg2000('@cornerstonejs/codec-openjpeg/decodewasmjs', 'J2KDecoder', job),
    htj2k: (job) => decodeJpeg2000('@cornerstonejs/codec-openjph/wasmjs', 'HTJ2KDecoder', job),
  } satisfies Record<Compression, (job: FrameJob) => Uint8Array | Promise<Uint8Array>>;

  /** A frame of an encoder of cornerstone. They tell of no failure, so the frame is decoded again. */
  async function encodeBy(module: string, className: string, job: FrameJob): Promise<Uint8Array> {
    const { frame, compression } = job;
    const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, pixelRepresentation } = job.format;
    const isColor = samplesPerPixel > 1;
    if (bitsAllocated > 16) throw new Error(`has samples of ${bitsAllocated} bits, more than 16`);
    // The other encoders transform colours, or take one component for all.
    if (isColor && (compression !== 'jpeg-ls' || job.format.planarConfiguration !== 0))
      throw new Error('has colours, which are encoded only by pixel, and as JPEG-LS or RLE');
    const encoder = new ((await codecsOf(module))[className] as new () => Encoder)();
    const isNarrow = bitsAllocated > 8 && bitsStored <= 8;
    encoder
      .getDecodedBuffer({
        width: columns,
        height: rows,
        bitsPerSample: bitsStored,
        componentCount: samplesPerPixel,
        isSigned: pixelRepresentation === 1,
        isUsingColorTransform: false,
      })
      .set(isNarrow ? frame.filter((_, at) => at % 2 === 0) : frame);
    encoder.setInterleaveMode?.(isColor ? 2 : 0);
    // More would need a larger image.
    encoder.setDecompositions?.(Math.min(5, Math.floor(Math.log2(Math.min(rows, columns)))));
    encoder.encode();
    const encoded = new Uint8Array(encoder.getEncodedBuffer());
    encoder.delete();
    const decoded = await DECODERS[compression]({ ...job, operation: 'decode', frame: encoded });
    if (Buffer.compare(decoded, frame) !== 0) throw new Error('cannot be encoded without loss');
    return encoded;
  }

  const ENCODERS: Partial<Record<Compression, (job: FrameJob) => Uint8Array | Promise<Uint8Array>>> = {
    rle: ({ frame, format }) => rle.encode(frame, format),
    'jpeg-ls': (job) => encodeBy('@cornerstonejs/codec-charls/wasmjs', 'JpegLSEncoder', job),
    'jpeg-2000': (job) => encodeBy('@cornerstonejs/codec-openjpeg/wasmjs', 'J2KEncoder', job),
    htj2k: (job) => encodeBy('@cornerstonejs/codec-openjph/wasmjs', 'HTJ2KEncoder', job),
  };

  return async (job) => {
    if (job.operation === 'decode') return DECODERS[job.compression](job);
    const encode = ENCODERS[job.compression];
    if (!encode) throw new Error(`cannot be encoded as ${job.compression}`);
    return encode(job);
  };
}
