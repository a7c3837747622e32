// Makes entities of the rows that a query reads.

import type { DataSet } from '@x/dimse';

/** A row of a level with the attributes of the level and of those above, as JSON. */
export interface EntityRow {
  readonly id: number;
  readonly patient: string;
  readonly study?: string;
  readonly series?: string;
  readonly instance?: string;
  /** The computed attributes. */
  readonly [keyword: string]: unknown;
}

/** Makes the entities of one query. Neighbours have the same rows above, whose JSON is parsed once. */
export class StoredEntities {
  readonly #above = TEXTS_ABOVE.map((name) => ({ name, text: '', attributes: {} as DataSet }));
  /** The length of the JSON of the last entity. */
  characters = 0;

  entityOf(row: EntityRow): Record<string, unknown> {
    const entity: Record<string, unknown> = {};
    this.characters = 0;
    for (const last of this.#above) {
      const text = row[last.name];
      if (!text) continue;
      if (text !== last.text) {
        last.text = text;
        last.attributes = JSON.parse(text) as DataSet;
      }
      this.characters += text.length;
      Object.assign(entity, last.attributes);
    }
    if (!row.instance) return entity;
    this.characters += row.instance.length;
    return Object.assign(entity, JSON.parse(row.instance));
  }
}

const TEXTS_ABOVE = ['patient', 'study', 'series'] as const;
