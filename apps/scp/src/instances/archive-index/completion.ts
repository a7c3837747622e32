// Completes the entries of an index that were made by an earlier version with fewer attributes.

import type { UntypedDataSet } from '@x/dimse';
import { nextTurn } from '@x/dimse/data-set';
import type Database from 'libsql';
import type { IndexedInstance, Level } from './archive-index.ts';
import { bringUpToDate, type IncompleteRows } from './attribute-list.ts';
import { attributesInText, textOf } from './entity-texts.ts';
import { type IndexedAttribute, keptKeywords, levelsDownTo, withKeywords } from './indexed-attributes.ts';
import { columnValue } from './row-writer.ts';
import { columnOf, TABLES } from './schema.ts';
import { textWriter } from './text-tables.ts';

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
  readonly #attributes: readonly IndexedAttribute[];
  readonly #source: CompletionSource;
  #incomplete: readonly IncompleteRows[];

  constructor(database: Database.Database, attributes: readonly IndexedAttribute[], source: CompletionSource) {
    this.#database = database;
    this.#attributes = attributes;
    this.#incomplete = bringUpToDate(database, attributes);
    this.#source = source;
  }

  /** Keywords of the attributes and columns that some rows lack, and the texts. */
  get lacking(): readonly string[] {
    const names = this.#incomplete.flatMap(({ absent, unfilled, lacksTexts }) => [
      ...[...absent, ...unfilled].map(({ keyword }) => keyword),
      ...(lacksTexts ? [TEXTS] : []),
    ]);
    return [...new Set(names)];
  }

  /** Whether all rows of the level that have a text have it in the table of texts. */
  hasTexts(level: Level): boolean {
    return !this.#incomplete.some((rows) => rows.level === level && rows.lacksTexts);
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
    const { level, absent, unfilled, last } = rows;
    const table = TABLES[level];
    const most = absent.length > 0 ? FILES_AT_ONCE : ROWS_AT_ONCE;
    const page = this.#database
      .prepare(`select id, attributes from ${table} where id between ? and ? order by id limit ${most}`)
      .all(rows.next, last) as { id: number; attributes: string }[];
    const updates: { readonly id: number; readonly values: unknown[]; readonly text: string | null }[] = [];
    const inText = attributesInText(level, this.#attributes);
    const columns = unfilled.map(({ keyword }) => `${columnOf(keyword)} = ?`);
    for (const { id, attributes } of page) {
      const found: UntypedDataSet = {
        ...(JSON.parse(attributes) as UntypedDataSet),
        ...(absent.length > 0 && (await this.#readAttributes(level, id, absent))),
      };
      const filled = unfilled.map(({ keyword, column }) => columnValue(column, found[keyword]));
      updates.push({ id, values: [JSON.stringify(found), ...filled, id, attributes], text: textOf(inText, found) });
    }
    const next = page.length < most ? last + 1 : (page.at(-1)?.id ?? last) + 1;
    // The condition on the attributes leaves alone a row that was replaced by another one while files were read.
    const set = ['attributes = ?', ...columns].join(', ');
    const update = this.#database.prepare(`update ${table} set ${set} where id = ? and attributes = ?`);
    const writeText = textWriter(this.#database, level);
    // Nothing changes a row while nothing is waited for.
    const isSame = absent.length + unfilled.length === 0;
    this.#database.transaction(() => {
      for (const { id, values, text } of updates) if (isSame || update.run(...values).changes > 0) writeText(id, text);
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

/** The name in `lacking` of the texts of entities. */
export const TEXTS = 'texts for wildcards';
/** Rows per transaction, of which a file of each is read. */
const FILES_AT_ONCE = 20;
const ROWS_AT_ONCE = 200;
