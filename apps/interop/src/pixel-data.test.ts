// Compressed Pixel Data of DCMTK and GDCM: transcode gives the samples that they give.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { encodeDataSet, TransferSyntax, uidName } from '@x/dimse';
import { encodeFileMetaInformation, locateFileMetaInformation } from '@x/dimse/data-set';
import { createPixelDataCodec, transcode } from '@x/dimse/transcode';
import { isInstalled } from '@x/testing/processes';
import { sharedFiles } from '@x/testing/shared-files';
import { afterAll, describe, expect, test } from 'vitest';

const { ExplicitVRLittleEndian, RLELossless } = TransferSyntax;
const folder = mkdtempSync(join(tmpdir(), 'pixel-data-'));
const codec = createPixelDataCodec({ threads: 2 });
afterAll(async () => {
  await codec[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

interface Image {
  readonly samples: number;
  readonly bits: number;
  readonly isSigned?: boolean;
  readonly frames?: number;
}

/** Writes an image of odd size, whose lines are waves with some noise. */
function writeImage(name: string, { samples, bits, isSigned = false, frames = 1 }: Image): string {
  const [rows, columns, bytes] = [61, 47, bits > 8 ? 2 : 1];
  const count = rows * columns * samples * frames;
  const pixels = Buffer.alloc(count * bytes + ((count * bytes) % 2));
  for (let at = 0; at < count; at++) {
    const [pixel, sample] = [Math.floor(at / samples), at % samples];
    const [x, y] = [pixel % columns, Math.floor(pixel / columns)];
    const wave = 0.4 * Math.sin((x + 11 * sample) / 9) * Math.cos((y - 5 * sample) / 7) + (isSigned ? 0 : 0.5);
    const value = Math.floor(wave * 2 ** bits) + ((x * 7 + y * 13) % 5);
    if (bytes === 1) pixels[at] = value & 0xff;
    else pixels.writeUInt16LE(value & (2 ** bits - 1), 2 * at);
  }
  const identity = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.7', SOPInstanceUID: '1.2.3' };
  const dataSet = {
    ...identity,
    StudyInstanceUID: '1.2.4',
    SeriesInstanceUID: '1.2.5',
    SamplesPerPixel: samples,
    PhotometricInterpretation: samples === 1 ? 'MONOCHROME2' : 'RGB',
    ...(samples > 1 && { PlanarConfiguration: 0 }),
    NumberOfFrames: frames,
    Rows: rows,
    Columns: columns,
    BitsAllocated: 8 * bytes,
    BitsStored: bits,
    HighBit: bits - 1,
    PixelRepresentation: isSigned ? 1 : 0,
    PixelData: new Uint8Array(pixels),
  };
  const meta = encodeFileMetaInformation({
    sopClass: identity.SOPClassUID,
    sopInstance: identity.SOPInstanceUID,
    transferSyntax: ExplicitVRLittleEndian,
  });
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([meta, encodeDataSet(dataSet, ExplicitVRLittleEndian)]));
  return path;
}

const meta = (path: string) => {
  const bytes = readFileSync(path);
  const { meta, end } = locateFileMetaInformation(bytes) ?? { meta: {}, end: 0 };
  return { ...meta, transferSyntax: meta.transferSyntax ?? '', dataSet: bytes.subarray(end) };
};

/** Transcodes a file with our code. */
async function transcodeFile(path: string, to: string, result = `${path}.ours`): Promise<string> {
  const { dataSet, transferSyntax, ...rest } = meta(path);
  const parts: Uint8Array[] = [];
  for await (const part of transcode([dataSet], { from: transferSyntax, to, codec })) parts.push(part);
  writeFileSync(result, Buffer.concat([encodeFileMetaInformation({ ...rest, transferSyntax: to }), ...parts]));
  return result;
}

function runTool(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The samples of the frames together by pixel, and attributes, as DCMTK reads them. */
function read(path: string) {
  const dump = execFileSync('dcmdump', ['-q', '+W', folder, path], { encoding: 'utf8' });
  const value = (tag: string) => new RegExp(`^\\(${tag}\\) \\w\\w \\[?([^\\]#]*)`, 'm').exec(dump)?.[1]?.trim();
  const [, raw = ''] = /^\(7fe0,0010\) \w\w =(\S+)/m.exec(dump) ?? [];
  const bytes = readFileSync(raw);
  const numbers = ['0028,0002', '0028,0010', '0028,0011', '0028,0100', '0028,0103'].map((tag) => Number(value(tag)));
  const [samples = 1, rows = 0, columns = 0, bits = 8, isSigned = 0] = numbers;
  const frames = Number(value('0028,0008') ?? 1);
  const size = bits / 8;
  const at = (index: number) => {
    if (size === 1) return isSigned ? bytes.readInt8(index) : bytes.readUInt8(index);
    if (size === 2) return isSigned ? bytes.readInt16LE(2 * index) : bytes.readUInt16LE(2 * index);
    return bytes.readUInt32LE(4 * index);
  };
  const pixels = rows * columns;
  const isPlanar = value('0028,0006') === '1';
  const place = (index: number) => {
    if (!isPlanar) return index;
    const [frame, rest] = [Math.floor(index / (pixels * samples)), index % (pixels * samples)];
    return frame * pixels * samples + (rest % samples) * pixels + Math.floor(rest / samples);
  };
  return {
    samples: Array.from({ length: pixels * samples * frames }, (_, index) => at(place(index))),
    attributes: [numbers, frames, value('0028,0004'), value('0028,2110')],
  };
}

/** The referee decompresses a file. Returns false if it cannot. */
function decompress(path: string, result: string): boolean {
  const { transferSyntax } = meta(path);
  const [, kind = ''] = /^1\.2\.840\.10008\.1\.2\.(4\.[5678]|4\.9|5)/.exec(transferSyntax) ?? [];
  const [program, ...args] = REFEREES[kind] ?? [];
  return program !== undefined && runTool(program, ...args, path, result);
}

const REFEREES: Readonly<Record<string, readonly string[]>> = {
  '4.5': ['dcmdjpeg'],
  '4.7': ['dcmdjpeg'],
  '4.8': ['dcmdjpls'],
  '4.9': ['gdcmconv', '-w'],
  '5': ['dcmdrle'],
};

async function expectReferee(path: string): Promise<void> {
  const theirs = `${path}.theirs`;
  if (!decompress(path, theirs)) return;
  const [expected, found] = [read(theirs), read(await transcodeFile(path, ExplicitVRLittleEndian))];
  expect(found.attributes).toEqual(expected.attributes);
  let most = 0;
  found.samples.forEach((sample, index) => {
    most = Math.max(most, Math.abs(sample - (expected.samples[index] as number)));
  });
  const isLossy = /\.4\.(5[0-6]|81|91)$/.test(meta(path).transferSyntax);
  expect(most).toBeLessThanOrEqual(isLossy ? 2 : 0);
  expect(found.samples).toHaveLength(expected.samples.length);
}

const IMAGES: Readonly<Record<string, Image>> = {
  'gray, 8 bits': { samples: 1, bits: 8 },
  'gray, 12 bits': { samples: 1, bits: 12 },
  'gray, 16 bits': { samples: 1, bits: 16 },
  'gray, signed': { samples: 1, bits: 16, isSigned: true },
  'gray, 3 frames': { samples: 1, bits: 10, frames: 3 },
  colour: { samples: 3, bits: 8 },
  'colour, 4 frames': { samples: 3, bits: 8, frames: 4 },
};

// biome-ignore format: a table reads as a table
const ENCODERS: readonly (readonly [name: string, program: string, ...options: string[]])[] = [
  ['JPEG baseline',             'dcmcjpeg', '+eb'],
  ['JPEG baseline in RGB',      'dcmcjpeg', '+eb', '+cr'],
  ['JPEG baseline 4:2:2',       'dcmcjpeg', '+eb', '+s2'],
  ['JPEG extended',             'dcmcjpeg', '+ee'],
  ['JPEG lossless',             'dcmcjpeg', '+el', '+sv', '6'],
  ['JPEG lossless SV1',         'dcmcjpeg', '+e1'],
  ['JPEG in fragments',         'dcmcjpeg', '+e1', '+fs', '1'],
  ['JPEG without offset table', 'dcmcjpeg', '+e1', '-ot'],
  ['JPEG-LS',                   'dcmcjpls', '+el'],
  ['JPEG-LS by plane',          'dcmcjpls', '+el', '+in'],
  ['JPEG-LS near lossless',     'dcmcjpls', '+en', '+md', '3'],
  ['RLE',                       'dcmcrle'],
  ['JPEG 2000',                 'gdcmconv', '--j2k'],
  ['JPEG 2000 lossy',           'gdcmconv', '--j2k', '--lossy', '-q', '90'],
];

describe.skipIf(!isInstalled('dcmcjpeg'))('the samples of files of DCMTK and GDCM are those of the referee:', () => {
  mkdirSync(join(folder, 'images'));
  const paths = Object.entries(IMAGES).map(
    ([name, image], index) => [name, writeImage(`images/${index}`, image)] as const,
  );
  describe.each(ENCODERS)('%s', (name, program, ...options) => {
    test.skipIf(!isInstalled(program)).each(paths)('%s', async (_, source) => {
      const path = `${source}-${name.replaceAll(/\W/g, '-')}`;
      const quiet = program === 'gdcmconv' ? [] : ['-q'];
      // Not every encoder takes every image.
      if (runTool(program, ...quiet, ...options, source, path)) await expectReferee(path);
    });
  });

  test.each(paths)('our RLE is read by DCMTK: %s', async (_, source) => {
    const path = await transcodeFile(source, RLELossless, `${source}.rle`);
    expect(runTool('dcmdrle', '-q', path, `${path}.native`)).toBe(true);
    expect(read(`${path}.native`)).toEqual(read(source));
  });
});

const real = sharedFiles().filter((path) => {
  try {
    return /JPEG|RLE/.test(uidName(meta(path).transferSyntax)) && /7fe0,0010/.test(dumped(path));
  } catch {
    return false;
  }
});

function dumped(path: string): string {
  return isInstalled('dcmdump') ? execFileSync('dcmdump', ['-q', '+P', '7fe0,0010', path], { encoding: 'utf8' }) : '';
}

describe.skipIf(real.length === 0)('the samples of real files are those of the referee:', () => {
  test.each(real.map((path, index) => [basename(path), path, index] as const))('%s', async (_, path, index) => {
    // DCMTK shortens long paths.
    const copy = join(folder, `real-${index}`);
    writeFileSync(copy, readFileSync(path));
    await expectReferee(copy);
  });
});
