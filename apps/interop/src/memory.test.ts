// An instance of 1 GiB goes from a file to an archive, each in its own process: memory does not grow with the instance.

import { spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import { application, peakMemory, startScp } from '@x/testing/processes';
import { afterAll, expect, test } from 'vitest';
import { filesIn } from './stored-files.ts';

const GIB = 1024 ** 3;
const MOST = 150 * 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Makes a sparse file with pixel data of the given length, which takes no space on the disk. */
function writeLargeFile(path: string, length: number): void {
  const meta = { sopClass: '1.2.840.10008.5.1.4.1.1.7', sopInstance: '1.2.3.4', transferSyntax: '1.2.840.10008.1.2.1' };
  const uid = (group: number, element: number, text: string) => {
    const value = Buffer.from(text.length % 2 === 0 ? text : `${text}\0`);
    const head = Buffer.alloc(8);
    head.writeUInt16LE(group, 0);
    head.writeUInt16LE(element, 2);
    head.write('UI', 4);
    head.writeUInt16LE(value.length, 6);
    return Buffer.concat([head, value]);
  };
  const pixels = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0, 0, 0, 0]);
  pixels.writeUInt32LE(length, 8);
  const head = Buffer.concat([
    encodeFileMetaInformation(meta),
    uid(0x0008, 0x0016, meta.sopClass),
    uid(0x0008, 0x0018, meta.sopInstance),
    uid(0x0020, 0x000d, '1.2.3'),
    uid(0x0020, 0x000e, '1.2.3.1'),
    pixels,
  ]);
  const file = openSync(path, 'w');
  writeSync(file, head);
  ftruncateSync(file, head.length + length);
  closeSync(file);
}

test('sends and receives 1 GiB with at most 150 MB resident on each side', async () => {
  const path = join(folder, 'large.dcm');
  writeLargeFile(path, GIB);
  const scp = await startScp(['--data', join(folder, 'archive'), '--aet', 'BIG']);
  const scu = spawn(process.execPath, [application('scu'), 'store', `BIG@127.0.0.1:${scp.port}`, path], {
    stdio: 'inherit',
  });
  let scuPeak = 0;
  const watching = setInterval(() => {
    try {
      scuPeak = Math.max(scuPeak, peakMemory(scu));
    } catch {
      // It has ended.
    }
  }, 20);
  const exitCode = await new Promise((settle) => scu.once('close', settle));
  clearInterval(watching);
  const scpPeak = peakMemory(scp.child);
  await scp.stop();
  expect(exitCode).toBe(0);
  const [stored] = filesIn(join(folder, 'archive', 'instances')) as [string];
  expect(statSync(stored).size).toBeGreaterThan(GIB);
  expect(scuPeak).toBeGreaterThan(0);
  process.stdout.write(`peak memory: SCU ${(scuPeak / 1e6).toFixed(0)} MB, SCP ${(scpPeak / 1e6).toFixed(0)} MB\n`);
  expect(scuPeak).toBeLessThanOrEqual(MOST);
  expect(scpPeak).toBeLessThanOrEqual(MOST);
}, 120_000);
