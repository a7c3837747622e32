import { expect, test } from 'vitest';
import { POINTS, RateHistory, SAMPLES_PER_POINT } from './rate-history.ts';

const rates = (received: number, operations = 0) => ({
  received,
  sent: 0,
  operations,
  median: 4,
  slow: operations * 10,
});

test('keeps at most a minute of samples and an hour of points', () => {
  const history = new RateHistory();
  for (let sample = 0; sample < POINTS * SAMPLES_PER_POINT * 2; sample++) history.add(rates(sample));
  expect([history.all.minute.length, history.all.hour.length]).toEqual([POINTS, POINTS]);
  expect(history.all.minute.at(-1)?.received).toBe(POINTS * SAMPLES_PER_POINT * 2 - 1);
});

test('makes a point from the means of its samples, and durations from those with operations', () => {
  const history = new RateHistory();
  const points = Array.from({ length: SAMPLES_PER_POINT }, (_, index) => history.add(rates(60, index === 7 ? 3 : 0)));
  expect(points.slice(0, -1).every((point) => point === undefined)).toBe(true);
  expect(points.at(-1)).toEqual({ received: 60, sent: 0, operations: 3 / SAMPLES_PER_POINT, median: 4, slow: 30 });
});
