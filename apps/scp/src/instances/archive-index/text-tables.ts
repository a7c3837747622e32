// The tables of the texts of entities in an embedded index: see entity-texts.ts. A row of a level that has a text has a row there.

import type Database from 'libsql';
import { LEVELS, type Level } from './archive-index.ts';
import { ROWS_AT_ONCE } from './row-steps.ts';
import { TABLES } from './schema.ts';

/** The name of the table, and of its content in the list of attributes of the database: see attribute-list.ts. */
export function textTable(level: Level): string {
  return `${TABLES[level]}_text`;
}

export function createTextTable(database: Database.Database, level: Level): void {
  database.exec(`create table if not exists ${textTable(level)} (
    id integer primary key references ${TABLES[level]} (id) on delete cascade, text text)`);
}

/** Writes the text of a row of the level. */
export type WriteText = (id: number, text: string | null) => void;

export function textWriter(database: Database.Database, level: Level): WriteText {
  const table = textTable(level);
  const write = database.prepare<unknown[]>(`insert into ${table} (id, text) values (?, ?)
    on conflict (id) do update set text = excluded.text where text is not excluded.text`);
  const erase = database.prepare<unknown[]>(`delete from ${table} where id = ?`);
  return (id, text) => {
    if (text === '') erase.run(id);
    else write.run(id, text);
  };
}

/** Rows whose texts have one of the parts of each key. */
export interface FoundTexts {
  readonly ids: readonly number[];
  /** The number of texts that were searched, at most `ROWS_AT_ONCE`. */
  readonly rows: number;
}

/** Searches the texts that exist now, in steps. */
export type SearchTexts = () => Iterable<FoundTexts>;

/** Prepares a search. @param parts See `soughtParts`. */
export type PrepareTextSearch = (level: Level, parts: readonly (readonly string[])[]) => SearchTexts;

export function textSearch(database: Database.Database): PrepareTextSearch {
  return (level, parts) => {
    const like = parts.map((alternatives) => `(${alternatives.map(() => 'text like ?').join(' or ')})`).join(' and ');
    const search = database.prepare<unknown[]>(`select count(*) as rows, max(id) as last,
      json_group_array(id) filter (where text is null or ${like}) as ids
      from (select id, text from ${textTable(level)} where id > ? and id <= ? order by id limit ${ROWS_AT_ONCE})`);
    const ends = database.prepare<unknown[]>(`select max(id) as last from ${textTable(level)}`);
    const patterns = parts.flat().map((part) => `%${part}%`);
    return function* () {
      const [end] = ends.all() as { last: number | null }[];
      for (let after = -1; after < (end?.last ?? -1); ) {
        const [row] = search.all(...patterns, after, end?.last) as { rows: number; last: number | null; ids: string }[];
        if (!row || row.last === null) return;
        after = row.last;
        yield { rows: row.rows, ids: JSON.parse(row.ids) as number[] };
      }
    };
  };
}

/** The tables, in the order in which their rows can be deleted. */
export const TEXT_TABLES: readonly string[] = LEVELS.map(textTable);
