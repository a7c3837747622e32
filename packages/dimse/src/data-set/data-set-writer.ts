// Writes data sets as bytes (PS3.5 §7), in steps: elements in ascending order, sequences and items with explicit lengths.

import { Step, type Steps } from '../turns.ts';
import { type CharacterSet, characterSet, type TextKind, UnencodableCharacterError } from './character-set.ts';
import { DataSetError } from './data-set-error.ts';
import { type Encoding, MAXIMUM_DEPTH } from './data-set-reader.ts';
import { type DataSet, ElementList, impliedVr, isBulkData, isRecord, settledVr, valuesOf } from './data-set-values.ts';
import { type NumberWriter, numberIn, numberWriters, swapped } from './number-values.ts';
import { ITEM, PIXEL_REPRESENTATION, SEQUENCE_END, SPECIFIC_CHARACTER_SET, UNDEFINED_LENGTH } from './tags.ts';
import { isText, oneText, textOf } from './text-values.ts';
import { type ValueRepresentation, valueRepresentation } from './value-representations.ts';

export interface WriteOptions {
  /**
   * Replaces characters that the Specific Character Set of the data set does not contain. By default they are a
   * DataSetError.
   */
  readonly replacement?: string;
}

/**
 * Writes a data set, in steps. If it does not name a Specific Character Set and its text needs one, ISO_IR 192 is used and
 * named.
 * @throws DataSetError with the value that cannot be written.
 */
export function* writingDataSet(dataSet: DataSet, encoding: Encoding, options: WriteOptions = {}): Steps<Uint8Array> {
  try {
    return yield* new Writer(encoding, options, true).whole(dataSet);
  } catch (error) {
    if (!(error instanceof CharacterSetNeededError)) throw error;
    return yield* new Writer(encoding, options, false).whole({ ...dataSet, SpecificCharacterSet: 'ISO_IR 192' });
  }
}

/** Text is outside the default repertoire, and the data set does not name a character set. */
class CharacterSetNeededError extends Error {}

interface Scope {
  readonly depth: number;
  readonly isSigned: boolean;
  readonly terms: readonly string[] | undefined;
}

class Writer {
  readonly #isExplicit: boolean;
  readonly #littleEndian: boolean;
  readonly #replacement: string | undefined;
  /** Whether the writer may add a Specific Character Set. */
  readonly #mayName: boolean;
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  readonly #step = new Step();

  constructor({ isExplicit, littleEndian }: Encoding, { replacement }: WriteOptions, mayName: boolean) {
    this.#mayName = mayName;
    this.#isExplicit = isExplicit;
    this.#littleEndian = littleEndian;
    this.#replacement = replacement;
  }

  *whole(dataSet: DataSet): Steps<Uint8Array> {
    yield* this.#dataSet(dataSet, { depth: 0, isSigned: false, terms: undefined });
    return this.#bytes.subarray(0, this.#length);
  }

  *#dataSet(dataSet: DataSet, outer: Scope): Steps<void> {
    let scope = outer;
    const list = new ElementList(dataSet);
    for (const element of list.atOnce() ?? (yield* list.inSteps(this.#step))) {
      const { tag, value } = element;
      if (tag === SPECIFIC_CHARACTER_SET) {
        const terms = valuesOf(value).flatMap((term) => String(term ?? '').split('\\'));
        if (terms.length > 0 || scope.depth > 0) scope = { ...scope, terms: terms.map((term) => term.trim()) };
      } else if (tag === PIXEL_REPRESENTATION) scope = { ...scope, isSigned: Number(valuesOf(value)[0]) === 1 };
      const vr = valueRepresentation(settledVr(element.vr, value, scope.isSigned));
      if (isBulkData(value)) throw new DataSetError('has its value elsewhere', { tag });
      const start = this.#begin(tag, vr);
      const isFragments = vr.kind === 'bytes' && Array.isArray(value) && value.length > 0;
      if (isFragments) yield* this.#fragments(tag, value, start);
      else if (vr.kind === 'sequence') yield* this.#items(tag, value, scope);
      else {
        const isLong = Array.isArray(value) && value.length > LONG;
        const text = isLong ? yield* this.#longValue(tag, vr, value) : this.#value(tag, vr, value);
        if (text !== undefined && !this.#ascii(text, vr, scope)) yield* this.#encoded(tag, vr, text, scope);
      }
      if (!isFragments) this.#end(tag, vr, start);
      // The work of items and fragments has been counted.
      const length = isFragments || vr.kind === 'sequence' ? 0 : this.#length - start;
      if (this.#step.add(1 + (length >>> 6))) yield this.#step.end();
    }
  }

  /** Writes the header of an element, without its length. Returns the offset of the element. */
  #begin(tag: number, vr: ValueRepresentation): number {
    const start = this.#length;
    const header = this.#headerLength(vr);
    this.#room(header);
    this.#u16(tag >>> 16);
    this.#u16(tag & 0xffff);
    if (this.#isExplicit) {
      this.#bytes[this.#length++] = vr.name.charCodeAt(0);
      this.#bytes[this.#length++] = vr.name.charCodeAt(1);
    }
    this.#length = start + header;
    return start;
  }

  #headerLength(vr: ValueRepresentation): number {
    return this.#isExplicit && vr.isLong ? 12 : 8;
  }

  /** Ends the element that begins at `start`: pads its value and sets its length. */
  #end(tag: number, vr: ValueRepresentation, start: number): void {
    // In implicit VR, only undefined length shows that an unknown element is a sequence.
    if (vr.kind === 'sequence' && !this.#isExplicit && impliedVr(tag) !== 'SQ') {
      this.#itemHeader(SEQUENCE_END, 0);
      this.#view.setUint32(start + 4, UNDEFINED_LENGTH, this.#littleEndian);
      return;
    }
    if (this.#length % 2 === 1) {
      this.#room(1);
      this.#bytes[this.#length++] = vr.padding;
    }
    const header = this.#headerLength(vr);
    const length = this.#length - start - header;
    if (!this.#isExplicit || vr.isLong) this.#view.setUint32(start + header - 4, length, this.#littleEndian);
    else if (length <= 0xffff) this.#view.setUint16(start + 6, length, this.#littleEndian);
    else this.#asUnknown(tag, vr, start, length);
  }

  /** A value too long for the length field of its value representation is written as UN (§6.2.2). */
  #asUnknown(tag: number, vr: ValueRepresentation, start: number, length: number): void {
    // Numbers in UN values are little endian, so long values in big endian cannot be written as UN.
    if (!this.#littleEndian && vr.wordSize > 1) throw new DataSetError(`has ${length} bytes, too many`, { tag });
    this.#room(4);
    this.#bytes.copyWithin(start + 12, start + 8, start + 8 + length);
    this.#bytes.set([0x55, 0x4e, 0, 0], start + 4);
    this.#view.setUint32(start + 8, length, this.#littleEndian);
    this.#length += 4;
  }

  /** Writes a value without parts, or returns the text that stands for it. */
  #value(tag: number, vr: ValueRepresentation, value: unknown): string | undefined {
    if (isText(vr)) return textOf(tag, vr, value);
    if (vr.kind === 'bytes') {
      const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
      if (bytes instanceof Uint8Array) this.#raw(swapped(bytes, vr.wordSize, this.#littleEndian));
      else if (valuesOf(value).length > 0) throw new DataSetError(`of ${vr.name} takes a Uint8Array`, { tag });
    } else for (const one of valuesOf(value)) this.#number(tag, vr, one);
    return undefined;
  }

  /** The same for an array of many values, in steps. */
  *#longValue(tag: number, vr: ValueRepresentation, values: readonly unknown[]): Steps<string | undefined> {
    const texts: string[] = [];
    for (const one of values) {
      if (isText(vr)) texts.push(oneText(tag, vr, one));
      else this.#number(tag, vr, one);
      if (this.#step.add(1)) yield this.#step.end();
    }
    return isText(vr) ? texts.join('\\') : undefined;
  }

  #number(tag: number, vr: ValueRepresentation, value: unknown): void {
    const number = numberIn(tag, vr, value);
    this.#room(vr.wordSize);
    (numberWriters[vr.name] as NumberWriter)(this.#view, this.#length, number, this.#littleEndian);
    this.#length += vr.wordSize;
  }

  *#items(tag: number, value: unknown, outer: Scope): Steps<void> {
    const scope = { ...outer, depth: outer.depth + 1 };
    if (scope.depth > MAXIMUM_DEPTH) throw new DataSetError(`is nested more than ${MAXIMUM_DEPTH} deep`, { tag });
    for (const [index, item] of valuesOf(value).entries()) {
      if (!isRecord(item)) throw new DataSetError(`takes data sets, but item ${index} is not one`, { tag });
      const start = this.#length;
      this.#itemHeader(ITEM, 0);
      if (this.#step.add(1)) yield this.#step.end();
      try {
        yield* this.#dataSet(item, scope);
      } catch (error) {
        throw error instanceof DataSetError ? error.inItem(tag, index) : error;
      }
      this.#view.setUint32(start + 4, this.#length - start - 8, this.#littleEndian);
    }
  }

  *#fragments(tag: number, fragments: readonly unknown[], start: number): Steps<void> {
    if (!this.#isExplicit) throw new DataSetError('cannot be encapsulated in implicit VR', { tag });
    this.#view.setUint32(start + 8, UNDEFINED_LENGTH, this.#littleEndian);
    for (const fragment of fragments) {
      if (!(fragment instanceof Uint8Array)) throw new DataSetError('takes fragments as Uint8Array', { tag });
      this.#itemHeader(ITEM, fragment.length + (fragment.length % 2));
      this.#raw(fragment);
      if (fragment.length % 2 === 1) this.#raw(ZERO);
      if (this.#step.add(1 + (fragment.length >>> 6))) yield this.#step.end();
    }
    this.#itemHeader(SEQUENCE_END, 0);
  }

  #itemHeader(tag: number, length: number): void {
    this.#room(8);
    this.#u16(tag >>> 16);
    this.#u16(tag & 0xffff);
    this.#view.setUint32(this.#length, length, this.#littleEndian);
    this.#length += 4;
  }

  /** Writes the text if it is in the default repertoire. */
  #ascii(text: string, vr: ValueRepresentation, { terms }: Scope): boolean {
    if (vr.usesCharacterSet && terms !== undefined && /13$/.test(terms[0] ?? '')) return false;
    this.#room(text.length);
    const start = this.#length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7e || code === 0x1b) return false;
      this.#bytes[start + index] = code;
    }
    this.#length = start + text.length;
    return true;
  }

  /** Writes text in the character set of the data set. */
  *#encoded(tag: number, vr: ValueRepresentation, text: string, scope: Scope): Steps<void> {
    const terms = vr.usesCharacterSet ? scope.terms : undefined;
    if (terms === undefined && vr.usesCharacterSet && this.#mayName) throw new CharacterSetNeededError();
    const set = characterSet(terms ?? []);
    if (!set) throw new DataSetError(`is in an unknown character set: ${terms?.join('\\')}`, { tag });
    const kind = { hasManyValues: vr.hasManyValues, isPersonName: vr.kind === 'person name' };
    try {
      this.#raw(yield* set.encoding(text, kind, this.#step));
    } catch (cause) {
      if (!(cause instanceof UnencodableCharacterError)) throw cause;
      if (this.#replacement === undefined) throw new DataSetError(cause.message, { tag, cause });
      this.#raw(yield* this.#replaced(tag, text, this.#replacement, set, kind));
    }
  }

  /** Encodes text with the replacement for each character that the set does not have. */
  *#replaced(tag: number, text: string, replacement: string, set: CharacterSet, kind: TextKind): Steps<Uint8Array> {
    const parts: string[] = [];
    for (const character of text) {
      parts.push(set.has(character) ? character : replacement);
      if (this.#step.add(1)) yield this.#step.end();
    }
    try {
      return yield* set.encoding(parts.join(''), kind, this.#step);
    } catch (cause) {
      if (!(cause instanceof UnencodableCharacterError)) throw cause;
      throw new DataSetError(`${cause.message}, which is the replacement`, { tag, cause });
    }
  }

  #raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #u16(value: number): void {
    this.#view.setUint16(this.#length, value, this.#littleEndian);
    this.#length += 2;
  }

  #room(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const ZERO = new Uint8Array(1);
/** Arrays of more values are written in steps. */
const LONG = 4096;
