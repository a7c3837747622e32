// Reads data sets from bytes (PS3.5 §7). Memory is bounded by the length of the bytes, nesting by MAXIMUM_DEPTH.

import { DataSetError } from './data-set-error.ts';
import { type FaultListener, Faults, implicitVr, outermostScope, type Scope, scopeAfter } from './data-set-scope.ts';
import { type DataSet, emptyValue, plainValue, putElement } from './data-set-values.ts';
import { numberOf } from './number-strings.ts';
import { type NumberReader, numberReaders, swapped } from './number-values.ts';
import { parsePersonName } from './person-name.ts';
import { ITEM, ITEM_END, SEQUENCE_END, UNDEFINED_LENGTH } from './tags.ts';
import { plainText, textIn, trimmed } from './text-values.ts';
import { isValueRepresentation, type ValueRepresentation, valueRepresentation } from './value-representations.ts';

/** How data sets are encoded. */
export interface Encoding {
  readonly isExplicit: boolean;
  readonly littleEndian: boolean;
}

/** The maximum nesting of sequences. */
export const MAXIMUM_DEPTH = 64;

/** Reads a data set. @throws DataSetError with the place at which the bytes are malformed. */
export function readDataSet(bytes: Uint8Array, encoding: Encoding): DataSet {
  const reader = new Reader(bytes, encoding.littleEndian);
  return reader.dataSet(bytes.length, outermostScope(encoding.isExplicit));
}

/** Reads each element that ends at one of these places as far as possible: see `decodeExtract`. */
export function readElements(
  bytes: Uint8Array,
  ends: readonly number[],
  { isExplicit, littleEndian }: Encoding,
  onFault: FaultListener,
): DataSet {
  return new Reader(bytes, littleEndian, new Faults(onFault)).elements(ends, outermostScope(isExplicit));
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  #at = 0;
  /** The number of UN values that could not be read as the dictionary's value representation. */
  #misfits = 0;
  /** If present, values that cannot be read are left out. */
  readonly #faults: Faults | undefined;

  constructor(bytes: Uint8Array, littleEndian: boolean, faults?: Faults) {
    // Values are views of this Buffer, also if the bytes came in another kind of array.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
    this.#faults = faults;
  }

  /** Reads elements that end at these places. */
  elements(ends: readonly number[], outer: Scope): DataSet {
    const dataSet: Record<string, unknown> = {};
    let scope = outer;
    for (const end of ends) {
      const offset = this.#at;
      let tag: number | undefined;
      try {
        tag = this.#tag(end);
        scope = this.#put(dataSet, tag, end, scope, offset);
      } catch (error) {
        if (!this.#faults?.tell(error, tag)) return dataSet;
      }
      this.#at = end;
    }
    return dataSet;
  }

  /** Reads until `end`, or until the item's delimiter if `end` is undefined. */
  dataSet(end: number | undefined, outer: Scope): DataSet {
    const dataSet: Record<string, unknown> = {};
    let scope = outer;
    const limit = end ?? this.#bytes.length;
    for (;;) {
      if (this.#at === limit && end !== undefined) return dataSet;
      const offset = this.#at;
      const tag = this.#tag(limit);
      if (tag === ITEM_END && end === undefined) {
        this.#length(limit, tag, offset);
        return dataSet;
      }
      if (tag >>> 16 === 0xfffe) throw new DataSetError('stands where no item is', { tag, offset });
      try {
        scope = this.#put(dataSet, tag, limit, scope, offset);
      } catch (error) {
        this.#at = this.#endOf(tag, limit, scope, offset, error);
      }
    }
  }

  /** Reads an element into a data set, and gives the state for the following ones. */
  #put(dataSet: Record<string, unknown>, tag: number, limit: number, scope: Scope, offset: number): Scope {
    const value = this.#element(tag, limit, scope, offset);
    // Group lengths are ignored, because they are wrong after a change (§7.2).
    if ((tag & 0xffff) === 0) return scope;
    putElement(dataSet, tag, value.vr, value.value);
    return scopeAfter(scope, tag, value.value, this.#faults);
  }

  /** Where an element ends whose value cannot be read. @throws the error if that is not told, or the end is unknown. */
  #endOf(tag: number, limit: number, scope: Scope, offset: number, error: unknown): number {
    if (!this.#faults || !(error instanceof DataSetError)) throw error;
    this.#at = offset + 4;
    const { length } = this.#header(tag, limit, scope, offset);
    if (length > limit - this.#at || !this.#faults.tell(error, tag)) throw error;
    return this.#at + length;
  }

  #header(tag: number, limit: number, scope: Scope, offset: number): { readonly vr: string; readonly length: number } {
    const vr = scope.isExplicit ? this.#explicitVr(tag, limit, offset) : implicitVr(tag, scope.isSigned);
    if (scope.isExplicit && !valueRepresentation(vr).isLong)
      return { vr, length: this.#shortLength(limit, tag, offset) };
    if (scope.isExplicit) this.#skip(2, limit, tag, offset);
    return { vr, length: this.#length(limit, tag, offset) };
  }

  #element(tag: number, limit: number, scope: Scope, offset: number): { readonly vr: string; readonly value: unknown } {
    const { vr, length } = this.#header(tag, limit, scope, offset);
    if (length === UNDEFINED_LENGTH) {
      if (vr === 'SQ') return { vr, value: this.#items(tag, undefined, limit, scope, offset) };
      // Inside a sequence of unknown VR everything is Implicit VR Little Endian (§6.2.2).
      if (vr === 'UN') return { vr: 'SQ', value: this.#unknownItems(tag, limit, scope, offset) };
      if (scope.isExplicit && valueRepresentation(vr).kind === 'bytes')
        return { vr, value: this.#fragments(tag, limit, offset) };
      throw new DataSetError(`of value representation ${vr} has no length`, { tag, offset });
    }
    if (length > limit - this.#at)
      throw new DataSetError(`declares ${length} bytes, ${limit - this.#at} are left`, { tag, offset });
    const end = this.#at + length;
    if (vr === 'UN') return this.#unknown(tag, end, scope);
    if (vr === 'SQ') return { vr, value: this.#items(tag, end, end, scope, offset) };
    const value = this.#value(tag, valueRepresentation(vr), end, scope, offset, this.#littleEndian);
    this.#at = end;
    return { vr, value };
  }

  #explicitVr(tag: number, limit: number, offset: number): string {
    const at = this.#at;
    this.#skip(2, limit, tag, offset);
    const vr = this.#buffer.toString('latin1', at, at + 2);
    if (isValueRepresentation(vr) || /^[A-Z]{2}$/.test(vr)) return vr;
    throw new DataSetError('has no value representation', { tag, offset });
  }

  /** Reads a UN value as the dictionary's value representation if possible. It is always little endian (§6.2.2). */
  #unknown(tag: number, end: number, scope: Scope): { readonly vr: string; readonly value: unknown } {
    const start = this.#at;
    this.#at = end;
    const bytes = this.#bytes.subarray(start, end);
    const vr = implicitVr(tag, scope.isSigned);
    if (vr === 'UN') return { vr, value: bytes.length === 0 ? null : bytes };
    if (this.#misfits >= MOST_MISFITS) return { vr: 'UN', value: bytes };
    try {
      const reader = new Reader(bytes, true);
      const inner = { ...scope, isExplicit: false };
      if (vr === 'SQ') return { vr, value: reader.#items(tag, bytes.length, bytes.length, inner, 0) };
      return { vr, value: reader.#value(tag, valueRepresentation(vr), bytes.length, inner, 0, true) };
    } catch (error) {
      if (!(error instanceof DataSetError)) throw error;
      this.#misfits++;
      return { vr: 'UN', value: bytes };
    }
  }

  #unknownItems(tag: number, limit: number, scope: Scope, offset: number): DataSet[] {
    const start = this.#at;
    const reader = new Reader(this.#bytes, true);
    reader.#at = start;
    const items = reader.#items(tag, undefined, limit, { ...scope, isExplicit: false }, offset);
    this.#at = reader.#at;
    return items;
  }

  #items(tag: number, end: number | undefined, limit: number, outer: Scope, offset: number): DataSet[] {
    const scope = { ...outer, depth: outer.depth + 1 };
    if (scope.depth > MAXIMUM_DEPTH)
      throw new DataSetError(`is nested more than ${MAXIMUM_DEPTH} deep`, { tag, offset });
    const items: DataSet[] = [];
    for (;;) {
      if (this.#at === end) return items;
      const itemOffset = this.#at;
      const item = this.#tag(limit, tag);
      const length = this.#length(limit, item, itemOffset);
      if (item === SEQUENCE_END && end === undefined) return items;
      if (item !== ITEM) throw new DataSetError('stands where an item is due', { tag: item, offset: itemOffset });
      if (length !== UNDEFINED_LENGTH && length > limit - this.#at)
        throw new DataSetError(`declares ${length} bytes, ${limit - this.#at} are left`, {
          tag: item,
          offset: itemOffset,
        });
      try {
        items.push(length === UNDEFINED_LENGTH ? this.#openItem(limit, scope) : this.dataSet(this.#at + length, scope));
      } catch (error) {
        throw error instanceof DataSetError ? error.inItem(tag, items.length) : error;
      }
    }
  }

  /** An item of undefined length ends with its delimiter, within the length of its sequence. */
  #openItem(limit: number, scope: Scope): DataSet {
    const item = this.dataSet(undefined, scope);
    if (this.#at > limit) throw new DataSetError('ends beyond what it is in', { tag: ITEM, offset: this.#at });
    return item;
  }

  /** Encapsulated pixel data (§A.4): the offset table and the fragments. */
  #fragments(tag: number, limit: number, offset: number): Uint8Array[] {
    const fragments: Uint8Array[] = [];
    for (;;) {
      const itemOffset = this.#at;
      const item = this.#tag(limit, tag);
      const length = this.#length(limit, item, itemOffset);
      if (item === SEQUENCE_END) return fragments;
      if (item !== ITEM || length > limit - this.#at)
        throw new DataSetError('is not a sequence of fragments', { tag, offset });
      fragments.push(this.#bytes.subarray(this.#at, this.#at + length));
      this.#at += length;
    }
  }

  #value(
    tag: number,
    vr: ValueRepresentation,
    end: number,
    scope: Scope,
    offset: number,
    littleEndian: boolean,
  ): unknown {
    const start = this.#at;
    if (start === end) return emptyValue(vr.kind);
    switch (vr.kind) {
      case 'text':
        return plainText(this.#text(tag, vr, end, scope, offset), vr);
      case 'number string':
        return plainValue(
          this.#text(tag, vr, end, scope, offset)
            .split('\\')
            .map((one) => numberOf(trimmed(one, vr))),
        );
      case 'person name': {
        const names = this.#text(tag, vr, end, scope, offset).split('\\');
        const groups = names.map((name) => (/^[\s=]*$/.test(name) ? null : parsePersonName(name)));
        return groups.length === 1 && groups[0] === null ? emptyValue(vr.kind) : groups;
      }
      case 'bytes':
        return swapped(this.#bytes.subarray(start, end), vr.wordSize, littleEndian);
      default: {
        if ((end - start) % vr.wordSize !== 0)
          throw new DataSetError(`has ${end - start} bytes, ${vr.name} takes ${vr.wordSize} each`, { tag, offset });
        const read = numberReaders[vr.name] as NumberReader;
        if (end - start === vr.wordSize) return read(this.#view, start, littleEndian);
        const values: unknown[] = [];
        for (let at = start; at < end; at += vr.wordSize) values.push(read(this.#view, at, littleEndian));
        return values;
      }
    }
  }

  #text(tag: number, vr: ValueRepresentation, end: number, scope: Scope, offset: number): string {
    return textIn(this.#buffer, this.#at, end, vr, scope.terms, { tag, offset });
  }

  #tag(limit: number, sequence?: number): number {
    const offset = this.#at;
    if (limit - offset < 8)
      throw new DataSetError(`${limit - offset} bytes are left, an element needs 8`, {
        offset,
        ...(sequence !== undefined && { tag: sequence }),
      });
    this.#at += 4;
    return (
      this.#view.getUint16(offset, this.#littleEndian) * 0x10000 + this.#view.getUint16(offset + 2, this.#littleEndian)
    );
  }

  #length(limit: number, tag: number, offset: number): number {
    this.#skip(4, limit, tag, offset);
    return this.#view.getUint32(this.#at - 4, this.#littleEndian);
  }

  #shortLength(limit: number, tag: number, offset: number): number {
    this.#skip(2, limit, tag, offset);
    return this.#view.getUint16(this.#at - 2, this.#littleEndian);
  }

  #skip(length: number, limit: number, tag: number, offset: number): void {
    if (limit - this.#at < length) throw new DataSetError('is cut short', { tag, offset });
    this.#at += length;
  }
}

// Creating an error is expensive, so a hostile peer may not cause an unlimited number.
const MOST_MISFITS = 64;
