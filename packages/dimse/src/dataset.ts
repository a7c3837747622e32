// Data sets by keyword, to and from bytes in a transfer syntax (PS3.5 §7). The only file that knows dcmjs.

/// <reference path="./dcmjs.d.ts" />

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import dcmjs from 'dcmjs';
import { DataSetError } from './errors.ts';
import { TransferSyntax } from './uids.generated.ts';

/**
 * A data set for identifiers and attribute lists: values by keyword (`PatientID`), sequences as arrays of data sets,
 * several values as arrays, absent values as null or the empty string.
 */
export interface DataSet {
  readonly [keyword: string]: unknown;
}

/** Transfer syntaxes in which data sets can be encoded and decoded here, in our order. */
export const DATA_SET_TRANSFER_SYNTAXES: readonly string[] = [
  TransferSyntax.ExplicitVRLittleEndian,
  TransferSyntax.ImplicitVRLittleEndian,
  TransferSyntax.DeflatedExplicitVRLittleEndian,
  TransferSyntax.ExplicitVRBigEndian,
];

/** What to propose where data sets are made here: what every peer knows. */
export const DEFAULT_TRANSFER_SYNTAXES: readonly string[] = DATA_SET_TRANSFER_SYNTAXES.slice(0, 2);

/** The order in which accepted contexts are chosen among. */
export const PREFERRED_TRANSFER_SYNTAXES = DATA_SET_TRANSFER_SYNTAXES;

/** Whether data sets can be encoded and decoded in it. */
export function isDataSetTransferSyntax(uid: string): boolean {
  return DATA_SET_TRANSFER_SYNTAXES.includes(uid);
}

/** The value representation (PS3.6 §6) of an attribute by its keyword; undefined for one the standard does not know. */
export function valueRepresentationOf(keyword: string): string | undefined {
  const { nameMap } = dcmjs.data.DicomMetaDictionary;
  return Object.hasOwn(nameMap, keyword) ? nameMap[keyword]?.vr : undefined;
}

/** The tag, `0xggggeeee`, of an attribute by its keyword (PS3.6 §6); undefined for one the standard does not know. */
export function tagOf(keyword: string): number | undefined {
  const { nameMap } = dcmjs.data.DicomMetaDictionary;
  const tag = Object.hasOwn(nameMap, keyword) ? nameMap[keyword]?.tag : undefined;
  return tag === undefined ? undefined : Number.parseInt(tag.replace(/\W/g, ''), 16);
}

/** The data set's bytes. @throws DataSetError when a value cannot be written, or the transfer syntax is none of ours. */
export function encodeDataSet(dataSet: DataSet, transferSyntax: string): Uint8Array {
  const { littleEndian, syntax, isDeflated } = codecFor(transferSyntax);
  try {
    const present = Object.fromEntries(Object.entries(dataSet).filter(([, value]) => value !== undefined));
    const stream = new dcmjs.data.WriteBufferStream(4096, littleEndian);
    dcmjs.data.DicomMessage.write(dcmjs.data.DicomMetaDictionary.denaturalizeDataset(present), stream, syntax, {});
    const bytes = new Uint8Array(stream.getBuffer(), 0, stream.size);
    return isDeflated ? even(deflateRawSync(bytes)) : bytes;
  } catch (cause) {
    throw new DataSetError(`a data set cannot be encoded: ${messageOf(cause)}`, { cause });
  }
}

/** The data set in the bytes. @throws DataSetError when they hold none, or the transfer syntax is none of ours. */
export function decodeDataSet(bytes: Uint8Array, transferSyntax: string): DataSet {
  const { littleEndian, syntax, isDeflated } = codecFor(transferSyntax);
  try {
    const plain = isDeflated ? inflateRawSync(bytes, { maxOutputLength: LARGEST_INFLATED }) : bytes;
    // dcmjs reads from the beginning of a buffer of its own.
    const buffer = plain.buffer.slice(plain.byteOffset, plain.byteOffset + plain.byteLength) as ArrayBuffer;
    const read = dcmjs.data.DicomMessage._read(new dcmjs.data.ReadBufferStream(buffer, littleEndian), syntax, {});
    return plainValues(dcmjs.data.DicomMetaDictionary.naturalizeDataset(read));
  } catch (cause) {
    throw new DataSetError(`a data set cannot be decoded: ${messageOf(cause)}`, { cause });
  }
}

/** The data set in an extract of one that was transferred in this syntax: see `DataSetScanner`. @throws DataSetError. */
export function decodeExtract(bytes: Uint8Array, transferSyntax: string): DataSet {
  // Compressed pixel data go with Explicit VR Little Endian; what was deflated has been inflated.
  const isOwn = isDataSetTransferSyntax(transferSyntax) && !codecFor(transferSyntax).isDeflated;
  return decodeDataSet(bytes, isOwn ? transferSyntax : TransferSyntax.ExplicitVRLittleEndian);
}

// Libraries do not write to the console.
dcmjs.log.setLevel('silent');
dcmjs.log.getLogger('validation.dcmjs').setLevel('silent');

const LARGEST_INFLATED = 64 * 1024 * 1024;

interface Codec {
  readonly littleEndian: boolean;
  readonly syntax: string;
  readonly isDeflated: boolean;
}

function codecFor(transferSyntax: string): Codec {
  if (!isDataSetTransferSyntax(transferSyntax))
    throw new DataSetError(`data sets cannot be encoded in ${transferSyntax} here`);
  const isDeflated = transferSyntax === TransferSyntax.DeflatedExplicitVRLittleEndian;
  return {
    littleEndian: transferSyntax !== TransferSyntax.ExplicitVRBigEndian,
    syntax: isDeflated ? TransferSyntax.ExplicitVRLittleEndian : transferSyntax,
    isDeflated,
  };
}

function plainValues(natural: Readonly<Record<string, unknown>>): DataSet {
  const dataSet: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(natural))
    if (keyword !== '_vrMap') dataSet[keyword] = plainValue(value);
  return dataSet;
}

function plainValue(value: unknown): unknown {
  // A range of dates keeps the space it was padded with.
  if (typeof value === 'string') return value.trimEnd();
  if (Array.isArray(value)) return value.map(plainValue);
  if (isPlainObject(value)) return plainValues(value);
  return value;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && '_vrMap' in value;
}

// PS3.5 §A.5: a deflated stream of odd length is padded.
function even(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const padded = new Uint8Array(bytes.length + 1);
  padded.set(bytes);
  return padded;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
