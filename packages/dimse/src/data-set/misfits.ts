// Values that do not have the VR or the VM of the dictionary, and all others, as elements.

import { atOnce, inTurns, Step, type Steps } from '../turns.ts';
import { type Attribute, attributeByKeyword, attributeByTag, type Keyword } from './data-dictionary.ts';
import { impliedVr, settledVr, tagKey, valuesOf } from './data-set-values.ts';
import { inDeclaredShape, isDeclaredVr } from './declared-shape.ts';
import { isElement, isRecord } from './element.ts';
import type { DataSet, DataSetInput, Element, Identifier, UntypedDataSet } from './typed-data-set.ts';

/** A value that does not have the VR or the VM of the dictionary. */
export interface Misfit extends Element {
  /** Keyword of the attribute. */
  readonly keyword: Keyword;
  /** `0xggggeeee` */
  readonly tag: number;
  /** The items that it is in: the keyword or tag of each sequence, and the index of the item in it. */
  readonly items: readonly (readonly [sequence: string, index: number])[];
}

/**
 * An attribute as it is in a data set, with its VR; undefined if the data set does not have it. The value is in the declared
 * shape if it has one. Use it for values that have no type: private attributes, those that are not in the dictionary, and
 * misfits.
 * @param attribute Its keyword or its tag, `0xggggeeee`.
 */
export function elementOf(dataSet: DataSetInput, attribute: Keyword | number): Element | undefined {
  const all: UntypedDataSet = dataSet;
  const known = typeof attribute === 'number' ? attributeByTag(attribute) : attributeByKeyword(attribute);
  const tag = typeof attribute === 'number' ? attribute : known?.tag;
  if (tag === undefined) return undefined;
  const found = (known?.tag === tag ? all[known.keyword] : undefined) ?? all[tagKey(tag)];
  if (found === undefined || isElement(found)) return found;
  return { vr: settledVr(impliedVr(tag) ?? 'UN', found, false), value: found };
}

/**
 * Whether a data set has a value of an attribute that does not have the VR or the VM of the dictionary, as it was read, or as
 * a program has set it.
 */
export function isMisfit(dataSet: DataSetInput, keyword: string): boolean {
  const attribute = attributeByKeyword(keyword);
  if (!attribute) return false;
  const all: UntypedDataSet = dataSet;
  const value = all[keyword] ?? all[tagKey(attribute.tag)];
  if (isElement(value)) return inDeclaredShape(attribute, value.vr, value.value) === undefined;
  const isOne = attribute.vm === '1' && attribute.vr !== 'SQ';
  return isOne && Array.isArray(value) && value.length > 1 && !(value[0] instanceof Uint8Array);
}

/**
 * A copy of a data set with elements by tag, in eight hexadecimal digits: `{ '00091001': { vr: 'LO', value: 'x' } }`.
 * @throws RangeError if a key is not a tag.
 */
export function withElements(dataSet: DataSetInput, elements: Readonly<Record<string, Element>>): DataSetInput {
  const odd = Object.keys(elements).find((key) => !TAG_KEY.test(key));
  if (odd !== undefined) throw new RangeError(`'${odd}' is not a tag of eight hexadecimal digits`);
  return { ...dataSet, ...elements };
}

/**
 * The values in a data set, and in the items of its sequences, that do not have the VR or the VM of the dictionary: several
 * values in an attribute of VM 1, text in IS, numbers in DS that JavaScript cannot express without a loss of digits. A data
 * set keeps them by tag and not by keyword, and they are written again as they were read.
 */
export function misfits(dataSet: DataSet): readonly Misfit[] {
  const found: Misfit[] = [];
  collect(dataSet, [], found);
  return found;
}

function collect(dataSet: UntypedDataSet, items: Misfit['items'], found: Misfit[]): void {
  for (const [key, value] of Object.entries(dataSet)) {
    const attribute = misfitAttribute(key, value);
    if (attribute)
      found.push({ ...(value as Element), keyword: attribute.keyword as Keyword, tag: attribute.tag, items });
    const inner = isElement(value) ? value.value : value;
    if (!Array.isArray(inner)) continue;
    for (const [index, item] of inner.entries())
      if (isRecord(item)) collect(item, [...items, [attribute?.keyword ?? key, index]], found);
  }
}

/** The attribute of the standard that a tag as a key of an element names. */
export function misfitAttribute(key: string, value: unknown): Attribute | undefined {
  if (!TAG_KEY.test(key) || !isElement(value)) return undefined;
  const attribute = attributeByTag(Number.parseInt(key, 16));
  return attribute && attribute.keyword !== '' && tagKey(attribute.tag) === key.toUpperCase() ? attribute : undefined;
}

/** The same data set as the identifier of a query, in which a key may have several values, and DS and IS may have text. */
export function asIdentifier(dataSet: DataSet): Identifier {
  return atOnce(withMisfits(dataSet, false, new Step()));
}

/**
 * The same data set with its misfits under their keywords, in the items of its sequences too: as values, or as elements if
 * they have another VR than the dictionary. For code that takes attributes by names which it does not know in advance.
 */
export function byKeyword(dataSet: UntypedDataSet): UntypedDataSet {
  return atOnce(withMisfits(dataSet, true, new Step()));
}

/** The same with turns of the event loop if the data set is large. The data set must not change meanwhile. */
export async function byKeywordInTurns(dataSet: UntypedDataSet): Promise<UntypedDataSet> {
  return inTurns(withMisfits(dataSet, true, new Step()));
}

function* withMisfits(dataSet: UntypedDataSet, otherVrs: boolean, step: Step): Steps<UntypedDataSet> {
  let changed: Record<string, unknown> | undefined;
  for (const key of Object.keys(dataSet)) {
    const value = dataSet[key];
    if (Array.isArray(value)) {
      const items = yield* itemsWithMisfits(value, otherVrs, step);
      if (items === value) continue;
      changed ??= { ...dataSet };
      changed[key] = items;
      continue;
    }
    const attribute = misfitAttribute(key, value);
    if (!attribute) continue;
    const element = value as Element;
    const isDeclared = isDeclaredVr(attribute.vr, element.vr, element.value);
    if (!isDeclared && !otherVrs) continue;
    changed ??= { ...dataSet };
    delete changed[key];
    changed[attribute.keyword] ??= isDeclared ? keyValue(attribute, element) : element;
  }
  return changed ?? dataSet;
}

function* itemsWithMisfits(values: readonly unknown[], otherVrs: boolean, step: Step): Steps<readonly unknown[]> {
  if (!isRecord(values[0])) return values;
  const items: unknown[] = [];
  let isChanged = false;
  for (const value of values) {
    const item = isRecord(value) ? yield* withMisfits(value, otherVrs, step) : value;
    items.push(item);
    isChanged ||= item !== value;
    if (step.add(1)) yield step.end();
  }
  return isChanged ? items : values;
}

function keyValue({ vm }: Attribute, { value }: Element): unknown {
  const values = valuesOf(value);
  return vm === '1' && values.length === 1 ? values[0] : values;
}

const TAG_KEY = /^[0-9A-Fa-f]{8}$/;
