// Writes src/uids.generated.ts from the UID tables of PS3.6 given as JSON: npx tsx scripts/generate-uids.ts <folder>.
// The folder holds uids.json (Annex A) and sop-classes-by-service.json (PS3.4).

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Uid {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly keyword: string;
  readonly retired: boolean;
}

export function generate(folder: string): string {
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const uids = read('uids.json') as readonly Uid[];
  const services = read('sop-classes-by-service.json') as Readonly<Record<string, readonly Uid[]>>;
  const known = new Map(uids.map((entry) => [entry.uid, entry]));
  const shown = (entry: Uid) => ({ ...entry, ...known.get(entry.uid) });
  const table = (name: string, comment: string, entries: readonly Uid[]) => [
    `/** ${comment} */`,
    `export const ${name} = {`,
    ...entries.map(({ uid, keyword }) => `  ${keyword}: '${uid}',`),
    '} as const;',
    '',
  ];
  const transferSyntaxes = uids.filter(({ type, keyword }) => type === 'Transfer Syntax' && keyword);
  const storage = services.Storage ?? [];
  const stored = new Set(storage.map(({ uid }) => uid));
  // Those under 1.2.840.10008.1 are Media Storage Directory and Storage Commitment.
  const further = uids.filter(
    ({ uid, type, keyword }) =>
      /SOP Class/.test(type) &&
      /Storage|DICOS/.test(keyword) &&
      !stored.has(uid) &&
      !uid.startsWith('1.2.840.10008.1.'),
  );
  const sopClasses = new Map(
    [...uids.filter(({ type }) => /SOP Class/.test(type)), ...Object.values(services).flat().map(shown)]
      .filter(({ keyword }) => keyword)
      .map((entry) => [entry.keyword, entry]),
  );
  const named = new Map([...sopClasses.values(), ...transferSyntaxes].map((entry) => [entry.uid, entry]));
  return [
    '// Generated from the UID tables of PS3.6 and PS3.4 by scripts/generate-uids.ts. Not to be edited.',
    '',
    ...table('TransferSyntax', 'Transfer syntaxes by keyword (PS3.6 Annex A).', transferSyntaxes),
    ...table('SopClass', 'SOP classes by keyword (PS3.6 Annex A).', [...sopClasses.values()].sort(byUid)),
    '/** The SOP classes of the Storage service (PS3.4 Annex B). */',
    'export const STORAGE_SOP_CLASSES = [',
    ...storage.map(({ uid }) => `  '${uid}',`),
    '] as const;',
    '',
    '/** The other SOP classes of stored instances (PS3.6 Table A-1): retired ones, and those of other services and standards. */',
    'export const FURTHER_STORAGE_SOP_CLASSES = [',
    ...further.map(({ uid }) => `  '${uid}',`),
    '] as const;',
    '',
    '/** Names of SOP classes and transfer syntaxes, a line each: UID, name. */',
    'export const NAMES: string = `',
    ...[...named.values()].sort(byUid).map(({ uid, name, keyword }) => `${uid} ${name ?? keyword}`),
    '`;',
    '',
  ].join('\n');
}

function byUid(one: Uid, other: Uid): number {
  return one.uid < other.uid ? -1 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(
    fileURLToPath(new URL('../src/registry/uids.generated.ts', import.meta.url)),
    generate(process.argv[2] ?? '../../../shared/reference'),
  );
