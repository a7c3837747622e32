// Writes src/data-set/attributes.generated.ts from the data dictionary of PS3.6 in data-dictionary.csv beside this file:
// npx tsx scripts/generate-attributes.ts. The columns are tag, VR, VM, keyword, "retired" or nothing, and name.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const TABLE = fileURLToPath(new URL('data-dictionary.csv', import.meta.url));

/** A line of the table. In the tag of a repeating group, `x` stands for any digit. */
export interface DictionaryLine {
  readonly tag: string;
  readonly vr: string;
  readonly vm: string;
  /** Empty for tags whose meaning has been withdrawn. */
  readonly keyword: string;
  readonly isRetired: boolean;
}

/** The attributes of the table: delimiters of items and sequences, which have no VR, are left out. */
export function readTable(table = readFileSync(TABLE, 'utf8')): DictionaryLine[] {
  const [, ...lines] = table.trimEnd().split('\n');
  return (
    lines
      .map((line) => line.split(',', 5) as [string, string, string, string, string])
      .map(([tag, vr, vm, keyword, retired]) => ({ tag, vr, vm, keyword, isRetired: retired === 'retired' }))
      .filter(({ vr }) => vr !== 'NONE')
      // A tag of its own comes before the repeating group that has room for it.
      .sort((one, other) => Number(one.tag.includes('x')) - Number(other.tag.includes('x')))
  );
}

export function generate(lines: readonly DictionaryLine[]): string {
  return [
    '// Generated from the data dictionary of PS3.6 by scripts/generate-attributes.ts. Not to be edited.',
    '',
    '/**',
    ' * The attributes of the standard, a line each: tag, VR, VM, keyword, and R if it is retired. `x` stands for any digit in',
    ' * the tag of a repeating group, and a slash for "or" between VRs. Attributes without a meaning have no keyword.',
    ' */',
    'export const ATTRIBUTES: string = `',
    ...lines.map(({ tag, vr, vm, keyword, isRetired }) =>
      [tag, vr.replaceAll(' or ', '/'), vm, keyword, ...(isRetired ? ['R'] : [])].join(' '),
    ),
    '`;',
    '',
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(
    fileURLToPath(new URL('../src/data-set/attributes.generated.ts', import.meta.url)),
    generate(readTable()),
  );
