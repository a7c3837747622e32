// Scans the structure of a data set as its bytes arrive (PS3.5 §7), without keeping pixel data.

import { TransferSyntax } from '../registry/uids.generated.ts';
import { DataSetError } from './data-set-error.ts';
import { ITEM, ITEM_END, SEQUENCE_END, UNDEFINED_LENGTH } from './tags.ts';

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
}

/** Tags, `0xggggeeee`. */
export type Tags = readonly number[] | ReadonlySet<number>;

/**
 * Takes a data set in chunks of any size, keeps the values asked for, and checks the structure to the end. Values are
 * skipped, so the cost depends on the number of elements only. Deflated data must be inflated first.
 */
export class DataSetScanner {
  /** The values found so far by tag, as encoded, including padding. */
  readonly values: ReadonlyMap<number, Uint8Array>;
  readonly #values = new Map<number, Uint8Array>();
  readonly #wanted: ReadonlySet<number>;
  readonly #maximumValueLength: number;
  readonly #littleEndian: boolean;
  readonly #isExplicit: boolean;
  readonly #containers: Container[] = [];
  readonly #header = new Uint8Array(LONG_HEADER);
  readonly #view = new DataView(this.#header.buffer);
  #headerLength = 0;
  #offset = 0;
  #element: Element = { tag: 0, length: 0, offset: 0 };
  #skip = 0;
  #collected: Uint8Array | undefined;
  #isPadding = false;
  #hasElements = false;
  readonly #extracted: ReadonlySet<number> | undefined;
  readonly #maximumExtractLength: number;
  /** The extracted elements, and room for more. */
  #extract = new Uint8Array(0);
  readonly #extractEnds: number[] = [];
  #extractLength = 0;
  /** The offset in the extract at which the element begins that is being extracted. */
  #extracting: number | undefined;

  constructor(transferSyntax: string, options: DataSetScannerOptions = {}) {
    const { wanted = [], maximumValueLength = 1024, extracted = [], maximumExtractLength = 65_536 } = options;
    // A caller that scans many data sets passes one set for all of them.
    if (extracted !== 'all') this.#extracted = extracted instanceof Set ? extracted : new Set(extracted);
    this.#maximumExtractLength = maximumExtractLength;
    this.values = this.#values;
    this.#wanted = new Set(wanted);
    this.#maximumValueLength = maximumValueLength;
    this.#littleEndian = transferSyntax !== TransferSyntax.ExplicitVRBigEndian;
    this.#isExplicit = transferSyntax !== TransferSyntax.ImplicitVRLittleEndian;
  }

  /** The extracted elements of the data so far, as a data set in the same transfer syntax. */
  get extract(): Uint8Array {
    return this.#extract.slice(0, this.#extracting ?? this.#extractLength);
  }

  /** The end of each element in the extract, in bytes. */
  get extractEnds(): readonly number[] {
    return this.#extractEnds;
  }

  /** How many of the following bytes the caller may pass over with `skip` instead of writing them. */
  get skippable(): number {
    return this.#collected || this.#extracting !== undefined ? 0 : this.#skip;
  }

  /** Passes over this many bytes, at most `skippable`. */
  skip(length: number): void {
    this.#skip -= length;
    this.#offset += length;
  }

  /** Takes the next bytes. @throws DataSetError if they cannot be part of a data set in this transfer syntax. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#isPadding) return;
      if (this.#skip > 0) {
        const length = Math.min(this.#skip, chunk.length - at);
        if (this.#collected) this.#collected.set(chunk.subarray(at, at + length), this.#collected.length - this.#skip);
        if (this.#extracting !== undefined) this.#keepExtract(chunk.subarray(at, at + length), this.#extracting);
        this.skip(length);
        at += length;
        if (this.#skip === 0) this.#endValue();
      } else {
        this.#header[this.#headerLength++] = chunk[at++] as number;
        this.#offset++;
        if (this.#headerLength >= SHORT_HEADER) {
          const length = this.#headerLength;
          this.#readHeader();
          if (this.#headerLength === 0 && this.#extracting !== undefined)
            this.#keepExtract(this.#header.subarray(0, length), this.#extracting);
          if (this.#headerLength === 0 && this.#skip === 0) this.#endValue();
        }
      }
    }
  }

  #endValue(): void {
    if (this.#collected) this.#values.set(this.#element.tag, this.#collected);
    this.#collected = undefined;
    if (this.#extracting === undefined || this.#containers.length > 0) return;
    this.#extractEnds.push(this.#extractLength);
    this.#extracting = undefined;
  }

  /** Adds a part of the element that begins at `start`, or leaves the element out if it would exceed the maximum. */
  #keepExtract(part: Uint8Array, start: number): void {
    const end = this.#extractLength + part.length;
    if (end > this.#maximumExtractLength) {
      this.#extractLength = start;
      this.#extracting = undefined;
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

  /** Ends the data. @throws DataSetError if the data set is incomplete. */
  end(): void {
    const { tag, length, offset } = this.#element;
    if (this.#skip > 0)
      throw new DataSetError(`is cut short: it declares ${length} bytes, ${length - this.#skip} are there`, {
        tag,
        offset,
      });
    if (this.#headerLength > 0 && this.#header.subarray(0, this.#headerLength).some((byte) => byte !== 0))
      throw new DataSetError('the data set ends inside the header of an element', { offset: this.#offset });
    const open = this.#containers.at(-1);
    if (open) throw new DataSetError('is cut short: its end is not marked', { tag: open.tag, offset: open.offset });
  }

  #readHeader(): void {
    const container = this.#containers.at(-1);
    const isExplicit = container ? container.isExplicit : this.#isExplicit;
    const tag = this.#view.getUint16(0, this.#littleEndian) * 0x10000 + this.#view.getUint16(2, this.#littleEndian);
    const offset = this.#offset - this.#headerLength;
    if (tag === 0 && !container && this.#headerLength === SHORT_HEADER && this.#view.getUint32(4) === 0) {
      if (!this.#hasElements) this.#fail('is not a tag: the data set begins with zeros', tag, offset);
      // Some writers fill the last block with zeros.
      this.#isPadding = true;
      this.#headerLength = 0;
      return;
    }
    if (tag >= ITEM && tag <= SEQUENCE_END) {
      this.#headerLength = 0;
      this.#takeItem(tag, this.#view.getUint32(4, this.#littleEndian), offset);
      return;
    }
    if (container && container.kind !== 'item') this.#fail('stands where an item is due', tag, offset);
    if (!isExplicit) {
      this.#headerLength = 0;
      this.#takeElement(tag, this.#view.getUint32(4, this.#littleEndian), undefined, offset);
      return;
    }
    const vr = String.fromCharCode(this.#header[4] as number, this.#header[5] as number);
    if (!/^[A-Z]{2}$/.test(vr)) this.#fail('has no value representation', tag, offset);
    if (!LONG_VRS.has(vr)) {
      this.#headerLength = 0;
      this.#takeElement(tag, this.#view.getUint16(6, this.#littleEndian), vr, offset);
    } else if (this.#headerLength === LONG_HEADER) {
      this.#headerLength = 0;
      this.#takeElement(tag, this.#view.getUint32(8, this.#littleEndian), vr, offset);
    }
  }

  #takeElement(tag: number, length: number, vr: string | undefined, offset: number): void {
    if (this.#containers.length === 0) {
      this.#hasElements = true;
      if (!this.#extracted || this.#extracted.has(tag)) this.#extracting = this.#extractLength;
    }
    if (length === UNDEFINED_LENGTH) {
      const isFragments = vr !== undefined && vr !== 'SQ' && vr !== 'UN';
      // Inside a sequence of unknown VR everything is Implicit VR (PS3.5 §6.2.2).
      const isExplicit = vr !== undefined && vr !== 'UN';
      this.#open({ kind: isFragments ? 'fragments' : 'sequence', tag, offset, isExplicit });
      return;
    }
    this.#element = { tag, length, offset };
    this.#skip = length;
    if (this.#containers.length > 0 || !this.#wanted.has(tag) || length > this.#maximumValueLength) return;
    // The first value counts, wherever a caller stops.
    if (this.#values.has(tag)) return;
    if (length === 0) this.#values.set(tag, new Uint8Array(0));
    else this.#collected = new Uint8Array(length);
  }

  #takeItem(tag: number, length: number, offset: number): void {
    const container = this.#containers.at(-1);
    if (tag === ITEM) {
      if (container?.kind !== 'sequence' && container?.kind !== 'fragments')
        this.#fail('stands outside a sequence', tag, offset);
      else if (length !== UNDEFINED_LENGTH) {
        this.#element = { tag, length, offset };
        this.#skip = length;
      } else if (container.kind === 'fragments') this.#fail('has no length', tag, offset);
      else this.#open({ ...container, kind: 'item', offset });
    } else if (container && (tag === ITEM_END) === (container.kind === 'item')) this.#containers.pop();
    else this.#fail('ends what was not begun', tag, offset);
  }

  #open(container: Container): void {
    if (this.#containers.length === MAXIMUM_DEPTH)
      this.#fail(`is nested more than ${MAXIMUM_DEPTH} deep`, container.tag, container.offset);
    this.#containers.push(container);
  }

  #fail(what: string, tag: number, offset: number): never {
    throw new DataSetError(what, { tag, offset });
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

interface Element {
  readonly tag: number;
  readonly length: number;
  readonly offset: number;
}

interface Container {
  readonly kind: 'sequence' | 'item' | 'fragments';
  /** The element it belongs to. */
  readonly tag: number;
  readonly offset: number;
  readonly isExplicit: boolean;
}

const SHORT_HEADER = 8;
const LONG_HEADER = 12;
const MAXIMUM_DEPTH = 64;
// PS3.5 Table 7.1-1
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
