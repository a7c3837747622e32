import { expect, test } from 'vitest';
import { type Results, slower } from './results.ts';
import type { Row } from './row.ts';
import { verdict } from './verdicts.ts';

const results = (...rows: readonly Partial<Row>[]): Results => ({
  measured: '2026-01-02T10:15:00.000Z',
  extent: 'plain',
  machine: {},
  rows: rows.map((row) => ({ name: 'row', title: '', unit: '', standings: [], verdicts: [], notes: [], ...row })),
});

test('names only the ratios that became worse', () => {
  const old = results({ verdicts: [verdict('rate', 2, 1, true), verdict('CPU', 2, 3), verdict('same', 2, 3)] });
  const now = results({ verdicts: [verdict('rate', 1.5, 1, true), verdict('CPU', 2.5, 3), verdict('same', 2.1, 3)] });
  expect(slower(old, now)).toEqual(['row: rate: 2.00 before, 1.50 now', 'row: CPU: 2.00 before, 2.50 now']);
  expect(slower(now, old)).toEqual([]);
});

test('names the counts that became larger', () => {
  const old = results({ counts: { promises: 40, calls: 10, collections: 0 } });
  const now = results({ counts: { promises: 107, calls: 9, collections: 0.4 } });
  expect(slower(old, now)).toEqual(['row: promises: 40.0 before, 107 now']);
});

test('ignores rows that only one run has', () => {
  const row = { verdicts: [verdict('rate', 2, 1, true)] };
  expect(slower(results(), results(row))).toEqual([]);
  expect(slower(results(row), results())).toEqual([]);
});
