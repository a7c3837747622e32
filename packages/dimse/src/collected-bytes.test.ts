import { expect, test } from 'vitest';
import { CollectedBytes } from './collected-bytes.ts';

test.each([
  [1, 100_000],
  [3, 255],
  [3, 256],
  [3, 257],
  [2000, 600],
  [100_000, 1],
])('gives the bytes of fragments of %i bytes, %i of them, in order', (length, count) => {
  const parts = Array.from({ length: count }, (_, index) => Buffer.alloc(length, index % 251));
  const collected = new CollectedBytes();
  for (const part of parts) collected.push(part);
  expect(collected.length).toBe(length * count);
  expect(Buffer.compare(collected.whole(), Buffer.concat(parts))).toBe(0);
});

test('does not copy a single fragment, and counts on when it has dropped the bytes', () => {
  const collected = new CollectedBytes();
  const part = Buffer.from('one');
  collected.push(part);
  expect(collected.whole()).toBe(part);
  collected.drop();
  collected.push(part);
  expect([collected.length, Buffer.from(collected.whole()).toString()]).toEqual([6, 'one']);
});

test('keeps no views of small fragments', () => {
  const collected = new CollectedBytes();
  // A view of one byte keeps its whole buffer.
  for (let index = 0; index < 1024; index++) collected.push(Buffer.alloc(100_000).subarray(0, 1));
  expect(collected.whole().buffer.byteLength).toBeLessThan(100_000);
});
