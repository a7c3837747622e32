import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FileReader } from './file-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'file-reader-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'digits');
writeFileSync(path, '0123456789');

// A clock on which every call takes this long makes the disk look fast or slow.
describe.each([
  ['at once', 0],
  ['by other threads', 100],
])('a file read %s', (_, callMilliseconds) => {
  let Reader: typeof FileReader;
  beforeEach(async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += callMilliseconds;
      return now;
    });
    vi.resetModules();
    ({ FileReader: Reader } = await import('./file-reader.ts'));
  });
  afterEach(() => vi.restoreAllMocks());

  test('gives its beginning, its length and any part of it', async () => {
    const reader = await Reader.open(path);
    const head = Buffer.alloc(4);
    expect([await reader.begin(head), `${head}`, reader.length()]).toEqual([4, '0123', 10]);
    const [one, two] = [Buffer.alloc(2), Buffer.alloc(9)];
    expect([await reader.read([one, two], 3), `${one}`, `${two.subarray(0, 5)}`]).toEqual([7, '34', '56789']);
    expect(await reader.read([one], 10)).toBe(0);
    await reader.close();
  });

  test('is closed once and cannot be read afterwards', async () => {
    const reader = await Reader.open(path);
    await reader.close();
    await reader.close();
    await expect(reader.begin(Buffer.alloc(1))).rejects.toThrow('closed');
    await expect(reader.read([Buffer.alloc(1)], 0)).rejects.toThrow('closed');
    expect(() => reader.length()).toThrow('closed');
  });

  test('that does not exist is an error', async () => {
    await expect(Reader.open(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
