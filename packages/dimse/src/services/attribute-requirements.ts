// What tables of the standard require of attributes, and whether a data set has it: types 1, 2 and 3 of PS3.5 §7.4.

import { isEmptyValue } from '../data-set/access.ts';
import { tagOf } from '../data-set/data-dictionary.ts';
import type { DataSet } from '../data-set/data-set-values.ts';
import { DimseError } from '../message/errors.ts';
import { Status } from '../message/status.ts';

/** Type 1: there, with a value. 2: there, maybe empty. 3: optional. */
export type AttributeType = 1 | 2 | 3;

/** What a table of the standard says of an attribute of a data set, or of a sequence's items. */
export interface ItemRequirement {
  readonly keyword: string;
  readonly type: AttributeType;
  /** Types 1C and 2C: the items that need it. Default all. */
  readonly when?: (item: DataSet) => boolean;
  /** Of each item of the sequence, whenever there is one. */
  readonly items?: readonly ItemRequirement[];
}

/** That a data set has what is required, in its sequences too. @throws DimseError 0120H or 0121H with the attributes. */
export function checkAttributes(attributes: DataSet, requirements: readonly ItemRequirement[]): void {
  checkPresence(attributes, requirements);
  checkItems(attributes, requirements);
}

/** That attributes are there, and have values: without what is in sequences. @throws DimseError 0120H or 0121H. */
export function checkPresence(attributes: DataSet, required: readonly ItemRequirement[], where = ''): void {
  const applicable = required.filter(({ type, when }) => type < 3 && (!when || when(attributes)));
  const missing = applicable.filter(({ keyword }) => attributes[keyword] === undefined);
  if (missing.length > 0)
    throw attributeFault(
      Status.MissingAttribute,
      missing.map(({ keyword }) => keyword),
      `missing${where}`,
    );
  const empty = applicable.filter(({ keyword, type }) => type === 1 && isEmptyValue(attributes[keyword]));
  if (empty.length > 0)
    throw attributeFault(
      Status.MissingAttributeValue,
      empty.map(({ keyword }) => keyword),
      `empty${where}`,
    );
}

/** The same for the items of its sequences, and theirs. @throws DimseError 0120H or 0121H. */
export function checkItems(
  attributes: DataSet,
  requirements: readonly Pick<ItemRequirement, 'keyword' | 'items'>[],
): void {
  for (const { keyword, items } of requirements) {
    const value = attributes[keyword];
    if (!items || !Array.isArray(value)) continue;
    for (const item of value as readonly DataSet[]) {
      checkPresence(item, items, ` in ${keyword}`);
      checkItems(item, items);
    }
  }
}

/** The same with empty values for attributes of type 2 that are missing, in items too. */
export function withEmptyValues(attributes: DataSet, requirements: readonly ItemRequirement[]): DataSet {
  const filled: Record<string, unknown> = { ...attributes };
  for (const { keyword, type, when, items } of requirements) {
    const value = filled[keyword];
    // What is empty is written so whatever the value representation.
    if (value === undefined && type === 2 && (!when || when(attributes))) filled[keyword] = null;
    else if (items && Array.isArray(value))
      filled[keyword] = (value as readonly DataSet[]).map((item) => withEmptyValues(item, items));
  }
  return filled;
}

/** A failure that names the attributes at fault. */
export function attributeFault(status: number, keywords: readonly string[], what: string): DimseError {
  const attributeIdentifiers = keywords.map((keyword) => tagOf(keyword)).filter((tag) => tag !== undefined);
  const errorComment = `${keywords.join(', ')}: ${what}`.slice(0, 64);
  return new DimseError(status, { errorComment, response: { attributeIdentifiers } });
}
