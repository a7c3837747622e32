// Typed access to the values of a data set. Data sets come from peers and files, so each function takes any value.

import { type DataSet, isBulkData, isElement, isRecord, valuesOf } from './data-set-values.ts';
import { isPersonName, personNameText } from './person-name.ts';

export { isElement } from './data-set-values.ts';
export { isPersonName, personNameText } from './person-name.ts';

/**
 * The values of an attribute as an array, which is empty if the attribute is absent or has no value. An `Element` gives
 * the values in it. Empty values among several are kept, as `''` or `null`.
 */
export function values(value: unknown): readonly unknown[] {
  return valuesOf(isElement(value) ? value.value : value);
}

/**
 * The value as text; `''` if the attribute is absent or has no value. Several values are separated by backslashes, as
 * they are in the encoded data set (PS3.5 §6.4). Numbers are written in decimal and person names as in the encoded data
 * set. Bytes and items have no text: they give `''`.
 */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : values(value).map(oneText).join('\\');
}

/**
 * The values as separate texts without leading and trailing spaces. Empty values, bytes and items are left out, so the
 * first text of an attribute is `texts(value)[0] ?? ''`.
 */
export function texts(value: unknown): string[] {
  const found: string[] = [];
  for (const one of values(value)) {
    const trimmed = oneText(one).trim();
    if (trimmed !== '') found.push(trimmed);
  }
  return found;
}

/** The first value as a finite number, from text too; undefined if it is absent, empty or not a number. */
export function number(value: unknown): number | undefined {
  const first = values(value)[0];
  if (typeof first !== 'number' && typeof first !== 'bigint' && typeof first !== 'string') return undefined;
  if (typeof first === 'string' && first.trim() === '') return undefined;
  const found = Number(first);
  return Number.isFinite(found) ? found : undefined;
}

/**
 * The one UID of the attribute; undefined if the attribute is absent or empty, or has several values or one that is not
 * text. The syntax of the UID is not checked: see `isUid`.
 */
export function uid(value: unknown): string | undefined {
  const [first, ...others] = values(value);
  return typeof first === 'string' && first !== '' && others.length === 0 ? first : undefined;
}

/**
 * The items of a sequence; none if the sequence is absent or empty, or the value is not a sequence. Values among the
 * items that are not data sets are left out.
 */
export function items(value: unknown): readonly DataSet[] {
  const all = values(value);
  return all.every(isItem) ? all : all.filter(isItem);
}

/** The first item of a sequence; undefined if `items` gives none. */
export function firstItem(value: unknown): DataSet | undefined {
  return values(value).find(isItem);
}

/** Whether the attribute is present without a value. An absent attribute, `undefined`, is not empty. */
export function isEmptyValue(value: unknown): boolean {
  return value !== undefined && values(value).length === 0;
}

function isItem(value: unknown): value is DataSet {
  return isRecord(value) && !isPersonName(value) && !isBulkData(value);
}

function oneText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return isPersonName(value) ? personNameText(value) : '';
}
