// Finds entities in the index: the rows that may match in steps of bounded size, and their attributes.

import { type DataSet, prepareMatching } from '@x/dimse';
import { type Kysely, sql } from 'kysely';
import type { ArchiveQuery, Level } from './archive-index.ts';
import { CandidateSearch, PAGE, pagesOf } from './candidate-search.ts';
import type { Completion } from './completion.ts';
import { type Computation, type IndexedAttribute, levelsDownTo } from './indexed-attributes.ts';
import { columnBelow, computedColumn, FEW_ROWS, narrowable, narrowing, undecidedKeys } from './narrowing.ts';
import { type OnStep, type RowReader, RowWalk, Steps } from './row-steps.ts';
import { TABLES, type Tables } from './schema.ts';
import type { Condition, SqlDialect } from './sql-dialect.ts';
import { type EntityRow, StoredEntities } from './stored-entities.ts';
import type { PrepareTextSearch } from './text-tables.ts';

/** An entity that matches a query. */
export interface FoundRow {
  /** Of its row. */
  readonly id: number;
  readonly entity: DataSet;
}

export interface EntitySearchOptions {
  readonly dialect: SqlDialect;
  readonly reader: RowReader;
  readonly tables: Kysely<Tables>;
  readonly attributes: readonly IndexedAttribute[];
  readonly completion: Pick<Completion, 'isFilled' | 'lackingAttributes' | 'hasTexts'>;
  /** If the database has tables of texts. */
  readonly prepareTextSearch?: PrepareTextSearch;
  readonly onStep?: OnStep | undefined;
}

export class EntitySearch {
  readonly #options: EntitySearchOptions;
  readonly #walk: RowWalk;
  readonly #candidates: CandidateSearch;

  constructor(options: EntitySearchOptions) {
    this.#options = options;
    this.#walk = new RowWalk(options.reader);
    this.#candidates = new CandidateSearch(options, this.#walk);
  }

  /** The entities that match, in the order in which they were entered. @throws AbortError soon after the signal */
  async *find(query: ArchiveQuery, signal?: AbortSignal): AsyncGenerator<FoundRow> {
    const { attributes, completion, onStep } = this.#options;
    const { level, identifier, ...matching } = query;
    const narrowed = narrowable(query);
    const steps = new Steps(signal, onStep);
    // Only the columns that are filled in all rows can leave rows out.
    const usable = attributes.filter((attribute) => completion.isFilled(attribute));
    const matcher = prepareMatching(undecidedKeys(usable, narrowed, identifier), matching);
    let compared = 0;
    const levels = levelsDownTo(level);
    const requested = attributes.filter((each) => each.keyword in identifier && levels.includes(each.level));
    const computed = requested.filter((attribute) => attribute.computed);
    const stored = new StoredEntities();
    // Pages and not rows are yielded, and promises are awaited only if there are any: a response costs some microseconds.
    for await (const page of this.#pages(narrowed, usable, requested, steps))
      for (const row of page) {
        const { id } = row;
        const entity = stored.entityOf(row);
        const pause = steps.visited(ROWS_OF_MATCHING + Math.floor(stored.characters / CHARACTERS_OF_A_ROW));
        if (pause) await pause;
        for (const attribute of computed)
          entity[attribute.keyword] = await this.#computed(level, id, attribute, row[attribute.keyword], steps);
        const lacking = completion.lackingAttributes(level, id, identifier);
        if (lacking) Object.assign(entity, await lacking);
        const isMatch = matcher.matches(entity);
        const { comparisons } = matcher;
        const another = steps.visited(Math.floor((comparisons - compared) / CHARACTERS_OF_A_ROW));
        if (another) await another;
        compared = comparisons;
        if (isMatch) yield { id, entity };
      }
  }

  /** The ids of the instances of an entity, in the order in which they were entered. */
  async *instancesBelow(level: Level, id: number, signal?: AbortSignal): AsyncGenerator<readonly number[]> {
    const steps = new Steps(signal, this.#options.onStep);
    const found: number[] = [];
    for await (const ids of this.#walk.idsBelow(level, id, 'IMAGE', steps)) for (const each of ids) found.push(each);
    yield* pagesOf(found, steps);
  }

  /** The id of one instance of an entity; undefined if it has gone. */
  async oneInstanceBelow(level: Level, id: number): Promise<number | undefined> {
    for await (const [first] of this.#walk.idsBelow(level, id, 'IMAGE', new Steps()))
      if (first !== undefined) return first;
    return undefined;
  }

  /** The number of instances of an entity. */
  async countInstancesBelow(level: Level, id: number, signal?: AbortSignal): Promise<number> {
    if (level === 'IMAGE') return 1;
    return this.#walk.countBelow(level, id, 'IMAGE', new Steps(signal, this.#options.onStep));
  }

  async sopInstancesOf(series: number): Promise<ReadonlySet<string>> {
    return this.#walk.sopInstancesOf(series, new Steps(undefined, this.#options.onStep));
  }

  /** Counts the rows of a level that were entered after this one. */
  async countAfter(level: Level, { id, count }: RowCount): Promise<RowCount> {
    const steps = new Steps(undefined, this.#options.onStep);
    let [last, total] = [id, count];
    for await (const { after, upTo } of this.#walk.ranges(level, id)) {
      const { rows } = await sql<{
        count: number;
      }>`select count(*) as count from ${sql.table(TABLES[level])} ${this.#options.dialect.byId}
        where id > ${after} and id <= ${upTo}`.execute(this.#options.tables);
      last = upTo;
      total += rows[0]?.count ?? 0;
      await steps.visited(upTo - after);
    }
    return { id: last, count: total };
  }

  async *#pages(
    query: ArchiveQuery,
    usable: readonly IndexedAttribute[],
    requested: readonly IndexedAttribute[],
    steps: Steps,
  ): AsyncGenerator<readonly EntityRow[]> {
    const { dialect } = this.#options;
    const name = `${TABLES[query.level]}.id`;
    const id = sql.ref(name);
    const candidates = await this.#candidates.find(query, usable, steps);
    if (candidates) {
      const others = usable.filter((attribute) => attribute !== candidates.decided);
      const conditions = narrowing(dialect, others, query);
      for await (const ids of candidates.pages)
        yield await this.#page(query, requested, [dialect.isOneOfIds(name, ids), ...conditions]);
      return;
    }
    const conditions = narrowing(dialect, usable, query);
    for await (const { after, upTo } of this.#walk.ranges(query.level)) {
      for (let start = after; ; ) {
        const rows = await this.#page(query, requested, [sql`${id} > ${start}`, sql`${id} <= ${upTo}`, ...conditions]);
        yield rows;
        const last = rows.at(-1);
        if (!last || rows.length < PAGE) break;
        start = last.id;
      }
      await steps.visited(upTo - after);
    }
  }

  async #page(
    { level }: ArchiveQuery,
    requested: readonly IndexedAttribute[],
    conditions: readonly (Condition | ReturnType<typeof sql>)[],
  ): Promise<EntityRow[]> {
    const { dialect } = this.#options;
    const levels = levelsDownTo(level);
    const id = sql.ref(`${TABLES[level]}.id`);
    const columns = levels.map((each) => sql`${sql.ref(`${TABLES[each]}.attributes`)} as ${sql.ref(TABLES[each])}`);
    for (const { level: own, keyword, computed } of requested)
      if (computed)
        columns.push(sql`${computedColumn(dialect, this.#options.attributes, own, computed)} as ${sql.ref(keyword)}`);
    // Cross joins and the lack of an index make the database begin with the rows of the range, whatever the conditions are.
    const joins = levels
      .slice(0, -1)
      .map((parent, at) => {
        const child = TABLES[levels[at + 1] as Level];
        const table = TABLES[parent];
        return sql`${dialect.join} ${sql.table(table)} on ${sql.ref(`${table}.id`)} = ${sql.ref(`${child}.${table}`)}`;
      })
      .reverse();
    const { rows } = await sql<EntityRow>`select ${id} as id, ${sql.join(columns)}
      from ${sql.table(TABLES[level])} ${dialect.byId} ${sql.join(joins, sql` `)} where ${sql.join(conditions, sql` and `)}
      order by ${id} limit ${sql.lit(PAGE)}`.execute(this.#options.tables);
    return rows;
  }

  /** The value of a computed attribute of an entity of `level`, or of an entity above it. */
  async #computed(
    level: Level,
    id: number,
    { level: own, computed }: IndexedAttribute,
    value: unknown,
    steps: Steps,
  ): Promise<unknown> {
    if (!computed || 'rowColumn' in computed) return value;
    const [count, values] = 'countOf' in computed ? [Number(value)] : (JSON.parse(`${value}`) as [number, unknown[]]);
    await steps.visited(count);
    if (count <= FEW_ROWS) return values ?? count;
    const entity = await this.#idOf(own, level, id);
    if ('countOf' in computed) return this.#walk.countBelow(own, entity, computed.countOf, steps);
    return this.#valuesBelow(own, entity, computed, steps);
  }

  async #valuesBelow(
    level: Level,
    id: number,
    computed: Extract<Computation, { readonly valuesOf: string }>,
    steps: Steps,
  ): Promise<readonly string[]> {
    const below = columnBelow(this.#options.attributes, computed);
    const found = new Set<string>();
    for await (const ids of this.#walk.idsBelow(level, id, below.level, steps)) {
      const { rows } = await sql<{ value: string }>`select distinct ${sql.ref(below.name)} as value
        from ${sql.table(TABLES[below.level])} ${this.#options.dialect.byId}
        where ${this.#options.dialect.isOneOfIds('id', ids)}`.execute(this.#options.tables);
      for (const { value } of rows) if (value !== '') found.add(value);
    }
    return [...found];
  }

  /** The id of the row of a level above that a row belongs to. */
  async #idOf(above: Level, level: Level, id: number): Promise<number> {
    const levels = levelsDownTo(level);
    let found = id;
    for (let at = levels.length - 1; levels[at] !== above; at--) {
      const [table, parent] = [TABLES[levels[at] as Level], TABLES[levels[at - 1] as Level]];
      const { rows } = await sql<{ id: number }>`select ${sql.ref(parent)} as id from ${sql.table(table)}
        where id = ${found}`.execute(this.#options.tables);
      found = rows[0]?.id ?? -1;
    }
    return found;
  }
}

/** The number of rows of a level up to an id. */
export interface RowCount {
  readonly id: number;
  readonly count: number;
}

// Matching an entity and answering it costs more than visiting its row.
const ROWS_OF_MATCHING = 20;
const CHARACTERS_OF_A_ROW = 100;
