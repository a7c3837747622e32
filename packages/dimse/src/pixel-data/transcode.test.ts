import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeFrame, encodeJpeg, gray8, imageOf } from '../../test/codec-modules.ts';
import { DataSetError } from '../data-set/data-set-error.ts';
import { DATA_SET_TRANSFER_SYNTAXES, decodeDataSet, encodeDataSet } from '../data-set/dataset.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { createPixelDataCodec, type PixelDataCodec } from './pixel-data-codec.ts';
import { PixelDataError } from './pixel-data-error.ts';
import type { PixelFormat } from './pixel-format.ts';
import { type TranscodeOptions, transcode } from './transcode.ts';

const { ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGLSLossless, JPEGBaseline8Bit, RLELossless } =
  TransferSyntax;
const codec = createPixelDataCodec({ threads: 2 });
afterAll(() => codec[Symbol.asyncDispose]());

const color: PixelFormat = { ...gray8, samplesPerPixel: 3, photometricInterpretation: 'RGB' };

/** The Image Pixel Module of a format. */
function attributesOf(format: PixelFormat, frames = 1) {
  return {
    SamplesPerPixel: format.samplesPerPixel,
    PhotometricInterpretation: format.photometricInterpretation,
    ...(format.samplesPerPixel > 1 && { PlanarConfiguration: format.planarConfiguration }),
    ...(frames > 1 && { NumberOfFrames: frames }),
    Rows: format.rows,
    Columns: format.columns,
    BitsAllocated: format.bitsAllocated,
    BitsStored: format.bitsStored,
    HighBit: format.bitsStored - 1,
    PixelRepresentation: format.pixelRepresentation,
  };
}

function item(tag: number, length: number, value: Uint8Array = new Uint8Array(0)): Uint8Array {
  const header = Buffer.alloc(8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.writeUInt32LE(length, 4);
  return Buffer.concat([header, value, Buffer.alloc(value.length % 2)]);
}

/** Encapsulated Pixel Data: the offset table, and fragments. */
function encapsulated(table: readonly number[], fragments: readonly Uint8Array[]): Uint8Array {
  const even = fragments.map((fragment) => item(0xfffee000, fragment.length + (fragment.length % 2), fragment));
  const offsets = new Uint8Array(Uint32Array.from(table).buffer);
  const header = Uint8Array.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  return Buffer.concat([header, item(0xfffee000, offsets.length, offsets), ...even, item(0xfffee0dd, 0)]);
}

function* chunksOf(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  // The same buffer each time: nothing may be kept of a chunk. `slice` of a Buffer does not copy.
  const buffer = Buffer.alloc(length);
  for (let at = 0; at < bytes.length; at += length) {
    const some = bytes.subarray(at, at + length);
    buffer.fill(0xee);
    buffer.set(some);
    yield buffer.subarray(0, some.length);
  }
}

async function transcoded(
  bytes: Uint8Array,
  options: Partial<TranscodeOptions> & { readonly from: string },
  length = 1000,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of transcode(chunksOf(bytes, length), { to: ExplicitVRLittleEndian, codec, ...options }))
    parts.push(Uint8Array.from(part));
  return Buffer.concat(parts);
}

const frames = [imageOf(gray8), imageOf(gray8, 10), imageOf(gray8, 20)];
const native = Buffer.concat([...frames, Buffer.alloc(1)]);
const compressed = Promise.all(frames.map((frame) => encodeFrame('jpeg-ls', frame, gray8)));
const before = {
  ImageType: ['ORIGINAL', 'PRIMARY'],
  ReferencedImageSequence: [{ ReferencedSOPInstanceUID: '1.2.3' }, {}],
  PatientID: 'P1',
  ...attributesOf(gray8, 3),
};
const head = encodeDataSet(before, ExplicitVRLittleEndian);

test('the bytes after Pixel Data are not collected behind its last frames', async () => {
  let taken = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.concat([head, encapsulated([], await compressed)]);
    // Data Set Trailing Padding of 4 MiB
    yield Uint8Array.from([0xfc, 0xff, 0xfc, 0xff, 0x4f, 0x42, 0, 0, 0, 0, 0x40, 0]);
    for (; taken < 64; taken++) yield new Uint8Array(65_536);
  }
  let given = 0;
  for await (const part of transcode(source(), { from: JPEGLSLossless, to: ExplicitVRLittleEndian, codec })) {
    expect(65_536 * taken - given).toBeLessThan(2 * 1024 * 1024);
    given += part.length;
  }
  expect(taken).toBe(64);
});

test.each([0, 1.5, Number.NaN])('%s frames in memory are refused', async (maximumFramesInMemory) => {
  await expect(transcoded(head, { from: JPEGLSLossless, maximumFramesInMemory })).rejects.toThrow(RangeError);
});

describe('frames are decoded', () => {
  test('with and without an offset table, in one or several fragments, however the bytes are divided', async () => {
    const encoded = await compressed;
    const fragments = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fragments, fc.boolean(), fc.integer({ min: 1, max: 3000 }), async (cuts, hasTable, length) => {
        const parts = encoded.map((frame, index) => {
          const cut = 2 * (cuts[index] as number);
          return cut < frame.length ? [frame.subarray(0, cut), frame.subarray(cut)] : [frame];
        });
        const lengths = parts.map((all) => all.reduce((sum, part) => sum + 8 + part.length + (part.length % 2), 0));
        const table = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, one) => sum + one, 0));
        const bytes = Buffer.concat([head, encapsulated(hasTable ? table : [], parts.flat())]);
        const decoded = decodeDataSet(
          await transcoded(bytes, { from: JPEGLSLossless }, length),
          ExplicitVRLittleEndian,
        );
        const { PixelData, ...others } = decoded;
        expect(others).toEqual(decodeDataSet(head, ExplicitVRLittleEndian));
        expect(Buffer.from(PixelData as Uint8Array).equals(native)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('to Implicit VR', async () => {
    const bytes = Buffer.concat([head, encapsulated([], await compressed)]);
    const result = await transcoded(bytes, { from: JPEGLSLossless, to: ImplicitVRLittleEndian });
    expect(decodeDataSet(result, ImplicitVRLittleEndian)).toEqual(
      decodeDataSet(await transcoded(bytes, { from: JPEGLSLossless }), ExplicitVRLittleEndian),
    );
  });

  test('to RLE, and from RLE', async () => {
    const bytes = Buffer.concat([head, encapsulated([], await compressed)]);
    const rle = await transcoded(bytes, { from: JPEGLSLossless, to: RLELossless });
    const decoded = await transcoded(rle, { from: RLELossless });
    expect(Buffer.from(decoded).equals(await transcoded(bytes, { from: JPEGLSLossless }))).toBe(true);
    const again = await transcoded(decoded, { from: ExplicitVRLittleEndian, to: RLELossless }, 333);
    expect(Buffer.from(again).equals(rle)).toBe(true);
  });

  test('with the colours and the planar configuration of the result', async () => {
    const planar = { ...color, photometricInterpretation: 'YBR_FULL_422', planarConfiguration: 1 };
    const lossy = await encodeJpeg(imageOf(color), color, { lossy: true });
    const bytes = Buffer.concat([
      encodeDataSet(attributesOf(planar), ExplicitVRLittleEndian),
      encapsulated([], [lossy]),
    ]);
    const { PixelData, ...others } = decodeDataSet(
      await transcoded(bytes, { from: JPEGBaseline8Bit }),
      ExplicitVRLittleEndian,
    );
    // An image that was compressed with loss stays one.
    expect(others).toEqual({ ...attributesOf(color), LossyImageCompression: '01' });
    expect(PixelData).toHaveLength(33 * 27 * 3 + 1);
  });

  test('in icons, inside sequences of defined length', async () => {
    const [frame] = await compressed;
    const icon = Buffer.concat([
      encodeDataSet(attributesOf(gray8), ExplicitVRLittleEndian),
      encapsulated([], [frame as Uint8Array]),
    ]);
    const sequence = Buffer.concat([item(0xfffee000, icon.length, icon)]);
    const header = Buffer.from([0x88, 0x00, 0x00, 0x02, 0x53, 0x51, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32LE(sequence.length, 8);
    const bytes = Buffer.concat([
      encodeDataSet({ PatientID: 'P1', ...attributesOf(gray8, 3) }, ExplicitVRLittleEndian),
      header,
      sequence,
      encapsulated([], await compressed),
    ]);
    const { IconImageSequence, PixelData } = decodeDataSet(
      await transcoded(bytes, { from: JPEGLSLossless }),
      ExplicitVRLittleEndian,
    );
    expect(IconImageSequence).toEqual([
      { ...attributesOf(gray8), PixelData: new Uint8Array(Buffer.concat([frames[0] as Uint8Array, Buffer.alloc(1)])) },
    ]);
    expect(Buffer.from(PixelData as Uint8Array).equals(native)).toBe(true);
  });

  test('without the extended offset table and group lengths', async () => {
    const groupLength = Uint8Array.from([0xe0, 0x7f, 0, 0, 0x55, 0x4c, 4, 0, 1, 2, 3, 4]);
    const extended = [1, 2, 3].map((element) =>
      Buffer.concat([Buffer.from([0xe0, 0x7f, element, 0, 0x4f, 0x56, 0, 0, 8, 0, 0, 0]), Buffer.alloc(8)]),
    );
    const bytes = Buffer.concat([head, groupLength, ...extended, encapsulated([], await compressed)]);
    const expected = await transcoded(Buffer.concat([head, encapsulated([], await compressed)]), {
      from: JPEGLSLossless,
    });
    expect(Buffer.from(await transcoded(bytes, { from: JPEGLSLossless })).equals(expected)).toBe(true);
  });
});

test('data sets without compressed frames keep their values', async () => {
  const dataSet = { PatientID: 'P1', FloatPixelData: new Uint8Array(8), ContentSequence: [{ TextValue: 'x' }] };
  const bytes = encodeDataSet(dataSet, ExplicitVRLittleEndian);
  expect(decodeDataSet(await transcoded(bytes, { from: JPEGLSLossless }), ExplicitVRLittleEndian)).toEqual(
    decodeDataSet(bytes, ExplicitVRLittleEndian),
  );
});

describe('is rejected:', () => {
  test('a frame that is damaged, with its number', async () => {
    const [first, second] = await compressed;
    const bytes = Buffer.concat([
      head,
      encapsulated([], [first, second, Uint8Array.of(0xff, 0xd8, 0xff, 0)] as Uint8Array[]),
    ]);
    const error = await transcoded(bytes, { from: JPEGLSLossless }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(PixelDataError);
    expect(error).toMatchObject({ frame: 2, message: 'frame 3: does not have the header of JPEG-LS' });
  });

  test('Pixel Data with too few frames', async () => {
    const bytes = Buffer.concat([head, encapsulated([], (await compressed).slice(1))]);
    await expect(transcoded(bytes, { from: JPEGLSLossless })).rejects.toThrow('has 2 frames');
  });

  test('native Pixel Data if their attributes would change', async () => {
    const ybr = { ...color, photometricInterpretation: 'YBR_FULL_422' };
    const bytes = encodeDataSet({ ...attributesOf(ybr), PixelData: imageOf(gray8) }, ExplicitVRLittleEndian);
    await expect(transcoded(bytes, { from: JPEGBaseline8Bit })).rejects.toThrow('are not encapsulated');
  });

  test('a data set that is cut short', async () => {
    const bytes = Buffer.concat([head, encapsulated([], await compressed)]);
    for (const length of [5, head.length + 3, head.length + 100, bytes.length - 4])
      await expect(transcoded(bytes.subarray(0, length), { from: JPEGLSLossless })).rejects.toThrow(DataSetError);
  });

  test('a frame that would be longer than the limit, before it is read', async () => {
    const huge = encodeDataSet({ ...attributesOf(gray8), Rows: 65_535, Columns: 65_535 }, ExplicitVRLittleEndian);
    const bytes = Buffer.concat([huge, encapsulated([], await compressed)]);
    const error = await transcoded(bytes, { from: JPEGLSLossless }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'PIXEL_DATA_LIMIT', limit: 'maximumFrameLength' });
  });

  test('transfer syntaxes that cannot be decoded or encoded', async () => {
    await expect(transcoded(head, { from: TransferSyntax.MPEG2MPML })).rejects.toThrow('cannot decode');
    await expect(transcoded(head, { from: RLELossless, to: JPEGBaseline8Bit })).rejects.toThrow('cannot encode');
  });
});

describe('a codec of the caller', () => {
  const count = 40;
  const many = Buffer.concat([
    encodeDataSet(attributesOf(gray8, count), ExplicitVRLittleEndian),
    encapsulated(
      [],
      Array.from({ length: count }, (_, index) => Uint8Array.of(0xff, 0xd8, 0xff, index)),
    ),
  ]);

  test('has at most the given number of frames at the same time, and results are in order', async () => {
    let [running, most] = [0, 0];
    const slow: PixelDataCodec = {
      decodes: [JPEGBaseline8Bit],
      encodes: [],
      async decode({ bytes, format }) {
        most = Math.max(most, ++running);
        // Frames end in another order.
        for (let turn = 0; turn < (bytes[3] as number) % 5; turn++) await new Promise(setImmediate);
        running--;
        return new Uint8Array(format.rows * format.columns).fill(bytes[3] as number);
      },
      encode: () => Promise.reject(new Error('not asked for')),
    };
    const result = await transcoded(many, { from: JPEGBaseline8Bit, codec: slow, maximumFramesInMemory: 3 });
    const { PixelData } = decodeDataSet(result, ExplicitVRLittleEndian);
    const decoded = PixelData as Uint8Array;
    expect(Array.from({ length: count }, (_, index) => decoded[index * 33 * 27])).toEqual([...Array(count).keys()]);
    expect(most).toBe(3);
  });

  test('is told if the signal aborts, or the loop is left', async () => {
    const signals: AbortSignal[] = [];
    const waiting: PixelDataCodec = {
      decodes: [JPEGBaseline8Bit],
      encodes: [],
      decode: (_, __, signal) =>
        new Promise((_resolve, reject) => {
          signals.push(signal as AbortSignal);
          signal?.addEventListener('abort', () => reject(signal.reason));
        }),
      encode: () => Promise.reject(new Error('not asked for')),
    };
    const controller = new AbortController();
    const working = transcoded(many, { from: JPEGBaseline8Bit, codec: waiting, signal: controller.signal });
    while (signals.length === 0) await new Promise(setImmediate);
    controller.abort(new Error('given up'));
    await expect(working).rejects.toThrow('given up');
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
  });
});

describe('between all transfer syntaxes:', () => {
  const all = [...DATA_SET_TRANSFER_SYNTAXES, ...codec.encodes];
  const native16 = { ...gray8, bitsAllocated: 16, bitsStored: 12 };
  const dataSet = { PatientID: 'P1', ...attributesOf(native16, 2), PixelData: new Uint8Array(0) };
  dataSet.PixelData = new Uint8Array(Buffer.concat([imageOf(native16), imageOf(native16, 5)]));

  test.each(all)('from and to %s', async (syntax) => {
    const explicit = encodeDataSet(dataSet, ExplicitVRLittleEndian);
    const there = await transcoded(explicit, { from: ExplicitVRLittleEndian, to: syntax });
    if (DATA_SET_TRANSFER_SYNTAXES.includes(syntax)) expect(decodeDataSet(there, syntax)).toEqual(dataSet);
    for (const to of all) {
      const further = await transcoded(there, { from: syntax, to });
      const back = await transcoded(further, { from: to, to: ExplicitVRLittleEndian });
      const { PixelData, ...others } = decodeDataSet(back, ExplicitVRLittleEndian);
      const { PixelData: expected, ...attributes } = dataSet;
      expect([to, others, Buffer.compare(PixelData as Uint8Array, expected)]).toEqual([to, attributes, 0]);
    }
  });
});

describe('frames are encoded without loss', () => {
  const { JPEG2000Lossless, HTJ2KLossless } = TransferSyntax;
  const gray16: PixelFormat = { ...gray8, bitsAllocated: 16, bitsStored: 16 };
  const formats: readonly (readonly [string, PixelFormat])[] = [
    ['8 bits', gray8],
    ['12 bits', { ...gray16, bitsStored: 12 }],
    ['8 of 16 bits', { ...gray16, bitsStored: 8 }],
    ['16 bits', gray16],
    ['signed', { ...gray16, pixelRepresentation: 1 }],
  ];

  test.each(formats)('or rejected: %s', async (_, format) => {
    const image = imageOf(format);
    for (const transferSyntax of [JPEGLSLossless, JPEG2000Lossless, HTJ2KLossless]) {
      const bytes = await codec.encode({ bytes: image, format }, transferSyntax);
      expect(bytes.length).toBeLessThan(image.length);
      expect(Buffer.compare(await codec.decode({ bytes, format }, transferSyntax), image)).toBe(0);
    }
  });

  test('in colours as JPEG-LS', async () => {
    const image = imageOf(color);
    const bytes = await codec.encode({ bytes: image, format: color }, JPEGLSLossless);
    expect(Buffer.compare(await codec.decode({ bytes, format: color }, JPEGLSLossless), image)).toBe(0);
    for (const transferSyntax of [JPEG2000Lossless, HTJ2KLossless])
      await expect(codec.encode({ bytes: image, format: color }, transferSyntax)).rejects.toThrow('has colours');
    const planar = { ...color, planarConfiguration: 1 };
    await expect(codec.encode({ bytes: image, format: planar }, JPEGLSLossless)).rejects.toThrow('has colours');
  });

  test('or rejected if bits that are not stored would be lost', async () => {
    const format = { ...gray16, bitsStored: 12 };
    const image = imageOf(format);
    image[1] = 0xf0;
    for (const transferSyntax of [JPEGLSLossless, JPEG2000Lossless, HTJ2KLossless])
      await expect(codec.encode({ bytes: image, format }, transferSyntax)).rejects.toThrow(PixelDataError);
  });
});
