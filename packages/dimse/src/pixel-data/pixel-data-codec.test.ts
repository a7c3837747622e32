import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeFrame, encodeHtj2k, encodeJpeg, gray8, imageOf } from '../../test/codec-modules.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { codestreamHeaders } from './codestream-header.ts';
import { FrameWorkers, packageResolver } from './frame-workers.ts';
import { createPixelDataCodec } from './pixel-data-codec.ts';
import { CodecNotInstalledError, PixelDataError } from './pixel-data-error.ts';
import type { PixelFormat } from './pixel-format.ts';

const codec = createPixelDataCodec({ threads: 2 });
const folder = mkdtempSync(join(tmpdir(), 'pixel-data-'));
afterAll(async () => {
  await codec[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const gray16 = { ...gray8, bitsAllocated: 16, bitsStored: 16 };
const gray12 = { ...gray16, bitsStored: 12 };
const signed16 = { ...gray16, pixelRepresentation: 1 };
const color = { ...gray8, samplesPerPixel: 3, photometricInterpretation: 'RGB' };

describe('a lossless frame is decoded as it was:', () => {
  // biome-ignore format: a table reads as a table
  const cases: readonly (readonly [string, string, PixelFormat, (image: Uint8Array, format: PixelFormat) => Promise<Uint8Array>])[] = [
    ['JPEG lossless, 8 bits',     TransferSyntax.JPEGLosslessSV1,  gray8,    (i, f) => encodeJpeg(i, f, { lossy: false, predictor: 1 })],
    ['JPEG lossless, 12 bits',    TransferSyntax.JPEGLosslessSV1,  gray12,   (i, f) => encodeJpeg(i, f, { lossy: false, predictor: 1 })],
    ['JPEG lossless, predictor 7', TransferSyntax.JPEGLossless,    gray16,   (i, f) => encodeJpeg(i, f, { lossy: false, predictor: 7 })],
    ['JPEG lossless, signed',     TransferSyntax.JPEGLossless,     signed16, (i, f) => encodeJpeg(i, f, { lossy: false, predictor: 4 })],
    ['JPEG lossless, colour',     TransferSyntax.JPEGLosslessSV1,  color,    (i, f) => encodeJpeg(i, f, { lossy: false, predictor: 1 })],
    ['JPEG-LS, 8 bits',           TransferSyntax.JPEGLSLossless,   gray8,    (i, f) => encodeFrame('jpeg-ls', i, f)],
    ['JPEG-LS, 12 bits',          TransferSyntax.JPEGLSLossless,   gray12,   (i, f) => encodeFrame('jpeg-ls', i, f)],
    ['JPEG-LS, colour by pixel',  TransferSyntax.JPEGLSLossless,   color,    (i, f) => encodeFrame('jpeg-ls', i, f, (e) => e.setInterleaveMode?.(2))],
    ['JPEG 2000, 8 bits',         TransferSyntax.JPEG2000Lossless, gray8,    (i, f) => encodeFrame('jpeg-2000', i, f)],
    ['JPEG 2000, signed',         TransferSyntax.JPEG2000,         signed16, (i, f) => encodeFrame('jpeg-2000', i, f)],
    ['JPEG 2000, colour',         TransferSyntax.JPEG2000Lossless, color,    (i, f) => encodeFrame('jpeg-2000', i, f)],
    ['HTJ2K, 8 bits',             TransferSyntax.HTJ2KLossless,    gray8,    (i, f) => encodeFrame('htj2k', i, f)],
    ['HTJ2K, 12 bits',            TransferSyntax.HTJ2K,            gray12,   (i, f) => encodeFrame('htj2k', i, f)],
    ['HTJ2K, signed',             TransferSyntax.HTJ2KLosslessRPCL, signed16, (i, f) => encodeFrame('htj2k', i, f)],
    ['HTJ2K, colour',             TransferSyntax.HTJ2KLossless,    color,    (i, f) => encodeFrame('htj2k', i, f)],
  ];
  test.each(cases)('%s', async (_, transferSyntax, format, encode) => {
    const image = imageOf(format);
    const bytes = await encode(image, format);
    const decoded = await codec.decode({ bytes, format }, transferSyntax);
    expect(Buffer.from(decoded).equals(image)).toBe(true);
  });

  test('RLE, of frames that this codec encoded', async () => {
    const image = imageOf(color);
    const bytes = await codec.encode({ bytes: image, format: color }, TransferSyntax.RLELossless);
    const decoded = await codec.decode({ bytes, format: color }, TransferSyntax.RLELossless);
    expect(Buffer.from(decoded).equals(image)).toBe(true);
  });
});

test.each([
  ['8 bits', gray8],
  ['12 bits', gray12],
  ['signed', signed16],
  ['colour', color],
])('HTJ2K of another package is decoded as it was, and OpenJPEG gives the same: %s', async (_, format) => {
  const image = imageOf(format);
  const bytes = await encodeHtj2k(image, format);
  for (const transferSyntax of [TransferSyntax.HTJ2KLossless, TransferSyntax.JPEG2000Lossless])
    expect(Buffer.from(await codec.decode({ bytes, format }, transferSyntax)).equals(image)).toBe(true);
});

test('samples are widened to Bits Allocated with their sign', async () => {
  const image = imageOf({ ...gray8, pixelRepresentation: 1 });
  const bytes = await encodeFrame('jpeg-ls', image, gray8);
  const format = { ...signed16, bitsStored: 8 };
  const decoded = await codec.decode({ bytes, format }, TransferSyntax.JPEGLSLossless);
  expect([...new Int16Array(decoded.buffer)]).toEqual([...new Int8Array(image.buffer)]);
});

describe('a frame is rejected if', () => {
  const jpegLs = encodeFrame('jpeg-ls', imageOf(gray8), gray8);
  const jpeg = encodeJpeg(imageOf(gray8), gray8, { lossy: true });
  const jpeg2000 = encodeFrame('jpeg-2000', imageOf(gray8), gray8);

  // biome-ignore format: a table reads as a table
  test.each([
    ['its size is another than that of the data set', jpegLs,   TransferSyntax.JPEGLSLossless,   { rows: 34 },          'has 33 rows instead of 34'],
    ['it has other samples per pixel',                jpeg2000, TransferSyntax.JPEG2000Lossless, { samplesPerPixel: 3 }, 'has 1 samples per pixel instead of 3'],
    ['it is of another compression',                  jpeg,     TransferSyntax.JPEGLSLossless,   {},                    'is not JPEG-LS'],
    ['it is not compressed',                          Promise.resolve(new Uint8Array(99)), TransferSyntax.JPEG2000, {}, 'does not have the header of JPEG 2000'],
    ['it is cut short',                               jpeg2000.then((bytes) => bytes.subarray(0, bytes.length / 2)), TransferSyntax.JPEG2000, {}, 'cut short'],
    ['it is longer than the limit',                   jpeg,     TransferSyntax.JPEGBaseline8Bit, { rows: 65_535, columns: 65_535 }, 'more than 268435456'],
    ['Bits Allocated is odd',                         jpeg,     TransferSyntax.JPEGBaseline8Bit, { bitsAllocated: 12 }, 'Bits Allocated is 12'],
    ['its transfer syntax is of video',               jpeg,     TransferSyntax.MPEG2MPML,        {},                    'is not supported'],
  ] as const)('%s', async (_, bytes, transferSyntax, changes, message) => {
    const frame = { bytes: await bytes, format: { ...gray8, ...changes } };
    await expect(codec.decode(frame, transferSyntax)).rejects.toThrow(PixelDataError);
    await expect(codec.decode(frame, transferSyntax)).rejects.toThrow(message);
  });

  test.each([
    [TransferSyntax.JPEGLSLossless, jpegLs],
    [TransferSyntax.JPEGBaseline8Bit, jpeg],
    [TransferSyntax.JPEG2000Lossless, jpeg2000],
    [TransferSyntax.HTJ2KLossless, encodeFrame('htj2k', imageOf(gray8), gray8)],
  ])('it is damaged, or is decoded to a whole frame: %s', async (transferSyntax, encoded) => {
    const bytes = await encoded;
    for (let at = 20; at < bytes.length - 2; at += Math.ceil(bytes.length / 10)) {
      const damaged = bytes.slice();
      damaged.fill(0xa5, at, at + 8);
      const decoded = await codec.decode({ bytes: damaged, format: gray8 }, transferSyntax).catch((error) => error);
      if (!(decoded instanceof PixelDataError)) expect(decoded).toHaveLength(33 * 27);
    }
    const decoded = await codec.decode({ bytes, format: gray8 }, transferSyntax);
    expect(decoded).toHaveLength(33 * 27);
  });
});

test('an absent package is named in the error', () => {
  const { resolve } = packageResolver;
  packageResolver.resolve = () => {
    throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
  };
  try {
    expect(() => codec.checkInstalled?.(TransferSyntax.JPEG2000)).toThrow(CodecNotInstalledError);
    expect(() => codec.checkInstalled?.(TransferSyntax.JPEG2000)).toThrow('npm install @cornerstonejs/codec-openjpeg');
    codec.checkInstalled?.(TransferSyntax.RLELossless);
  } finally {
    packageResolver.resolve = resolve;
  }
});

test('a marker without a length does not hide the header of JPEG from the check', () => {
  // A decoder takes TEM (FF01H) alone, and finds the second header.
  const hidden = Buffer.from('ffd8ff01000dffc0000bffff08ffffffff030000ffc0000b080010001001000000', 'hex');
  expect(() => codestreamHeaders().readJpeg(hidden, false)).toThrow('does not have the header');
  // A segment shorter than its own length field.
  const short = Buffer.from('ffd8ffe00001ffc0000b080010001001000000000000', 'hex');
  expect(() => codestreamHeaders().readJpeg(short, false)).toThrow('does not have the header');
});

describe('a frame in a JP2 file', () => {
  const box = (type: string, content: Uint8Array, length = content.length + 8) => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(length, 0);
    header.write(type, 4, 'latin1');
    return Buffer.concat([header, content]);
  };
  const signature = box('jP  ', Buffer.from('0d0a870a', 'hex'));
  const format = { ...gray8, rows: 64, columns: 64 };
  const frame = encodeFrame('jpeg-2000', imageOf(format), format);
  const other = encodeFrame('jpeg-2000', imageOf(gray8), gray8);

  test('is decoded without its boxes, which say something else', async () => {
    const image = box('ihdr', Buffer.from('ffffffffffffffff000307070000', 'hex'));
    for (const length of [undefined, 0]) {
      const bytes = Buffer.concat([
        signature,
        box('jp2h', image),
        box('uuid', await other),
        box('jp2c', await frame, length),
      ]);
      const decoded = await codec.decode({ bytes, format }, TransferSyntax.JPEG2000Lossless);
      expect(Buffer.from(decoded).equals(imageOf(format))).toBe(true);
    }
  });

  test('has the size of the codestream that is decoded, and not that of another box', async () => {
    const { findJpeg2000, readJpeg2000 } = codestreamHeaders();
    for (const hidden of [box('uuid', await other), box('free', box('jp2c', await other))]) {
      const bytes = Buffer.concat([signature, hidden, box('jp2c', await frame)]);
      await expect(codec.decode({ bytes, format: gray8 }, TransferSyntax.JPEG2000)).rejects.toThrow('has 64 rows');
      expect(readJpeg2000(findJpeg2000(bytes)).rows).toBe(64);
    }
  });

  test('is rejected if its boxes are damaged', async () => {
    const codestream = box('jp2c', await frame);
    for (const bytes of [
      Buffer.concat([Buffer.alloc(1), await frame]),
      Buffer.concat([box('uuid', await frame), codestream]),
      Buffer.concat([signature, box('uuid', Buffer.alloc(4), 7), codestream]),
      Buffer.concat([signature, box('uuid', Buffer.alloc(4), 0), codestream]),
      Buffer.concat([signature, box('uuid', Buffer.alloc(8, 0xff), 1), codestream]),
      Buffer.concat([signature, codestream.subarray(0, -1)]),
      signature,
    ])
      await expect(codec.decode({ bytes, format }, TransferSyntax.JPEG2000)).rejects.toThrow(
        'does not have the header',
      );
  });
});

describe('the header of JPEG 2000', () => {
  /** A header of 256 by 256 samples, with these tiles and this offset of the image. */
  const header = (tile: number, offset = 0) => {
    const bytes = Buffer.alloc(45);
    bytes.writeUInt32BE(0xff4fff51, 0);
    for (const at of [8, 12]) bytes.writeUInt32BE(256 + offset, at);
    for (const at of [16, 20]) bytes.writeUInt32BE(offset, at);
    for (const at of [24, 28]) bytes.writeUInt32BE(tile, at);
    bytes.writeUInt16BE(1, 40);
    bytes.set([7, 1, 1], 42);
    return bytes;
  };
  const { readJpeg2000 } = codestreamHeaders();

  test('may have many tiles if they are large', () => {
    for (const tile of [16, 256, 0xffffffff]) expect(readJpeg2000(header(tile))).toMatchObject({ rows: 256 });
  });

  test('is rejected if a codec would take memory for very many tiles', () => {
    expect(() => readJpeg2000(header(1))).toThrow('has 65536 tiles, more than 256 for its size');
    expect(() => readJpeg2000(header(0))).toThrow('tiles');
    expect(() => readJpeg2000(header(16, 0x10000000))).toThrow('tiles');
  });

  test('is rejected if OpenJPEG would take memory for a large reference grid', async () => {
    const bytes = Buffer.concat([header(0xffffffff, 0x10000000), Buffer.from('ffd9', 'hex')]);
    const frame = { bytes, format: { ...gray8, rows: 256, columns: 256 } };
    await expect(codec.decode(frame, TransferSyntax.JPEG2000)).rejects.toThrow('image offset');
  });
});

test.each([
  { threads: 1.5 },
  { maximumQueuedFrames: Number.NaN },
  // It would end at once.
  { frameTimeout: Number.POSITIVE_INFINITY },
])('the options %o are refused', (options) => {
  expect(() => createPixelDataCodec(options)).toThrow(RangeError);
});

describe('worker threads', () => {
  const CHARLS = '@cornerstonejs/codec-charls/decodewasmjs';
  /** A module in the place of a codec: its text is run when the codec is asked for. */
  const moduleOf = (name: string, text: string) => {
    const path = join(folder, `${name}.cjs`);
    writeFileSync(path, `module.exports = async () => { ${text} };`);
    return { [CHARLS]: path };
  };
  const sound = { [CHARLS]: packageResolver.resolve(CHARLS) };
  const hung = moduleOf('hung', 'for (;;) ;');
  const image = imageOf(gray8);
  const job = encodeFrame('jpeg-ls', image, gray8).then(
    (frame) => ({ operation: 'decode', compression: 'jpeg-ls', frame, format: gray8 }) as const,
  );

  test.each([
    ['throws', moduleOf('throws', 'throw 42;'), 'cannot be decoded'],
    ['ends its thread', moduleOf('exits', 'process.exit(3);'), 'ended with code 3'],
    [
      'fails outside a promise',
      moduleOf('crashes', 'setTimeout(() => { throw new Error("x"); }); await new Promise(() => {});'),
      'crashed',
    ],
    [
      'fills the memory',
      moduleOf('fills', 'const all = []; for (;;) all.push(new Array(1_000_000).fill(1));'),
      'crashed',
    ],
  ])('a codec that %s fails its frame, and the next frame is decoded', async (_, modules, message) => {
    const workers = new FrameWorkers({ threads: 1 });
    await expect(workers.run(await job, modules)).rejects.toThrow(message);
    expect(Buffer.from(await workers.run(await job, sound)).equals(image)).toBe(true);
    expect(workers.size).toBe(1);
    await workers.close();
  });

  test('a codec that hangs is ended after the timeout, or if the signal aborts', async () => {
    const workers = new FrameWorkers({ threads: 1, frameTimeout: 50 });
    const late = await workers.run(await job, hung).catch((error) => error);
    expect([late.code, late.limit]).toEqual(['PIXEL_DATA_LIMIT', 'frameTimeout']);
    await workers.close();

    const patient = new FrameWorkers({ threads: 1 });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = patient.run(await job, hung, first.signal);
    const waiting = patient.run(await job, sound, second.signal);
    const next = patient.run(await job, sound);
    second.abort(new Error('not wanted'));
    await expect(waiting).rejects.toThrow('not wanted');
    first.abort(new Error('given up'));
    await expect(running).rejects.toThrow('given up');
    expect(Buffer.from(await next).equals(image)).toBe(true);
    await patient.close();
  });

  test('threads and waiting frames are bounded', async () => {
    const workers = new FrameWorkers({ threads: 2, maximumQueuedFrames: 3 });
    const results = Array.from({ length: 6 }, async () => workers.run(await job, hung).catch((error) => error));
    const full = await results[5];
    expect([full.limit, workers.size, workers.queued]).toEqual(['maximumQueuedFrames', 2, 3]);
    await workers.close();
    expect((await Promise.all(results.slice(0, 5))).map(String)).toEqual(
      Array(5).fill('PixelDataError: the codec was closed before the frame was done'),
    );
    await expect(workers.run(await job, sound)).rejects.toThrow('the codec is closed');
  });
});

// Threads run the text of functions, which a build may have changed.
test.each([
  ['ECMAScript modules', 'module', `await import('@x/dimse/transcode')`],
  ['CommonJS', 'commonjs', `require('@x/dimse/transcode')`],
])('the build decodes frames in threads, and ends by itself: %s', async (_, type, load) => {
  const image = imageOf(gray8);
  const frames = [
    [TransferSyntax.JPEGLSLossless, await encodeFrame('jpeg-ls', image, gray8)],
    [TransferSyntax.JPEGLosslessSV1, await encodeJpeg(image, gray8, { lossy: false })],
    [TransferSyntax.JPEG2000Lossless, await encodeFrame('jpeg-2000', image, gray8)],
    [TransferSyntax.HTJ2KLossless, await encodeFrame('htj2k', image, gray8)],
  ] as const;
  const script = `(async () => {
    const { createPixelDataCodec } = ${load};
    const codec = createPixelDataCodec({ threads: 1 });
    const format = ${JSON.stringify(gray8)};
    const decoded = [];
    for (const [transferSyntax, text] of ${JSON.stringify(frames.map(([uid, bytes]) => [uid, Buffer.from(bytes).toString('base64')]))})
      decoded.push(await codec.decode({ bytes: Buffer.from(text, 'base64'), format }, transferSyntax));
    const rle = await codec.encode({ bytes: decoded[0], format }, '${TransferSyntax.RLELossless}');
    decoded.push(await codec.decode({ bytes: rle, format }, '${TransferSyntax.RLELossless}'));
    console.log(decoded.map((bytes) => Buffer.from(bytes).toString('base64')).join());
  })();`;
  const printed = execFileSync(process.execPath, [`--input-type=${type}`, '--eval', script], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    encoding: 'utf8',
    timeout: 25_000,
  });
  expect(printed.trim()).toBe(Array(5).fill(Buffer.from(image).toString('base64')).join());
});
