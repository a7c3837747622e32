// The checker of constructions in our English (apps/interop/scripts/plain-english.mjs).

import { describe, expect, test } from 'vitest';
import { findings } from '../scripts/plain-english.mjs';

const found = (path: string, source: string) =>
  findings(path, source).map(({ line, name }: { line: number; name: string }) => [line, name]);

// plain-english: allow (the sentences below are the examples)
describe('in prose, reports', () => {
  test.each([
    ['where for if', 'Where it is missing, the default is used.'],
    ['where for if', 'The default, where there is one, is used.'],
    ['what or who as subject', 'What a peer sends is kept.'],
    ['what or who as subject', 'The buffer is full: whoever waits is told.'],
    ['what or who as subject', 'The store fails, and what was kept is removed.'],
    ['is no X', 'A file that is no instance is skipped.'],
    ['anew', 'The file is read anew.'],
    ['all the same', 'It is sent all the same.'],
    ['of ours', 'A peer of ours connects.'],
    ['nobody', 'It was read by nobody.'],
    ['and so', 'The socket closes, and so the association ends.'],
  ])('%s: %s', (name, sentence) => {
    expect(found('a.md', `# A\n\n${sentence}\n`)).toEqual([[3, name]]);
    expect(found('a.ts', `const a = 1; // ${sentence}\n`)).toEqual([[1, name]]);
    expect(found('a.ts', `/**\n * ${sentence}\n */\n`)).toEqual([[2, name]]);
    expect(found('a.test.ts', `test('${sentence}', () => {});\n`)).toEqual([[1, name]]);
  });
});

test.each([
  'It is written to the folder where the file was found.',
  'There is no limit.',
  'It is no longer needed, and at most one is kept.',
  'It says what was sent and who sent it.',
  'What is an association?',
])('leaves alone: %s', (sentence) => {
  expect(found('a.md', `${sentence}\n`)).toEqual([]);
});

test('reads neither code nor quotations nor strings that are not titles', () => {
  expect(found('a.md', '```\nWhere it is none.\n```\n\n`is none` and “read anew”.\n')).toEqual([]);
  expect(found('a.test.ts', "log('read anew');\n")).toEqual([]);
});

test('finds a construction that two lines of a paragraph make', () => {
  expect(found('a.ts', '// The one that is\n// none of these.\n')).toEqual([[1, 'is no X']]);
});

test('allows one occurrence that is marked', () => {
  const source = '// plain-english: allow (a quotation)\n// Read anew.\n\n// Read anew.\n';
  expect(found('a.ts', source)).toEqual([[4, 'anew']]);
});
