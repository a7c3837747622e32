// Data sets to and from bytes in a transfer syntax: PS3.5 §7 and Annex A.

import { aValueOf, checkOptions, lazily, type OptionTable } from '@x/pdu/internal';
import { util, zlib } from '../node-modules.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { atOnce, inTurns } from '../turns.ts';
import { DataSetError } from './data-set-error.ts';
import { ATTRIBUTE_LIST_LIMITS, completedLimits, type DataSetLimits, LIMIT_OPTIONS } from './data-set-limits.ts';
import { readingDataSet } from './data-set-reader.ts';
import { characterSetFault, type FaultListener } from './data-set-scope.ts';
import { type WriteOptions, writingDataSet } from './data-set-writer.ts';
import { encodingOf, inflatedSyntax, isUncompressed, type SyntaxEncoding } from './encodings.ts';
import { inflated, inflatedInThread } from './inflation.ts';
import { termsOf } from './text-values.ts';
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

const CODEC_OPTIONS: OptionTable<DataSetCodecOptions> = {
  of: 'createDataSetCodec',
  rules: { ...LIMIT_OPTIONS.rules, replacement: aValueOf('string') },
};

/** Creates a codec for the uncompressed transfer syntaxes of the standard. */
export function createDataSetCodec(options: DataSetCodecOptions = {}): DataSetCodec {
  checkOptions(CODEC_OPTIONS, options);
  const own = completedLimits(DEFAULT_LIMITS, options);
  const limitsOf = (given: Partial<DataSetLimits>) => completedLimits(own, given);
  return {
    transferSyntaxes: DATA_SET_TRANSFER_SYNTAXES,
    encode(dataSet, transferSyntax) {
      const encoding = writtenEncoding(transferSyntax);
      const bytes = atOnce(writingDataSet(dataSet, encoding, options));
      return encoding.isDeflated ? even(zlib().deflateRawSync(bytes)) : bytes;
    },
    decode(bytes, transferSyntax, given = {}) {
      const [encoding, limits] = [readEncoding(transferSyntax), limitsOf(given)];
      checkLength(bytes, limits);
      const plain = encoding.isDeflated ? inflated(bytes, limits.maximumInflatedLength) : bytes;
      return atOnce(readingDataSet(plain, encoding, limits));
    },
    encodeInTurns(dataSet, transferSyntax) {
      const encoding = writtenEncoding(transferSyntax);
      const bytes = inTurns(writingDataSet(dataSet, encoding, options));
      if (!encoding.isDeflated) return bytes;
      return Promise.resolve(bytes).then(async (plain) => even(await deflateInThread()(plain)));
    },
    decodeInTurns(bytes, transferSyntax, given = {}) {
      const [encoding, limits] = [readEncoding(transferSyntax), limitsOf(given)];
      checkLength(bytes, limits);
      if (!encoding.isDeflated) return inTurns(readingDataSet(bytes, encoding, limits));
      const inflating = inflatedInThread(bytes, limits.maximumInflatedLength);
      return inflating.then((plain) => inTurns(readingDataSet(plain, encoding, limits)));
    },
  };
}

// Data sets of files and of tests may have any size.
const DEFAULT_LIMITS: DataSetLimits = {
  maximumDataSetLength: Number.POSITIVE_INFINITY,
  maximumElements: Number.POSITIVE_INFINITY,
  maximumElementsPerItem: Number.POSITIVE_INFINITY,
  maximumInflatedLength: ATTRIBUTE_LIST_LIMITS.maximumInflatedLength,
};

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
  checkOptions(LIMIT_OPTIONS, limits);
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
  checkOptions(LIMIT_OPTIONS, limits);
  return decodeWith(standardDataSetCodec, bytes, transferSyntax, limits);
}

/**
 * Decodes the extract that a `DataSetScanner` made of a data set in this transfer syntax.
 * @param onFault If given, the attributes are read one by one as far as possible: values that cannot be read are left out,
 * at any depth, and text in an unknown character set is read as UTF-8 or Latin-1. It is called for each of these faults, and
 * for a character set that is named by another label than the standard's; after 64 of them, the rest is left out.
 * @throws DataSetError without `onFault`, if the bytes are malformed.
 */
export function decodeExtract(bytes: Uint8Array, transferSyntax: string, onFault?: FaultListener): DataSet {
  const encoding = encodingOf(inflatedSyntax(transferSyntax));
  try {
    const dataSet = atOnce(readingDataSet(bytes, encoding));
    const label = onFault && characterSetFault(termsOf(dataSet.SpecificCharacterSet));
    if (label) onFault(label);
    return dataSet;
  } catch (error) {
    if (!onFault || !(error instanceof DataSetError)) throw error;
    return atOnce(readingDataSet(bytes, encoding, {}, onFault));
  }
}

/** @throws DataSetError if data sets are not written in this transfer syntax. */
function writtenEncoding(transferSyntax: string): SyntaxEncoding {
  if (!DATA_SET_TRANSFER_SYNTAXES.includes(transferSyntax)) throw unknownTransferSyntax(transferSyntax);
  return encodingOf(transferSyntax);
}

/** @throws DataSetError if data sets are not decoded in this transfer syntax. */
function readEncoding(transferSyntax: string): SyntaxEncoding {
  if (!isUncompressed(transferSyntax)) throw unknownTransferSyntax(transferSyntax);
  return encodingOf(transferSyntax);
}

function unknownTransferSyntax(transferSyntax: string): DataSetError {
  return new DataSetError(`data sets cannot be encoded in ${transferSyntax} here`);
}

function checkLength({ length }: Uint8Array, { maximumDataSetLength }: DataSetLimits): void {
  if (length > maximumDataSetLength)
    throw new DataSetError(`the data set has ${length} bytes, more than ${maximumDataSetLength}`, {
      limit: 'maximumDataSetLength',
    });
}

const deflateInThread = lazily<(bytes: Uint8Array) => Promise<Uint8Array>>(() => util().promisify(zlib().deflateRaw));

// PS3.5 §A.5: a deflated stream of odd length is padded.
function even(bytes: Uint8Array): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const padded = new Uint8Array(bytes.length + 1);
  padded.set(bytes);
  return padded;
}
