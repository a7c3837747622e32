// Walks rows of the index in steps of bounded size: nothing else runs while an embedded database answers.

import { nextTurn } from '@x/dimse/data-set';
import type Database from 'libsql';
import { LEVELS, type Level } from './archive-index.ts';
import { TABLES } from './schema.ts';

/** The number of rows that a walk visits between two turns of the event loop. */
export const ROWS_AT_ONCE = 2000;

/** Receives the number of rows of each step, for tests. */
export type OnStep = (rows: number) => void;

/** The steps of one query. */
export class Steps {
  readonly #signal: AbortSignal | undefined;
  readonly #onStep: OnStep | undefined;
  #rows = 0;

  constructor(signal?: AbortSignal, onStep?: OnStep) {
    this.#signal = signal;
    this.#onStep = onStep;
  }

  /**
   * Counts visited rows, and ends the step if they are enough. Only then is the result a promise.
   * @throws AbortError soon after the signal
   */
  visited(rows: number): Promise<void> | undefined {
    this.#rows += rows;
    return this.#rows < ROWS_AT_ONCE ? undefined : this.end();
  }

  /** Gives everything else a turn. @throws AbortError soon after the signal */
  async end(): Promise<void> {
    this.#onStep?.(this.#rows);
    this.#rows = 0;
    await nextTurn(this.#signal);
  }
}

/** Rows of a level with ids in this range. */
export interface IdRange {
  readonly after: number;
  readonly upTo: number;
}

/** Reads the rows of the levels in the order of their indexes. */
export interface RowReader {
  /** The children of a row that follow a place, at most `ROWS_AT_ONCE`. @param level Of the children. */
  children(level: Level, parent: number, after: Place): readonly Child[] | Promise<readonly Child[]>;
  /** The number of these children, and the place of the last one. */
  countChildren(level: Level, parent: number, after: Place): ChildCount | Promise<ChildCount>;
  /** The highest id of a level; -1 if it has no rows. */
  lastId(level: Level): number | Promise<number>;
  /** The lowest id above this one. */
  nextId(level: Level, after: number): number | undefined | Promise<number | undefined>;
}

/** Reads the rows of an embedded database. */
export function preparedRowReader(database: Database.Database): RowReader {
  const prepare = (text: (table: string, level: Level) => string) =>
    Object.fromEntries(
      LEVELS.map((level) => [level, database.prepare<unknown[]>(text(TABLES[level], level))]),
    ) as unknown as Readonly<Record<Level, Statement>>;
  const children = prepare((table, level) => childrenOf(table, level, ['?', '?', '?'], 'id'));
  const counts = prepare((table, level) => countOf(childrenOf(table, level, ['?', '?', '?'])));
  const ends = prepare((table) => `select max(id) as id from ${table}`);
  const next = prepare((table) => `select min(id) as id from ${table} where id > ?`);
  const idIn = (rows: unknown[]) => (rows as Id[])[0]?.id ?? undefined;
  return {
    children: (level, parent, after) => children[level].all(parent, ...after) as Child[],
    countChildren: (level, parent, after) => (counts[level].all(parent, ...after) as ChildCount[])[0] ?? NO_CHILDREN,
    lastId: (level) => idIn(ends[level].all()) ?? -1,
    nextId: (level, after) => idIn(next[level].all(after)),
  };
}

/** Walks through the tables of the levels, in the order of their indexes. */
export class RowWalk {
  readonly #reader: RowReader;

  constructor(reader: RowReader) {
    this.#reader = reader;
  }

  /** The rows of a level that exist now, in ranges of at most `ROWS_AT_ONCE`. */
  async *ranges(level: Level, start = -1): AsyncGenerator<IdRange> {
    const end = await this.#reader.lastId(level);
    for (let after = start; ; ) {
      const next = await this.#reader.nextId(level, after);
      if (next === undefined || next > end) return;
      const upTo = Math.min(next - 1 + ROWS_AT_ONCE, end);
      yield { after: next - 1, upTo };
      after = upTo;
    }
  }

  /** The ids of the rows of `target` that belong to a row of a level, or its own id. In no particular order. */
  async *idsBelow(level: Level, id: number, target: Level, steps: Steps): AsyncGenerator<readonly number[]> {
    if (level === target) {
      yield [id];
      return;
    }
    const below = levelBelow(level);
    for await (const children of this.#pages(below, id, steps))
      if (below === target) yield children.map((child) => child.id);
      else for (const child of children) yield* this.idsBelow(below, child.id, target, steps);
  }

  /** The number of rows of `target` that belong to a row of a level above. */
  async countBelow(level: Level, id: number, target: Level, steps: Steps): Promise<number> {
    const below = levelBelow(level);
    let count = 0;
    if (below !== target) {
      for await (const children of this.#pages(below, id, steps))
        for (const child of children) count += await this.countBelow(below, child.id, target, steps);
      return count;
    }
    for (let place = FIRST_PLACES[below]; ; ) {
      const children = await this.#reader.countChildren(below, id, place);
      count += children.count;
      await steps.visited(1 + children.count);
      if (children.count < ROWS_AT_ONCE) return count;
      place = placeAfter(children.place);
    }
  }

  /** The UIDs of the instances of a series, by the id of its row. */
  async sopInstancesOf(series: number, steps: Steps): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for await (const rows of this.#pages('IMAGE', series, steps)) for (const { place } of rows) found.add(`${place}`);
    return found;
  }

  async *#pages(level: Level, parent: number, steps: Steps): AsyncGenerator<readonly Child[]> {
    for (let place = FIRST_PLACES[level]; ; ) {
      const rows = await this.#reader.children(level, parent, place);
      await steps.visited(1 + rows.length);
      yield rows;
      const last = rows.at(-1);
      if (!last || rows.length < ROWS_AT_ONCE) return;
      place = placeAfter(last.place);
    }
  }
}

type Statement = Database.Statement<unknown[]>;
interface Id {
  readonly id: number | null;
}
export interface Child {
  readonly id: number;
  readonly place: string | number;
}
export interface ChildCount {
  readonly count: number;
  readonly place: string | number;
}

export const NO_CHILDREN: ChildCount = { count: 0, place: '' };

function levelBelow(level: Level): Level {
  const below = LEVELS[LEVELS.indexOf(level) + 1];
  if (!below) throw new TypeError(`${level} is the lowest level`);
  return below;
}

// The order in which an index has the rows of one parent.
const PLACES = { PATIENT: 'id', STUDY: 'id', SERIES: 'series_instance_uid', IMAGE: 'sop_instance_uid' } as const;
const PARENTS = { PATIENT: 'id', STUDY: 'patient', SERIES: 'study', IMAGE: 'series' } as const;

/** A place in that order: a value, and the id of a row with that value. */
export type Place = readonly [value: string | number, id: number];
// The empty text is the first: a UID may be empty.
const FIRST_PLACES: Readonly<Record<Level, Place>> = {
  PATIENT: [-1, -1],
  STUDY: [-1, -1],
  SERIES: ['', -1],
  IMAGE: ['', -1],
};

function placeAfter(value: string | number): Place {
  return [value, Number.MAX_SAFE_INTEGER];
}

/** The statement for the children of a row. @param parameters The row, and a place, as the database writes parameters. */
export function childrenOf(
  table: string,
  level: Level,
  [parent, value, id]: readonly [string, string, string],
  ...columns: readonly string[]
): string {
  const place = PLACES[level];
  return `select ${[...columns, `${place} as place`].join(', ')} from ${table}
    where ${PARENTS[level]} = ${parent} and (${place}, id) > (${value}, ${id}) order by ${place}, id limit ${ROWS_AT_ONCE}`;
}

export function countOf(children: string): string {
  return `select count(*) as count, max(place) as place from (${children}) as children`;
}
