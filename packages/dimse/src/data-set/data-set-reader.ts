// Reads data sets from bytes (PS3.5 §7). Memory is bounded by the length of the bytes, nesting by MAXIMUM_DEPTH.

import { DataSetError } from './data-set-error.ts';
import { type DataSet, emptyValue, impliedVr, plainValue, putElement } from './data-set-values.ts';
import { numberOf } from './number-strings.ts';
import { type NumberReader, numberReaders, swapped } from './number-values.ts';
import { parsePersonName } from './person-name.ts';
import {
  ITEM,
  ITEM_END,
  PIXEL_REPRESENTATION,
  SEQUENCE_END,
  SPECIFIC_CHARACTER_SET,
  UNDEFINED_LENGTH,
} from './tags.ts';
import { plainText, termsOf, textIn, trimmed } from './text-values.ts';
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
  return reader.dataSet(bytes.length, { isExplicit: encoding.isExplicit, depth: 0, isSigned: false, terms: undefined });
}

/** The state that a data set passes on to the items of its sequences. */
interface Scope {
  readonly isExplicit: boolean;
  readonly depth: number;
  /** Whether Pixel Representation (0028,0103) is 1. */
  readonly isSigned: boolean;
  /** Specific Character Set. */
  readonly terms: readonly string[] | undefined;
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  #at = 0;
  /** The number of UN values that could not be read as the dictionary's value representation. */
  #misfits = 0;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    // Values are views of this Buffer, also if the bytes came in another kind of array.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
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
      const value = this.#element(tag, limit, scope, offset);
      // Group lengths are ignored, because they are wrong after a change (§7.2).
      if ((tag & 0xffff) === 0) continue;
      putElement(dataSet, tag, value.vr, value.value);
      if (tag === SPECIFIC_CHARACTER_SET) scope = { ...scope, terms: termsOf(value.value) };
      else if (tag === PIXEL_REPRESENTATION) scope = { ...scope, isSigned: value.value === 1 };
    }
  }

  #element(tag: number, limit: number, scope: Scope, offset: number): { readonly vr: string; readonly value: unknown } {
    const vr = scope.isExplicit ? this.#explicitVr(tag, limit, offset) : implicitVr(tag, scope.isSigned);
    let length: number;
    if (scope.isExplicit && !valueRepresentation(vr).isLong) length = this.#shortLength(limit, tag, offset);
    else {
      if (scope.isExplicit) this.#skip(2, limit, tag, offset);
      length = this.#length(limit, tag, offset);
    }
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
/** The value representation in implicit VR: the dictionary's; if that depends on the value, §A.1 decides.  */
function implicitVr(tag: number, isSigned: boolean): string {
  const vr = impliedVr(tag) ?? 'UN';
  if (vr.length === 2) return vr;
  if (vr !== 'US or SS') return 'OW';
  return isSigned ? 'SS' : 'US';
}
