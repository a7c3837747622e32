// Walks rows of the index in steps of bounded size, because the database answers at once and nothing else runs meanwhile.

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

/** Walks through the tables of the levels, in the order of their indexes. */
export class RowWalk {
  readonly #children: Readonly<Record<Level, Statement>>;
  readonly #childCounts: Readonly<Record<Level, Statement>>;
  readonly #ends: Readonly<Record<Level, Statement>>;
  readonly #next: Readonly<Record<Level, Statement>>;

  constructor(database: Database.Database) {
    const prepare = (text: (table: string, level: Level) => string) =>
      Object.fromEntries(
        LEVELS.map((level) => [level, database.prepare<unknown[]>(text(TABLES[level], level))]),
      ) as unknown as Readonly<Record<Level, Statement>>;
    this.#children = prepare((table, level) => childrenOf(table, level, 'id'));
    this.#childCounts = prepare(
      (table, level) => `select count(*) as count, max(place) as place from (${childrenOf(table, level)})`,
    );
    this.#ends = prepare((table) => `select max(id) as id from ${table}`);
    this.#next = prepare((table) => `select min(id) as id from ${table} where id > ?`);
  }

  /** The rows of a level that exist now, in ranges of at most `ROWS_AT_ONCE`. */
  *ranges(level: Level, start = -1): Generator<IdRange> {
    const [end] = this.#ends[level].all() as Id[];
    for (let after = start; ; ) {
      const [next] = this.#next[level].all(after) as Id[];
      if (typeof next?.id !== 'number' || next.id > (end?.id ?? -1)) return;
      const upTo = Math.min(next.id - 1 + ROWS_AT_ONCE, end?.id ?? -1);
      yield { after: next.id - 1, upTo };
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
      const [row] = this.#childCounts[below].all(id, ...place) as { count: number; place: string | number }[];
      count += row?.count ?? 0;
      await steps.visited(1 + (row?.count ?? 0));
      if (!row || row.count < ROWS_AT_ONCE) return count;
      place = placeAfter(row.place);
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
      const rows = this.#children[level].all(parent, ...place) as Child[];
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
interface Child {
  readonly id: number;
  readonly place: string | number;
}

function levelBelow(level: Level): Level {
  const below = LEVELS[LEVELS.indexOf(level) + 1];
  if (!below) throw new TypeError(`${level} is the lowest level`);
  return below;
}

// The order in which an index has the rows of one parent.
const PLACES = { PATIENT: 'id', STUDY: 'id', SERIES: 'series_instance_uid', IMAGE: 'sop_instance_uid' } as const;
const PARENTS = { PATIENT: 'id', STUDY: 'patient', SERIES: 'study', IMAGE: 'series' } as const;

/** A place in that order: a value, and the id of a row with that value. */
type Place = readonly [value: string | number, id: number];
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

function childrenOf(table: string, level: Level, ...columns: readonly string[]): string {
  const place = PLACES[level];
  return `select ${[...columns, `${place} as place`].join(', ')} from ${table}
    where ${PARENTS[level]} = ? and (${place}, id) > (?, ?) order by ${place}, id limit ${ROWS_AT_ONCE}`;
}
