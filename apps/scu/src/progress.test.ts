import { expect, test } from 'vitest';
import { progressText } from './progress.ts';

test.each([
  [0, 0, 1, '0% | x | beginning'],
  [25, 100, 10, '25% | x | 30s left'],
  [10, 100, 20, '10% | x | 3m00s left'],
  [1, 1000, 10, '0% | x | 2h46m left'],
  [100, 100, 10, '100% | x | 0s left'],
])('%d of %d after %d s', (done, total, seconds, text) => {
  const line = progressText({ done, total, words: 'x' }, seconds);
  expect(line.replace(/^[█░]{30} /, '')).toBe(text);
});
