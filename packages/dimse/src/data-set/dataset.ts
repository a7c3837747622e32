// Data sets to and from bytes in a transfer syntax: PS3.5 §7 and Annex A.

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import { type Encoding, readDataSet, readElements } from './data-set-reader.ts';
import { DataSetScanner } from './data-set-scanner.ts';
import type { FaultListener } from './data-set-scope.ts';
import type { DataSet } from './data-set-values.ts';
import { type WriteOptions, writeDataSet } from './data-set-writer.ts';

export { attributeKeywords, keywordOf, tagOf, valueRepresentationOf } from './data-dictionary.ts';
export type { BulkData, DataSet, Element } from './data-set-values.ts';

/** Encodes and decodes data sets, in the transfer syntaxes of the standard or in private ones. */
export interface DataSetCodec {
  /** The transfer syntaxes that the codec knows, in order of preference. */
  readonly transferSyntaxes: readonly string[];
  /** Encodes a data set. @throws DataSetError if a value cannot be written. */
  encode(dataSet: DataSet, transferSyntax: string): Uint8Array;
  /** Decodes a data set. @throws DataSetError if the bytes are malformed. */
  decode(bytes: Uint8Array, transferSyntax: string): DataSet;
}

/** Options of a data set codec. */
export interface DataSetCodecOptions extends WriteOptions {
  /** The maximum length in bytes of a deflated data set once it is inflated. Default 64 MiB. */
  readonly maximumInflatedLength?: number;
}

/** The transfer syntaxes of the standard codec, in order of preference. */
export const DATA_SET_TRANSFER_SYNTAXES: readonly string[] = [
  TransferSyntax.ExplicitVRLittleEndian,
  TransferSyntax.ImplicitVRLittleEndian,
  TransferSyntax.DeflatedExplicitVRLittleEndian,
  TransferSyntax.ExplicitVRBigEndian,
];

/** The transfer syntaxes that are proposed by default. Every peer knows one of them. */
export const DEFAULT_TRANSFER_SYNTAXES: readonly string[] = DATA_SET_TRANSFER_SYNTAXES.slice(0, 2);

/** Creates a codec for the uncompressed transfer syntaxes of the standard. */
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

/** The codec that sessions use by default. */
export const standardDataSetCodec: DataSetCodec = createDataSetCodec();

/** Combines codecs. The first codec that knows a transfer syntax is used for it. */
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

/**
 * Encodes a data set with the standard codec. @throws DataSetError if a value cannot be written or the transfer syntax
 * is unknown.
 */
export function encodeDataSet(dataSet: DataSet, transferSyntax: string): Uint8Array {
  return standardDataSetCodec.encode(dataSet, transferSyntax);
}

/**
 * Decodes a data set with the standard codec. @throws DataSetError if the bytes are malformed or the transfer syntax is
 * unknown.
 */
export function decodeDataSet(bytes: Uint8Array, transferSyntax: string): DataSet {
  return standardDataSetCodec.decode(bytes, transferSyntax);
}

/**
 * Decodes the extract that a `DataSetScanner` made of a data set in this transfer syntax.
 * @param onFault If given, the attributes are read one by one as far as possible: values that cannot be read are left out,
 * at any depth, and text in an unknown character set is read as UTF-8 or Latin-1. It is called for each of these faults;
 * after 64 of them, the rest is left out.
 * @throws DataSetError without `onFault`, if the bytes are malformed.
 */
export function decodeExtract(bytes: Uint8Array, transferSyntax: string, onFault?: FaultListener): DataSet {
  // Data sets with compressed pixel data are in Explicit VR Little Endian; extracts of deflated ones are inflated
  // already.
  const isOwn = DATA_SET_TRANSFER_SYNTAXES.includes(transferSyntax) && transferSyntax !== DEFLATED;
  const syntax = isOwn ? transferSyntax : TransferSyntax.ExplicitVRLittleEndian;
  try {
    return decodeDataSet(bytes, syntax);
  } catch (error) {
    if (!onFault || !(error instanceof DataSetError)) throw error;
    return readElements(bytes, elementEnds(bytes, syntax), encodingOf(syntax), onFault);
  }
}

/** The ends of the elements of an extract as its scanner sees them: the reader may not know. */
function elementEnds(bytes: Uint8Array, transferSyntax: string): readonly number[] {
  const scanner = new DataSetScanner(transferSyntax, { extracted: 'all', maximumExtractLength: bytes.length });
  scanner.push(bytes);
  return scanner.extractEnds;
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
