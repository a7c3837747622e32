// The trend of the disk space.

import { expect, test } from 'vitest';
import { DiskHistory, type DiskSpace } from './disk-history.ts';

/** A history of these free bytes out of 1,000,000. */
async function historyOf(...free: readonly number[]) {
  let space: DiskSpace | undefined;
  const history = new DiskHistory(() => Promise.resolve(space));
  for (const bytes of free) {
    space = { free: bytes, total: 1_000_000 };
    await history.sample();
  }
  const state = await history.state();
  history[Symbol.dispose]();
  return state;
}

test('has no trend before a minute has passed', async () => {
  expect(await historyOf()).toBeUndefined();
  const state = await historyOf(1000, 900, 800, 700);
  expect(state).toEqual({ free: 700, total: 1_000_000 });
});

test('tells the change per hour', async () => {
  // 100 bytes in 15 seconds.
  expect((await historyOf(1000, 900, 800, 700, 600))?.perHour).toBe(-24_000);
  expect((await historyOf(600, 700, 800, 900, 1000))?.perHour).toBe(24_000);
  expect((await historyOf(5, 5, 5, 5, 5))?.perHour).toBe(0);
});

test('forgets changes that are older than an hour', async () => {
  const [before, within] = [Array.from({ length: 300 }, () => 900_000), Array.from({ length: 240 }, () => 500)];
  expect((await historyOf(...before, ...within))?.perHour).toBe(0);
  expect((await historyOf(...before, ...within.slice(1)))?.perHour).toBeLessThan(-800_000);
});
