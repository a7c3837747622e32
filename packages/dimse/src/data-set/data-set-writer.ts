// Writes data sets as bytes (PS3.5 §7): elements in ascending order, sequences and items with explicit lengths.

import { characterSet, UnencodableCharacterError } from './character-set.ts';
import { DataSetError } from './data-set-error.ts';
import { type Encoding, MAXIMUM_DEPTH } from './data-set-reader.ts';
import {
  type DataSet,
  type ElementToWrite,
  elementsOf,
  impliedVr,
  isBulkData,
  isRecord,
  settledVr,
  valuesOf,
} from './data-set-values.ts';
import { decimalString } from './number-strings.ts';
import { type NumberWriter, numberIn, numberWriters, swapped, wordFor } from './number-values.ts';
import { isPersonName, personNameText } from './person-name.ts';
import { ITEM, PIXEL_REPRESENTATION, SEQUENCE_END, SPECIFIC_CHARACTER_SET, UNDEFINED_LENGTH } from './tags.ts';
import { type ValueRepresentation, valueRepresentation } from './value-representations.ts';

export interface WriteOptions {
  /**
   * Replaces characters that the Specific Character Set of the data set does not contain. By default they are a
   * DataSetError.
   */
  readonly replacement?: string;
}

/**
 * Writes a data set. If it does not name a Specific Character Set and its text needs one, ISO_IR 192 is used and named.
 * @throws DataSetError with the value that cannot be written.
 */
export function writeDataSet(dataSet: DataSet, encoding: Encoding, options: WriteOptions = {}): Uint8Array {
  try {
    return new Writer(encoding, options, true).whole(dataSet);
  } catch (error) {
    if (!(error instanceof CharacterSetNeededError)) throw error;
    return new Writer(encoding, options, false).whole({ ...dataSet, SpecificCharacterSet: 'ISO_IR 192' });
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

  constructor({ isExplicit, littleEndian }: Encoding, { replacement }: WriteOptions, mayName: boolean) {
    this.#mayName = mayName;
    this.#isExplicit = isExplicit;
    this.#littleEndian = littleEndian;
    this.#replacement = replacement;
  }

  whole(dataSet: DataSet): Uint8Array {
    this.#dataSet(dataSet, { depth: 0, isSigned: false, terms: undefined });
    return this.#bytes.subarray(0, this.#length);
  }

  #dataSet(dataSet: DataSet, outer: Scope): void {
    let scope = outer;
    for (const element of elementsOf(dataSet)) {
      const { tag, value } = element;
      if (tag === SPECIFIC_CHARACTER_SET) {
        const terms = valuesOf(value).flatMap((term) => String(term ?? '').split('\\'));
        if (terms.length > 0 || scope.depth > 0) scope = { ...scope, terms: terms.map((term) => term.trim()) };
      } else if (tag === PIXEL_REPRESENTATION) scope = { ...scope, isSigned: Number(valuesOf(value)[0]) === 1 };
      this.#element(element, scope);
    }
  }

  #element({ tag, vr: given, value }: ElementToWrite, scope: Scope): void {
    const vr = valueRepresentation(settledVr(given, value, scope.isSigned));
    if (isBulkData(value)) throw new DataSetError('has its value elsewhere', { tag });
    const start = this.#length;
    const isShort = this.#isExplicit && !vr.isLong;
    const header = this.#isExplicit && vr.isLong ? 12 : 8;
    this.#room(header);
    this.#u16(tag >>> 16);
    this.#u16(tag & 0xffff);
    if (this.#isExplicit) {
      this.#bytes[this.#length++] = vr.name.charCodeAt(0);
      this.#bytes[this.#length++] = vr.name.charCodeAt(1);
    }
    this.#length = start + header;
    if (vr.kind === 'bytes' && Array.isArray(value) && value.length > 0) {
      this.#fragments(tag, value);
      this.#view.setUint32(start + header - 4, UNDEFINED_LENGTH, this.#littleEndian);
      return;
    }
    this.#value(tag, vr, value, scope);
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
    const length = this.#length - start - header;
    if (!isShort) this.#view.setUint32(start + header - 4, length, this.#littleEndian);
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

  #value(tag: number, vr: ValueRepresentation, value: unknown, scope: Scope): void {
    switch (vr.kind) {
      case 'sequence':
        this.#items(tag, value, scope);
        return;
      case 'bytes': {
        const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
        if (bytes instanceof Uint8Array) this.#raw(swapped(bytes, vr.wordSize, this.#littleEndian));
        else if (valuesOf(value).length > 0) throw new DataSetError(`of ${vr.name} takes a Uint8Array`, { tag });
        return;
      }
      case 'text':
      case 'number string':
      case 'person name':
        this.#text(tag, vr, textOf(tag, vr, value), scope);
        return;
      default: {
        const values = valuesOf(value);
        this.#room(values.length * vr.wordSize);
        for (const one of values) {
          const number = numberIn(tag, vr, one);
          (numberWriters[vr.name] as NumberWriter)(this.#view, this.#length, number, this.#littleEndian);
          this.#length += vr.wordSize;
        }
      }
    }
  }

  #items(tag: number, value: unknown, outer: Scope): void {
    const scope = { ...outer, depth: outer.depth + 1 };
    if (scope.depth > MAXIMUM_DEPTH) throw new DataSetError(`is nested more than ${MAXIMUM_DEPTH} deep`, { tag });
    for (const [index, item] of valuesOf(value).entries()) {
      if (!isRecord(item)) throw new DataSetError(`takes data sets, but item ${index} is not one`, { tag });
      const start = this.#length;
      this.#itemHeader(ITEM, 0);
      try {
        this.#dataSet(item, scope);
      } catch (error) {
        throw error instanceof DataSetError ? error.inItem(tag, index) : error;
      }
      this.#view.setUint32(start + 4, this.#length - start - 8, this.#littleEndian);
    }
  }

  #fragments(tag: number, fragments: readonly unknown[]): void {
    if (!this.#isExplicit) throw new DataSetError('cannot be encapsulated in implicit VR', { tag });
    for (const fragment of fragments) {
      if (!(fragment instanceof Uint8Array)) throw new DataSetError('takes fragments as Uint8Array', { tag });
      this.#itemHeader(ITEM, fragment.length + (fragment.length % 2));
      this.#raw(fragment);
      if (fragment.length % 2 === 1) this.#raw(ZERO);
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

  #text(tag: number, vr: ValueRepresentation, text: string, scope: Scope): void {
    const terms = vr.usesCharacterSet ? scope.terms : undefined;
    const isYen = terms !== undefined && /13$/.test(terms[0] ?? '');
    this.#room(text.length);
    if (!isYen && this.#ascii(text)) return;
    if (terms === undefined && vr.usesCharacterSet && this.#mayName) throw new CharacterSetNeededError();
    const set = characterSet(terms ?? []);
    if (!set) throw new DataSetError(`is in an unknown character set: ${terms?.join('\\')}`, { tag });
    const kind = { hasManyValues: vr.hasManyValues, isPersonName: vr.kind === 'person name' };
    for (let rest = text; ; ) {
      try {
        this.#raw(set.encode(rest, kind));
        return;
      } catch (cause) {
        if (!(cause instanceof UnencodableCharacterError)) throw cause;
        if (this.#replacement === undefined) throw new DataSetError(cause.message, { tag, cause });
        // Replacing the replacement would not end.
        if (this.#replacement.includes(cause.character))
          throw new DataSetError(`${cause.message}, which is the replacement`, { tag, cause });
        rest = rest.replaceAll(cause.character, this.#replacement);
      }
    }
  }

  /** Writes the text if it is in the default repertoire. */
  #ascii(text: string): boolean {
    const start = this.#length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7e || code === 0x1b) return false;
      this.#bytes[start + index] = code;
    }
    this.#length = start + text.length;
    return true;
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

function textOf(tag: number, vr: ValueRepresentation, value: unknown): string {
  return typeof value === 'string' && vr.kind !== 'number string'
    ? value
    : valuesOf(value)
        .map((one) => oneText(tag, vr, one))
        .join('\\');
}

function oneText(tag: number, vr: ValueRepresentation, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (vr.kind === 'person name' && isPersonName(value)) return personNameText(value);
  if (vr.kind === 'number string' && (typeof value === 'number' || typeof value === 'bigint')) {
    if (vr.name === 'DS' && Number.isFinite(Number(value))) return decimalString(Number(value));
    if (vr.name === 'IS' && Number.isInteger(Number(value))) return String(value);
  } else if (vr.kind === 'text' && (typeof value === 'number' || typeof value === 'bigint')) return String(value);
  throw new DataSetError(`of ${vr.name} cannot have ${wordFor(value)}`, { tag });
}
