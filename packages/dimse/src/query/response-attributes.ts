// Selects the attributes of an item that a C-FIND response has (PS3.4 §C.4.1.1.3.2, §K.4.1.1.3.2, §CC.2.8.1.3.2).

import { isElement, isPersonName, items } from '../data-set/access.ts';
import { valueRepresentationOf } from '../data-set/data-dictionary.ts';
import { isRecord, type UntypedDataSet } from '../data-set/data-set-values.ts';

/**
 * The number of empty elements in one response: enough for every key of an identifier. Beyond it, a response has no
 * elements for keys that its item lacks, because keys of a sequence would be repeated in each item of the sequence.
 */
export const MAXIMUM_EMPTY_ELEMENTS = 8192;

/** The attributes that an identifier requests, prepared once for all items. Nothing else of an item is selected. */
export class ResponseAttributes {
  readonly #keys: Keys;
  /** The number of elements that were examined so far. Use it to bound the work between two turns. */
  elements = 0;
  #empty = 0;

  /** @param requested The keys of the identifier, without those that control the query. */
  constructor(requested: UntypedDataSet) {
    this.#keys = keysOf(requested);
  }

  /** Whether a date or a time is requested. */
  get hasTimes(): boolean {
    return hasTimes(this.#keys);
  }

  /** The requested attributes, empty if the item lacks them; in sequences, those of the item of the key. */
  of(item: UntypedDataSet): Record<string, unknown> {
    this.#empty = 0;
    return this.#select(item, this.#keys);
  }

  #select(item: UntypedDataSet, keys: Keys): Record<string, unknown> {
    const selected: Record<string, unknown> = {};
    const isFull = this.#empty >= MAXIMUM_EMPTY_ELEMENTS;
    for (const keyword of isFull ? Object.keys(item) : keys.keys()) {
      this.elements++;
      if (isFull && !keys.has(keyword)) continue;
      const value = Object.hasOwn(item, keyword) ? item[keyword] : undefined;
      if (value === undefined || value === null) this.#empty++;
      selected[keyword] = this.#valueOf(value, keys.get(keyword));
    }
    return selected;
  }

  /** For a sequence: the requested attributes of each item, or all if the key has no item. */
  #valueOf(value: unknown, keys: Keys | undefined): unknown {
    if (!keys || value === undefined || value === null) return value ?? '';
    if (isElement(value)) return { vr: value.vr, value: this.#valueOf(value.value, keys) };
    // A value that is not a sequence has attributes that cannot be told apart.
    return (Array.isArray(value) ? value : [value]).filter(isItem).map((one) => this.#select(one, keys));
  }
}

/** By keyword, the keys of the item of a sequence; undefined for other attributes, and for all attributes of items. */
type Keys = ReadonlyMap<string, Keys | undefined>;

function keysOf(requested: UntypedDataSet): Keys {
  const keys = new Map<string, Keys | undefined>();
  for (const [keyword, key] of Object.entries(requested)) {
    const [item] = items(key);
    keys.set(keyword, item && Object.keys(item).length > 0 ? keysOf(item) : undefined);
  }
  return keys;
}

function hasTimes(keys: Keys): boolean {
  return [...keys].some(([keyword, within]) => {
    const vr = valueRepresentationOf(keyword) ?? '';
    return TIMES.has(vr) || (vr === 'SQ' && (within ? hasTimes(within) : true));
  });
}

const TIMES: ReadonlySet<string> = new Set(['DA', 'DT', 'TM']);

function isItem(value: unknown): value is UntypedDataSet {
  return isRecord(value) && !isPersonName(value);
}
