// Each row of PARITY.md names a test, which has to exist.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const page = readFileSync(new URL('../PARITY.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:---|member)/.test(line))
  .map((line) => {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const [, file = '', title = ''] = /^`([^`]+)`: ?(.*)$/.exec(cells.at(-1) ?? '') ?? [];
    return { members: cells[0] ?? '', file, title };
  });

describe('PARITY.md', () => {
  test('has rows', () => expect(rows.length).toBeGreaterThan(40));

  test.each(rows)('names an existing test for $members', ({ file, title }) => {
    const [name = '', ...path] = file.split('/');
    const source = readFileSync(new URL(`../../${name}/src/${path.join('/')}`, import.meta.url), 'utf8');
    expect(source).toContain(title);
  });
});
