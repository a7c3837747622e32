// What of an entity a C-FIND identifier asks for (PS3.4 §C.4.1.1.3.2 and §K.4.1.1.3.2).

import type { DataSet } from '@x/dimse';
import { isPersonName } from '@x/dimse/data-set';

/** The attributes of the identifier's keys, empty where the entity has none; of items, those of the key's item. */
export function attributesAskedFor(entity: DataSet, identifier: DataSet): DataSet {
  return Object.fromEntries(
    Object.entries(identifier)
      .filter(([keyword]) => !NOT_ATTRIBUTES.has(keyword))
      .map(([keyword, key]) => [keyword, valueAskedFor(entity[keyword], key)]),
  );
}

/** The value of a key: of a sequence, the attributes asked for of each item; all of them where none is named. */
export function valueAskedFor(value: unknown, key: unknown): unknown {
  const [item] = Array.isArray(key) ? key : [key];
  if (!Array.isArray(value) || !isItem(item) || Object.keys(item).length === 0) return value ?? '';
  return value.map((one: unknown) => (isItem(one) ? attributesAskedFor(one, item) : one));
}

/** They say how to ask and how to read. */
export const NOT_ATTRIBUTES: ReadonlySet<string> = new Set([
  'QueryRetrieveLevel',
  'QueryRetrieveView',
  'SpecificCharacterSet',
]);

function isItem(value: unknown): value is DataSet {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isPersonName(value);
}
