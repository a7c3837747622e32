// The values of data sets in JavaScript, and the elements that they are written as (PS3.5 §7.1).

import { type Step, type Steps, UNITS_PER_STEP } from '../turns.ts';
import { type Attribute, attributeByKeyword, attributeByTag } from './data-dictionary.ts';
import { DataSetError } from './data-set-error.ts';
import { inDeclaredShape, isDeclaredVr } from './declared-shape.ts';
import { isElement, isRecord } from './element.ts';
import type { UntypedDataSet } from './typed-data-set.ts';
import type { ValueKind } from './value-representations.ts';

export { type BulkData, isBulkData, isElement, isRecord } from './element.ts';
export type { DataSet, DataSetInput, Element, Identifier, UntypedDataSet } from './typed-data-set.ts';

/** An element of a data set, ready to be written. */
export interface ElementToWrite {
  readonly tag: number;
  /** The VR of the dictionary or of the `Element`. If it depends on the value, `settledVr` decides. */
  readonly vr: string;
  readonly value: unknown;
}

/**
 * The elements in ascending order of tags, if they are few; undefined if they are more than the work of one step.
 * @throws DataSetError if a key is neither a keyword nor a tag.
 */
export function elementsOf(dataSet: UntypedDataSet): readonly ElementToWrite[] | undefined {
  const keys = Object.keys(dataSet);
  if (keys.length > UNITS_PER_STEP) return undefined;
  const elements: ElementToWrite[] = [];
  const attributes = orderOf(keys);
  if (!attributes) {
    for (const key of keys) addElement(elements, key, dataSet);
    return inOrder(elements);
  }
  for (const attribute of attributes) addElement(elements, attribute.keyword, dataSet, attribute);
  return elements;
}

/** The attributes of the last data set, in ascending order. The matches of a query have the same keys in the same order. */
let lastOrder: { readonly keys: readonly string[]; readonly attributes: readonly Attribute[] } | undefined;

/** The attributes of these keys in ascending order of tags; undefined if a key is not a keyword. */
function orderOf(keys: readonly string[]): readonly Attribute[] | undefined {
  if (lastOrder && keys.length === lastOrder.keys.length) {
    let same = 0;
    while (same < keys.length && keys[same] === lastOrder.keys[same]) same++;
    if (same === keys.length) return lastOrder.attributes;
  }
  const attributes: Attribute[] = [];
  for (const key of keys) {
    const attribute = attributeByKeyword(key);
    if (!attribute) return undefined;
    attributes.push(attribute);
  }
  attributes.sort((one, other) => one.tag - other.tag);
  lastOrder = { keys, attributes };
  return attributes;
}

/** The same for any number of elements, in steps. */
export function* findingElements(dataSet: UntypedDataSet, step: Step): Steps<readonly ElementToWrite[]> {
  const elements: ElementToWrite[] = [];
  for (const key of Object.keys(dataSet)) {
    addElement(elements, key, dataSet);
    if (step.add(1)) yield step.end();
  }
  return inOrder(elements);
}

function addElement(elements: ElementToWrite[], key: string, dataSet: UntypedDataSet, known?: Attribute): void {
  const given = dataSet[key];
  if (given === undefined) return;
  const attribute = known ?? attributeByKeyword(key) ?? attributeOfTag(key);
  const { tag, keyword } = attribute;
  // A misfit whose attribute has been given another value since.
  if (keyword && keyword !== key && isElement(given) && dataSet[keyword] !== undefined) return;
  const element = isElement(given)
    ? { tag, vr: given.vr, value: given.value }
    : { tag, vr: attribute.vr, value: given };
  if (element.vr === '' && valuesOf(given).length === 0) element.vr = 'UN';
  if (element.vr === '') throw new DataSetError('needs a value representation: { vr, value }', { tag });
  elements.push(element);
}

/**
 * Checks the keys of a data set and of the items in it, apart from those that are known, and adds them to these.
 * @throws DataSetError if a key is neither a keyword nor a tag.
 */
export function checkKeys(dataSet: UntypedDataSet, known: Set<string>): void {
  for (const [key, value] of Object.entries(dataSet)) {
    if (!known.has(key)) {
      if (!attributeByKeyword(key)) attributeOfTag(key);
      known.add(key);
    }
    // Names of persons are records too.
    if (Array.isArray(value) && value.some(isRecord) && isSequence(key))
      for (const item of value) if (isRecord(item)) checkKeys(item, known);
  }
}

function isSequence(key: string): boolean {
  return (attributeByKeyword(key) ?? attributeOfTag(key)).vr === 'SQ';
}

function inOrder(elements: ElementToWrite[]): readonly ElementToWrite[] {
  let last = -1;
  for (const { tag } of elements) {
    if (tag <= last) return sorted(elements);
    last = tag;
  }
  return elements;
}

function sorted(elements: ElementToWrite[]): readonly ElementToWrite[] {
  elements.sort((one, other) => one.tag - other.tag);
  for (const [index, { tag }] of elements.entries())
    if (elements[index + 1]?.tag === tag) throw new DataSetError('is given by its keyword and by its tag', { tag });
  return elements;
}

function attributeOfTag(key: string): Pick<Attribute, 'tag' | 'vr'> & { readonly keyword?: string | undefined } {
  if (!/^[0-9A-Fa-f]{8}$/.test(key)) throw new DataSetError(`'${key}' is neither a keyword of the standard nor a tag`);
  const tag = Number.parseInt(key, 16);
  if (tag >>> 16 === 0 || tag >>> 16 === 0xfffe || (tag & 0xffff) === 0)
    throw new DataSetError('does not belong in a data set', { tag });
  const known = attributeByTag(tag);
  return { tag, vr: impliedVr(tag) ?? '', keyword: known?.tag === tag ? known.keyword : undefined };
}

/** The value representation that follows from the tag alone, if any (PS3.5 §7.8.1 for private creators). */
export function impliedVr(tag: number): string | undefined {
  const element = tag & 0xffff;
  if ((tag >>> 16) % 2 === 1) return element >= 0x10 && element <= 0xff ? 'LO' : undefined;
  return attributeByTag(tag)?.vr;
}

/** The tag as a key of a data set: eight hexadecimal digits. */
export function tagKey(tag: number): string {
  return tag.toString(16).toUpperCase().padStart(8, '0');
}

/**
 * Adds an element to a data set: by keyword, in the shape that the dictionary declares, or by tag if it has no keyword or
 * another shape.
 */
export function putElement(dataSet: Record<string, unknown>, tag: number, vr: string, value: unknown): void {
  const attribute = attributeByTag(tag);
  if (attribute && attribute.tag === tag && attribute.keyword !== '') {
    const declared = inDeclaredShape(attribute, vr, value);
    if (declared === undefined) dataSet[tagKey(tag)] = { vr, value };
    else dataSet[attribute.keyword] = declared;
    return;
  }
  const implied = impliedVr(tag);
  dataSet[tagKey(tag)] = implied !== undefined && isDeclaredVr(implied, vr, value) ? value : { vr, value };
}

/** Whether a data set has an element, by keyword or by tag. */
export function hasElement(dataSet: Readonly<Record<string, unknown>>, tag: number): boolean {
  const attribute = attributeByTag(tag);
  return tagKey(tag) in dataSet || (attribute?.tag === tag && attribute.keyword in dataSet);
}

/** Decides a VR that depends on the value, for numbers by Pixel Representation (PS3.5 §A.1, §A.2). */
export function settledVr(vr: string, value: unknown, isSigned: boolean): string {
  if (vr.length === 2) return vr;
  if (vr === 'OB or OW') return Array.isArray(value) && value.length > 0 ? 'OB' : 'OW';
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return 'OW';
  if (!vr.includes('SS')) return 'US';
  const isNegative = (Array.isArray(value) ? value : [value]).some((each) => Number(each) < 0);
  return isSigned || isNegative ? 'SS' : 'US';
}

/** The values as an array, which is empty for an element without a value. */
export function valuesOf(value: unknown): readonly unknown[] {
  if (value === null || value === undefined || value === '') return [];
  return Array.isArray(value) ? value : [value];
}

/** The value of an element without a value, by kind. */
export function emptyValue(kind: ValueKind): unknown {
  if (kind === 'text') return '';
  return kind === 'person name' || kind === 'sequence' ? [] : null;
}

/** The reverse of `valuesOf`, if there are values. */
export function plainValue(values: readonly unknown[]): unknown {
  if (values.length === 0) return null;
  return values.length === 1 ? values[0] : values;
}
