// Completes the entries of an index that were made by an earlier version with fewer attributes.

import type { UntypedDataSet } from '@x/dimse';
import { nextTurn } from '@x/dimse/data-set';
import type Database from 'libsql';
import type { IndexedInstance, Level } from './archive-index.ts';
import type { IncompleteRows } from './attribute-list.ts';
import { type IndexedAttribute, keptKeywords, levelsDownTo, withKeywords } from './indexed-attributes.ts';
import { columnValue } from './instance-writer.ts';
import { columnOf, TABLES } from './schema.ts';

/** The archive as the completion uses it. */
export interface CompletionSource {
  /** An instance of the entity, or undefined if the entity has gone. */
  instanceOf(level: Level, id: number): Promise<IndexedInstance | undefined>;
  /** Attributes of the file of an instance; those that cannot be read are left out. */
  read(instance: IndexedInstance, attributes: readonly IndexedAttribute[]): Promise<UntypedDataSet>;
}

/**
 * The rows that lack attributes. Until they are completed, queries for an attribute that is absent read it from a file of
 * each entity, and columns that are not filled are not used.
 */
export class Completion {
  readonly #database: Database.Database;
  readonly #source: CompletionSource;
  #incomplete: readonly IncompleteRows[];

  constructor(database: Database.Database, incomplete: readonly IncompleteRows[], source: CompletionSource) {
    this.#database = database;
    this.#incomplete = incomplete;
    this.#source = source;
  }

  /** Keywords of the attributes and columns that some rows lack. */
  get lacking(): readonly string[] {
    const attributes = this.#incomplete.flatMap(({ absent, unfilled }) => [...absent, ...unfilled]);
    return [...new Set(attributes.map(({ keyword }) => keyword))];
  }

  /** Whether all rows have the attribute, and a value in its column if it has one. */
  isFilled(attribute: IndexedAttribute): boolean {
    return !this.#incomplete.some(({ absent, unfilled }) => absent.includes(attribute) || unfilled.includes(attribute));
  }

  /** The attributes of an entity that its row or those above may lack, of those that an identifier has; undefined if none. */
  lackingAttributes(level: Level, id: number, identifier: UntypedDataSet): Promise<UntypedDataSet> | undefined {
    if (this.#incomplete.length === 0) return undefined;
    const levels = levelsDownTo(level);
    const absent = this.#incomplete
      .filter((rows) => levels.includes(rows.level))
      .flatMap((rows) => rows.absent.filter(({ keyword }) => keyword in identifier));
    return absent.length > 0 ? this.#readAttributes(level, id, absent) : undefined;
  }

  /**
   * Completes all rows in steps of a few, each of which is one transaction. A run that is stopped or crashes is continued
   * by the next one. Settles when all rows are complete, or soon after the signal.
   */
  async run(signal: AbortSignal): Promise<void> {
    for (const rows of this.#incomplete) {
      while (rows.next <= rows.last) {
        if (signal.aborted) return;
        await this.#step(rows);
        // The database answers at once: without this, requests would wait until the last row.
        await nextTurn();
      }
      this.#incomplete = this.#incomplete.filter((each) => each !== rows);
    }
  }

  async #step(rows: IncompleteRows): Promise<void> {
    const { level, absent, last } = rows;
    const table = TABLES[level];
    const page = this.#database
      .prepare(`select id, attributes from ${table} where id between ? and ? order by id limit ${STEP}`)
      .all(rows.next, last) as { id: number; attributes: string }[];
    const updates: unknown[][] = [];
    const columns = rows.unfilled.map(({ keyword }) => `${columnOf(keyword)} = ?`);
    for (const { id, attributes } of page) {
      const values: UntypedDataSet = {
        ...(JSON.parse(attributes) as UntypedDataSet),
        ...(absent.length > 0 && (await this.#readAttributes(level, id, absent))),
      };
      const filled = rows.unfilled.map(({ keyword, column }) => columnValue(column, values[keyword]));
      updates.push([JSON.stringify(values), ...filled, id, attributes]);
    }
    const next = page.length < STEP ? last + 1 : (page.at(-1)?.id ?? last) + 1;
    // The condition on the attributes leaves alone a row that was replaced by another one while files were read.
    const set = ['attributes = ?', ...columns].join(', ');
    const update = this.#database.prepare(`update ${table} set ${set} where id = ? and attributes = ?`);
    this.#database.transaction(() => {
      for (const values of updates) update.run(...values);
      this.#database.prepare('update completion set next = ? where table_name = ?').run(next, table);
    })();
    rows.next = next;
  }

  async #readAttributes(level: Level, id: number, attributes: readonly IndexedAttribute[]): Promise<UntypedDataSet> {
    const instance = await this.#source.instanceOf(level, id);
    if (!instance) return {};
    // A study without a UID belongs to a patient without attributes.
    const wanted = instance.study === '' ? attributes.filter((each) => each.level !== 'PATIENT') : attributes;
    const read = await this.#source.read(instance, wanted);
    const found = Object.assign(
      {},
      ...levelsDownTo(level).map((each) => withKeywords(keptKeywords(each, wanted), read)),
    );
    return JSON.parse(JSON.stringify(found)) as UntypedDataSet;
  }
}

/** Rows per transaction. */
const STEP = 20;
