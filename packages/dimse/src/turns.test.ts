import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { atOnce, inTurns, nextTurn, Step, type Steps, UNITS_PER_STEP } from './turns.ts';

function* sum(count: number, seen?: (at: number) => void): Steps<number> {
  const step = new Step();
  let total = 0;
  for (let at = 0; at < count; at++) {
    total += at;
    seen?.(at);
    if (step.add(1)) yield step.end();
  }
  return total;
}

describe('a computation in steps', () => {
  test('gives the same result at once and in turns', async () => {
    expect(atOnce(sum(10_000))).toBe(49_995_000);
    expect(await inTurns(sum(10_000))).toBe(49_995_000);
  });

  test('of one step needs no turn', () => {
    expect(inTurns(sum(UNITS_PER_STEP - 1))).toBe(((UNITS_PER_STEP - 1) * (UNITS_PER_STEP - 2)) / 2);
  });

  test('lets others run after each step', async () => {
    const order: unknown[] = [];
    const done = inTurns(sum(3 * UNITS_PER_STEP, (at) => at % UNITS_PER_STEP === 0 && order.push(at)));
    for (let turn = 0; turn < 3; turn++) {
      await setImmediate();
      order.push('other');
    }
    await done;
    expect(order).toEqual([0, UNITS_PER_STEP, 'other', 2 * UNITS_PER_STEP, 'other', 'other']);
  });

  test('rejects with the error of a later step', async () => {
    const failing = inTurns(
      sum(2 * UNITS_PER_STEP, (at) => {
        if (at > UNITS_PER_STEP) throw new RangeError('no');
      }),
    );
    await expect(failing).rejects.toThrow('no');
  });
});

test('one of those that wait runs in each turn, in the order of arrival', async () => {
  const order: string[] = [];
  const waits = ['a', 'b', 'c'].map((name) => nextTurn().then(() => order.push(name)));
  const seen: string[] = [];
  for (let turn = 0; turn < 3; turn++) {
    await setImmediate();
    seen.push(order.join(''));
  }
  await Promise.all(waits);
  expect(seen).toEqual(['a', 'ab', 'abc']);
});
