// Scans the structure of a data set as its bytes arrive (PS3.5 §7), without keeping pixel data.

import { aListOf, aNumber, anything, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { implicitVr } from './data-set-scope.ts';
import { DataSetTokenizer } from './data-set-tokenizer.ts';
import { LONG_HEADER, mayHaveParts, noLengthError, SHORT_HEADER } from './element-header.ts';
import { type Encoding, encodingOf } from './encodings.ts';
import type { DataSetWarning } from './leniency.ts';

/** Options of a `DataSetScanner`. */
export interface DataSetScannerOptions {
  /** Tags, `0xggggeeee`, of the elements outside sequences whose values are kept. */
  readonly wanted?: readonly number[];
  /** The maximum length of a kept value in bytes; longer ones are skipped. Default 1024. */
  readonly maximumValueLength?: number;
  /**
   * Tags of the elements outside sequences that go into `extract`, including whole sequences, or all of them. A `Set` is
   * used without a copy.
   */
  readonly extracted?: Tags | 'all';
  /** The maximum length of the extract in bytes; elements that would exceed it are left out. Default 64 KiB. */
  readonly maximumExtractLength?: number;
  /**
   * Whether sequences and items that have a length are entered, except sequences that are `wanted`: then every structure that
   * `decodeDataSet` rejects is rejected. It takes as long as decoding. Default: false.
   */
  readonly isDeep?: boolean;
  /** The length of the data set in bytes, inflated, if it is known: values beyond it are then rejected at their header. */
  readonly length?: number | undefined;
}

/** Tags, `0xggggeeee`. */
export type Tags = readonly number[] | ReadonlySet<number>;

/** The scanner for callers in this package, which make one for each instance: its options are not checked. */
export class UncheckedScanner {
  /** The values found so far by tag, as encoded, including padding. */
  readonly values: ReadonlyMap<number, Uint8Array>;
  readonly #values = new Map<number, Uint8Array>();
  readonly #wanted: ReadonlySet<number>;
  readonly #maximumValueLength: number;
  readonly #encoding: Encoding;
  readonly #tokenizer: DataSetTokenizer;
  /** The value that is being kept. */
  #collected: Uint8Array | undefined;
  readonly #extracted: ReadonlySet<number> | undefined;
  readonly #maximumExtractLength: number;
  readonly #isDeep: boolean;
  /** The extracted elements, and room for more. */
  #extract = new Uint8Array(0);
  #extractLength = 0;
  /** The offset in the extract at which the element begins that is being extracted. */
  #extracting: number | undefined;
  #leftOut = 0;

  constructor(transferSyntax: string, options: DataSetScannerOptions) {
    const {
      wanted = [],
      maximumValueLength = 1024,
      extracted = [],
      maximumExtractLength = 65_536,
      isDeep = false,
      length,
    } = options;
    // A caller that scans many data sets passes one set for all of them.
    if (extracted !== 'all') this.#extracted = extracted instanceof Set ? extracted : new Set(extracted);
    this.#maximumExtractLength = maximumExtractLength;
    this.values = this.#values;
    this.#wanted = new Set(wanted);
    this.#maximumValueLength = maximumValueLength;
    this.#encoding = encodingOf(transferSyntax);
    this.#tokenizer = new DataSetTokenizer(this.#encoding, length === undefined ? {} : { length });
    this.#isDeep = isDeep;
  }

  /** The extracted elements of the data so far, as a data set in the same transfer syntax. */
  get extract(): Uint8Array {
    return this.#extract.slice(0, this.#extracting ?? this.#extractLength);
  }

  /** The deviations that were tolerated so far. */
  get warnings(): readonly DataSetWarning[] {
    return this.#tokenizer.warnings.list();
  }

  /** How many elements are not in the extract because they would have exceeded its maximum length. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** How many of the following bytes the caller may pass over with `skip` instead of writing them. */
  get skippable(): number {
    return this.#tokenizer.skippable;
  }

  /** Passes over this many bytes, at most `skippable`. */
  skip(length: number): void {
    this.#tokenizer.skip(length);
  }

  /** Takes the next bytes. @throws DataSetError if they cannot be part of a data set in this transfer syntax. */
  push(chunk: Uint8Array): void {
    const tokenizer = this.#tokenizer;
    tokenizer.feed(chunk);
    for (let token = tokenizer.next(); token !== undefined; token = tokenizer.next()) {
      const isOutermost = token === 'element' && tokenizer.depth === (tokenizer.container ? 1 : 0);
      if (isOutermost) this.#takeElement();
      else if (this.#extracting === undefined && (token === 'element' || token === 'fragment')) tokenizer.stepOver();
      else if (token === 'item' && !this.#isDeep) this.#passItem();
      if (this.#isDeep && token === 'element') this.#enter();
      if (this.#collected && token === 'value') this.#collect(this.#collected, tokenizer.slice);
      if (this.#extracting === undefined) continue;
      this.#keepExtract(isOutermost ? this.#header() : tokenizer.encoded, this.#extracting);
      // An element ends with its value, or with its last item.
      if (tokenizer.depth === 0 && tokenizer.left === 0) this.#extracting = undefined;
    }
  }

  /** Ends the data. @throws DataSetError if the data set is incomplete. */
  end(): void {
    this.#tokenizer.end();
  }

  #passItem(): void {
    if (this.#extracting === undefined) this.#tokenizer.stepOver();
    else this.#tokenizer.takeWhole();
  }

  /** Enters a sequence that has a length. @throws DataSetError if an element without a length may not have parts. */
  #enter(): void {
    const { tag, offset, container, vr = implicitVr(tag, false) } = this.#tokenizer;
    if (container && !mayHaveParts(container, vr)) throw noLengthError(vr, { tag, offset });
    if (!container && vr === 'SQ' && !this.#collected) this.#tokenizer.enter();
  }

  #takeElement(): void {
    const { tag, length, container } = this.#tokenizer;
    const isExtracted = !this.#extracted || this.#extracted.has(tag);
    if (isExtracted) this.#extracting = this.#extractLength;
    // The first value counts, wherever a caller stops.
    const isWanted = this.#wanted.has(tag) && !container && !this.#values.has(tag);
    if (isWanted && length === 0) this.#values.set(tag, new Uint8Array(0));
    else if (isWanted && length <= this.#maximumValueLength) this.#collected = new Uint8Array(length);
    if (!isExtracted && this.#collected === undefined) this.#tokenizer.stepOver();
  }

  /**
   * The header of an extracted element. One without a value representation is read by the elements before it. They may
   * not be in the extract, so it is written as UN, which is Implicit VR Little Endian inside.
   */
  #header(): Uint8Array {
    const { vr, length, container, encoded } = this.#tokenizer;
    const { isExplicit, littleEndian } = this.#encoding;
    const isImplied = vr === 'UN' || (vr === undefined && littleEndian);
    if (!isExplicit || encoded.length !== SHORT_HEADER || !isImplied) return encoded;
    const header = Buffer.alloc(LONG_HEADER);
    header.set(encoded.subarray(0, 4));
    header.write(container === 'fragments' ? 'OB' : 'UN', 4, 'latin1');
    if (littleEndian) header.writeUInt32LE(length, 8);
    else header.writeUInt32BE(length, 8);
    return header;
  }

  #collect(collected: Uint8Array, slice: Uint8Array): void {
    const { tag, left } = this.#tokenizer;
    collected.set(slice, collected.length - left - slice.length);
    if (left > 0) return;
    this.#values.set(tag, collected);
    this.#collected = undefined;
  }

  /** Adds a part of the element that begins at `start`, or leaves the element out if it would exceed the maximum. */
  #keepExtract(part: Uint8Array, start: number): void {
    const end = this.#extractLength + part.length;
    if (end > this.#maximumExtractLength) {
      this.#extractLength = start;
      this.#extracting = undefined;
      this.#leftOut++;
      // A header of an item is entered by a deep scan.
      if (this.#collected === undefined && !(this.#isDeep && this.#tokenizer.left === 0)) this.#tokenizer.stepOver();
      return;
    }
    if (end > this.#extract.length) {
      const larger = new Uint8Array(
        Math.min(Math.max(end, 2 * this.#extract.length, 1024), this.#maximumExtractLength),
      );
      larger.set(this.#extract.subarray(0, this.#extractLength));
      this.#extract = larger;
    }
    this.#extract.set(part, this.#extractLength);
    this.#extractLength = end;
  }
}

/**
 * Takes a data set in chunks of any size, keeps the values asked for, and checks the structure to the end. Values are
 * skipped, as are sequences and items that have a length, unless the scan is deep. The cost depends on the number of the
 * other elements only. Deflated data must be inflated first.
 */
export class DataSetScanner extends UncheckedScanner {
  constructor(transferSyntax: string, options: DataSetScannerOptions = {}) {
    super(transferSyntax, checkOptions(SCANNER_OPTIONS, options));
  }
}

/** The UID in an encoded value, without padding. */
export function uidValue(value: Uint8Array | undefined): string | undefined {
  if (!value) return undefined;
  // The value may have any length: neither spread nor matched by a regular expression, which may take longer than linear.
  let [start, end] = [0, value.length];
  while (end > start && (value[end - 1] === 0 || value[end - 1] === 0x20)) end--;
  while (start < end && value[start] === 0x20) start++;
  return Buffer.from(value.buffer, value.byteOffset + start, end - start).toString('latin1') || undefined;
}

export const SCANNER_OPTIONS: OptionTable<DataSetScannerOptions> = {
  of: 'DataSetScanner',
  rules: {
    wanted: aListOf(aNumber),
    maximumValueLength: aNumber,
    extracted: anything,
    maximumExtractLength: aNumber,
    isDeep: aValueOf('boolean'),
    length: aNumber,
  },
};
