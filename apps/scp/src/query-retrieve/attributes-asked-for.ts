// Selects the attributes of an entity that a C-FIND identifier requests (PS3.4 §C.4.1.1.3.2 and §K.4.1.1.3.2).

import { setImmediate } from 'node:timers/promises';
import type { DataSet } from '@x/dimse';
import { isPersonName } from '@x/dimse/data-set';

/** The number of elements of answers that are selected between two turns of the event loop. */
export const ELEMENTS_AT_ONCE = 4096;

/**
 * The number of empty elements in one answer: enough for every key of an identifier. Beyond it, an answer has no elements
 * for keys that its entity lacks, because keys of an item would be repeated in each item of the entity's sequence.
 */
export const MAXIMUM_EMPTY_ELEMENTS = 8192;

/** The attributes that an identifier has as keys, prepared once for all entities. */
export class AttributesAskedFor {
  readonly #keys: Keys;
  #elements = 0;
  #empty = 0;

  constructor(identifier: DataSet) {
    this.#keys = keysOf(identifier);
  }

  /**
   * The requested attributes, empty if the entity lacks them; in items, those of the key's item. Gives everything else a turn
   * after many elements. @throws AbortError soon after the signal
   */
  async of(entity: DataSet, signal?: AbortSignal): Promise<DataSet> {
    if (this.#elements >= ELEMENTS_AT_ONCE) {
      this.#elements = 0;
      await setImmediate(undefined, { ...(signal && { signal }) });
    }
    this.#empty = 0;
    return this.#select(entity, this.#keys);
  }

  #select(entity: DataSet, keys: Keys): DataSet {
    const selected: Record<string, unknown> = {};
    const isFull = this.#empty >= MAXIMUM_EMPTY_ELEMENTS;
    for (const keyword of isFull ? Object.keys(entity) : keys.keys()) {
      this.#elements++;
      if (isFull && !keys.has(keyword)) continue;
      const value = entity[keyword];
      if (value === undefined || value === null) this.#empty++;
      selected[keyword] = this.#valueOf(value, keys.get(keyword));
    }
    return selected;
  }

  /** For a sequence: the requested attributes of each item, or all if the key has no item. */
  #valueOf(value: unknown, keys: Keys | undefined): unknown {
    if (!Array.isArray(value) || !keys) return value ?? '';
    return value.map((one: unknown) => (isItem(one) ? this.#select(one, keys) : one));
  }
}

/** By keyword, the keys of the item of a sequence; undefined for other attributes, and for all attributes of items. */
type Keys = ReadonlyMap<string, Keys | undefined>;

function keysOf(identifier: DataSet): Keys {
  const keys = new Map<string, Keys | undefined>();
  for (const [keyword, key] of Object.entries(identifier)) {
    if (NOT_ATTRIBUTES.has(keyword)) continue;
    const [item] = Array.isArray(key) ? key : [key];
    keys.set(keyword, isItem(item) && Object.keys(item).length > 0 ? keysOf(item) : undefined);
  }
  return keys;
}

/** Keys that control the query or its encoding. */
export const NOT_ATTRIBUTES: ReadonlySet<string> = new Set([
  'QueryRetrieveLevel',
  'QueryRetrieveView',
  'SpecificCharacterSet',
]);

function isItem(value: unknown): value is DataSet {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPersonName(value);
}
