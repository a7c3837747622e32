// Compressed instances for peers that do not take them: dimse-scu and dimse-scp with --decompress.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeDataSet, TransferSyntax, uidName } from '@x/dimse';
import { locateFileMetaInformation } from '@x/dimse/data-set';
import { isInstalled, runScu, startPeer, startScp } from '@x/testing/processes';
import { sharedFiles } from '@x/testing/shared-files';
import { afterAll, describe, expect, test } from 'vitest';
import { startOrthanc } from './orthanc.ts';

const { ExplicitVRLittleEndian, ImplicitVRLittleEndian } = TransferSyntax;
const folder = mkdtempSync(join(tmpdir(), 'decompress-'));
afterAll(() => rmSync(folder, { recursive: true }));
const newFolder = (name: string) => mkdtempSync(join(folder, name));

const read = (path: string) => {
  const bytes = readFileSync(path);
  const { meta, end } = locateFileMetaInformation(bytes) ?? { meta: {}, end: 0 };
  return { transferSyntax: meta.transferSyntax ?? '', dataSet: bytes.subarray(end) };
};
const compressed = sharedFiles(/RLE|rle|jp2k|jpeg|JPEG|sample-op/).filter((path) =>
  /JPEG|RLE/.test(uidName(read(path).transferSyntax)),
);

/** One file of each instance. */
const distinct = compressed.filter(
  (path, index) =>
    compressed.findIndex((other) => identityOf(other).SOPInstanceUID === identityOf(path).SOPInstanceUID) === index,
);

/** Each file is in the transfer syntax, and its native frames are in it. */
function expectDecompressed(out: string, transferSyntax: string, count = compressed.length): void {
  const files = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .map((name) => join(out, name))
    .filter((path) => statSync(path).isFile());
  expect(files).toHaveLength(count);
  for (const path of files) {
    const found = read(path);
    expect(found.transferSyntax).toBe(transferSyntax);
    const { Rows, Columns, SamplesPerPixel, BitsAllocated, PixelData } = decodeDataSet(found.dataSet, transferSyntax);
    const length = (Number(Rows) * Number(Columns) * Number(SamplesPerPixel) * Number(BitsAllocated)) / 8;
    expect((PixelData as Uint8Array).length).toBe(length + (length % 2));
  }
}

interface Line {
  readonly result?: string;
  readonly sentTransferSyntax?: string;
}

const linesOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

describe.runIf(compressed.length > 0 && isInstalled('storescp'))('dimse-scu store --decompress', () => {
  test.each([
    ['+xi', ImplicitVRLittleEndian],
    ['+xe', ExplicitVRLittleEndian],
  ])('sends what storescp %s takes, and the report says so', async (option, transferSyntax) => {
    const out = newFolder('storescp');
    const peer = await startPeer('storescp', (port) => [option, '+B', '--unique-filenames', '-od', out, `${port}`]);
    const { exitCode, stdout } = await runScu(
      ...['store', `ANY@127.0.0.1:${peer.port}`, ...compressed, '--decompress', '--json'],
    );
    await peer.stop();
    expect(exitCode).toBe(0);
    const results = linesOf(stdout).filter(({ result }) => result !== undefined);
    expect(results.map((line) => [line.result, line.sentTransferSyntax])).toEqual(
      compressed.map(() => ['sent', transferSyntax]),
    );
    expectDecompressed(out, transferSyntax);
  });

  test('sends instances as they are to a peer that takes them, and fails without the option', async () => {
    const files = compressed.filter((path) => read(path).transferSyntax === TransferSyntax.JPEGLosslessSV1);
    const out = newFolder('storescp');
    const peer = await startPeer('storescp', (port) => ['+xs', '+B', '--unique-filenames', '-od', out, `${port}`]);
    const address = `ANY@127.0.0.1:${peer.port}`;
    const asTheyAre = await runScu('store', address, ...files, '--decompress', '--json');
    const without = await runScu('store', address, ...compressed, '--json');
    await peer.stop();
    expect(asTheyAre.exitCode).toBe(0);
    expect(linesOf(asTheyAre.stdout).filter((line) => line.sentTransferSyntax !== undefined)).toEqual([]);
    expect(without.exitCode).toBe(1);
  });
});

test.runIf(compressed.length > 0 && isInstalled('Orthanc'))(
  'Orthanc that takes Implicit VR only stores decompressed instances',
  async () => {
    const settings = { AcceptedTransferSyntaxes: [ImplicitVRLittleEndian], UnknownSopClassAccepted: true };
    const orthanc = await startOrthanc(newFolder('orthanc'), {}, settings);
    try {
      const address = `ORTHANC@127.0.0.1:${orthanc.port}`;
      const { exitCode, stdout } = await runScu('store', address, ...distinct, '--decompress', '--json');
      expect([exitCode, linesOf(stdout).filter(({ result }) => result === 'failed')]).toEqual([0, []]);
      const stored = (await (await fetch(`${orthanc.rest}/instances`)).json()) as string[];
      expect(stored).toHaveLength(distinct.length);
      for (const id of stored) {
        const frame = await fetch(`${orthanc.rest}/instances/${id}/frames/0/raw`);
        expect(frame.status).toBe(200);
      }
    } finally {
      await orthanc.stop();
    }
  },
);

describe.runIf(compressed.length > 0 && isInstalled('storescp'))('dimse-scp --decompress', () => {
  test('sends decompressed instances by C-MOVE and C-GET to peers that take no other ones', async () => {
    const moved = newFolder('moved');
    const peer = await startPeer('storescp', (port) => ['+xi', '+B', '--unique-filenames', '-od', moved, `${port}`]);
    const options = ['--aet', 'ARCHIVE', '--data', newFolder('data'), '--peer', `DEST=127.0.0.1:${peer.port}`];
    const archive = await startScp([...options, '--decompress']);
    try {
      const address = `ARCHIVE@127.0.0.1:${archive.port}`;
      expect(await runScu('store', address, ...distinct)).toMatchObject({ exitCode: 0 });
      const got = newFolder('got');
      for (const study of new Set(distinct.map((path) => identityOf(path).StudyInstanceUID))) {
        const keys = ['--level', 'STUDY', '--key', `StudyInstanceUID=${study}`];
        expect(await runScu('move', address, ...keys, '--dest', 'DEST')).toMatchObject({ exitCode: 0 });
        const only = ['--only-transfer-syntax', ExplicitVRLittleEndian, '--out', got];
        expect(await runScu('get', address, ...keys, ...only)).toMatchObject({ exitCode: 0 });
      }
      expectDecompressed(moved, ImplicitVRLittleEndian, distinct.length);
      expectDecompressed(got, ExplicitVRLittleEndian, distinct.length);
    } finally {
      await peer.stop();
      await archive.stop();
    }
  });
});

function identityOf(path: string) {
  const { dataSet } = read(path);
  const end = dataSet.indexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00]));
  return decodeDataSet(dataSet.subarray(0, end), ExplicitVRLittleEndian);
}
