// Data sets in the forms of dcmjs.

import { MAXIMUM_DEPTH } from '../data-set/containers.ts';
import { attributeByTag } from '../data-set/data-dictionary.ts';
import { DataSetError } from '../data-set/data-set-error.ts';
import {
  type DataSet,
  findingElements,
  isBulkData,
  isRecord,
  settledVr,
  tagKey,
  valuesOf,
} from '../data-set/data-set-values.ts';
import { numberIn } from '../data-set/number-values.ts';
import { isPersonName, parsePersonName } from '../data-set/person-name.ts';
import { PIXEL_REPRESENTATION, SPECIFIC_CHARACTER_SET } from '../data-set/tags.ts';
import { oneText } from '../data-set/text-values.ts';
import { type ValueRepresentation, valueRepresentation } from '../data-set/value-representations.ts';
import { atOnce, Step } from '../turns.ts';
import {
  type Dcmjs,
  type DenaturalizedDataSet,
  type DenaturalizedElement,
  type NaturalizedDataSet,
  NOT_IN_DCMJS,
} from './dcmjs-data.ts';
import { arrayBufferOf, framesOf } from './encapsulated-frames.ts';

/**
 * Converts a data set to a naturalized data set of dcmjs, with the keywords of its dictionary and its accessors. `_vrMap`
 * has the VR of private attributes too. Bytes are not copied if they have an `ArrayBuffer` of their own.
 * @param dcmjs The default export of dcmjs.
 * @throws DataSetError if a value does not fit its value representation.
 */
export function toDcmjs(dataSet: DataSet, dcmjs: Dcmjs): NaturalizedDataSet {
  const elements = toDenaturalized(dataSet);
  const naturalized = dcmjs.data.DicomMetaDictionary.naturalizeDataset(elements);
  complete(naturalized, elements, dcmjs);
  return naturalized;
}

/**
 * Converts a data set to a denaturalized data set of dcmjs, such as `dict` of a `DicomDict`. dcmjs writes all text in UTF-8,
 * so Specific Character Set becomes ISO_IR 192. Attributes of OL, OV, SV and UV become UN,
 * because not every version of dcmjs has these.
 * @throws DataSetError if a value does not fit its value representation.
 */
export function toDenaturalized(dataSet: DataSet): DenaturalizedDataSet {
  const text = { isAscii: true };
  const elements = elementsOf(dataSet, { depth: 0, isSigned: false, text });
  if (!text.isAscii) elements[tagKey(SPECIFIC_CHARACTER_SET)] ??= UTF_8;
  return elements;
}

const UTF_8: DenaturalizedElement = { vr: 'CS', Value: ['ISO_IR 192'] };

/**
 * Adds what dcmjs does not record: the VR of attributes that its dictionary lacks, and the group of attributes of repeating
 * groups, which it gives the name of the first group. Empty values are null, as dcmjs has them.
 */
function complete(naturalized: NaturalizedDataSet, elements: DenaturalizedDataSet, dcmjs: Dcmjs): void {
  const { dictionary } = dcmjs.data.DicomMetaDictionary;
  const vrs = naturalized._vrMap as Record<string, string>;
  const nameOf = (tag: string) => dictionary[`(${tag.slice(0, 4)},${tag.slice(4)})`]?.name ?? tag;
  for (const [tag, element] of Object.entries(elements)) {
    let name = nameOf(tag);
    const first = attributeByTag(Number.parseInt(tag, 16))?.tag ?? Number.NaN;
    if (name !== tag && !Number.isNaN(first) && tagKey(first) !== tag) {
      const [own, other] = [elements[tagKey(first)], element].map(
        (one) => one && dcmjs.data.DicomMetaDictionary.naturalizeDataset({ [tag]: one })[name],
      );
      naturalized[name] = own;
      if (own === undefined) delete naturalized[name];
      naturalized[tag] = other;
      name = tag;
    }
    if (name === tag) vrs[tag] = element.vr;
    const values = element.Value;
    if (!Array.isArray(values)) continue;
    if (element.vr !== 'SQ') {
      if (values.length === 0) naturalized[name] = null;
      continue;
    }
    const items = naturalized[name] as readonly NaturalizedDataSet[];
    for (const [index, item] of values.entries()) complete(items[index] as NaturalizedDataSet, item, dcmjs);
  }
}

interface Scope {
  readonly depth: number;
  readonly isSigned: boolean;
  /** Whether all text so far is ASCII. */
  readonly text: { isAscii: boolean };
}

function elementsOf(dataSet: DataSet, outer: Scope): DenaturalizedDataSet {
  const elements: DenaturalizedDataSet = {};
  let scope = outer;
  for (const { tag, vr: given, value } of atOnce(findingElements(dataSet, new Step()))) {
    if (tag === PIXEL_REPRESENTATION) scope = { ...scope, isSigned: Number(valuesOf(value)[0]) === 1 };
    const vr = valueRepresentation(settledVr(given, value, scope.isSigned));
    elements[tagKey(tag)] = tag === SPECIFIC_CHARACTER_SET ? UTF_8 : elementOf(tag, vr, value, scope);
  }
  return elements;
}

function elementOf(tag: number, vr: ValueRepresentation, value: unknown, scope: Scope): DenaturalizedElement {
  if (isBulkData(value)) return { vr: vr.name, BulkDataURI: value.BulkDataURI };
  const name = NOT_IN_DCMJS.has(vr.name) ? 'UN' : vr.name;
  if (vr.kind === 'bytes') return { vr: name, Value: buffersOf(tag, vr, value) };
  const values = valuesOf(value);
  if (vr.kind === 'sequence') return { vr: name, Value: itemsOf(tag, values, scope) };
  if (vr.kind === 'big integer') return { vr: name, Value: [wordsOf(tag, vr, values)] };
  if (vr.kind === 'number string') return numberStrings(tag, vr, values);
  return { vr: name, Value: values.flatMap((one) => plainValues(tag, vr, one, scope)) };
}

function buffersOf(tag: number, vr: ValueRepresentation, value: unknown): ArrayBuffer[] {
  if (Array.isArray(value) && value.length > 0 && value.every((part) => part instanceof Uint8Array))
    return framesOf(value);
  if (valuesOf(value).length === 0) return [new ArrayBuffer(0)];
  if (value instanceof ArrayBuffer) return [value];
  if (value instanceof Uint8Array) return [arrayBufferOf([value])];
  throw new DataSetError(`of ${vr.name} takes bytes`, { tag });
}

function itemsOf(tag: number, values: readonly unknown[], scope: Scope): DenaturalizedDataSet[] {
  const depth = scope.depth + 1;
  if (depth > MAXIMUM_DEPTH) throw new DataSetError(`is nested more than ${MAXIMUM_DEPTH} deep`, { tag });
  return values.map((item, index) => {
    if (!isRecord(item)) throw new DataSetError(`takes data sets, but item ${index} is not one`, { tag });
    try {
      return elementsOf(item, { ...scope, depth });
    } catch (error) {
      throw error instanceof DataSetError ? error.inItem(tag, index) : error;
    }
  });
}

function wordsOf(tag: number, vr: ValueRepresentation, values: readonly unknown[]): ArrayBuffer {
  const words = new DataView(new ArrayBuffer(8 * values.length));
  // The lowest 64 bits of a number of UV are the same as those of one of SV.
  for (const [index, value] of values.entries()) words.setBigInt64(8 * index, BigInt(numberIn(tag, vr, value)), true);
  return words.buffer;
}

/** Numbers as dcmjs reads them, and the text of those that would lose digits. */
function numberStrings(tag: number, vr: ValueRepresentation, values: readonly unknown[]): DenaturalizedElement {
  const texts = values.flatMap((value) => oneText(tag, vr, value).split('\\'));
  const numbers = texts.map((text) => (text === '' ? null : Number.isFinite(Number(text)) ? Number(text) : text));
  const isExact = values.every((value) => typeof value !== 'string');
  return { vr: vr.name, Value: numbers, ...(!isExact && { _rawValue: texts }) };
}

function plainValues(tag: number, vr: ValueRepresentation, value: unknown, { text }: Scope): unknown[] {
  if (vr.kind === 'number' || vr.kind === 'tag') return [Number(numberIn(tag, vr, value))];
  const written = oneText(tag, vr, value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  if (!/^[\x00-\x7f]*$/.test(written)) text.isAscii = false;
  if (vr.kind !== 'person name') return vr.hasManyValues ? written.split('\\') : [written];
  return isPersonName(value) ? [{ ...value }] : written.split('\\').map(parsePersonName);
}
