import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@x/testing/rechunk';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FileWriter } from './file-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'file-writer-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newPath = () => join(folder, `${files++}`);

const random = seededRandom(7);
const bytes = (length: number) => Uint8Array.from({ length }, () => Math.floor(random() * 256));

// A clock on which every call takes this long makes the disk look fast or slow.
describe.each([
  ['written at once', 0],
  ['handed to other threads', 100],
])('a file %s', (_, callMilliseconds) => {
  let Writer: typeof FileWriter;
  beforeEach(async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += callMilliseconds;
      return now;
    });
    vi.resetModules();
    ({ FileWriter: Writer } = await import('./file-writer.ts'));
    // The first call shows how slow the disk is.
    const first = new Writer(newPath());
    await first.finish();
    await first.discard();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test.each([
    ['no bytes', []],
    ['one byte', [[1]]],
    ['many small batches', Array.from({ length: 3000 }, (_, index) => [index % 7, 100, 1])],
    ['batches of more buffers than one call takes', [Array.from({ length: 5000 }, (_, index) => index % 90)]],
    ['huge batches', [[3_000_000], [1, 5_000_000, 0, 2], [2_500_000, 2_500_000]]],
    ['a long file in pieces', Array.from({ length: 90 }, (_, index) => [100_000 + index, 1, 31_072 - index])],
    ['a batch behind what is written at once', [[4_194_304], [1], [1_048_576, 1]]],
  ])('contains %s in order', async (_, batches) => {
    const path = newPath();
    const writer = new Writer(path);
    const whole: Uint8Array[] = [];
    for (const lengths of batches) {
      const batch = lengths.map((length) => new Uint8Array(length).fill(whole.length + length));
      whole.push(...batch);
      await writer.write(batch);
    }
    await writer.finish();
    expect(readFileSync(path).equals(Buffer.concat(whole))).toBe(true);
  });

  test('contains what was written without waiting', async () => {
    const path = newPath();
    const writer = new Writer(path);
    const batches = Array.from({ length: 40 }, () => bytes(90_000));
    await Promise.all(batches.map((batch) => writer.write([batch])));
    await writer.finish({ fsync: true });
    expect(readFileSync(path).equals(Buffer.concat(batches))).toBe(true);
  });

  test('that exists already is left unchanged', async () => {
    const path = newPath();
    writeFileSync(path, 'mine');
    const writer = new Writer(path);
    await writer.write([bytes(10)]);
    await expect(writer.finish()).rejects.toMatchObject({ code: 'EEXIST' });
    await writer.discard();
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  test('that exists already makes a large write fail, too', async () => {
    const path = newPath();
    writeFileSync(path, 'mine');
    const writer = new Writer(path);
    const writing = (async () => {
      for (;;) await writer.write([bytes(300_000)]);
    })();
    await expect(writing).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(writer.finish()).rejects.toMatchObject({ code: 'EEXIST' });
    await writer.discard();
    expect(readFileSync(path, 'utf8')).toBe('mine');
  });

  test('in a folder that does not exist fails', async () => {
    const writer = new Writer(join(newPath(), 'file'));
    await expect(writer.finish()).rejects.toMatchObject({ code: 'ENOENT' });
    await writer.discard();
  });

  test('that is discarded in the middle is removed and takes no more data', async () => {
    const path = newPath();
    const writer = new Writer(path);
    await writer.write([bytes(200_000)]);
    const writes = Promise.allSettled([writer.write([bytes(200_000)]), writer.write([bytes(3_000_000)])]);
    await writer.discard();
    await writes;
    expect(existsSync(path)).toBe(false);
    await expect(writer.write([bytes(1)])).rejects.toThrow('discarded');
    await expect(writer.finish()).rejects.toThrow('discarded');
    await writer.discard();
    expect(existsSync(path)).toBe(false);
  });

  test('that is long is removed if it is discarded in the middle', async () => {
    const path = newPath();
    const writer = new Writer(path);
    for (let batch = 0; batch < 7; batch++) await writer.write([bytes(1_000_000)]);
    const writes = Promise.allSettled([writer.write([bytes(1_000_000)]), writer.write([bytes(3_000_000)])]);
    await writer.discard();
    await writes;
    expect(existsSync(path)).toBe(false);
    await expect(writer.finish()).rejects.toThrow('discarded');
  });

  test('that is discarded during fsync is removed, and its descriptor is closed once', async () => {
    const path = newPath();
    const writer = new Writer(path);
    await writer.write([bytes(200_000)]);
    const finishing = expect(writer.finish({ fsync: true })).rejects.toThrow('discarded');
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    await writer.discard();
    await finishing;
    expect(existsSync(path)).toBe(false);
  });

  test('that is discarded before its first byte is not created', async () => {
    const path = newPath();
    const writer = new Writer(path);
    await writer.write([bytes(10)]);
    await writer.discard();
    expect(existsSync(path)).toBe(false);
  });

  test.for(['256k', '6m'])('on a full disk of %s fails and is removed', async (size, { skip }) => {
    const disk = newPath();
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('mounting a small disk is not permitted here');
    }
    try {
      const writer = new Writer(join(disk, 'file'));
      const writing = (async () => {
        for (;;) await writer.write([bytes(50_000)]);
      })();
      await expect(writing).rejects.toMatchObject({ code: 'ENOSPC' });
      await expect(writer.finish()).rejects.toMatchObject({ code: 'ENOSPC' });
      await writer.discard();
      expect(readdirSync(disk)).toEqual([]);
      const small = new Writer(join(disk, 'small'));
      await small.write([bytes(50_000)]);
      await small.finish();
      expect(readdirSync(disk)).toEqual(['small']);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

test('a finished file takes a free name and does not replace an existing file', async () => {
  const [first, second] = ['first', 'second'].map((name) => new FileWriter(join(folder, `${name}.part`)));
  const target = join(folder, 'named');
  for (const writer of [first, second] as FileWriter[]) {
    await writer.write([Buffer.from(writer.path)]);
    await writer.finish();
  }
  expect([first?.moveTo(target), second?.moveTo(target)]).toEqual([true, false]);
  expect(readFileSync(target, 'utf8')).toBe(first?.path);
  expect([first, second].some((writer) => existsSync(writer?.path ?? ''))).toBe(false);
  expect(() => second?.moveTo(join(folder, 'none', 'named'))).toThrow('ENOENT');
});

test('a long file is complete if it is finished while a write has more to begin', async () => {
  const path = newPath();
  const writer = new FileWriter(path);
  const MEBIBYTE = 1024 * 1024;
  // The first bytes are written at once, the next ones in another thread, and the last ones wait for it.
  const parts = [5, 1, 1.5].map((length) => new Uint8Array(length * MEBIBYTE).fill(7));
  await Promise.all([...parts.map((part) => writer.write([part])), writer.finish()]);
  expect(statSync(path).size).toBe(7.5 * MEBIBYTE);
});
