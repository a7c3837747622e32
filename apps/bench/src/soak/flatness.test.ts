import { expect, test } from 'vitest';
import { flatness } from './flatness.ts';

const noise = (length: number, rise: number) =>
  Array.from({ length }, (_, index) => 100 + (index % 7) * 20 + rise * (index / length));

test('a quantity that goes up and down around a level is flat', () => {
  expect(flatness(noise(300, 0), 5)).toMatchObject({ before: 100, after: 100, isFlat: true });
});

test('a floor that rises by more than the allowance is found', () => {
  expect(flatness(noise(300, 50), 5).isFlat).toBe(false);
  expect(flatness(noise(300, 50), 60).isFlat).toBe(true);
});

test('the warm-up does not count', () => {
  expect(flatness([...Array.from({ length: 60 }, () => 10), ...noise(240, 0)], 5).isFlat).toBe(true);
});

test('a short run is judged by the samples that there are', () => {
  expect(flatness([3, 4, 9], 2)).toEqual({ before: 3, after: 9, isFlat: false });
});
