// Wireshark dissects our associations: no frame is malformed.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { isInstalled, run, runScu, startScp } from '@x/testing/processes';
import { expect, test } from 'vitest';

test.runIf(isInstalled('tshark'))('tshark dissects an echo and a store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dissection-'));
  const scp = await startScp(['--data', join(folder, 'archive'), '--aet', 'SCP']);
  const capture = join(folder, 'capture.pcapng');
  try {
    const permitted = spawnSync('tshark', ['-i', 'lo', '-a', 'duration:1', '-c', '1', '-w', '/dev/null'], {
      encoding: 'utf8',
    });
    if (/permission|no interfaces|You don't have/i.test(permitted.stderr)) {
      process.stderr.write('capturing is not permitted here: nothing was dissected\n');
      return;
    }
    const watcher = await startCapture(capture, scp.port);
    const [slice] = [...computedTomographySeries({ slices: 1, size: 64 })];
    writeFileSync(join(folder, 'slice.dcm'), slice?.bytes ?? new Uint8Array(0));
    expect(await runScu('echo', `SCP@127.0.0.1:${scp.port}`)).toMatchObject({ exitCode: 0 });
    expect(await runScu('store', `SCP@127.0.0.1:${scp.port}`, join(folder, 'slice.dcm'))).toMatchObject({
      exitCode: 0,
    });
    await watcher();
    const as = ['-d', `tcp.port==${scp.port},dicom`];
    const fields = await run('tshark', ['-r', capture, ...as, '-Y', 'dicom', '-T', 'fields', '-e', 'dicom.pdu.type']);
    const types = new Set(
      fields.stdout
        .split(/[\s,]+/)
        .filter(Boolean)
        .map(Number),
    );
    expect([...types].sort()).toEqual([1, 2, 4, 5, 6]);
    const malformed = await run('tshark', ['-r', capture, ...as, '-Y', '_ws.malformed']);
    expect(malformed.stdout).toBe('');
  } finally {
    await scp.stop();
    rmSync(folder, { recursive: true });
  }
});

test.runIf(isInstalled('tshark'))('tshark dissects the captures of our applications, and dump shows them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dissection-'));
  const scp = await startScp([
    '--data',
    join(folder, 'archive'),
    '--aet',
    'SCP',
    '--capture',
    join(folder, 'record'),
    '--mask',
  ]);
  try {
    const [slice] = [...computedTomographySeries({ slices: 1, size: 256 })];
    writeFileSync(join(folder, 'slice.dcm'), slice?.bytes ?? new Uint8Array(0));
    const ours = join(folder, 'scu.pcapng');
    const peer = `SCP@127.0.0.1:${scp.port}`;
    expect(await runScu('store', peer, join(folder, 'slice.dcm'), '--capture', ours)).toMatchObject({ exitCode: 0 });
    await scp.stop();
    const [theirs] = readdirSync(join(folder, 'record'));
    for (const capture of [ours, join(folder, 'record', theirs ?? '')]) {
      const read = (...options: readonly string[]) =>
        run('tshark', ['-r', capture, '-d', `tcp.port==${scp.port},dicom`, ...options]);
      const problems = '_ws.malformed || tcp.analysis.lost_segment || tcp.analysis.retransmission || tcp.checksum.bad';
      expect((await read('-o', 'tcp.check_checksum:TRUE', '-Y', problems)).stdout).toBe('');
      const { stdout } = await read('-Y', 'dicom');
      for (const words of ['A-ASSOCIATE request', 'A-ASSOCIATE accept', 'C-STORE-RQ', 'CT Image Storage', 'RELEASE'])
        expect(stdout).toContain(words);
      const shown = await runScu('dump', capture);
      expect(shown.exitCode).toBe(0);
      expect(shown.stdout.split('\n').map((line) => line.split('  ').at(-1))).toEqual([
        expect.stringMatching(/^A-ASSOCIATE-RQ DIMSE-SCU → SCP/),
        expect.stringMatching(/^A-ASSOCIATE-AC 2 of 2/),
        expect.stringMatching(/^C-STORE-RQ #1 CT Image Storage/),
        expect.stringMatching(/^C-STORE-RSP #1 success/),
        'A-RELEASE-RQ',
        'A-RELEASE-RP',
        '',
      ]);
    }
    const dataSet = await runScu('dump', join(folder, 'slice.dcm'));
    expect([dataSet.exitCode, dataSet.stdout]).toEqual([0, expect.stringContaining('SOPInstanceUID')]);
    expect(await runScu('dump', fileURLToPath(import.meta.url))).toMatchObject({ exitCode: 2 });
  } finally {
    await scp.stop();
    rmSync(folder, { recursive: true });
  }
});

/** Captures a port's traffic until the function given is called. */
async function startCapture(path: string, port: number): Promise<() => Promise<void>> {
  const child = spawn('tshark', ['-i', 'lo', '-f', `tcp port ${port}`, '-w', path, '-q'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise<void>((settle) => {
    child.stderr.on('data', (chunk: Buffer) => {
      if (/Capturing on/.test(chunk.toString())) setTimeout(settle, 500);
    });
  });
  return async () => {
    await new Promise((settle) => setTimeout(settle, 500));
    child.kill('SIGINT');
    await new Promise((settle) => child.once('close', settle));
  };
}
