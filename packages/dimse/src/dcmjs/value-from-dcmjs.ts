// The values of one element of dcmjs, as they are in our data sets.

import { attributeByTag } from '../data-set/data-dictionary.ts';
import { DataSetError } from '../data-set/data-set-error.ts';
import { emptyValue, isRecord, plainValue, type UntypedDataSet } from '../data-set/data-set-values.ts';
import { DATA_SET_TRANSFER_SYNTAXES, decodeDataSet } from '../data-set/dataset.ts';
import { elementOf } from '../data-set/misfits.ts';
import { numberOf } from '../data-set/number-strings.ts';
import { numberIn } from '../data-set/number-values.ts';
import { isPersonName, parsePersonName } from '../data-set/person-name.ts';
import { trimmed } from '../data-set/text-values.ts';
import { type ValueRepresentation, valueRepresentation } from '../data-set/value-representations.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { NOT_IN_DCMJS } from './dcmjs-data.ts';
import { fragmentsOf } from './encapsulated-frames.ts';

/** The place of a value, and the options that apply there. */
export interface ValuePlace {
  readonly tag: number;
  readonly depth: number;
  /** Number of Frames of the data set. */
  readonly frames: number;
  readonly transferSyntax: string | undefined;
}

/**
 * Converts the values of an element: `value` is one value, an array of values, or an object with `InlineBinary` or
 * `BulkDataURI`. `raw` is the text of numbers.
 */
export function valueFrom<Item>(
  value: unknown,
  vr: ValueRepresentation,
  place: ValuePlace,
  itemOf: (item: Item) => UntypedDataSet,
  raw?: unknown,
): { readonly vr: string; readonly value: unknown } {
  if (isRecord(value) && typeof value.BulkDataURI === 'string')
    return { vr: vr.name, value: { BulkDataURI: value.BulkDataURI } };
  if (vr.kind === 'bytes') return bytesFrom(value, vr, place);
  const values = valuesIn(value);
  if (vr.kind === 'sequence') return { vr: vr.name, value: itemsFrom(place.tag, values, itemOf) };
  const found = values.flatMap((one, index) => oneFrom(place.tag, vr, one, Array.isArray(raw) ? raw[index] : raw));
  if (found.every((one) => one === emptyAmong(vr)) && found.length <= 1)
    return { vr: vr.name, value: emptyValue(vr.kind) };
  if (vr.kind === 'text' && !vr.hasManyValues) return { vr: vr.name, value: found.join('\\') };
  return { vr: vr.name, value: vr.kind === 'person name' ? found : plainValue(found) };
}

function valuesIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isNothing(value) ? [] : [value];
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

function emptyAmong(vr: ValueRepresentation): unknown {
  return vr.kind === 'text' ? '' : null;
}

function itemsFrom<Item>(
  tag: number,
  values: readonly unknown[],
  itemOf: (item: Item) => UntypedDataSet,
): UntypedDataSet[] {
  return values.map((item, index) => {
    if (!isRecord(item)) throw new DataSetError(`takes data sets, but item ${index} is not one`, { tag });
    try {
      return itemOf(item as Item);
    } catch (error) {
      throw error instanceof DataSetError ? error.inItem(tag, index) : error;
    }
  });
}

/** A value may be text of several. */
function oneFrom(tag: number, vr: ValueRepresentation, given: unknown, raw: unknown): unknown[] {
  const value = given instanceof String || given instanceof Number ? given.valueOf() : given;
  if (isNothing(value) && typeof raw !== 'string') return [emptyAmong(vr)];
  switch (vr.kind) {
    case 'text':
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return cannot(tag, vr);
      return (vr.hasManyValues ? String(value).split('\\') : [String(value)]).map((one) => trimmed(one, vr));
    case 'person name':
      if (typeof value === 'string') return value.split('\\').map((one) => nameOrNull(parsePersonName(one)));
      return isRecord(value) ? [nameOrNull(value)] : cannot(tag, vr);
    case 'number string':
      return numbersFrom(tag, vr, value, raw);
    case 'tag':
      return [Number(numberIn(tag, vr, tagFrom(value)))];
    case 'big integer':
      return [BigInt(numberIn(tag, vr, value))];
    default:
      return [Number(numberIn(tag, vr, value))];
  }
}

function nameOrNull(name: object): unknown {
  const { Alphabetic, Ideographic, Phonetic } = name as Readonly<Record<string, unknown>>;
  const found = {
    ...(Alphabetic ? { Alphabetic } : {}),
    ...(Ideographic ? { Ideographic } : {}),
    ...(Phonetic ? { Phonetic } : {}),
  };
  return isPersonName(found) ? found : null;
}

/** The number; the text that dcmjs has kept if the number is of it and loses digits, or dcmjs did not see a number. */
function numbersFrom(tag: number, vr: ValueRepresentation, value: unknown, raw: unknown): unknown[] {
  const kept = typeof raw === 'string' ? numberOf(raw.trim()) : undefined;
  if (typeof kept === 'string' && (isNothing(value) || Number(kept) === value)) return [kept];
  if (isNothing(value)) return [null];
  if (typeof value === 'string') return value.split('\\').map((one) => numberOf(one.trim()));
  return typeof value === 'number' || typeof value === 'bigint' ? [Number(value)] : cannot(tag, vr);
}

/** dcmjs writes tags as numbers and, in denaturalized data sets, as the text of these numbers. */
function tagFrom(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const isDecimal = /^[1-9]\d*$|^0$/.test(value);
  return isDecimal ? Number(value) : /^[0-9A-Fa-f]{8}$/.test(value) ? Number.parseInt(value, 16) : value;
}

function bytesFrom(value: unknown, vr: ValueRepresentation, place: ValuePlace): ReturnType<typeof valueFrom> {
  const { tag, depth, frames, transferSyntax } = place;
  if (isRecord(value)) {
    if (typeof value.InlineBinary !== 'string') return { vr: vr.name, value: null };
    return settledBytes(tag, vr, new Uint8Array(Buffer.from(value.InlineBinary, 'base64')));
  }
  const parts = (Array.isArray(value) ? value : [value]).filter((one) => !isNothing(one));
  const isEncapsulated =
    tag === PIXEL_DATA && depth === 0 && transferSyntax !== undefined
      ? !DATA_SET_TRANSFER_SYNTAXES.includes(transferSyntax)
      : parts.length > 1 || Array.isArray(parts[0]);
  if (isEncapsulated) {
    const fragments = parts.map((part) => (Array.isArray(part) ? part : [part]).map((one) => bytesOf(tag, vr, one)));
    return { vr: vr.name, value: fragmentsOf(fragments, frames) };
  }
  if (parts.length > 1)
    throw new DataSetError('has several values, but the transfer syntax is not encapsulated', { tag });
  return settledBytes(tag, vr, parts.length === 0 ? new Uint8Array(0) : bytesOf(tag, vr, parts[0]));
}

/** dcmjs gives values of VRs that it does not have as UN. */
function settledBytes(tag: number, vr: ValueRepresentation, bytes: Uint8Array): ReturnType<typeof valueFrom> {
  const attribute = attributeByTag(tag);
  if (vr.name !== 'UN' || !attribute || !NOT_IN_DCMJS.has(attribute.vr))
    return { vr: vr.name, value: bytes.length === 0 ? null : bytes };
  const element = new Uint8Array(8 + bytes.length);
  const view = new DataView(element.buffer);
  view.setUint16(0, tag >>> 16, true);
  view.setUint16(2, tag & 0xffff, true);
  view.setUint32(4, bytes.length, true);
  element.set(bytes, 8);
  try {
    const found = elementOf(decodeDataSet(element, TransferSyntax.ImplicitVRLittleEndian), tag);
    return { vr: valueRepresentation(attribute.vr).name, value: found?.value };
  } catch (error) {
    if (error instanceof DataSetError) return { vr: vr.name, value: bytes };
    throw error;
  }
}

function bytesOf(tag: number, vr: ValueRepresentation, value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return cannot(tag, vr);
}

function cannot(tag: number, vr: ValueRepresentation): never {
  throw new DataSetError(`of ${vr.name} has a value of another kind`, { tag });
}

const PIXEL_DATA = 0x7fe00010;
