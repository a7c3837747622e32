// Lists the rows that an index of the database selects for a key of a query, in steps of bounded size.

import { type Kysely, sql } from 'kysely';
import type { ArchiveQuery, Level } from './archive-index.ts';
import type { IndexedAttribute } from './indexed-attributes.ts';
import { type Driver, drivers } from './narrowing.ts';
import { ROWS_AT_ONCE, type RowWalk, type Steps } from './row-steps.ts';
import { TABLES, type Tables } from './schema.ts';
import type { SqlDialect } from './sql-dialect.ts';

export interface CandidateSearchParts {
  readonly dialect: SqlDialect;
  readonly tables: Kysely<Tables>;
}

export interface Candidates {
  readonly driver: Driver;
  readonly ids: number[];
}

export class CandidateSearch {
  readonly #parts: CandidateSearchParts;
  readonly #walk: RowWalk;

  constructor(parts: CandidateSearchParts, walk: RowWalk) {
    this.#parts = parts;
    this.#walk = walk;
  }

  /** The ids of the rows that an index selects for one key, if they are few enough to be listed. */
  async find(query: ArchiveQuery, usable: readonly IndexedAttribute[], steps: Steps): Promise<Candidates | undefined> {
    for (const driver of drivers(this.#parts.dialect, usable, query)) {
      const ids = await this.#driven(driver, query.level, steps);
      if (ids) return { driver, ids };
    }
    return undefined;
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
    const found: number[] = [];
    for (const entity of entities)
      for await (const ids of this.#walk.idsBelow(level, entity, target, steps)) {
        for (const id of ids) found.push(id);
        if (found.length > MOST_CANDIDATES) return undefined;
      }
    return found;
  }
}

/** Sorts the ids and gives them in pages. */
export async function* pagesOf(ids: number[], size: number, steps: Steps): AsyncGenerator<readonly number[]> {
  ids.sort((one, other) => one - other);
  for (let at = 0; at < ids.length; at += size) {
    const page = ids.slice(at, at + size);
    yield page;
    await steps.visited(page.length);
  }
}

/** Candidates above this number are not listed: the rows of the level are scanned instead. */
const MOST_CANDIDATES = 100_000;
