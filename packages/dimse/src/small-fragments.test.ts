// Bytes are collected in bounded memory, however small the buffers are in which they arrive.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { PresentationDataValue } from '@x/net';
import { seededRandom } from '@x/testing/rechunk';
import { afterAll, describe, expect, test } from 'vitest';
import { CollectedBytes } from './collected-bytes.ts';
import { DataSetScanner } from './data-set/data-set-scanner.ts';
import { MessageData } from './message/message-data.ts';
import { FileWriter } from './part10/file-writer.ts';
import { TransferSyntax } from './registry/uids.generated.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const memory = () => {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const folder = mkdtempSync(join(tmpdir(), 'collected-bytes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The memory that the parts keep, in bytes. */
const kept = (parts: readonly Uint8Array[]) =>
  [...new Set(parts.map(({ buffer }) => buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);

describe('collected bytes', () => {
  test.each([
    ['in few buffers', { smallestView: 2048 }],
    ['in one', {}],
  ])('keep their order, %s', (_, options) => {
    const random = seededRandom(3);
    const collected = new CollectedBytes(options);
    const whole: Uint8Array[] = [];
    for (let index = 0; index < 3000; index++) {
      const length = Math.floor(random() ** 6 * 10_000);
      const bytes = new Uint8Array(length).fill(index);
      whole.push(bytes);
      collected.push(bytes);
    }
    const expected = Buffer.concat(whole);
    expect(collected.length).toBe(expected.length);
    expect(Buffer.from(collected.whole()).equals(expected)).toBe(true);
    expect(Buffer.concat(collected.take()).equals(expected)).toBe(true);
    expect([collected.length, collected.take()]).toEqual([0, []]);
  });

  test('copy small views together', () => {
    const collected = new CollectedBytes({ smallestView: 2048 });
    const source = new Uint8Array(1_000_000);
    for (let at = 0; at < source.length; at++) collected.push(source.subarray(at, at + 1));
    const parts = collected.take();
    expect(parts.length).toBeLessThan(100);
    expect(kept(parts)).toBeLessThan(source.length + 65_536);
  });

  test('keep large views without a copy', () => {
    const collected = new CollectedBytes({ smallestView: 2048 });
    const chunk = new Uint8Array(65_536);
    collected.push(chunk.subarray(100, 20_000));
    collected.push(chunk.subarray(20_000));
    expect(collected.take().map(({ buffer }) => buffer === chunk.buffer)).toEqual([true, true]);
  });

  test('copy views that keep much larger buffers in memory', () => {
    const collected = new CollectedBytes({ smallestView: 2048 });
    for (let index = 0; index < 100; index++) collected.push(new Uint8Array(65_536).subarray(0, 2048));
    expect(kept(collected.take())).toBeLessThan(100 * 2048 + 65_536);
  });
});

const LENGTH = 1024 * 1024 - 1;
const bytes = new Uint8Array(LENGTH);
const LARGEST = 16 * 1024 * 1024;

describe('a million bytes that arrive one by one take not much more memory than a million bytes', () => {
  test('as a data set in memory', async () => {
    const before = memory();
    let during = 0;
    let at = 0;
    const pull = async (): Promise<PresentationDataValue> => {
      const fragments = [bytes.subarray(at, ++at)];
      const last = at === LENGTH;
      if (last) during = memory();
      return { contextId: 1, kind: 'data', last, fragments };
    };
    const whole = await new MessageData(pull).collect(LENGTH);
    expect(whole.length).toBe(LENGTH);
    expect(during - before).toBeLessThan(LARGEST);
  });

  test('as a file that is being written', async () => {
    const path = join(folder, 'file');
    const writer = new FileWriter(path);
    const before = memory();
    for (let at = 0; at < LENGTH; at++) await writer.write([bytes.subarray(at, at + 1)]);
    expect(memory() - before).toBeLessThan(LARGEST);
    await writer.finish();
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test('as an element that is extracted', () => {
    const scanner = new DataSetScanner(TransferSyntax.ImplicitVRLittleEndian, {
      extracted: 'all',
      maximumExtractLength: 2 * LENGTH,
    });
    const header = Buffer.alloc(8);
    header.writeUInt32LE(0x00100010, 0);
    header.writeUInt32LE(LENGTH, 4);
    scanner.push(header);
    const before = memory();
    for (let at = 0; at < LENGTH - 1; at++) scanner.push(bytes.subarray(at, at + 1));
    expect(memory() - before).toBeLessThan(LARGEST);
    scanner.push(bytes.subarray(0, 1));
    expect(scanner.extract.length).toBe(8 + LENGTH);
  });
});
