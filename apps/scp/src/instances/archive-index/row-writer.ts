// Writes the rows of the levels of an embedded index, with their texts.

import type { UntypedDataSet } from '@x/dimse';
import type { Level } from './archive-index.ts';
import { COLUMN_KINDS, type ColumnKind } from './column-kinds.ts';
import { textOf } from './entity-texts.ts';
import { uniqueKey, withKeywords } from './indexed-attributes.ts';
import type { WriterStatements } from './writer-statements.ts';

export class RowWriter {
  readonly #sql: WriterStatements;

  constructor(statements: WriterStatements) {
    this.#sql = statements;
  }

  /** Inserts a row, or has an existing one take the attributes if they come from an earlier instance. Returns its id. */
  insert(
    level: Exclude<Level, 'IMAGE'>,
    own: readonly unknown[],
    attributes: UntypedDataSet,
    idOf: () => number,
    unique?: string,
  ): number {
    const { changes } = this.#sql.inserts[level].statement.run(this.values(level, own, attributes, unique));
    const id = idOf();
    if (changes > 0) this.writeText(level, id, attributes);
    return id;
  }

  /** Records that an instance gives a row the attributes that it has: no index of the table changes. Returns false if it does not. */
  moveSource(level: Exclude<Level, 'IMAGE'>, id: number, source: string, attributes: UntypedDataSet): boolean {
    const json = this.#json(level, attributes);
    return this.#sql.moveSources[level].run(source, id, source, json).changes > 0;
  }

  writeText(level: Level, id: number, attributes: UntypedDataSet): void {
    this.#sql.inserts[level].writeText(id, this.textAt(level, attributes));
  }

  /** The text of an entity of the level: see `textOf`. */
  textAt(level: Level, attributes: UntypedDataSet): string | null {
    return textOf(this.#sql.inserts[level].inText, attributes);
  }

  /** @param unique The value of the level's unique key, which the data set may have differently or not at all. */
  values(level: Level, own: readonly unknown[], attributes: UntypedDataSet, unique?: string): unknown[] {
    const { columns } = this.#sql.inserts[level];
    const values = columns.map(({ keyword, column }) =>
      unique !== undefined && keyword === uniqueKey(level) ? unique : columnValue(column, attributes[keyword]),
    );
    return [...own, ...values, this.#json(level, attributes)];
  }

  #json(level: Level, attributes: UntypedDataSet): string {
    return JSON.stringify(withKeywords(this.#sql.inserts[level].keywords, attributes));
  }
}

/** The value of an attribute as its column has it. */
export function columnValue(column: ColumnKind = 'text', value: unknown): string {
  return COLUMN_KINDS[column].value(value);
}
