import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDataSet, SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import { afterAll, describe, expect, test } from 'vitest';
import { PrintedImages } from './printed-images.ts';

const folder = mkdtempSync(join(tmpdir(), 'images-'));
afterAll(() => rmSync(folder, { recursive: true }));

const GRAY: UntypedDataSet = {
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: 1,
  Columns: 2,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  WindowCenter: 128,
  WindowWidth: 256,
  PixelData: new Uint8Array([0, 255]),
};
const COLOR: UntypedDataSet = {
  ...GRAY,
  SamplesPerPixel: 3,
  PhotometricInterpretation: 'RGB',
  PlanarConfiguration: 0,
  PixelData: new Uint8Array([1, 2, 3, 4, 5, 6]),
};

let count = 0;
function fileOf(dataSet: UntypedDataSet, transferSyntax: string = TransferSyntax.ExplicitVRLittleEndian): string {
  const path = join(folder, `${count++}.dcm`);
  const meta = { sopClass: SopClass.SecondaryCaptureImageStorage, sopInstance: '1.2.3', transferSyntax };
  writeFileSync(
    path,
    Buffer.concat([encodeFileMetaInformation(meta), encodeDataSet(dataSet, TransferSyntax.ExplicitVRLittleEndian)]),
  );
  return path;
}

async function printed(dataSet: UntypedDataSet, isColor = false, frame = 0) {
  const { PixelData, ...item } = await new PrintedImages(isColor).item({ path: fileOf(dataSet), frame });
  return { ...item, pixels: [...(PixelData as Uint8Array)] };
}

describe('images of files', () => {
  test('are converted to shades by their window, and inverted if they are MONOCHROME1', async () => {
    expect(await printed(GRAY)).toMatchObject({ PhotometricInterpretation: 'MONOCHROME2', pixels: [0, 255] });
    const inverted = { ...GRAY, PhotometricInterpretation: 'MONOCHROME1' };
    expect(await printed(inverted)).toMatchObject({ PhotometricInterpretation: 'MONOCHROME2', pixels: [255, 0] });
    expect((await printed(inverted, true)).pixels).toEqual([255, 0, 255, 0, 255, 0]);
  });

  test('are in color by plane, as printers want them', async () => {
    const rgb = await printed(COLOR, true);
    expect(rgb).toMatchObject({ PlanarConfiguration: 1, PhotometricInterpretation: 'RGB', pixels: [1, 4, 2, 5, 3, 6] });
    expect((await printed({ ...COLOR, PlanarConfiguration: 1 }, true)).pixels).toEqual([1, 2, 3, 4, 5, 6]);
    const red = new Uint8Array([76, 85, 255, 150, 44, 21]);
    const { pixels } = await printed({ ...COLOR, PhotometricInterpretation: 'YBR_FULL', PixelData: red }, true);
    expect(pixels.map((value) => Math.round(value / 10))).toEqual([25, 0, 0, 26, 0, 0]);
  });

  test('have the proportions of their pixels', async () => {
    expect(await printed(GRAY)).not.toHaveProperty('PixelAspectRatio');
    expect(await printed({ ...GRAY, PixelAspectRatio: [4, 3] })).toMatchObject({ PixelAspectRatio: [4, 3] });
    expect(await printed({ ...GRAY, PixelSpacing: [0.5, 0.25] })).toMatchObject({ PixelAspectRatio: [2000, 1000] });
    expect(await printed({ ...GRAY, PixelSpacing: [0.5, 0.5] })).not.toHaveProperty('PixelAspectRatio');
  });

  test('have frames', async () => {
    const frames = { ...GRAY, NumberOfFrames: 2, PixelData: new Uint8Array([0, 255, 255, 0]) };
    expect(await new PrintedImages(false).frames(fileOf(frames))).toBe(2);
    expect((await printed(frames, false, 1)).pixels).toEqual([255, 0]);
    await expect(printed({ ...frames, NumberOfFrames: 3 })).rejects.toThrow(
      'does not contain an image that can be printed',
    );
  });

  test.each([
    [COLOR, 'use --color'],
    [{ ...GRAY, PhotometricInterpretation: 'PALETTE COLOR' }, 'PALETTE COLOR'],
    [{ ...GRAY, Rows: 2 }, 'does not contain an image'],
    [{ ...GRAY, BitsAllocated: 1 }, 'does not contain an image'],
    [{ PatientID: 'X' }, 'does not contain an image'],
  ])('are rejected if they cannot be printed: %#', async (dataSet, words) => {
    await expect(printed(dataSet)).rejects.toThrow(words);
  });

  test('are rejected if they are compressed', async () => {
    const path = fileOf(GRAY, TransferSyntax.JPEGBaseline8Bit);
    await expect(new PrintedImages(false).frames(path)).rejects.toThrow('is compressed (JPEG Baseline');
  });
});
