// Reads data sets from bytes (PS3.5 §7), in steps. Memory is bounded by the length of the bytes, nesting by MAXIMUM_DEPTH.

import { Done, type Steps } from '../turns.ts';
import { DataSetError } from './data-set-error.ts';
import { type FaultListener, Faults, implicitVr, outermostScope, type Scope, scopeAfter } from './data-set-scope.ts';
import { type DataSet, putElement } from './data-set-values.ts';
import { ElementBytes } from './element-bytes.ts';
import { LONG_VALUE, readingValue, valueIn } from './element-values.ts';
import { type ReadLimits, ReadTally } from './read-tally.ts';
import { ITEM, ITEM_END, SEQUENCE_END, UNDEFINED_LENGTH } from './tags.ts';
import { valueRepresentation } from './value-representations.ts';

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
export function readingDataSet(
  bytes: Uint8Array,
  encoding: Encoding,
  limits: ReadLimits = {},
): Steps<DataSet> | Done<DataSet> {
  const reader = new Reader(bytes, encoding.littleEndian, new ReadTally(limits));
  const level = reader.level(bytes.length, outermostScope(encoding.isExplicit));
  return reader.readsSimply(level) ? new Done(level.dataSet) : reader.rest(level);
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
    this.#source = new ElementBytes(bytes, littleEndian);
    this.#bytes = this.#source.bytes;
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
        this.#isSimple(tag, vr, length, end, offset);
        const found = yield* this.#element(tag, vr, length, end, scope, offset);
        scope = this.#put(dataSet, tag, found.vr, found.value, scope);
      } catch (error) {
        if (!this.#faults?.tell(error, tag)) return dataSet;
      }
      this.#source.at = end;
    }
    return dataSet;
  }

  /** A data set that is to be read until `end`, or until the item's delimiter if `end` is undefined. */
  level(end: number | undefined, scope: Scope): Level {
    return { dataSet: {}, end, limit: end ?? this.#bytes.length, scope, count: 0, pending: undefined };
  }

  /**
   * Reads elements until one takes more than one step, which is left pending. Returns whether the data set has ended. It is
   * not a generator, because most data sets have nothing else, and generators are slower.
   */
  readsSimply(level: Level): boolean {
    const { dataSet, end, limit } = level;
    const { mostPerItem, step } = this.#tally;
    while (!step.isOver) {
      const offset = this.#source.at;
      if (offset === limit && end !== undefined) return true;
      const tag = this.#source.tag(limit);
      if (tag === ITEM_END && end === undefined) {
        this.#source.length(limit, tag, offset);
        return true;
      }
      if (tag >>> 16 === 0xfffe) throw new DataSetError('stands where no item is', { tag, offset });
      if (++level.count > mostPerItem)
        throw new DataSetError(`is element ${level.count}; a data set or item may have ${mostPerItem}`, {
          tag,
          offset,
          limit: 'maximumElementsPerItem',
        });
      this.#tally.add(tag, offset);
      try {
        const { scope } = level;
        const { vr, length } = this.#source.header(tag, limit, scope, offset);
        if (!this.#isSimple(tag, vr, length, limit, offset)) {
          level.pending = { tag, vr, length, offset };
          return false;
        }
        step.add(length >>> 6);
        const value = valueIn(this.#source, tag, valueRepresentation(vr), length, scope, offset);
        level.scope = this.#put(dataSet, tag, vr, value, scope);
      } catch (error) {
        this.#source.at = this.#endOf(tag, limit, level.scope, offset, error);
      }
    }
    return false;
  }

  /** Reads the rest of a data set after `readsSimply` returned false. */
  *rest(level: Level): Steps<DataSet> {
    do {
      const { pending, scope, limit } = level;
      level.pending = undefined;
      if (pending) {
        const { tag, vr, length, offset } = pending;
        try {
          const found = yield* this.#element(tag, vr, length, limit, scope, offset);
          level.scope = this.#put(level.dataSet, tag, found.vr, found.value, scope);
        } catch (error) {
          this.#source.at = this.#endOf(tag, limit, scope, offset, error);
        }
      }
      if (this.#tally.step.isOver) yield this.#tally.step.end();
    } while (!this.readsSimply(level));
    return level.dataSet;
  }

  /** Adds an element to a data set, and gives the state for the following ones. */
  #put(dataSet: Record<string, unknown>, tag: number, vr: string, value: unknown, scope: Scope): Scope {
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

  /** Whether an element can be read in one step. @throws DataSetError if it is longer than the data set. */
  #isSimple(tag: number, vr: string, length: number, limit: number, offset: number): boolean {
    if (length === UNDEFINED_LENGTH) return false;
    if (length > limit - this.#source.at)
      throw new DataSetError(`declares ${length} bytes, ${limit - this.#source.at} are left`, { tag, offset });
    return vr !== 'SQ' && vr !== 'UN' && length <= LONG_VALUE;
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
    return {
      vr,
      value: yield* readingValue(this.#source, tag, valueRepresentation(vr), length, scope, offset, this.#tally.step),
    };
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
      return {
        vr,
        value: yield* readingValue(
          reader.#source,
          tag,
          valueRepresentation(vr),
          bytes.length,
          inner,
          0,
          this.#tally.step,
        ),
      };
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
        const level = this.level(length === UNDEFINED_LENGTH ? undefined : this.#source.at + length, scope);
        if (!this.readsSimply(level)) yield* this.rest(level);
        items.push(level.dataSet);
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
}

/** A data set or item that is being read. */
interface Level {
  readonly dataSet: Record<string, unknown>;
  readonly end: number | undefined;
  /** The end of the innermost data set, item or sequence with a length. */
  readonly limit: number;
  scope: Scope;
  /** The number of elements. */
  count: number;
  /** An element whose header has been read. */
  pending: { readonly tag: number; readonly vr: string; readonly length: number; readonly offset: number } | undefined;
}

interface Found {
  readonly vr: string;
  readonly value: unknown;
}

// Creating an error is expensive, so a hostile peer may not cause an unlimited number.
const MOST_MISFITS = 64;
