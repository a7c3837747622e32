import { expect, test } from 'vitest';
import { resultsSections, targetsTable } from './page-tables.ts';
import type { Row } from './row.ts';
import { verdict } from './verdicts.ts';

const row: Row = {
  name: 'echo-scu',
  title: 'C-ECHO of each SCU',
  unit: 'echoes',
  standings: [
    { name: 'a | b', rate: 1234, slowest: 1000, fastest: 1500, senderCpu: 0.0456 },
    { name: 'c', rate: 2, slowest: 1, fastest: 3 },
  ],
  verdicts: [verdict('c to a | b, ×', 0.00162, 0.8, true)],
  notes: ['d is left out: it is not installed'],
  counts: { 'system calls each': 12 },
};

test('the table of targets names those that are missed and those that were not measured', () => {
  const [head, , ...lines] = targetsTable([row]).map(shortened);
  expect(head).toBe('| work | compared | result | target | |');
  expect(lines).toContain('| C-ECHO, same client | c to a \\| b | 0.00162 | ≥ 0.800 | **missed** |');
  expect(lines).toContain('| | echo | not measured | | |');
  expect(lines).toContain('| --reindex | by-stored | not measured | | |');
});

test('columns are aligned', () => {
  const widths = targetsTable([row]).map((line) => [...line].length);
  expect(new Set(widths).size).toBe(1);
});

test('a section has only the columns that were measured, and the counts and notes of its row', () => {
  expect(resultsSections([row]).map(shortened)).toEqual([
    '### C-ECHO of each SCU',
    '',
    '| contestant | echoes/s | slowest to fastest | CPU sending (ms each) |',
    '| - | - | - | - |',
    '| a \\| b | 1234 | 1000 to 1500 | 0.046 |',
    '| c | 2.00 | 1.00 to 3.00 | – |',
    '',
    '| counted | |',
    '| - | - |',
    '| system calls each | 12.0 |',
    '',
    '- d is left out: it is not installed',
    '',
  ]);
});

/** Without the spaces and hyphens by which columns are aligned. */
function shortened(line: string): string {
  return line.replace(/ +/g, ' ').replace(/-{3,}/g, '-');
}
