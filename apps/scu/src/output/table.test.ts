import { expect, test } from 'vitest';
import { tableLines } from './table.ts';

const COLUMNS = [{ heading: 'PatientName' }, { heading: 'Images', isNumeric: true }, { heading: 'StudyInstanceUID' }];

test('aligns columns whatever the widths of the values', () => {
  const uid = `1.2.${'3'.repeat(60)}`;
  expect(
    tableLines(COLUMNS, [
      ['OFFIS Structured Reporting Samples^Of Some Length', '7', '1.2'],
      ['山田^太郎', '1234', uid],
      ['', '', 'x'],
    ]),
  ).toEqual([
    'PatientName                                        Images  StudyInstanceUID',
    'OFFIS Structured Reporting Samples^Of Some Length       7  1.2',
    // Each of these characters takes two places.
    `山田^太郎${' '.repeat(49 - 9)}    1234  ${uid}`,
    `${' '.repeat(49)}          x`,
  ]);
});

test('escapes control characters before it measures', () => {
  expect(tableLines([{ heading: 'a' }, { heading: 'b' }], [['x\u001b[1m', 'y']])).toEqual([
    'a           b',
    'x\\u001b[1m  y',
  ]);
});
