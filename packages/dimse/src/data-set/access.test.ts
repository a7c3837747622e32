import { expect, test } from 'vitest';
import { firstItem, isEmptyValue, items, number, text, texts, uid, values } from './access.ts';

const name = { Alphabetic: 'Doe^Jane', Ideographic: '山田' };
const bytes = Uint8Array.of(1, 2);
const bulk = { BulkDataURI: 'file:1' };
const absent: unknown[] = [undefined, null, '', [], { vr: 'LO', value: null }];

test.each(absent)('reads %o as a value that is not there', (value) => {
  expect(values(value)).toEqual([]);
  expect(text(value)).toBe('');
  expect(texts(value)).toEqual([]);
  expect(number(value)).toBeUndefined();
  expect(uid(value)).toBeUndefined();
  expect(items(value)).toEqual([]);
  expect(firstItem(value)).toBeUndefined();
  expect(isEmptyValue(value)).toBe(value !== undefined);
});

test('gives the values in an element', () => {
  expect(values({ vr: 'SH', value: ['a', 'b'] })).toEqual(['a', 'b']);
  expect(text({ vr: 'SH', value: ['a', 'b'] })).toBe('a\\b');
  expect(number({ vr: 'US', value: 7 })).toBe(7);
  expect(items({ vr: 'SQ', value: [{ PatientID: '1' }] })).toEqual([{ PatientID: '1' }]);
  expect(isEmptyValue({ vr: 'SH', value: 'a' })).toBe(false);
});

test.each([
  ['CT', 'CT', ['CT']],
  [' CT ', ' CT ', ['CT']],
  [['a', '', 'b'], 'a\\\\b', ['a', 'b']],
  [[1.5, null], '1.5\\', ['1.5']],
  [0, '0', ['0']],
  [12n, '12', ['12']],
  [[name], 'Doe^Jane=山田', ['Doe^Jane=山田']],
  [[bytes, { PatientID: '1' }, bulk], '\\\\', []],
])('reads the text of %o', (value, whole, single) => {
  expect(text(value)).toBe(whole);
  expect(texts(value)).toEqual(single);
});

test.each([
  [1.5, 1.5],
  ['-2e3', -2000],
  [12n, 12],
  [[3, 4], 3],
  [[null, 4], undefined],
  ['  ', undefined],
  ['1-2', undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  [[name], undefined],
  [[Uint8Array.of(5)], undefined],
])('reads the first value of %o as the number %o', (value, expected) => expect(number(value)).toBe(expected));

test.each([
  ['1.2.3', '1.2.3'],
  [['1.2.3'], '1.2.3'],
  [['1.2.3', '1.2.4'], undefined],
  [5, undefined],
  [[{}], undefined],
])('reads %o as the UID %o', (value, expected) => expect(uid(value)).toBe(expected));

test('gives the items of a sequence and leaves out what is not a data set', () => {
  const [one, other] = [{ PatientID: '1' }, { PatientID: '2' }];
  const sequence = [one, other];
  expect(items(sequence)).toBe(sequence);
  expect(items([null, name, bytes, bulk, 'text', one, other])).toEqual([one, other]);
  expect(items(one)).toEqual([one]);
  expect(items('text')).toEqual([]);
  expect(items(bulk)).toEqual([]);
  expect(firstItem([null, one, other])).toBe(one);
  expect(firstItem([name])).toBeUndefined();
  expect(items([{}])).toEqual([{}]);
});
