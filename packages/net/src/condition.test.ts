import { expect, test } from 'vitest';
import { Condition } from './condition.ts';

test('a notification wakes all callers that wait', async () => {
  const condition = new Condition();
  const woken: string[] = [];
  const waits = ['first', 'second'].map((name) => condition.wait().then(() => woken.push(name)));
  expect(woken).toEqual([]);
  condition.notify();
  await Promise.all(waits);
  expect(woken).toEqual(['first', 'second']);
});

test('a notification is not kept for callers that wait later', async () => {
  const condition = new Condition();
  condition.notify();
  let isWoken = false;
  const waiting = condition.wait().then(() => {
    isWoken = true;
  });
  await new Promise(setImmediate);
  expect(isWoken).toBe(false);
  condition.notify();
  await waiting;
});

test('a loop that checks and waits sees every change', async () => {
  const condition = new Condition();
  const queue: number[] = [];
  const taken: number[] = [];
  const reader = (async () => {
    while (taken.length < 100) {
      const next = queue.shift();
      if (next === undefined) await condition.wait();
      else taken.push(next);
    }
  })();
  for (let n = 0; n < 100; n++) {
    queue.push(n);
    condition.notify();
    if (n % 3 === 0) await Promise.resolve();
  }
  await reader;
  expect(taken).toEqual(Array.from({ length: 100 }, (_, n) => n));
});
