// Checks of data sets against the attribute tables of the standard: types 1, 2 and 3 (PS3.5 §7.4).

import { isEmptyValue, items } from '../data-set/access.ts';
import { tagOf } from '../data-set/data-dictionary.ts';
import type { UntypedDataSet } from '../data-set/data-set-values.ts';
import { elementOf, isMisfit } from '../data-set/misfits.ts';
import { DimseError } from '../message/errors.ts';
import { Status } from '../message/status.ts';

/** Type 1: present with a value. Type 2: present, possibly empty. Type 3: optional (PS3.5 §7.4). */
export type AttributeType = 1 | 2 | 3;

/** A row of an attribute table: an attribute of a data set or of the items of a sequence. */
export interface ItemRequirement {
  /** Keyword of the attribute. */
  readonly keyword: string;
  /** Requirement type. */
  readonly type: AttributeType;
  /** The condition of types 1C and 2C: whether this data set or item needs the attribute. Default: always. */
  readonly when?: (item: UntypedDataSet) => boolean;
  /** The requirements for each item of the sequence. */
  readonly items?: readonly ItemRequirement[];
}

/**
 * Checks that a data set has the required attributes, in the items of its sequences too.
 * @throws DimseError 0106H for values of type 1 that do not have the VR or the VM of the dictionary, 0120H for missing attributes
 * or 0121H for missing values; it names the attributes.
 */
export function checkAttributes(attributes: UntypedDataSet, requirements: readonly ItemRequirement[]): void {
  checkPresence(attributes, requirements);
  checkItems(attributes, requirements);
}

/** The same for the data set itself, without the items of its sequences. @throws DimseError 0106H, 0120H or 0121H. */
export function checkPresence(attributes: UntypedDataSet, required: readonly ItemRequirement[], where = ''): void {
  const applicable = required.filter(({ type, when }) => type < 3 && (!when || when(attributes)));
  const invalid = applicable.filter(({ keyword, type }) => type === 1 && isMisfit(attributes, keyword));
  if (invalid.length > 0)
    throw attributeFault(
      Status.InvalidAttributeValue,
      invalid.map(({ keyword }) => keyword),
      `another VR or VM${where}`,
    );
  const missing = applicable.filter(({ keyword, type }) => !isPresent(attributes, keyword, type));
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

/** The same for the items of its sequences, at every depth. @throws DimseError 0106H, 0120H or 0121H. */
export function checkItems(
  attributes: UntypedDataSet,
  requirements: readonly Pick<ItemRequirement, 'keyword' | 'items'>[],
): void {
  for (const { keyword, items: required } of requirements) {
    if (!required) continue;
    for (const item of items(attributes[keyword])) {
      checkPresence(item, required, ` in ${keyword}`);
      checkItems(item, required);
    }
  }
}

/** Returns a copy in which missing attributes of type 2 have empty values, in items too. */
export function withEmptyValues(attributes: UntypedDataSet, requirements: readonly ItemRequirement[]): UntypedDataSet {
  const filled: Record<string, unknown> = { ...attributes };
  for (const { keyword, type, when, items } of requirements) {
    const value = filled[keyword];
    // An empty value is encoded in the same way for every value representation.
    if (type === 2 && !isPresent(filled, keyword, type) && (!when || when(attributes))) filled[keyword] = null;
    else if (items && Array.isArray(value))
      filled[keyword] = (value as readonly UntypedDataSet[]).map((item) => withEmptyValues(item, items));
  }
  return filled;
}

/** Whether an attribute is there. One of type 2 may be a misfit, because its value is not needed: `A\B` as Patient ID. */
function isPresent(attributes: UntypedDataSet, keyword: string, type: AttributeType): boolean {
  if (attributes[keyword] !== undefined) return true;
  const tag = type === 2 ? tagOf(keyword) : undefined;
  return tag !== undefined && elementOf(attributes, tag) !== undefined;
}

/** A failure that names the attributes in question. */
export function attributeFault(status: number, keywords: readonly string[], what: string): DimseError {
  const attributeIdentifiers = keywords.map((keyword) => tagOf(keyword)).filter((tag) => tag !== undefined);
  const errorComment = `${keywords.join(', ')}: ${what}`.slice(0, 64);
  return new DimseError(status, { errorComment, response: { attributeIdentifiers } });
}
