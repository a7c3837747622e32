// The attributes that a database has, beside those of the program. The database records the names of its attributes, columns
// and tables of texts, so a program with more of them adds what is missing, and one with fewer refuses the database.

import type Database from 'libsql';
import { LEVELS, type Level } from './archive-index.ts';
import type { IndexedAttribute } from './indexed-attributes.ts';
import { columnOf, TABLES } from './schema.ts';
import { createTextTable, TEXT_TABLES, textTable } from './text-tables.ts';

/** The rows of a level that were entered before some attributes were indexed. */
export interface IncompleteRows {
  readonly level: Level;
  /** Attributes that these rows lack: their values are in the files. */
  readonly absent: readonly IndexedAttribute[];
  /** Attributes whose columns are not filled in these rows. */
  readonly unfilled: readonly IndexedAttribute[];
  /** Whether the texts of these rows are missing. */
  readonly lacksTexts: boolean;
  /** The first id, which grows as rows are completed. */
  next: number;
  /** The last id. */
  readonly last: number;
}

/** Names of attributes that the database has and the program does not know, if it was made by a newer version. */
export function unknownNames(database: Database.Database, attributes: readonly IndexedAttribute[]): readonly string[] {
  const known = new Set([...kept(attributes).flatMap(namesOf), ...TEXT_TABLES]);
  return [...recordedNames(database).keys()].filter((name) => !known.has(name));
}

/**
 * Adds to the database what it lacks of the attributes, and gives the rows that are to be completed, of this change and
 * of earlier ones that did not finish.
 */
export function bringUpToDate(
  database: Database.Database,
  attributes: readonly IndexedAttribute[],
): readonly IncompleteRows[] {
  const numbers = recordedNames(database);
  const added = kept(attributes)
    .flatMap((attribute) => namesOf(attribute).map((name) => [name, attribute] as const))
    .filter(([name]) => !numbers.has(name));
  const withoutTexts = LEVELS.filter((level) => !numbers.has(textTable(level)));
  if (added.length + withoutTexts.length > 0)
    database.transaction(() => {
      const known = Math.max(0, ...numbers.values());
      for (const [name, attribute] of added) addName(database, name, attribute);
      for (const level of withoutTexts) addTexts(database, level);
      const levels = new Set([...added.map(([, attribute]) => attribute.level), ...withoutTexts]);
      for (const level of levels) restart(database, level, known);
    })();
  const current = recordedNames(database);
  return LEVELS.flatMap((level) => {
    const rows = completionOf(database, level);
    if (!rows || rows.next > rows.last) return [];
    const isNew = (name: string | undefined) => name !== undefined && (current.get(name) ?? 0) > rows.known;
    const own = kept(attributes).filter((attribute) => attribute.level === level);
    const absent = own.filter((attribute) => isNew(namesOf(attribute)[0]));
    const unfilled = own.filter((attribute) => isNew(namesOf(attribute)[1]));
    return [{ level, absent, unfilled, lacksTexts: isNew(textTable(level)), next: rows.next, last: rows.last }];
  });
}

function kept(attributes: readonly IndexedAttribute[]): readonly IndexedAttribute[] {
  return attributes.filter(({ computed }) => !computed);
}

/** An attribute has a name, and its column has another one: an attribute may get a column later. */
function namesOf({ level, keyword, column }: IndexedAttribute): readonly string[] {
  return [`${level} ${keyword}`, ...(column ? [`${TABLES[level]}.${columnOf(keyword)} ${column}`] : [])];
}

function recordedNames(database: Database.Database): ReadonlyMap<string, number> {
  const rows = database.prepare('select number, name from indexed_attribute').all() as {
    number: number;
    name: string;
  }[];
  return new Map(rows.map(({ number, name }) => [name, number]));
}

function record(database: Database.Database, name: string): void {
  database.prepare('insert into indexed_attribute (name) values (?)').run(name);
}

function addTexts(database: Database.Database, level: Level): void {
  record(database, textTable(level));
  createTextTable(database, level);
}

function addName(database: Database.Database, name: string, { level, keyword, column }: IndexedAttribute): void {
  record(database, name);
  if (name === `${level} ${keyword}`) return;
  const [table, own] = [TABLES[level], columnOf(keyword)];
  database.exec(`alter table ${table} add column ${own} text`);
  // A name may match anywhere in the column, for which an index is useless.
  if (column !== 'name') database.exec(`create index ${table}_${own} on ${table} (${own})`);
}

/** Has the rows of a level completed from the first one on. Those of an earlier change lack the attributes of both. */
function restart(database: Database.Database, level: Level, known: number): void {
  const table = TABLES[level];
  const { last } = database.prepare(`select coalesce(max(id), 0) as last from ${table}`).all()[0] as { last: number };
  const earlier = completionOf(database, level);
  const isUnfinished = earlier !== undefined && earlier.next <= earlier.last;
  database
    .prepare('insert or replace into completion (table_name, known, next, last) values (?, ?, 1, ?)')
    .run(table, isUnfinished ? Math.min(known, earlier.known) : known, last);
}

interface CompletionRow {
  readonly known: number;
  readonly next: number;
  readonly last: number;
}

function completionOf(database: Database.Database, level: Level): CompletionRow | undefined {
  const rows = database.prepare('select known, next, last from completion where table_name = ?').all(TABLES[level]);
  return rows[0] as CompletionRow | undefined;
}
