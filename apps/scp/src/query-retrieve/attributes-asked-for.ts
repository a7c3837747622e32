// Selects the attributes of an entity that a C-FIND identifier requests (PS3.4 §C.4.1.1.3.2 and §K.4.1.1.3.2).

import type { DataSet } from '@x/dimse';
import { isPersonName } from '@x/dimse/data-set';

/** The attributes that the identifier has as keys, empty if the entity lacks them; in items, those of the key's item. */
export function attributesAskedFor(entity: DataSet, identifier: DataSet): DataSet {
  return Object.fromEntries(
    Object.entries(identifier)
      .filter(([keyword]) => !NOT_ATTRIBUTES.has(keyword))
      .map(([keyword, key]) => [keyword, valueAskedFor(entity[keyword], key)]),
  );
}

/** The value of a key. For a sequence: the requested attributes of each item, or all if the key has no item. */
export function valueAskedFor(value: unknown, key: unknown): unknown {
  const [item] = Array.isArray(key) ? key : [key];
  if (!Array.isArray(value) || !isItem(item) || Object.keys(item).length === 0) return value ?? '';
  return value.map((one: unknown) => (isItem(one) ? attributesAskedFor(one, item) : one));
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
