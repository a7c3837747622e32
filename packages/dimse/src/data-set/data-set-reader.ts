// Reads data sets from bytes (PS3.5 §7), in steps. Memory is bounded by the length of the bytes, nesting by MAXIMUM_DEPTH.

import type { Steps } from '../turns.ts';
import { DataSetError } from './data-set-error.ts';
import { type FaultListener, Faults, implicitVr, outermostScope, type Scope, scopeAfter } from './data-set-scope.ts';
import { type DataSet, emptyValue, putElement } from './data-set-values.ts';
import { ElementBytes } from './element-bytes.ts';
import { type NumberReader, numberReaders, swapped } from './number-values.ts';
import { type ReadLimits, ReadTally } from './read-tally.ts';
import { ITEM, ITEM_END, SEQUENCE_END, UNDEFINED_LENGTH } from './tags.ts';
import { isText, readingText, readingValueOfText, textIn, valueOfText } from './text-values.ts';
import { type ValueRepresentation, valueRepresentation } from './value-representations.ts';

/** How data sets are encoded. */
export interface Encoding {
  readonly isExplicit: boolean;
  readonly littleEndian: boolean;
}

/** The maximum nesting of sequences. */
export const MAXIMUM_DEPTH = 64;

/**
 * Reads a data set, in steps. @throws DataSetError with the place at which the bytes are malformed or exceed a limit.
 * Default: no limit.
 */
export function readingDataSet(bytes: Uint8Array, encoding: Encoding, limits: ReadLimits = {}): Steps<DataSet> {
  const reader = new Reader(bytes, encoding.littleEndian, new ReadTally(limits));
  return reader.dataSet(bytes.length, outermostScope(encoding.isExplicit));
}

/** Reads each element that ends at one of these places as far as possible: see `decodeExtract`. */
export function readingElements(
  bytes: Uint8Array,
  ends: readonly number[],
  { isExplicit, littleEndian }: Encoding,
  onFault: FaultListener,
): Steps<DataSet> {
  const reader = new Reader(bytes, littleEndian, new ReadTally({}), new Faults(onFault));
  return reader.elements(ends, outermostScope(isExplicit));
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #source: ElementBytes;
  readonly #tally: ReadTally;
  /** The number of UN values that could not be read as the dictionary's value representation. */
  #misfits = 0;
  /** If present, values that cannot be read are left out. */
  readonly #faults: Faults | undefined;

  constructor(bytes: Uint8Array, littleEndian: boolean, tally: ReadTally, faults?: Faults) {
    // Values are views of this Buffer, also if the bytes came in another kind of array.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#source = new ElementBytes(bytes, littleEndian);
    this.#tally = tally;
    this.#faults = faults;
  }

  /** Reads elements that end at these places. */
  *elements(ends: readonly number[], outer: Scope): Steps<DataSet> {
    const dataSet: Record<string, unknown> = {};
    let scope = outer;
    for (const end of ends) {
      const offset = this.#source.at;
      let tag: number | undefined;
      try {
        tag = this.#source.tag(end);
        const { vr, length } = this.#source.header(tag, end, scope, offset);
        const found =
          this.#whole(tag, vr, length, end, scope, offset) ??
          (yield* this.#element(tag, vr, length, end, scope, offset));
        scope = this.#put(dataSet, tag, found, scope);
      } catch (error) {
        if (!this.#faults?.tell(error, tag)) return dataSet;
      }
      this.#source.at = end;
    }
    return dataSet;
  }

  /** Reads until `end`, or until the item's delimiter if `end` is undefined. */
  *dataSet(end: number | undefined, outer: Scope): Steps<DataSet> {
    const dataSet: Record<string, unknown> = {};
    let scope = outer;
    let count = 0;
    const limit = end ?? this.#bytes.length;
    const { mostPerItem, step } = this.#tally;
    for (;;) {
      if (this.#source.at === limit && end !== undefined) return dataSet;
      const offset = this.#source.at;
      const tag = this.#source.tag(limit);
      if (tag === ITEM_END && end === undefined) {
        this.#source.length(limit, tag, offset);
        return dataSet;
      }
      if (tag >>> 16 === 0xfffe) throw new DataSetError('stands where no item is', { tag, offset });
      if (++count > mostPerItem)
        throw new DataSetError(`is element ${count}; a data set or item may have ${mostPerItem}`, {
          tag,
          offset,
          limit: 'maximumElementsPerItem',
        });
      if (this.#tally.add(tag, offset)) yield step.end();
      try {
        const { vr, length } = this.#source.header(tag, limit, scope, offset);
        const found =
          this.#whole(tag, vr, length, limit, scope, offset) ??
          (yield* this.#element(tag, vr, length, limit, scope, offset));
        scope = this.#put(dataSet, tag, found, scope);
      } catch (error) {
        this.#source.at = this.#endOf(tag, limit, scope, offset, error);
      }
    }
  }

  /** Adds an element to a data set, and gives the state for the following ones. */
  #put(dataSet: Record<string, unknown>, tag: number, { vr, value }: Found, scope: Scope): Scope {
    // Group lengths are ignored, because they are wrong after a change (§7.2).
    if ((tag & 0xffff) === 0) return scope;
    putElement(dataSet, tag, vr, value);
    return scopeAfter(scope, tag, value, this.#faults);
  }

  /** The end of an element whose value cannot be read. @throws the error if that is not told, or the end is unknown. */
  #endOf(tag: number, limit: number, scope: Scope, offset: number, error: unknown): number {
    if (!this.#faults || !(error instanceof DataSetError)) throw error;
    this.#source.at = offset + 4;
    const { length } = this.#source.header(tag, limit, scope, offset);
    if (length > limit - this.#source.at || !this.#faults.tell(error, tag)) throw error;
    return this.#source.at + length;
  }

  /** An element that can be read in one step; undefined for others. */
  #whole(tag: number, vr: string, length: number, limit: number, scope: Scope, offset: number): Found | undefined {
    if (length === UNDEFINED_LENGTH) return undefined;
    if (length > limit - this.#source.at)
      throw new DataSetError(`declares ${length} bytes, ${limit - this.#source.at} are left`, { tag, offset });
    if (vr === 'SQ' || vr === 'UN' || length > LONG) return undefined;
    this.#tally.step.add(length >>> 6);
    return { vr, value: this.#value(tag, valueRepresentation(vr), length, scope, offset) };
  }

  /** An element with parts, or with a long value. */
  *#element(tag: number, vr: string, length: number, limit: number, scope: Scope, offset: number): Steps<Found> {
    if (length === UNDEFINED_LENGTH) {
      if (vr === 'SQ') return { vr, value: yield* this.#items(tag, undefined, limit, scope, offset) };
      // Inside a sequence of unknown VR everything is Implicit VR Little Endian (§6.2.2).
      if (vr === 'UN') return { vr: 'SQ', value: yield* this.#unknownItems(tag, limit, scope, offset) };
      if (scope.isExplicit && valueRepresentation(vr).kind === 'bytes')
        return { vr, value: yield* this.#fragments(tag, limit, offset) };
      throw new DataSetError(`of value representation ${vr} has no length`, { tag, offset });
    }
    const end = this.#source.at + length;
    if (vr === 'UN') return yield* this.#unknown(tag, end, scope);
    if (vr === 'SQ') return { vr, value: yield* this.#items(tag, end, end, scope, offset) };
    return { vr, value: yield* this.#longValue(tag, valueRepresentation(vr), length, scope, offset) };
  }

  /** Reads a UN value as the dictionary's value representation if possible. It is always little endian (§6.2.2). */
  *#unknown(tag: number, end: number, scope: Scope): Steps<Found> {
    const start = this.#source.at;
    this.#source.at = end;
    const bytes = this.#bytes.subarray(start, end);
    const vr = implicitVr(tag, scope.isSigned);
    if (vr === 'UN') return { vr, value: bytes.length === 0 ? null : bytes };
    if (this.#misfits >= MOST_MISFITS) return { vr: 'UN', value: bytes };
    try {
      const reader = new Reader(bytes, true, this.#tally);
      const inner = { ...scope, isExplicit: false };
      if (vr === 'SQ') return { vr, value: yield* reader.#items(tag, bytes.length, bytes.length, inner, 0) };
      return { vr, value: yield* reader.#longValue(tag, valueRepresentation(vr), bytes.length, inner, 0) };
    } catch (error) {
      if (!(error instanceof DataSetError) || error.limit !== undefined) throw error;
      this.#misfits++;
      return { vr: 'UN', value: bytes };
    }
  }

  *#unknownItems(tag: number, limit: number, scope: Scope, offset: number): Steps<DataSet[]> {
    const start = this.#source.at;
    const reader = new Reader(this.#bytes, true, this.#tally);
    reader.#source.at = start;
    const items = yield* reader.#items(tag, undefined, limit, { ...scope, isExplicit: false }, offset);
    this.#source.at = reader.#source.at;
    return items;
  }

  *#items(tag: number, end: number | undefined, limit: number, outer: Scope, offset: number): Steps<DataSet[]> {
    const scope = { ...outer, depth: outer.depth + 1 };
    if (scope.depth > MAXIMUM_DEPTH)
      throw new DataSetError(`is nested more than ${MAXIMUM_DEPTH} deep`, { tag, offset });
    const items: DataSet[] = [];
    for (;;) {
      if (this.#source.at === end) return items;
      const itemOffset = this.#source.at;
      const item = this.#source.tag(limit, tag);
      const length = this.#source.length(limit, item, itemOffset);
      if (item === SEQUENCE_END && end === undefined) return items;
      if (item !== ITEM) throw new DataSetError('stands where an item is due', { tag: item, offset: itemOffset });
      if (length !== UNDEFINED_LENGTH && length > limit - this.#source.at)
        throw new DataSetError(`declares ${length} bytes, ${limit - this.#source.at} are left`, {
          tag: item,
          offset: itemOffset,
        });
      if (this.#tally.add(item, itemOffset)) yield this.#tally.step.end();
      try {
        items.push(yield* this.dataSet(length === UNDEFINED_LENGTH ? undefined : this.#source.at + length, scope));
        // An item of undefined length ends with its delimiter, within the length of its sequence.
        if (this.#source.at > limit)
          throw new DataSetError('ends beyond what it is in', { tag: ITEM, offset: this.#source.at });
      } catch (error) {
        throw error instanceof DataSetError ? error.inItem(tag, items.length) : error;
      }
    }
  }

  /** Encapsulated pixel data (§A.4): the offset table and the fragments. */
  *#fragments(tag: number, limit: number, offset: number): Steps<Uint8Array[]> {
    const fragments: Uint8Array[] = [];
    for (;;) {
      const itemOffset = this.#source.at;
      const item = this.#source.tag(limit, tag);
      const length = this.#source.length(limit, item, itemOffset);
      if (item === SEQUENCE_END) return fragments;
      if (item !== ITEM || length > limit - this.#source.at)
        throw new DataSetError('is not a sequence of fragments', { tag, offset });
      if (this.#tally.add(item, itemOffset)) yield this.#tally.step.end();
      fragments.push(this.#bytes.subarray(this.#source.at, this.#source.at + length));
      this.#source.at += length;
    }
  }

  /** The value of the next `length` bytes, of a value representation without parts. */
  #value(tag: number, vr: ValueRepresentation, length: number, scope: Scope, offset: number): unknown {
    const start = this.#source.at;
    const end = start + length;
    this.#source.at = end;
    if (length === 0) return emptyValue(vr.kind);
    if (vr.kind === 'bytes') return swapped(this.#bytes.subarray(start, end), vr.wordSize, this.#source.littleEndian);
    if (isText(vr)) return valueOfText(textIn(this.#source.buffer, start, end, vr, scope.terms, { tag, offset }), vr);
    const read = this.#numberReader(tag, vr, length, offset);
    if (length === vr.wordSize) return read(this.#source.view, start, this.#source.littleEndian);
    const values: unknown[] = [];
    for (let at = start; at < end; at += vr.wordSize)
      values.push(read(this.#source.view, at, this.#source.littleEndian));
    return values;
  }

  /** The same, in steps. */
  *#longValue(tag: number, vr: ValueRepresentation, length: number, scope: Scope, offset: number): Steps<unknown> {
    const { step } = this.#tally;
    if (step.add(length >>> 6)) yield step.end();
    if (length <= LONG || vr.kind === 'bytes') return this.#value(tag, vr, length, scope, offset);
    const start = this.#source.at;
    const end = start + length;
    this.#source.at = end;
    if (isText(vr)) {
      const text = yield* readingText(this.#source.buffer, start, end, vr, scope.terms, { tag, offset }, step);
      return yield* readingValueOfText(text, vr, step);
    }
    const read = this.#numberReader(tag, vr, length, offset);
    const values: unknown[] = [];
    for (let at = start; at < end; at += vr.wordSize) {
      values.push(read(this.#source.view, at, this.#source.littleEndian));
      if (step.add(1)) yield step.end();
    }
    return values;
  }

  #numberReader(tag: number, vr: ValueRepresentation, length: number, offset: number): NumberReader {
    if (length % vr.wordSize !== 0)
      throw new DataSetError(`has ${length} bytes, ${vr.name} takes ${vr.wordSize} each`, { tag, offset });
    return numberReaders[vr.name] as NumberReader;
  }
}

interface Found {
  readonly vr: string;
  readonly value: unknown;
}

/** Values of more bytes are read in steps. */
const LONG = 64 * 1024;
// Creating an error is expensive, so a hostile peer may not cause an unlimited number.
const MOST_MISFITS = 64;
