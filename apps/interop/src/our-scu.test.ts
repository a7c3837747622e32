// Our SCU, as application and as library, with DCMTK's storescp, dcmrecv and dcmqrscp.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openDicomFile, openSession, TransferSyntax, verification } from '@x/dimse';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { isInstalled, run, runScu, startPeer } from '@x/testing/processes';
import { NO_INSTANCE, sharedFiles, sharedFolder } from '@x/testing/shared-files';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataSetOf, filesIn, identityOf } from './stored-files.ts';

const hasDcmtk = ['storescp', 'dcmrecv', 'dcmqrscp'].every(isInstalled);
let folder: string;
let series: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'our-scu-'));
  series = join(folder, 'series');
  mkdirSync(series);
  for (const { sopInstanceUid, bytes } of computedTomographySeries({ slices: 8, size: 128 }))
    writeFileSync(join(series, `${sopInstanceUid}.dcm`), bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));

const newFolder = (name: string) => {
  const path = mkdtempSync(join(folder, `${name}-`));
  return path;
};

async function expectSame(sent: readonly string[], stored: readonly string[]): Promise<void> {
  const byIdentity = new Map(stored.map((path) => [identityOf(path), path]));
  for (const path of sent) {
    const copy = byIdentity.get(identityOf(path));
    expect([basename(path), copy !== undefined]).toEqual([basename(path), true]);
    expect([basename(path), (await dataSetOf(copy as string)).equals(await dataSetOf(path))]).toEqual([
      basename(path),
      true,
    ]);
  }
  expect(stored).toHaveLength(sent.length);
}

describe.runIf(hasDcmtk)('against storescp', () => {
  test.runIf(sharedFolder)('every instance arrives unchanged, byte for byte', async () => {
    const out = newFolder('all');
    const peer = await startPeer('storescp', (port) => ['+xa', '+B', '--unique-filenames', '-od', out, `${port}`]);
    // Instances that the checks of storescp refuse are left to the test below.
    const files = sharedFiles().filter((path) => !NO_INSTANCE.test(path));
    const { exitCode, stdout, stderr } = await runScu('store', `ANY@127.0.0.1:${peer.port}`, ...files);
    await peer.stop();
    expect([exitCode, stderr, stdout.split('\n').filter((line) => /^failed/.test(line))]).toEqual([0, '', []]);
    const stored = filesIn(out);
    expect(stored).toHaveLength(files.length);
    // Some of these files have no meta information to compare.
    const contents = new Set(await Promise.all(stored.map(async (path) => (await dataSetOf(path)).toString('latin1'))));
    for (const path of files)
      expect([basename(path), contents.has((await dataSetOf(path)).toString('latin1'))]).toEqual([
        basename(path),
        true,
      ]);
  });

  test.each([
    ['--max-pdu', '4096'],
    ['--max-pdu', '131072'],
  ])('for a peer with %s %s', async (...options) => {
    const out = newFolder('pdu');
    const peer = await startPeer('storescp', (port) => ['+B', ...options, '--unique-filenames', '-od', out, `${port}`]);
    const { exitCode } = await runScu('store', `ANY@127.0.0.1:${peer.port}`, series);
    await peer.stop();
    expect(exitCode).toBe(0);
    await expectSame(filesIn(series), filesIn(out));
  });

  test.runIf(sharedFolder)(
    're-encodes for a peer that takes Implicit VR only, and reports what is compressed',
    async () => {
      const out = newFolder('implicit');
      const peer = await startPeer('storescp', (port) => ['+xi', '+B', '--unique-filenames', '-od', out, `${port}`]);
      // storescp refuses instances whose SOP class it does not know.
      const files = sharedFiles(/CT_small|MR_small|waveform|rtplan|image_dfl|BigEndian/);
      const { exitCode, stdout } = await runScu('store', `ANY@127.0.0.1:${peer.port}`, series, ...files, '--json');
      await peer.stop();
      const results = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { file: string; result: string; reason?: string });
      const failures = results.filter(({ result }) => result === 'failed');
      expect(exitCode).toBe(1);
      expect(failures.map(({ file }) => basename(file)).filter((name) => !/RLE|jp2k|jpeg/.test(name))).toEqual([]);
      for (const { reason } of failures) expect(reason).toContain('transfer syntaxes not supported');
      expect(filesIn(out)).toHaveLength(results.filter(({ result }) => result === 'sent').length);
      for (const path of filesIn(out)) {
        await using file = await openDicomFile(path);
        expect(file.transferSyntax).toBe(TransferSyntax.ImplicitVRLittleEndian);
        await file.decode({ maximumLength: 100_000_000 });
      }
    },
  );

  test('reports a rejected association in one line, and an aborted one also for each file', async () => {
    for (const [option, exitCode, words, lines] of [
      ['--refuse', 3, 'rejected the association', 1],
      ['--abort-after', 3, 'aborted the association', 9],
      ['--abort-during', 3, 'aborted the association', 9],
    ] as const) {
      const out = newFolder('broken');
      const peer = await startPeer('storescp', (port) => [option, '+B', '--unique-filenames', '-od', out, `${port}`]);
      const outcome = await runScu('store', `ANY@127.0.0.1:${peer.port}`, series);
      await peer.stop();
      expect([option, outcome.exitCode]).toEqual([option, exitCode]);
      expect(outcome.stderr.trim().split('\n')).toEqual(Array(lines).fill(expect.stringContaining(words)));
    }
  });
});

test.runIf(hasDcmtk)('dcmrecv receives a series on several associations at once', async () => {
  const out = newFolder('recv');
  const peer = await startPeer('dcmrecv', (port) => [
    '-xf',
    '/etc/dcmtk/storescp.cfg',
    'Default',
    '--bit-preserving',
    '-od',
    out,
    `${port}`,
  ]);
  const { exitCode, stdout } = await runScu('store', `ANY@127.0.0.1:${peer.port}`, series, '--parallel', '3');
  await peer.stop();
  expect([exitCode, /^8 sent/m.test(stdout)]).toEqual([0, true]);
  await expectSame(filesIn(series), filesIn(out));
});

test.runIf(hasDcmtk)('dcmqrscp answers an echo, stores, and finds the stored instances', async () => {
  const home = newFolder('qr');
  const storage = join(home, 'db');
  mkdirSync(storage);
  const port = await new Promise<number>((settle) => {
    void startPeer('dcmqrscp', (free) => {
      const config = `NetworkTCPPort = ${free}\nMaxPDUSize = 16384\nMaxAssociations = 16\nHostTable BEGIN\nHostTable END\nVendorTable BEGIN\nVendorTable END\nAETable BEGIN\nQR ${storage} RW (200, 1024mb) ANY\nAETable END\n`;
      writeFileSync(join(home, 'dcmqrscp.cfg'), config);
      return ['-c', join(home, 'dcmqrscp.cfg'), `${free}`];
    }).then((peer) => {
      stopQr = () => peer.stop();
      settle(peer.port);
    });
  });
  try {
    const session = await openSession({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'ME',
      calledAeTitle: 'QR',
      services: [verification],
    });
    expect(await session.use(verification).echo()).toEqual({ status: 0 });
    await session.release();
    expect(await runScu('store', `QR@127.0.0.1:${port}`, series)).toMatchObject({ exitCode: 0 });
    const found = await run('findscu', [
      '-S',
      '-aec',
      'QR',
      '-k',
      'QueryRetrieveLevel=IMAGE',
      '-k',
      'StudyInstanceUID',
      '-k',
      'SeriesInstanceUID',
      '-k',
      'SOPInstanceUID',
      '127.0.0.1',
      `${port}`,
    ]);
    expect(found.exitCode).toBe(0);
    expect(filesIn(storage).filter((path) => /CT_/.test(path))).toHaveLength(8);
  } finally {
    await stopQr?.();
  }
});
let stopQr: (() => Promise<unknown>) | undefined;

test.runIf(sharedFolder)('sends nothing if the named files do not exist or are not DICOM', async () => {
  const readme = join(folder, 'README.md');
  copyFileSync(join(sharedFolder as string, 'README.md'), readme);
  expect(await runScu('store', 'ANY@127.0.0.1:1', readme)).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await runScu('store', 'ANY@127.0.0.1:1', join(folder, 'none'))).toMatchObject({ exitCode: 2, stdout: '' });
});
