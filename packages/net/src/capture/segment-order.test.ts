import { expect, test } from 'vitest';
import { CaptureError } from './pcapng.ts';
import { MAXIMUM_HELD_LENGTH, MAXIMUM_HELD_SEGMENTS, SegmentOrder } from './segment-order.ts';

const START = 0xffff_ff00;

/** Segments of one byte each, whose values are their numbers, in a stream that begins shortly before 2^32. */
function inOrderOf(numbers: Iterable<number>): { bytes: number[]; comparisons: number } {
  const order = new SegmentOrder();
  order.begin(START);
  const bytes: number[] = [];
  for (const number of numbers)
    for (const some of order.take((START + number) >>> 0, Uint8Array.of(number))) bytes.push(...some);
  return { bytes, comparisons: order.comparisons };
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
/** A permutation: 7919 is a prime number. */
const shuffled = (count: number) => numbers(count).map((number) => (number * 7919) % count);

test.each([
  ['in order', (count: number) => numbers(count), 0],
  ['backwards', (count: number) => numbers(count).reverse(), 60],
  ['shuffled', shuffled, 60],
  ['by every second one', (count: number) => [...numbers(count).filter((n) => n % 2), ...numbers(count)], 60],
])('compares few segments that arrive %s', (_, order, most) => {
  for (const count of [100, 10_000]) {
    const { bytes, comparisons } = inOrderOf(order(count));
    expect(bytes).toEqual(numbers(count).map((number) => number & 0xff));
    // About 2 log2 n for each segment.
    expect(comparisons).toBeLessThanOrEqual(count * most);
  }
});

test.each([
  ['bytes', MAXIMUM_HELD_LENGTH / 1024, 1024],
  ['segments', MAXIMUM_HELD_SEGMENTS, 1],
])('holds a limited number of %s', (_, count, length) => {
  const order = new SegmentOrder();
  order.begin(0);
  const payload = new Uint8Array(length);
  const take = (index: number) => [...order.take(1 + index * length, payload)];
  for (let index = 0; index < count; index++) expect(take(index)).toEqual([]);
  expect(() => take(count)).toThrow(CaptureError);
});

test('does not keep the block of the file that has a segment that is held', () => {
  const order = new SegmentOrder();
  order.begin(0);
  const block = new Uint8Array(1000);
  expect([...order.take(1, block.subarray(1, 2))]).toEqual([]);
  const [first, second] = order.take(0, block.subarray(0, 1));
  expect(first?.buffer).toBe(block.buffer);
  expect(second?.buffer.byteLength).toBe(1);
});
