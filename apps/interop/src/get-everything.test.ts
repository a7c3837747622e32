// Our C-GET with archives that do not transcode, for a study whose instances have different transfer syntaxes and SOP classes.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDicomFile, SopClass, TransferSyntax } from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import { IMPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { isInstalled, type Listening, runScu, startPeer } from '@x/testing/processes';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { orthancSettings } from './archives.ts';

const root = mkdtempSync(join(tmpdir(), 'get-everything-'));
afterAll(() => rmSync(root, { recursive: true }));
let archive: Listening | undefined;
afterEach(async () => {
  await archive?.stop();
  archive = undefined;
});
let folders = 0;
const newFolder = () => {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  return folder;
};

const STUDY = '2.25.1';
const { ExplicitVRLittleEndian, JPEGLosslessSV1, JPEG2000Lossless, JPEGLSLossless, RLELossless } = TransferSyntax;

/** Writes an instance. The pixel data of compressed ones are a fragment that no one decodes. */
function writeInstance(folder: string, number: number, sopClass: string, transferSyntax: string): string {
  const sopInstance = `2.25.1.1.${number}`;
  const isImplicit = transferSyntax === IMPLICIT_VR_LITTLE_ENDIAN;
  const isCompressed = !isImplicit && transferSyntax !== ExplicitVRLittleEndian;
  const common = { sopClass, sopInstance, study: STUDY, series: '2.25.1.1', isImplicit };
  const dataSet = isCompressed
    ? Buffer.concat([syntheticDataSet(common), ENCAPSULATED])
    : syntheticDataSet({ ...common, pixelLength: 64 });
  const path = join(folder, `${number}.dcm`);
  writeFileSync(path, Buffer.concat([encodeFileMetaInformation({ sopClass, sopInstance, transferSyntax }), dataSet]));
  return path;
}

// Pixel Data of undefined length: an empty offset table, a fragment of two bytes, and the delimiter (PS3.5 §A.4).
const ENCAPSULATED = Buffer.from(
  'e07f10004f420000ffffffff' + 'feff00e000000000' + 'feff00e002000000ffd8' + 'feffdde000000000',
  'hex',
);

/** The transfer syntax of each file in a folder, by SOP Instance UID. */
async function syntaxesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())) {
    await using file = await openDicomFile(join(entry.parentPath, entry.name));
    found.set(file.sopInstance as string, file.transferSyntax);
  }
  return found;
}

/** @param isKept Whether instances arrive in their own transfer syntax. */
async function getsEverything(files: readonly string[], port: number, isKept = true): Promise<void> {
  const out = join(newFolder(), 'out');
  const key = ['--key', `StudyInstanceUID=${STUDY}`];
  const { exitCode, stdout, stderr } = await runScu(
    'get',
    `QR@127.0.0.1:${port}`,
    '--calling',
    'ME',
    ...key,
    '--out',
    out,
  );
  expect([exitCode, stderr, stdout.trim().split('\n').at(-1)]).toEqual([
    0,
    '',
    expect.stringMatching(new RegExp(`^${files.length} received, 0 failed`)),
  ]);
  const sent = await syntaxesIn(join(files[0] as string, '..'));
  const received = await syntaxesIn(out);
  expect([...received.keys()].sort()).toEqual([...sent.keys()].sort());
  if (isKept) expect(received).toEqual(sent);
}

describe.runIf(isInstalled('dcmqrscp'))('dcmqrscp', () => {
  test('sends all uncompressed instances', async () => {
    const home = newFolder();
    const source = newFolder();
    const database = join(home, 'database');
    mkdirSync(database);
    const config = join(home, 'dcmqrscp.cfg');
    const lines = [
      'MaxPDUSize = 131072',
      'MaxAssociations = 16',
      ...['HostTable BEGIN', 'me = (ME, 127.0.0.1, 104)', 'HostTable END'],
      ...['VendorTable BEGIN', 'VendorTable END'],
      ...['AETable BEGIN', `QR ${database} RW (200, 1024mb) ANY`, 'AETable END', ''],
    ];
    writeFileSync(config, lines.join('\n'));
    const files = [
      writeInstance(source, 1, SopClass.CTImageStorage, ExplicitVRLittleEndian),
      writeInstance(source, 3, SopClass.CTImageStorage, IMPLICIT_VR_LITTLE_ENDIAN),
      writeInstance(source, 4, SopClass.UltrasoundImageStorageRetired, ExplicitVRLittleEndian),
      writeInstance(source, 5, SopClass.MRImageStorage, IMPLICIT_VR_LITTLE_ENDIAN),
    ];
    execFileSync('dcmqridx', [database, ...files]);
    // It tells neither SOP classes nor transfer syntaxes, and takes only contexts of uncompressed ones.
    archive = await startPeer('dcmqrscp', (port) => ['-c', config, `${port}`]);
    await getsEverything(files, archive.port, false);
  });
});

describe.runIf(isInstalled('Orthanc'))('Orthanc', () => {
  test.each([false, true])('sends each instance as it is, with TranscodeDicomProtocol %s', async (isTranscoding) => {
    const home = newFolder();
    const source = newFolder();
    const config = join(home, 'orthanc.json');
    archive = await startPeer('Orthanc', (port) => {
      const settings = {
        ...orthancSettings(home, port),
        TranscodeDicomProtocol: isTranscoding,
        UnknownSopClassAccepted: true,
      };
      writeFileSync(config, JSON.stringify(settings));
      return [config];
    });
    const syntaxes = [
      ...[ExplicitVRLittleEndian, JPEGLosslessSV1, IMPLICIT_VR_LITTLE_ENDIAN],
      ...[JPEG2000Lossless, JPEGLSLossless, RLELossless],
    ];
    const classes = [SopClass.CTImageStorage, SopClass.UltrasoundImageStorageRetired, SopClass.MRImageStorage];
    const files = syntaxes.flatMap((transferSyntax, row) =>
      classes.map((sopClass, column) => writeInstance(source, row * 10 + column, sopClass, transferSyntax)),
    );
    const stored = await runScu('store', `QR@127.0.0.1:${archive.port}`, source);
    expect([stored.exitCode, stored.stderr]).toEqual([0, '']);
    await getsEverything(files, archive.port);
  });
});

test('the encapsulated pixel data are well formed', async () => {
  const path = writeInstance(newFolder(), 1, SopClass.CTImageStorage, RLELossless);
  await using file = await openDicomFile(path);
  await file.checkDataSet();
  expect(readFileSync(path).subarray(-8).toString('hex')).toBe('feffdde000000000');
});
