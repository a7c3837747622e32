// Data sets to and from bytes in a transfer syntax: PS3.5 §7 and Annex A.

import { promisify } from 'node:util';
import { deflateRaw, deflateRawSync, inflateRaw, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { atOnce, inTurns } from '../turns.ts';
import { DataSetError } from './data-set-error.ts';
import { ATTRIBUTE_LIST_LIMITS, type DataSetLimits } from './data-set-limits.ts';
import { type Encoding, readingDataSet, readingElements } from './data-set-reader.ts';
import { DataSetScanner } from './data-set-scanner.ts';
import type { FaultListener } from './data-set-scope.ts';
import { type WriteOptions, writingDataSet } from './data-set-writer.ts';
import type { DataSet, DataSetInput } from './typed-data-set.ts';

export { attributeKeywords, type Keyword, keywordOf, tagOf, valueRepresentationOf } from './data-dictionary.ts';
export type {
  BulkData,
  DataSet,
  DataSetInput,
  Element,
  Identifier,
  UntypedDataSet,
} from './data-set-values.ts';

/** Encodes and decodes data sets, in the transfer syntaxes of the standard or in private ones. */
export interface DataSetCodec {
  /** The transfer syntaxes that the codec knows, in order of preference. */
  readonly transferSyntaxes: readonly string[];
  /** Encodes a data set. @throws DataSetError if a value cannot be written. */
  encode(dataSet: DataSetInput, transferSyntax: string): Uint8Array;
  /** Decodes a data set. @throws DataSetError if the bytes are malformed or exceed one of the limits. */
  decode(bytes: Uint8Array, transferSyntax: string, limits?: Partial<DataSetLimits>): DataSet;
  /**
   * The same as `encode`, with turns of the event loop if the data set is large; then the result is a promise. Sessions
   * use it if the codec has it.
   */
  encodeInTurns?(dataSet: DataSetInput, transferSyntax: string): Uint8Array | Promise<Uint8Array>;
  /** The same as `decode`, with turns of the event loop if the data set is large; then the result is a promise. */
  decodeInTurns?(
    bytes: Uint8Array,
    transferSyntax: string,
    limits?: Partial<DataSetLimits>,
  ): DataSet | Promise<DataSet>;
}

/** Options of a data set codec. The limits apply if the caller of `decode` gives none; by default only to deflated data. */
export interface DataSetCodecOptions extends WriteOptions, Partial<DataSetLimits> {}

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
  const limitsOf = (limits: Partial<DataSetLimits>) => ({ ...DEFAULT_LIMITS, ...options, ...limits });
  return {
    transferSyntaxes: DATA_SET_TRANSFER_SYNTAXES,
    encode(dataSet, transferSyntax) {
      const bytes = atOnce(writingDataSet(dataSet, encodingOf(transferSyntax), options));
      return transferSyntax === DEFLATED ? even(deflateRawSync(bytes)) : bytes;
    },
    decode(bytes, transferSyntax, given = {}) {
      const [encoding, limits] = [encodingOf(transferSyntax), limitsOf(given)];
      checkLength(bytes, limits);
      const plain = transferSyntax === DEFLATED ? inflated(bytes, limits.maximumInflatedLength) : bytes;
      return atOnce(readingDataSet(plain, encoding, limits));
    },
    encodeInTurns(dataSet, transferSyntax) {
      const bytes = inTurns(writingDataSet(dataSet, encodingOf(transferSyntax), options));
      if (transferSyntax !== DEFLATED) return bytes;
      return Promise.resolve(bytes).then(async (plain) => even(await deflateInThread(plain)));
    },
    decodeInTurns(bytes, transferSyntax, given = {}) {
      const [encoding, limits] = [encodingOf(transferSyntax), limitsOf(given)];
      checkLength(bytes, limits);
      if (transferSyntax !== DEFLATED) return inTurns(readingDataSet(bytes, encoding, limits));
      const inflating = inflatedInThread(bytes, limits.maximumInflatedLength);
      return inflating.then((plain) => inTurns(readingDataSet(plain, encoding, limits)));
    },
  };
}

// Data sets of files and of tests may have any size.
const DEFAULT_LIMITS = { maximumInflatedLength: ATTRIBUTE_LIST_LIMITS.maximumInflatedLength };

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
    decode: (bytes, transferSyntax, limits) => codecFor(transferSyntax).decode(bytes, transferSyntax, limits),
    encodeInTurns: (dataSet, transferSyntax) => encodeWith(codecFor(transferSyntax), dataSet, transferSyntax),
    decodeInTurns: (bytes, transferSyntax, limits) =>
      decodeWith(codecFor(transferSyntax), bytes, transferSyntax, limits),
  };
}

/** Encodes a data set in turns if the codec can. */
export function encodeWith(
  codec: DataSetCodec,
  dataSet: DataSetInput,
  transferSyntax: string,
): Uint8Array | Promise<Uint8Array> {
  return codec.encodeInTurns ? codec.encodeInTurns(dataSet, transferSyntax) : codec.encode(dataSet, transferSyntax);
}

/** Decodes a data set in turns if the codec can. */
export function decodeWith(
  codec: DataSetCodec,
  bytes: Uint8Array,
  transferSyntax: string,
  limits?: Partial<DataSetLimits>,
): DataSet | Promise<DataSet> {
  return codec.decodeInTurns
    ? codec.decodeInTurns(bytes, transferSyntax, limits)
    : codec.decode(bytes, transferSyntax, limits);
}

/**
 * Encodes a data set with the standard codec. @throws DataSetError if a value cannot be written or the transfer syntax
 * is unknown.
 */
export function encodeDataSet(dataSet: DataSetInput, transferSyntax: string): Uint8Array {
  return standardDataSetCodec.encode(dataSet, transferSyntax);
}

/**
 * The same with turns of the event loop if the data set is large, so that other work goes on. The data set must not change
 * meanwhile.
 */
export async function encodeDataSetInTurns(dataSet: DataSetInput, transferSyntax: string): Promise<Uint8Array> {
  return encodeWith(standardDataSetCodec, dataSet, transferSyntax);
}

/**
 * Decodes a data set with the standard codec. Default: no limit except 64 MiB for deflated data.
 * @throws DataSetError if the bytes are malformed or exceed one of the limits, or the transfer syntax is unknown.
 */
export function decodeDataSet(bytes: Uint8Array, transferSyntax: string, limits?: Partial<DataSetLimits>): DataSet {
  return standardDataSetCodec.decode(bytes, transferSyntax, limits);
}

/**
 * The same with turns of the event loop if the data set is large, so that other work goes on. Deflated data are inflated
 * in another thread.
 */
export async function decodeDataSetInTurns(
  bytes: Uint8Array,
  transferSyntax: string,
  limits?: Partial<DataSetLimits>,
): Promise<DataSet> {
  return decodeWith(standardDataSetCodec, bytes, transferSyntax, limits);
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
    return atOnce(readingElements(bytes, elementEnds(bytes, syntax), encodingOf(syntax), onFault));
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

function checkLength({ length }: Uint8Array, { maximumDataSetLength }: Partial<DataSetLimits>): void {
  if (maximumDataSetLength !== undefined && length > maximumDataSetLength)
    throw new DataSetError(`the data set has ${length} bytes, more than ${maximumDataSetLength}`, {
      limit: 'maximumDataSetLength',
    });
}

function inflated(bytes: Uint8Array, maximumLength: number): Uint8Array {
  try {
    return inflateRawSync(bytes, { maxOutputLength: maximumLength });
  } catch (cause) {
    throw notInflated(cause, maximumLength);
  }
}

async function inflatedInThread(bytes: Uint8Array, maximumLength: number): Promise<Uint8Array> {
  try {
    return await inflateInThread(bytes, { maxOutputLength: maximumLength, chunkSize: INFLATED_CHUNK });
  } catch (cause) {
    throw notInflated(cause, maximumLength);
  }
}

const INFLATED_CHUNK = 256 * 1024;
const inflateInThread = promisify(inflateRaw) as (bytes: Uint8Array, options: ZlibOptions) => Promise<Uint8Array>;
const deflateInThread = promisify(deflateRaw) as (bytes: Uint8Array) => Promise<Uint8Array>;

function notInflated(cause: unknown, maximumLength: number): DataSetError {
  if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
    return new DataSetError(`the data set cannot be inflated: it has more than ${maximumLength} bytes`, {
      limit: 'maximumInflatedLength',
      cause,
    });
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DataSetError(`the data set cannot be inflated: ${why}`, { cause });
}

// PS3.5 §A.5: a deflated stream of odd length is padded.
function even(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const padded = new Uint8Array(bytes.length + 1);
  padded.set(bytes);
  return padded;
}
