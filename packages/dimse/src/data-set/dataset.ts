// Data sets by keyword, to and from bytes in a transfer syntax: PS3.5 §7 and Annex A.

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import { type Encoding, readDataSet } from './data-set-reader.ts';
import type { DataSet } from './data-set-values.ts';
import { type WriteOptions, writeDataSet } from './data-set-writer.ts';

export { attributeKeywords, keywordOf, tagOf, valueRepresentationOf } from './data-dictionary.ts';
export type { BulkData, DataSet, Element } from './data-set-values.ts';

/** Data sets to and from bytes: the standard's transfer syntaxes, or others of your own. */
export interface DataSetCodec {
  /** The transfer syntaxes it knows, those it likes best first. */
  readonly transferSyntaxes: readonly string[];
  /** The bytes of a data set. @throws DataSetError when a value cannot be written. */
  encode(dataSet: DataSet, transferSyntax: string): Uint8Array;
  /** The data set in the bytes. @throws DataSetError when they hold none. */
  decode(bytes: Uint8Array, transferSyntax: string): DataSet;
}

/** What a data set codec does where the standard leaves a choice. */
export interface DataSetCodecOptions extends WriteOptions {
  /** Most bytes that a deflated data set may have when inflated. Default 64 MiB. */
  readonly maximumInflatedLength?: number;
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

/** A codec of the standard's transfer syntaxes for uncompressed data. */
export function createDataSetCodec(options: DataSetCodecOptions = {}): DataSetCodec {
  const { maximumInflatedLength = 64 * 1024 * 1024 } = options;
  return {
    transferSyntaxes: DATA_SET_TRANSFER_SYNTAXES,
    encode(dataSet, transferSyntax) {
      const bytes = writeDataSet(dataSet, encodingOf(transferSyntax), options);
      return transferSyntax === DEFLATED ? even(deflateRawSync(bytes)) : bytes;
    },
    decode(bytes, transferSyntax) {
      const encoding = encodingOf(transferSyntax);
      return readDataSet(transferSyntax === DEFLATED ? inflated(bytes, maximumInflatedLength) : bytes, encoding);
    },
  };
}

/** What sessions use unless they are given another. */
export const standardDataSetCodec: DataSetCodec = createDataSetCodec();

/** Several codecs as one; for a transfer syntax that more than one knows, the first of them is taken. */
export function combineDataSetCodecs(...codecs: readonly DataSetCodec[]): DataSetCodec {
  const codecFor = (transferSyntax: string): DataSetCodec => {
    const found = codecs.find((codec) => codec.transferSyntaxes.includes(transferSyntax));
    if (!found) throw unknownTransferSyntax(transferSyntax);
    return found;
  };
  return {
    transferSyntaxes: [...new Set(codecs.flatMap((codec) => codec.transferSyntaxes))],
    encode: (dataSet, transferSyntax) => codecFor(transferSyntax).encode(dataSet, transferSyntax),
    decode: (bytes, transferSyntax) => codecFor(transferSyntax).decode(bytes, transferSyntax),
  };
}

/** The data set's bytes. @throws DataSetError when a value cannot be written, or the transfer syntax is none of ours. */
export function encodeDataSet(dataSet: DataSet, transferSyntax: string): Uint8Array {
  return standardDataSetCodec.encode(dataSet, transferSyntax);
}

/** The data set in the bytes. @throws DataSetError when they hold none, or the transfer syntax is none of ours. */
export function decodeDataSet(bytes: Uint8Array, transferSyntax: string): DataSet {
  return standardDataSetCodec.decode(bytes, transferSyntax);
}

/** The data set in an extract of one that was transferred in this syntax: see `DataSetScanner`. @throws DataSetError. */
export function decodeExtract(bytes: Uint8Array, transferSyntax: string): DataSet {
  // Compressed pixel data go with Explicit VR Little Endian; what was deflated has been inflated.
  const isOwn = DATA_SET_TRANSFER_SYNTAXES.includes(transferSyntax) && transferSyntax !== DEFLATED;
  return decodeDataSet(bytes, isOwn ? transferSyntax : TransferSyntax.ExplicitVRLittleEndian);
}

const DEFLATED = TransferSyntax.DeflatedExplicitVRLittleEndian;

function encodingOf(transferSyntax: string): Encoding {
  if (!DATA_SET_TRANSFER_SYNTAXES.includes(transferSyntax)) throw unknownTransferSyntax(transferSyntax);
  return {
    isExplicit: transferSyntax !== TransferSyntax.ImplicitVRLittleEndian,
    littleEndian: transferSyntax !== TransferSyntax.ExplicitVRBigEndian,
  };
}

function unknownTransferSyntax(transferSyntax: string): DataSetError {
  return new DataSetError(`data sets cannot be encoded in ${transferSyntax} here`);
}

function inflated(bytes: Uint8Array, maximumLength: number): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: maximumLength });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DataSetError(`the data set cannot be inflated: ${why}`, { cause });
  }
}

// PS3.5 §A.5: a deflated stream of odd length is padded.
function even(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const padded = new Uint8Array(bytes.length + 1);
  padded.set(bytes);
  return padded;
}
