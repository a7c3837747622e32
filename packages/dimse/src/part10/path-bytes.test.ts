import { expect, test } from 'vitest';
import { pathBytes, pathOfBytes } from './path-bytes.ts';

test.each([
  ['ASCII', Buffer.from('study/1.dcm')],
  ['UTF-8', Buffer.from('Müller/画像/😀.dcm')],
  ['Latin-1', Buffer.from('M\u00fcller/\u00e9.dcm', 'latin1')],
  [
    'bytes that are not a character of any length',
    Buffer.from('41e282f0908dff80ed a0 80c042'.replaceAll(' ', ''), 'hex'),
  ],
  ['a name that ends in the middle of a character', Buffer.from('41f09f98', 'hex')],
])('a path keeps its bytes: %s', (_, bytes) => {
  const path = pathOfBytes(bytes);
  expect(Buffer.from(pathBytes(path))).toEqual(bytes);
  // Reports are JSON.
  expect(JSON.parse(JSON.stringify(path))).toBe(path);
});

test('a path in UTF-8 stays text', () => {
  expect(pathOfBytes(Buffer.from('Müller'))).toBe('Müller');
  expect(pathBytes('Müller/😀')).toBe('Müller/😀');
});

test('a byte that is not UTF-8 is one lone surrogate', () => {
  expect(pathOfBytes(Buffer.from([0x61, 0xe9, 0x62]))).toBe('a\udce9b');
});
