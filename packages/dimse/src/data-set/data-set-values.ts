// The values of data sets in JavaScript, and the elements that they are written as (PS3.5 §7.1).

import { type Step, type Steps, UNITS_PER_STEP } from '../turns.ts';
import { type Attribute, attributeByKeyword, attributeByTag } from './data-dictionary.ts';
import { DataSetError } from './data-set-error.ts';
import { type ValueKind, valueRepresentation } from './value-representations.ts';

/**
 * A data set. Keys are keywords (`PatientID`). Attributes that are not in the dictionary, such as private ones, use their
 * tag as key, in eight hexadecimal digits (`'00091001'`). A key with `undefined` is ignored. An attribute without a value
 * is `''` for text, `[]` for PN and SQ, and `null` for other VRs; the writer accepts each of these for any VR. Several
 * values are an array, in which empty values are `''` or `null`. By value representation:
 *
 * | VR | value |
 * |---|---|
 * | AE AS CS DA DT LO LT SH ST TM UC UI UR UT | string, without insignificant spaces |
 * | DS IS | number; a string if the text is not a number, such as a range, or would lose digits. Written from both |
 * | PN | always an array of `PersonName`; written from strings too |
 * | FL FD SL SS UL US | number |
 * | SV UV | bigint; written from numbers too |
 * | AT | number, `0xggggeeee`; written from eight hexadecimal digits too |
 * | OB OD OF OL OV OW UN | Uint8Array, with its words in little endian for every transfer syntax; an array of them for encapsulated pixel data, the offset table first |
 * | SQ | array of data sets; empty for a sequence without items |
 *
 * An attribute whose value representation does not follow from the dictionary is an `Element`.
 */
export interface DataSet {
  readonly [keyword: string]: unknown;
}

/** A value with its value representation, as private attributes have it. */
export interface Element {
  readonly vr: string;
  readonly value: unknown;
}

/** A reference to values that are stored elsewhere; in the DICOM JSON model only (PS3.18 §F.2.2). */
export interface BulkData {
  readonly BulkDataURI: string;
}

export function isElement(value: unknown): value is Element {
  return isRecord(value) && typeof value.vr === 'string' && Object.hasOwn(value, 'vr') && 'value' in value;
}

export function isBulkData(value: unknown): value is BulkData {
  return isRecord(value) && typeof value.BulkDataURI === 'string';
}

/** Whether the value is an object that may be a data set: not bytes and not an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer);
}

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
export function elementsOf(dataSet: DataSet): readonly ElementToWrite[] | undefined {
  const keys = Object.keys(dataSet);
  if (keys.length > UNITS_PER_STEP) return undefined;
  const elements: ElementToWrite[] = [];
  for (const key of keys) addElement(elements, key, dataSet[key]);
  return inOrder(elements);
}

/** The same for any number of elements, in steps. */
export function* findingElements(dataSet: DataSet, step: Step): Steps<readonly ElementToWrite[]> {
  const elements: ElementToWrite[] = [];
  for (const key of Object.keys(dataSet)) {
    addElement(elements, key, dataSet[key]);
    if (step.add(1)) yield step.end();
  }
  return inOrder(elements);
}

function addElement(elements: ElementToWrite[], key: string, given: unknown): void {
  if (given === undefined) return;
  const attribute = attributeByKeyword(key) ?? attributeOfTag(key);
  const { tag } = attribute;
  const element = isElement(given)
    ? { tag, vr: given.vr, value: given.value }
    : { tag, vr: attribute.vr, value: given };
  if (element.vr === '' && valuesOf(given).length === 0) element.vr = 'UN';
  if (element.vr === '') throw new DataSetError('needs a value representation: { vr, value }', { tag });
  elements.push(element);
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

function attributeOfTag(key: string): Pick<Attribute, 'tag' | 'vr'> {
  if (!/^[0-9A-Fa-f]{8}$/.test(key)) throw new DataSetError(`'${key}' is neither a keyword of the standard nor a tag`);
  const tag = Number.parseInt(key, 16);
  if (tag >>> 16 === 0 || tag >>> 16 === 0xfffe || (tag & 0xffff) === 0)
    throw new DataSetError('does not belong in a data set', { tag });
  return { tag, vr: impliedVr(tag) ?? '' };
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

/** Adds an element to a data set: by keyword if the dictionary implies its VR, otherwise by tag or with its VR. */
export function putElement(dataSet: Record<string, unknown>, tag: number, vr: string, value: unknown): void {
  const attribute = attributeByTag(tag);
  const key = attribute?.tag === tag ? attribute.keyword : tagKey(tag);
  const implied = key === attribute?.keyword ? attribute.vr : impliedVr(tag);
  dataSet[key] = implied !== undefined && isAsExpected(implied, vr, value) ? value : { vr, value };
}

function isAsExpected(implied: string, vr: string, value: unknown): boolean {
  if (implied === vr) return true;
  if (implied.length > 2) return implied.includes(vr) || value === null;
  // Some implementations write SH although the standard has LO.
  const [expected, found] = [valueRepresentation(implied), valueRepresentation(vr)];
  const isText = expected.kind === 'text' && found.kind === 'text';
  return isText && (expected.usesCharacterSet || !found.usesCharacterSet);
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
