// Writes attributes.generated.ts and attribute-types.generated.ts in src/data-set from the data dictionary of PS3.6 in
// data-dictionary.csv beside this file: npx tsx scripts/generate-attributes.ts. The columns are tag, VR, VM, keyword,
// "retired" or nothing, and name.

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
    ' * The attributes of the standard, a line each: tag, VR, VM if it is not 1, keyword, and R if it is retired. Four digits of a',
    ' * tag are those of the element, in the group of the line before. `x` stands for any digit in the tag of a repeating group,',
    ' * and a slash for "or" between VRs. Attributes without a meaning have no keyword.',
    ' */',
    'export const ATTRIBUTES: string = `',
    ...lines.map(({ tag, vr, vm, keyword, isRetired }, at) =>
      [
        lines[at - 1]?.tag.slice(0, 4) === tag.slice(0, 4) ? tag.slice(4) : tag,
        vr.replaceAll(' or ', '/'),
        ...(vm === '1' ? [] : [vm]),
        keyword,
        ...(isRetired ? ['R'] : []),
      ].join(' '),
    ),
    '`;',
    '',
  ].join('\n');
}

/** The kind of the values of each attribute, by keyword: its VR, with `[]` if it may have several values. */
export function generateTypes(lines: readonly DictionaryLine[]): string {
  return [
    '// Generated from the data dictionary of PS3.6 by scripts/generate-attributes.ts. Not to be edited.',
    '',
    '/**',
    ' * The attributes of the standard by keyword: the VR, with `[]` if the VM is not 1. Of `US or SS`, it is US, and the',
    ' * values of `OB or OW` may be encapsulated.',
    ' */',
    'export interface AttributeKinds {',
    ...lines.filter(({ keyword }) => keyword !== '').map(({ keyword, ...line }) => `  ${keyword}: '${kindOf(line)}';`),
    '}',
    '',
  ].join('\n');
}

function kindOf({ vr, vm }: Pick<DictionaryLine, 'vr' | 'vm'>): string {
  const name = vr === 'US or SS' ? 'US' : vr === 'US or SS or OW' ? 'US or OW' : vr;
  // A sequence is one value with any number of items.
  return vm === '1' || name === 'SQ' ? name : `${name}[]`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = new URL('../src/data-set/', import.meta.url);
  writeFileSync(new URL('attributes.generated.ts', folder), generate(readTable()));
  writeFileSync(new URL('attribute-types.generated.ts', folder), generateTypes(readTable()));
}
