import { expect, test } from 'vitest';
import { svg } from './plot.ts';

const plot = { name: 'p', title: 'Rates <of> ours', x: 'bytes', y: 'MB/s' };

test('draws a path and a point for each value, with the names escaped', () => {
  const points = [
    [8192, 20],
    [1e9, 1200],
  ] as const;
  const drawn = svg({ ...plot, curves: [{ name: 'a & b', points }] });
  expect(drawn.match(/<circle/g)).toHaveLength(2);
  expect(drawn).toContain('a &#38; b');
  expect(drawn).toContain('Rates &#60;of&#62; ours');
  expect(drawn).not.toMatch(/NaN|Infinity/);
});

test.each([
  ['without curves', []],
  ['with an empty curve', [{ name: 'a', points: [] }]],
  ['with a single point', [{ name: 'a', points: [[1, 5]] }]],
  ['with a value that a logarithm does not have', [{ name: 'a', points: [[1, 0]] }]],
] as const)('draws axes %s', (_, curves) => {
  expect(svg({ ...plot, curves })).not.toMatch(/NaN|Infinity/);
});
