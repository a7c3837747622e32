// Pictures of studies: real files in the archive, compressed ones, and ones without an image.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openDicomFile } from '@x/dimse/data-set';
import { sharedFiles } from '@x/testing/shared-files';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { openArchive } from '../../test/world.ts';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import { type Preview, Thumbnails } from './thumbnails.ts';

const files = new Map(sharedFiles().map((path) => [basename(path).replace(/^pydicom--|\.dcm$/g, ''), path]));

describe.runIf(files.size > 0)('a study', () => {
  let folder: string;
  let archive: InstanceArchive;
  let thumbnails: Thumbnails;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'thumbnails-'));
    archive = await openArchive(folder, { fsync: false, reindex: false });
    thumbnails = new Thumbnails(archive);
  });
  afterEach(async () => {
    await thumbnails[Symbol.asyncDispose]();
    await archive[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  /** Stores a file; gives the preview of its study. */
  async function previewOf(name: string, change = (_bytes: Buffer) => {}): Promise<Preview> {
    await using file = await openDicomFile(files.get(name) ?? name);
    const bytes = Buffer.alloc(file.dataSet.length);
    expect(await file.dataSet.readv([bytes], 0)).toBe(bytes.length);
    change(bytes);
    const { sopClass = '', sopInstance = '', transferSyntax } = file;
    const description = { sopClass, sopInstance, transferSyntax, sourceAeTitle: 'SCU' };
    const { study } = await archive.keep(description, arriving(bytes));
    return thumbnails.of(study, 1);
  }

  test.each([
    ['dcmjs--sample-sr', 'report'],
    ['dcmjs-dimse--pdf', 'document'],
    ['waveform_ecg', 'waveform'],
  ])('of %s has no picture, but a kind: %s', async (name, kind) => {
    expect(await previewOf(name)).toEqual({ kind });
  });

  test.each(['MR_small_RLE', 'MR_small_jp2klossless', 'MR_small_jpeg_ls_lossless', 'MR_small_bigendian'])(
    'of %s has the picture of the uncompressed image',
    async (name) => {
      const { png } = await previewOf(name);
      await archive[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
      folder = mkdtempSync(join(tmpdir(), 'thumbnails-'));
      archive = await openArchive(folder, { fsync: false, reindex: false });
      await thumbnails[Symbol.asyncDispose]();
      thumbnails = new Thumbnails(archive);
      expect(png).toBeDefined();
      expect((await previewOf('MR_small_implicit')).png?.equals(png as Buffer)).toBe(true);
    },
  );

  test.each(['SC_rgb_jpeg_dcmtk', 'SC_rgb_jpeg_gdcm', 'SC_rgb_small_odd', 'JPEG-lossy'])(
    'of %s has a picture that is not of one shade',
    async (name) => {
      const { png } = await previewOf(name);
      const { data } = PNG.sync.read(png ?? Buffer.alloc(0));
      expect(new Set(data.filter((_, index) => index % 4 !== 3)).size).toBeGreaterThan(1);
    },
  );

  test('with a damaged image has no picture, and the next study has one', async () => {
    const damage = (bytes: Buffer) => void bytes.fill(0, bytes.indexOf('ffd8', 0, 'hex'), bytes.length - 20);
    expect(await previewOf('SC_rgb_jpeg_gdcm', damage)).toEqual({});
    expect((await previewOf('JPEG-lossy')).png).toBeDefined();
  });
});
