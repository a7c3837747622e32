// The texts of entities find what attribute matching finds, whatever happened to the entities before.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MatchingOptions, matchesIdentifier, SopClass, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import fc from 'fast-check';
import Database from 'libsql';
import { describe, expect, test } from 'vitest';
import { type ArchiveIndex, LEVELS, type Level } from './archive-index.ts';
import { attributesInText, soughtParts, textOf } from './entity-texts.ts';
import { INDEXED_ATTRIBUTES } from './indexed-attributes.ts';
import { TABLES } from './schema.ts';
import { openSqlArchiveIndex } from './sql-archive-index.ts';
import { textTable } from './text-tables.ts';

const KEYWORDS = {
  PATIENT: ['PatientName', 'PatientComments', 'PatientID'],
  STUDY: ['StudyDescription', 'ReferringPhysicianName', 'AccessionNumber', 'PhysiciansOfRecord'],
  SERIES: ['SeriesDescription', 'InstitutionName', 'BodyPartExamined', 'OperatorsName'],
  IMAGE: ['ImageComments', 'ContentCreatorName', 'ImageType'],
} as const satisfies Readonly<Record<Level, readonly string[]>>;

/** Characters that change with case, normalization, JSON or LIKE, and among them ends of words. */
const CHARACTERS = [
  ...['a', 'b', 'A', 'B', 'ab', 'Ba', ' ', '  ', '^', '=', '1', '.', '"', "'", '\\', '%', '_', '\n', '\0', '\ud800'],
  ...['ä', 'Ä', 'ß', 'İ', 'ı', 'K', 'Σ', 'σ', 'ς', 'é', 'e', '\u0301', '\u0338', '山', '田', '𝒳'],
];
const WORD = fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 8 }).map((parts) => parts.join(''));
const ONE = fc.oneof(
  { weight: 6, arbitrary: WORD },
  { weight: 1, arbitrary: WORD.map((word) => `${'ab '.repeat(700)}${word}`) },
  { weight: 1, arbitrary: fc.constantFrom(undefined, '') },
);
const SEVERAL = fc.oneof({ weight: 3, arbitrary: ONE }, { weight: 1, arbitrary: fc.array(WORD, { maxLength: 3 }) });
/** Columns have one value, and LIKE does not see all characters in them. */
const PLAIN = ONE.map((text) =>
  ['\0', '\ud800', '\u0338', '\n'].reduce((rest, each) => rest?.replaceAll(each, ''), text),
);
const HAS_COLUMN = new Set(INDEXED_ATTRIBUTES.filter(({ column }) => column).map(({ keyword }) => keyword));
const ATTRIBUTES = fc.record(
  Object.fromEntries(
    Object.values(KEYWORDS).flatMap((all) =>
      all.map((keyword) => [keyword, HAS_COLUMN.has(keyword) ? PLAIN : SEVERAL] as const),
    ),
  ),
);
const NUMBER = fc.integer({ min: 0, max: 2 });
const CHANGE = fc.record({
  action: fc.constantFrom('add', 'add', 'add', 'replace', 'remove', 'clear', 'renew'),
  study: NUMBER,
  series: NUMBER,
  instance: NUMBER,
  attributes: ATTRIBUTES,
});
type Change = typeof CHANGE extends fc.Arbitrary<infer T> ? T : never;
const KEY = fc.array(fc.oneof(WORD, fc.constantFrom('*', '?', '*?')), { maxLength: 4 }).map((parts) => parts.join(''));

function described({ study, series, instance, attributes }: Change) {
  const uids = { study: `1.${study}`, series: `1.${study}.${series}`, sopInstance: `1.${study}.${series}.${instance}` };
  const rest = { sopClass: SopClass.CTImageStorage, transferSyntax: TransferSyntax.ExplicitVRLittleEndian, length: 1 };
  const own = { StudyInstanceUID: uids.study, SeriesInstanceUID: uids.series, SOPInstanceUID: uids.sopInstance };
  return [
    { ...uids, ...rest },
    { ...(attributes as UntypedDataSet), ...own },
  ] as const;
}

async function apply(index: ArchiveIndex, change: Change): Promise<void> {
  const [instance, attributes] = described(change);
  if (change.action === 'remove') await index.remove(instance);
  else if (change.action === 'renew') await index.renew(instance, attributes);
  else if (change.action === 'clear' && change.study === 0) await index.clear();
  else await index.add(instance, attributes, { isReplacing: change.action === 'replace' });
}

async function entitiesOf(index: ArchiveIndex, level: Level, identifier: UntypedDataSet, options: MatchingOptions) {
  const found: UntypedDataSet[] = [];
  for await (const entity of index.find({ level, identifier, ...options })) found.push(entity);
  return found;
}

async function inFolder(work: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'entity-texts-'));
  try {
    await work(join(folder, 'index.db'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Some keys of the level and of those above, and some from values that entities have. */
const KEYS = fc.array(
  fc.record({
    level: fc.constantFrom(...LEVELS),
    keyword: fc.constantFrom(...Object.values(KEYWORDS).flat()),
    key: fc.oneof(
      fc.record({ from: fc.nat(), start: fc.nat({ max: 6 }), length: fc.integer({ min: 1, max: 8 }), before: KEY }),
      KEY,
      fc.array(KEY, { maxLength: 3 }),
    ),
  }),
  { minLength: 1, maxLength: 12 },
);
const OPTIONS = fc.constantFrom<MatchingOptions>(
  {},
  {},
  { fuzzy: true },
  { emptyValue: true },
  { multipleValue: true },
);

test('are those of the attributes, and find what attribute matching finds', async () => {
  await inFolder(async (path) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(CHANGE, { minLength: 1, maxLength: 12 }),
        KEYS,
        OPTIONS,
        async (changes, keys, options) => {
          const index = await openSqlArchiveIndex(path, { fsync: false });
          try {
            await index.clear();
            for (const change of changes) await apply(index, change);
            for (const { level, keyword, key } of keys) {
              if (!LEVELS.slice(0, LEVELS.indexOf(level) + 1).some((each) => KEYWORDS[each].includes(keyword as never)))
                continue;
              const all = await entitiesOf(index, level, {}, {});
              const identifier = { [keyword]: keyOf(key, all, keyword) };
              expect(await entitiesOf(index, level, identifier, options), JSON.stringify(identifier)).toEqual(
                all.filter((entity) => matchesIdentifier(entity, identifier, options)),
              );
            }
          } finally {
            await index[Symbol.asyncDispose]();
          }
          expectTexts(path);
        },
      ),
      { numRuns: 40 },
    );
  });
}, 120_000);

type Key = typeof KEYS extends fc.Arbitrary<readonly { readonly key: infer T }[]> ? T : never;

function keyOf(key: Key, entities: readonly UntypedDataSet[], keyword: string): string | string[] {
  if (typeof key === 'string' || Array.isArray(key)) return key;
  const values = entities.flatMap((entity) => [entity[keyword] ?? []].flat()).map(String);
  const text = [...(values[key.from % Math.max(1, values.length)] ?? '')].slice(key.start, key.start + key.length);
  return `${key.before}*${text.join('')}*`;
}

/** Each row has the text of its attributes, and there are no other texts. */
function expectTexts(path: string): void {
  const database = new Database(path);
  for (const level of LEVELS) {
    const rows = database.prepare(`select id, attributes from ${TABLES[level]} order by id`).all() as Row[];
    const expected = rows.flatMap(({ id, attributes }) => {
      const text = textOf(attributesInText(level, INDEXED_ATTRIBUTES), JSON.parse(attributes));
      return text === '' ? [] : [{ id, text }];
    });
    expect(database.prepare(`select id, text from ${textTable(level)} order by id`).all()).toEqual(expected);
  }
  database.close();
}

interface Row {
  readonly id: number;
  readonly attributes: string;
}

describe('the parts that are looked for', () => {
  const partsOf = (level: Level, identifier: UntypedDataSet, options: MatchingOptions = {}) =>
    soughtParts(attributesInText(level, INDEXED_ATTRIBUTES), { level, identifier, ...options });

  test.each<[Level, UntypedDataSet, readonly (readonly string[])[]]>([
    ['STUDY', { StudyDescription: '*low*dose*' }, [['dose']]],
    ['STUDY', { StudyDescription: ['*chest*', 'MR*'] }, [['chest', 'MR']]],
    ['STUDY', { StudyDescription: ['*chest*', '*'] }, []],
    ['STUDY', { StudyDescription: '*"left"_%\\*' }, [['left']]],
    ['STUDY', { ReferringPhysicianName: 'DOE^*=山田^*' }, [['doe']]],
    ['PATIENT', { PatientName: '*Müller*' }, [['müller']]],
    ['PATIENT', { PatientName: 'Doe^Jane' }, [['doe^jane']]],
    ['PATIENT', { PatientID: '42' }, []],
    ['PATIENT', { PatientID: '*42' }, [['42']]],
    ['IMAGE', { ImageType: 'ORIGINAL' }, []],
    ['STUDY', { StudyDescription: 'x'.repeat(100), TimezoneOffsetFromUTC: '+0000' }, [['x'.repeat(16)]]],
  ])('at level %s for %j: %j', (level, identifier, expected) => {
    expect(partsOf(level, identifier)).toEqual(expected);
  });

  test('do not include words that are matched fuzzily', () => {
    expect(partsOf('PATIENT', { PatientName: '*mul*' }, { fuzzy: true })).toEqual([]);
  });
});
