// Writes data sets as bytes (PS3.5 §7), in steps: elements in ascending order, sequences and items with explicit lengths.

import { Done, Step, type Steps } from '../turns.ts';
import {
  type CharacterSet,
  characterSet,
  type TextKind,
  termsForLabels,
  UnencodableCharacterError,
} from './character-set.ts';
import { MAXIMUM_DEPTH } from './containers.ts';
import { DataSetError } from './data-set-error.ts';
import {
  type DataSetInput,
  type ElementToWrite,
  elementsOf,
  findingElements,
  isBulkData,
  isRecord,
  settledVr,
  valuesOf,
} from './data-set-values.ts';
import { ElementOutput } from './element-output.ts';
import type { Encoding } from './encodings.ts';
import { swapped } from './number-values.ts';
import { ITEM, PIXEL_REPRESENTATION, SEQUENCE_END, SPECIFIC_CHARACTER_SET, UNDEFINED_LENGTH } from './tags.ts';
import { isText, oneText, shownTerms, textOf } from './text-values.ts';
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
export function writingDataSet(
  dataSet: DataSetInput,
  encoding: Encoding,
  options: WriteOptions = {},
): Steps<Uint8Array> | Done<Uint8Array> {
  const writer = new Writer(encoding, options, true);
  const rest = writer.begin(dataSet);
  return rest ? finishing(writer, rest, dataSet, encoding, options) : new Done(writer.finish());
}

function* finishing(
  writer: Writer,
  rest: Steps<void>,
  dataSet: DataSetInput,
  encoding: Encoding,
  options: WriteOptions,
): Steps<Uint8Array> {
  try {
    yield* rest;
    return writer.finish();
  } catch (error) {
    if (!(error instanceof CharacterSetNeededError)) throw error;
    const other = new Writer(encoding, options, false);
    const all = other.begin({ ...dataSet, SpecificCharacterSet: 'ISO_IR 192' });
    if (all) yield* all;
    return other.finish();
  }
}

/** Text is outside the default repertoire, and the data set does not name a character set. */
class CharacterSetNeededError extends Error {}

/** The state that a data set passes on to its later elements, and to items. */
interface Scope {
  readonly depth: number;
  isSigned: boolean;
  terms: readonly string[] | undefined;
}

class Writer {
  readonly #isExplicit: boolean;
  readonly #littleEndian: boolean;
  readonly #replacement: string | undefined;
  /** Whether the writer may add a Specific Character Set. */
  readonly #mayName: boolean;
  readonly #out: ElementOutput;
  readonly #step = new Step();

  constructor({ isExplicit, littleEndian }: Encoding, { replacement }: WriteOptions, mayName: boolean) {
    this.#mayName = mayName;
    this.#isExplicit = isExplicit;
    this.#littleEndian = littleEndian;
    this.#out = new ElementOutput(isExplicit, littleEndian);
    this.#replacement = replacement;
  }

  /** Writes a data set, or the beginning of it. Returns the remaining steps, if any. */
  begin(dataSet: DataSetInput): Steps<void> | undefined {
    return this.#dataSet(dataSet, { depth: 0, isSigned: false, terms: undefined });
  }

  /** The bytes of the whole data set. */
  finish(): Uint8Array {
    return this.#out.finish();
  }

  #dataSet(dataSet: DataSetInput, scope: Scope): Steps<void> | undefined {
    const elements = elementsOf(dataSet);
    const index = elements ? this.#simpleElements(elements, 0, scope) : 0;
    return index === elements?.length ? undefined : this.#rest(dataSet, elements, index, scope);
  }

  *#rest(dataSet: DataSetInput, some: readonly ElementToWrite[] | undefined, from: number, scope: Scope): Steps<void> {
    const elements = some ?? (yield* findingElements(dataSet, this.#step));
    for (let index = from; ; index++) {
      index = this.#simpleElements(elements, index, scope);
      const element = elements[index];
      if (!element) return;
      yield* this.#element(element, scope);
      if (this.#step.isOver) yield this.#step.end();
    }
  }

  /**
   * Writes elements from an index on until one takes more than one step. Returns the index of that one. It is not a
   * generator, because most data sets have nothing else, and generators are slower.
   */
  #simpleElements(elements: readonly ElementToWrite[], from: number, scope: Scope): number {
    let index = from;
    for (; index < elements.length && !this.#step.isOver; index++) {
      const element = elements[index] as ElementToWrite;
      const vr = this.#enter(element, scope);
      const { tag } = element;
      const value = valueToWrite(element);
      if (vr.kind === 'sequence' || (Array.isArray(value) && (vr.kind === 'bytes' || value.length > LONG))) break;
      const start = this.#out.begin(tag, vr);
      const text = this.#value(tag, vr, value);
      if (text !== undefined && !this.#ascii(text, vr, scope)) {
        this.#out.length = start;
        break;
      }
      this.#out.end(tag, vr, start);
      this.#step.add(1 + ((this.#out.length - start) >>> 6));
    }
    return index;
  }

  /** Writes an element, in steps. */
  *#element(element: ElementToWrite, scope: Scope): Steps<void> {
    const vr = this.#enter(element, scope);
    const { tag } = element;
    const value = valueToWrite(element);
    const start = this.#out.begin(tag, vr);
    const isFragments = vr.kind === 'bytes' && Array.isArray(value) && value.length > 0;
    if (isFragments) yield* this.#fragments(tag, value, start);
    else if (vr.kind === 'sequence') yield* this.#items(tag, value, scope);
    else {
      const isLong = Array.isArray(value) && value.length > LONG;
      const text = isLong ? yield* this.#longValue(tag, vr, value) : this.#value(tag, vr, value);
      if (text !== undefined && !this.#ascii(text, vr, scope)) yield* this.#encoded(tag, vr, text, scope);
    }
    if (!isFragments) this.#out.end(tag, vr, start);
    // The work of items and fragments has been counted.
    const length = isFragments || vr.kind === 'sequence' ? 0 : this.#out.length - start;
    this.#step.add(1 + (length >>> 6));
  }

  /** The value representation of an element. Changes the scope if the element does. */
  #enter({ tag, vr, value }: ElementToWrite, scope: Scope): ValueRepresentation {
    if (tag === SPECIFIC_CHARACTER_SET) {
      const terms = termsIn(value);
      if (terms.length > 0 || scope.depth > 0) scope.terms = termsForLabels(terms) ?? terms;
    } else if (tag === PIXEL_REPRESENTATION) scope.isSigned = Number(valuesOf(value)[0]) === 1;
    if (isBulkData(value)) throw new DataSetError('has its value elsewhere', { tag });
    return valueRepresentation(settledVr(vr, value, scope.isSigned));
  }

  /** Writes a value without parts, or returns the text that stands for it. */
  #value(tag: number, vr: ValueRepresentation, value: unknown): string | undefined {
    if (isText(vr)) return textOf(tag, vr, value);
    if (vr.kind === 'bytes') {
      const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
      if (bytes instanceof Uint8Array) this.#out.raw(swapped(bytes, vr.wordSize, this.#littleEndian));
      else if (valuesOf(value).length > 0) throw new DataSetError(`of ${vr.name} takes a Uint8Array`, { tag });
    } else for (const one of valuesOf(value)) this.#out.number(tag, vr, one);
    return undefined;
  }

  /** The same for an array of many values, in steps. */
  *#longValue(tag: number, vr: ValueRepresentation, values: readonly unknown[]): Steps<string | undefined> {
    const texts: string[] = [];
    for (const one of values) {
      if (isText(vr)) texts.push(oneText(tag, vr, one));
      else this.#out.number(tag, vr, one);
      if (this.#step.add(1)) yield this.#step.end();
    }
    return isText(vr) ? texts.join('\\') : undefined;
  }

  *#items(tag: number, value: unknown, outer: Scope): Steps<void> {
    const depth = outer.depth + 1;
    if (depth > MAXIMUM_DEPTH) throw new DataSetError(`is nested more than ${MAXIMUM_DEPTH} deep`, { tag });
    for (const [index, item] of valuesOf(value).entries()) {
      if (!isRecord(item)) throw new DataSetError(`takes data sets, but item ${index} is not one`, { tag });
      const start = this.#out.length;
      this.#out.itemHeader(ITEM, 0);
      if (this.#step.add(1)) yield this.#step.end();
      try {
        const rest = this.#dataSet(item, { ...outer, depth });
        if (rest) yield* rest;
      } catch (error) {
        throw error instanceof DataSetError ? error.inItem(tag, index) : error;
      }
      this.#out.setLength(start + 4, this.#out.length - start - 8);
    }
  }

  *#fragments(tag: number, fragments: readonly unknown[], start: number): Steps<void> {
    if (!this.#isExplicit) throw new DataSetError('cannot be encapsulated in implicit VR', { tag });
    this.#out.setLength(start + 8, UNDEFINED_LENGTH);
    for (const fragment of fragments) {
      if (!(fragment instanceof Uint8Array)) throw new DataSetError('takes fragments as Uint8Array', { tag });
      this.#out.itemHeader(ITEM, fragment.length + (fragment.length % 2));
      this.#out.raw(fragment);
      if (fragment.length % 2 === 1) this.#out.raw(ZERO);
      if (this.#step.add(1 + (fragment.length >>> 6))) yield this.#step.end();
    }
    this.#out.itemHeader(SEQUENCE_END, 0);
  }

  /** Writes the text if it is in the default repertoire. */
  #ascii(text: string, vr: ValueRepresentation, { terms }: Scope): boolean {
    const isYen = vr.usesCharacterSet && terms !== undefined && /13$/.test(terms[0] ?? '');
    return !isYen && this.#out.ascii(text);
  }

  /** Writes text in the character set of the data set. */
  *#encoded(tag: number, vr: ValueRepresentation, text: string, scope: Scope): Steps<void> {
    const terms = vr.usesCharacterSet ? scope.terms : undefined;
    if (terms === undefined && vr.usesCharacterSet && this.#mayName) throw new CharacterSetNeededError();
    const set = characterSet(terms ?? []);
    if (!set) throw new DataSetError(`is in an unknown character set: ${shownTerms(terms ?? [])}`, { tag });
    const kind = { hasManyValues: vr.hasManyValues, isPersonName: vr.kind === 'person name' };
    try {
      this.#out.raw(yield* set.encoding(text, kind, this.#step));
    } catch (cause) {
      if (!(cause instanceof UnencodableCharacterError)) throw cause;
      if (this.#replacement === undefined) throw new DataSetError(cause.message, { tag, cause });
      this.#out.raw(yield* this.#replaced(tag, text, this.#replacement, set, kind));
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
}

/** The value of an element as it is written: labels of data sets that were read become defined terms. */
function valueToWrite({ tag, value }: ElementToWrite): unknown {
  return tag === SPECIFIC_CHARACTER_SET ? (termsForLabels(termsIn(value)) ?? value) : value;
}

/** The values of Specific Character Set. */
function termsIn(value: unknown): readonly string[] {
  return valuesOf(value).flatMap((one) =>
    String(one ?? '')
      .split('\\')
      .map((term) => term.trim()),
  );
}

const ZERO = new Uint8Array(1);
/** Arrays of more values are written in steps. */
const LONG = 4096;
