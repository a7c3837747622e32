import { expect, test, vi } from 'vitest';
import { shortLivedChunks } from './short-lived-chunks.ts';

const MEGABYTE = 1024 * 1024;

/** The bytes of dropped objects for bytes that arrive in chunks. */
function dropped(chunk: number, bytes: number, youngGeneration: () => number, connections: object[] = [{}]): number {
  let sum = 0;
  const drop = (length: number) => {
    sum += length;
  };
  const received = shortLivedChunks(youngGeneration, drop, () => undefined);
  for (let left = bytes, turn = 0; left > 0; left -= chunk)
    received(Math.min(chunk, left), connections[turn++ % connections.length] as object);
  return sum;
}

test.each([100, 8_192, 65_536])(
  'drops about as many bytes as arrive in chunks of %d bytes while the young generation is large',
  (chunk) => {
    const sum = dropped(chunk, 100 * MEGABYTE, () => 32 * MEGABYTE);
    expect(sum).toBeGreaterThan(98 * MEGABYTE);
    expect(sum).toBeLessThanOrEqual(100 * MEGABYTE);
  },
);

test('drops nothing while the young generation is small', () => {
  expect(dropped(65_536, 100 * MEGABYTE, () => MEGABYTE)).toBe(0);
});

test('measures the young generation once in 4 MiB, and follows its growth', () => {
  let measured = 0;
  const sum = dropped(65_536, 100 * MEGABYTE, () => (++measured > 10 ? 32 : 1) * MEGABYTE);
  expect(measured).toBe(25);
  expect(sum).toBe(60 * MEGABYTE);
});

test('drops nothing from the second measurement on if many connections receive at the same time', () => {
  const connectionsOf = (count: number) => Array.from({ length: count }, () => ({}));
  const large = () => 32 * MEGABYTE;
  expect(dropped(65_536, 100 * MEGABYTE, large, connectionsOf(32))).toBeLessThanOrEqual(4 * MEGABYTE);
  expect(dropped(65_536, 100 * MEGABYTE, large, connectionsOf(8))).toBe(100 * MEGABYTE);
});

test.each([
  ['once in 8 MiB, in place of dropped objects, while the young generation is large', 32, 1, 12],
  ['never while it is small', 1, 1, 0],
  ['never if many connections receive', 32, 32, 0],
])('collects the young generation %s', (_, mebibytes, count, expected) => {
  let collections = 0;
  let drops = 0;
  const received = shortLivedChunks(
    () => mebibytes * MEGABYTE,
    () => drops++,
    () => () => {
      collections++;
    },
  );
  const connections = Array.from({ length: count }, () => ({}));
  for (let turn = 0; turn < 1600; turn++) received(65_536, connections[turn % count] as object);
  expect({ collections, drops }).toEqual({ collections: expected, drops: 0 });
});

test('collects by the function gc of the process, if it has one', () => {
  const gc = vi.fn();
  vi.stubGlobal('gc', gc);
  try {
    const received = shortLivedChunks(() => 32 * MEGABYTE);
    const connection = {};
    for (let turn = 0; turn < 160; turn++) received(65_536, connection);
  } finally {
    vi.unstubAllGlobals();
  }
  expect(gc.mock.calls).toEqual([[{ type: 'minor' }]]);
});
