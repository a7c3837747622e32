// Lists the rows that an index of the database selects for a key of a query, in steps of bounded size.

import { type Kysely, sql } from 'kysely';
import type { ArchiveQuery, Level } from './archive-index.ts';
import type { Completion } from './completion.ts';
import { attributesInText, soughtParts } from './entity-texts.ts';
import { type IndexedAttribute, levelsDownTo } from './indexed-attributes.ts';
import { type Driver, drivers } from './narrowing.ts';
import { ROWS_AT_ONCE, type RowWalk, type Steps } from './row-steps.ts';
import { TABLES, type Tables } from './schema.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { PrepareTextSearch, SearchTexts } from './text-tables.ts';

export interface CandidateSearchParts {
  readonly dialect: SqlDialect;
  readonly tables: Kysely<Tables>;
  readonly completion: Pick<Completion, 'hasTexts'>;
  /** If the database has tables of texts. */
  readonly prepareTextSearch?: PrepareTextSearch;
}

/** Rows among which are all that match. */
export interface Candidates {
  /** Their ids, in the order in which they were entered. */
  readonly pages: AsyncIterable<readonly number[]> | Iterable<readonly number[]>;
  /** The attribute whose key all of them match. */
  readonly decided?: IndexedAttribute;
}

export class CandidateSearch {
  readonly #parts: CandidateSearchParts;
  readonly #walk: RowWalk;

  constructor(parts: CandidateSearchParts, walk: RowWalk) {
    this.#parts = parts;
    this.#walk = walk;
  }

  /** The rows that an index or the texts select for some keys, if there are such keys and the rows can be listed. */
  async find(query: ArchiveQuery, usable: readonly IndexedAttribute[], steps: Steps): Promise<Candidates | undefined> {
    for (const driver of drivers(this.#parts.dialect, usable, query)) {
      const ids = await this.#driven(driver, query.level, steps);
      if (ids) return { pages: pagesOf(ids, steps), decided: driver.attribute };
    }
    const { prepareTextSearch, completion } = this.#parts;
    if (!prepareTextSearch) return undefined;
    // From the level of the query up: a list of rows above has to be continued down to it.
    for (const level of levelsDownTo(query.level).toReversed()) {
      if (!completion.hasTexts(level)) continue;
      const parts = soughtParts(attributesInText(level, usable), query);
      if (parts.length === 0) continue;
      const search = prepareTextSearch(level, parts);
      if (level === query.level) return { pages: inPages(withTexts(search, steps)) };
      const entities = await listed(withTexts(search, steps), ROWS_AT_ONCE);
      const ids = entities && (await this.#below(level, entities, query.level, steps));
      if (ids) return { pages: pagesOf(ids, steps) };
    }
    return undefined;
  }

  /** The ids of the rows of `target` below those of a level, if they can be listed. */
  async #below(level: Level, entities: Iterable<number>, target: Level, steps: Steps): Promise<number[] | undefined> {
    const found: number[] = [];
    for (const entity of entities)
      for await (const ids of this.#walk.idsBelow(level, entity, target, steps)) {
        for (const id of ids) found.push(id);
        if (found.length > MOST_CANDIDATES) return undefined;
      }
    return found;
  }

  async #driven({ attribute, conditions }: Driver, target: Level, steps: Steps): Promise<number[] | undefined> {
    const { level } = attribute;
    const entities = new Set<number>();
    for (const { condition, values } of conditions) {
      const { rows } = await sql<{ id: number }>`select id from ${sql.table(TABLES[level])}
        where ${condition} limit ${sql.lit(ROWS_AT_ONCE + 1)}`.execute(this.#parts.tables);
      await steps.visited(values + rows.length);
      if (rows.length > ROWS_AT_ONCE) return undefined;
      for (const { id } of rows) entities.add(id);
    }
    return this.#below(level, entities, target, steps);
  }
}

/** The ids of the rows whose texts are found, in order. */
async function* withTexts(search: SearchTexts, steps: Steps): AsyncGenerator<readonly number[]> {
  for (const { ids, rows } of search()) {
    await steps.visited(rows);
    yield ids;
  }
}

/** All ids, unless there are more than `most`. */
async function listed(lists: AsyncIterable<readonly number[]>, most: number): Promise<readonly number[] | undefined> {
  const found: number[] = [];
  for await (const ids of lists) {
    for (const id of ids) found.push(id);
    if (found.length > most) return undefined;
  }
  return found;
}

async function* inPages(lists: AsyncIterable<readonly number[]>): AsyncGenerator<readonly number[]> {
  for await (const ids of lists) for (let at = 0; at < ids.length; at += PAGE) yield ids.slice(at, at + PAGE);
}

/** Sorts the ids and gives them in pages. */
export async function* pagesOf(ids: number[], steps: Steps): AsyncGenerator<readonly number[]> {
  ids.sort((one, other) => one - other);
  for (let at = 0; at < ids.length; at += PAGE) {
    const page = ids.slice(at, at + PAGE);
    yield page;
    await steps.visited(page.length);
  }
}

/** The number of rows that are read at once. */
export const PAGE = 200;
/** Candidates above this number are not listed: the rows of the level are scanned instead. */
const MOST_CANDIDATES = 100_000;
