import { expect, test } from 'vitest';
import { aeTitle, integer, listOf, maximumPdu, oneOf, seconds } from './option-values.ts';

test('accepts only valid values', () => {
  expect(integer(1, 5)('5')).toBe(5);
  for (const text of ['0', '6', '1.5', '-1', 'x', '']) expect(() => integer(1, 5)(text)).toThrow('from 1 to 5');
  expect(seconds('0.25')).toBe(250);
  for (const text of ['-1', '1s', '']) expect(() => seconds(text)).toThrow('number of seconds');
  expect([maximumPdu('0'), maximumPdu('4096')]).toEqual([0, 4096]);
  expect(() => maximumPdu('100')).toThrow('4096 bytes and more');
  expect(oneOf('a', 'b')('b')).toBe('b');
  expect(() => oneOf('a', 'b')('c')).toThrow('one of a, b');
  expect(aeTitle(' ME ')).toBe('ME');
  expect(() => aeTitle('')).toThrow('1 to 16 characters');
  expect(listOf(Number)('2', [1])).toEqual([1, 2]);
});
