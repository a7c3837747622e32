// Data sets to and from the DICOM JSON model (PS3.18 Annex F).

import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { atOnce, inTurns, Step, type Steps } from '../turns.ts';
import { MAXIMUM_DEPTH } from './containers.ts';
import { attributeByTag } from './data-dictionary.ts';
import { DataSetError } from './data-set-error.ts';
import {
  type BulkData,
  type DataSet,
  type DataSetInput,
  elementsOf,
  emptyValue,
  findingElements,
  isBulkData,
  isRecord,
  plainValue,
  putElement,
  settledVr,
  tagKey,
  valuesOf,
} from './data-set-values.ts';
import { decimalString, numberOf } from './number-strings.ts';
import { numberIn } from './number-values.ts';
import { isPersonName, parsePersonName } from './person-name.ts';
import { PIXEL_REPRESENTATION, SPECIFIC_CHARACTER_SET } from './tags.ts';
import { type ValueRepresentation, valueRepresentation } from './value-representations.ts';

/**
 * An attribute in the DICOM JSON model. An empty one has neither Value, InlineBinary nor BulkDataURI; others have one
 * of them.
 */
export interface DicomJsonAttribute {
  /** Value representation. */
  readonly vr: string;
  /** The values, if they are not bytes. */
  readonly Value?: readonly unknown[];
  /** Base64. */
  readonly InlineBinary?: string;
  /** The address of the bytes. */
  readonly BulkDataURI?: string;
}

/** A data set in the DICOM JSON model: attributes by tag, eight hexadecimal digits. */
export interface DicomJsonModel {
  readonly [tag: string]: DicomJsonAttribute;
}

/** How data sets are converted to the DICOM JSON model. */
export interface DicomJsonOptions {
  /**
   * Gives the URI under which the bytes of an attribute can be retrieved, or undefined to write them in line. Encapsulated
   * pixel data are passed as their fragments and cannot be written in line.
   */
  readonly bulkDataUri?: (tag: number, value: Uint8Array | readonly Uint8Array[]) => string | undefined;
}

/** Converts a data set to the DICOM JSON model. @throws DataSetError if the model cannot express a value. */
export function toDicomJson(dataSet: DataSetInput, options: DicomJsonOptions = {}): DicomJsonModel {
  return atOnce(convertingToModel(dataSet, options));
}

/**
 * The same with turns of the event loop if the data set is large: see `decodeDataSetInTurns`. The data set must not change
 * meanwhile.
 */
export async function toDicomJsonInTurns(
  dataSet: DataSetInput,
  options: DicomJsonOptions = {},
): Promise<DicomJsonModel> {
  return inTurns(convertingToModel(dataSet, options));
}

/**
 * Converts the DICOM JSON model to a data set. Bulk data are not retrieved: see `BulkData`.
 * @throws DataSetError if the model is malformed.
 */
export function fromDicomJson(model: DicomJsonModel): DataSet {
  return atOnce(dataSetOf(model, 0, new Step()));
}

/** The same with turns of the event loop if the model is large. The model must not change meanwhile. */
export async function fromDicomJsonInTurns(model: DicomJsonModel): Promise<DataSet> {
  return inTurns(dataSetOf(model, 0, new Step()));
}

function convertingToModel(dataSet: DataSetInput, options: DicomJsonOptions): Steps<DicomJsonModel> {
  return modelOf(dataSet, checkOptions(JSON_OPTIONS, options), { depth: 0, isSigned: false, step: new Step() });
}

interface Scope {
  readonly depth: number;
  readonly isSigned: boolean;
  readonly step: Step;
}

function* modelOf(dataSet: DataSetInput, options: DicomJsonOptions, outer: Scope): Steps<DicomJsonModel> {
  const model: Record<string, DicomJsonAttribute> = {};
  let scope = outer;
  const { step } = scope;
  for (const { tag, vr: given, value } of elementsOf(dataSet) ?? (yield* findingElements(dataSet, step))) {
    if (tag === PIXEL_REPRESENTATION) scope = { ...scope, isSigned: Number(valuesOf(value)[0]) === 1 };
    const vr = valueRepresentation(settledVr(given, value, scope.isSigned));
    model[tagKey(tag)] = { vr: vr.name, ...(yield* contentOf(tag, vr, value, options, scope)) };
    if (step.add(1)) yield step.end();
  }
  return model;
}

function* contentOf(
  tag: number,
  vr: ValueRepresentation,
  value: unknown,
  options: DicomJsonOptions,
  scope: Scope,
): Steps<Omit<DicomJsonAttribute, 'vr'>> {
  if (isBulkData(value)) return { BulkDataURI: value.BulkDataURI };
  const values = valuesOf(value);
  if (values.length === 0) return {};
  if (vr.kind === 'bytes') return binary(tag, value, options);
  // JSON is in UTF-8 (§F.2).
  if (tag === SPECIFIC_CHARACTER_SET) return { Value: ['ISO_IR 192'] };
  if (vr.kind === 'sequence') return { Value: yield* items(tag, values, options, scope) };
  const isSplit = vr.kind !== 'number' && vr.hasManyValues;
  const found: unknown[] = [];
  for (const one of values)
    for (const part of isSplit && typeof one === 'string' ? one.split('\\') : [one]) {
      found.push(jsonValue(tag, vr, part));
      if (scope.step.add(1)) yield scope.step.end();
    }
  return { Value: found };
}

function* items(
  tag: number,
  values: readonly unknown[],
  options: DicomJsonOptions,
  scope: Scope,
): Steps<DicomJsonModel[]> {
  const depth = scope.depth + 1;
  if (depth > MAXIMUM_DEPTH) throw new DataSetError(`is nested more than ${MAXIMUM_DEPTH} deep`, { tag });
  const found: DicomJsonModel[] = [];
  for (const [index, item] of values.entries()) {
    if (!isRecord(item)) throw new DataSetError(`takes data sets, but item ${index} is not one`, { tag });
    found.push(yield* inItem(tag, index, modelOf(item, options, { ...scope, depth })));
    if (scope.step.add(1)) yield scope.step.end();
  }
  return found;
}

function binary(tag: number, value: unknown, { bulkDataUri }: DicomJsonOptions): Omit<DicomJsonAttribute, 'vr'> {
  const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
  const uri = bulkDataUri?.(tag, bytes as Uint8Array | readonly Uint8Array[]);
  if (uri !== undefined) return { BulkDataURI: uri };
  if (!(bytes instanceof Uint8Array)) throw new DataSetError('can be in line only as a Uint8Array', { tag });
  return { InlineBinary: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
}

function jsonValue(tag: number, vr: ValueRepresentation, value: unknown): unknown {
  if (value === null || value === undefined || value === '') return null;
  if (vr.kind === 'person name') return personNameOf(value) ?? cannot(tag, vr);
  if (vr.kind === 'tag') return tagKey(Number(numberIn(tag, vr, value)));
  if (vr.kind === 'number' && typeof value === 'string') return jsonValue(tag, vr, Number(numberIn(tag, vr, value)));
  switch (typeof value) {
    case 'string':
      return value;
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'number':
      if (vr.kind === 'text') return String(value);
      if (vr.name === 'DS' && Number.isFinite(value)) return Number(decimalString(value));
      // JSON cannot express these numbers, so they are strings.
      return Number.isFinite(value) ? value : Number.isNaN(value) ? 'NaN' : value > 0 ? 'inf' : '-inf';
    default:
      return cannot(tag, vr);
  }
}

function personNameOf(value: unknown): unknown {
  const name = typeof value === 'string' ? parsePersonName(value) : value;
  if (!isPersonName(name)) return undefined;
  const { Alphabetic, Ideographic, Phonetic } = name;
  return { ...(Alphabetic && { Alphabetic }), ...(Ideographic && { Ideographic }), ...(Phonetic && { Phonetic }) };
}

function* dataSetOf(model: DicomJsonModel, depth: number, step: Step): Steps<DataSet> {
  const dataSet: Record<string, unknown> = {};
  for (const [key, attribute] of Object.entries(model)) {
    if (!/^[0-9A-Fa-f]{8}$/.test(key)) throw new DataSetError(`'${key.slice(0, 64)}' is not a tag`);
    const tag = Number.parseInt(key, 16);
    if (!isRecord(attribute)) throw new DataSetError('is not an attribute of the DICOM JSON model', { tag });
    const name = attribute.vr ?? attributeByTag(tag)?.vr;
    if (typeof name !== 'string' || !/^[A-Z]{2}$/.test(name))
      throw new DataSetError('has no value representation', { tag });
    putElement(dataSet, tag, name, yield* attributeValue(tag, valueRepresentation(name), attribute, depth, step));
    if (step.add(1)) yield step.end();
  }
  return dataSet;
}

function* attributeValue(
  tag: number,
  vr: ValueRepresentation,
  { Value, InlineBinary, BulkDataURI }: Readonly<Record<string, unknown>>,
  depth: number,
  step: Step,
): Steps<unknown> {
  if (typeof BulkDataURI === 'string') return { BulkDataURI } satisfies BulkData;
  if (typeof InlineBinary === 'string') {
    if (vr.kind !== 'bytes') throw new DataSetError(`of ${vr.name} cannot be binary`, { tag });
    return InlineBinary === '' ? null : new Uint8Array(Buffer.from(InlineBinary, 'base64'));
  }
  if (Value === undefined) return emptyValue(vr.kind);
  if (!Array.isArray(Value) || vr.kind === 'bytes')
    throw new DataSetError('has a Value that its value representation does not allow', { tag });
  if (Value.length === 0) return emptyValue(vr.kind);
  if (vr.kind === 'sequence') {
    if (depth === MAXIMUM_DEPTH) throw new DataSetError(`is nested more than ${MAXIMUM_DEPTH} deep`, { tag });
    const found: DataSet[] = [];
    for (const [index, item] of Value.entries()) {
      // An item without attributes may be null.
      if (item !== null && !isRecord(item))
        throw new DataSetError(`takes data sets, but item ${index} is not one`, { tag });
      found.push(yield* inItem(tag, index, dataSetOf((item ?? {}) as DicomJsonModel, depth + 1, step)));
      if (step.add(1)) yield step.end();
    }
    return found;
  }
  const values: unknown[] = [];
  for (const one of Value) {
    values.push(fromJsonValue(tag, vr, one));
    if (step.add(1)) yield step.end();
  }
  if (vr.kind === 'person name') return values.length === 1 && values[0] === null ? [] : values;
  return values.length === 1 && values[0] === null ? emptyValue(vr.kind) : plainValue(values);
}

function fromJsonValue(tag: number, vr: ValueRepresentation, value: unknown): unknown {
  if (value === null || value === '') return vr.kind === 'text' ? '' : null;
  if (vr.kind === 'person name') return personNameOf(value) ?? cannot(tag, vr);
  if (vr.kind === 'text') return typeof value === 'string' ? value : cannot(tag, vr);
  if (vr.kind === 'tag') {
    if (typeof value === 'string' && /^[0-9A-Fa-f]{8}$/.test(value)) return Number.parseInt(value, 16);
    return cannot(tag, vr);
  }
  if (typeof value !== 'number' && typeof value !== 'string') return cannot(tag, vr);
  if (vr.kind === 'big integer') return /^[+-]?\d+$/.test(String(value)) ? BigInt(value) : cannot(tag, vr);
  if (vr.kind === 'number string') return typeof value === 'string' ? numberOf(value.trim()) : value;
  return SPECIAL.get(value) ?? Number(numberIn(tag, vr, value));
}

function* inItem<T>(tag: number, index: number, steps: Steps<T>): Steps<T> {
  try {
    return yield* steps;
  } catch (error) {
    throw error instanceof DataSetError ? error.inItem(tag, index) : error;
  }
}

function cannot(tag: number, vr: ValueRepresentation): never {
  throw new DataSetError(`of ${vr.name} has a value of another kind`, { tag });
}

const SPECIAL: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);

const JSON_OPTIONS: OptionTable<DicomJsonOptions> = {
  of: 'toDicomJson',
  rules: { bulkDataUri: aValueOf('function') },
};
