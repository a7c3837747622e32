// The text of an element: padding, insignificant spaces, character set (PS3.5 §6.1, §6.2).

import type { Step, Steps } from '../turns.ts';
import { type ReadableCharacterSet, readableCharacterSet, type TextKind } from './character-set.ts';
import { DataSetError } from './data-set-error.ts';
import { emptyValue, plainValue, valuesOf } from './data-set-values.ts';
import { decimalString, numberOf } from './number-strings.ts';
import { wordFor } from './number-values.ts';
import { isPersonName, parsePersonName, personNameText } from './person-name.ts';
import type { ValueRepresentation } from './value-representations.ts';

/** Whether values of this representation are encoded as text. */
export function isText({ kind }: ValueRepresentation): boolean {
  return kind === 'text' || kind === 'number string' || kind === 'person name';
}

/**
 * The text in the bytes of a value, from `start` to `end`, without its padding. `terms` are the values of Specific Character Set.
 * @throws DataSetError if the text is in an unknown character set.
 */
export function textIn(
  bytes: Buffer,
  start: number,
  end: number,
  vr: ValueRepresentation,
  terms: readonly string[] | undefined,
  place: Place,
): string {
  const found = encodedText(bytes, start, end, vr, terms, place);
  return typeof found === 'string' ? found : found.set.decode(found.bytes, found.kind);
}

/** The same, in steps. */
export function* readingText(
  bytes: Buffer,
  start: number,
  end: number,
  vr: ValueRepresentation,
  terms: readonly string[] | undefined,
  place: Place,
  step: Step,
): Steps<string> {
  const found = encodedText(bytes, start, end, vr, terms, place);
  return typeof found === 'string' ? found : yield* found.set.decoding(found.bytes, found.kind, step);
}

/** The value that a text stands for: one or several, each without insignificant spaces. */
export function valueOfText(text: string, vr: ValueRepresentation): unknown {
  if (vr.kind === 'text') {
    if (!vr.hasManyValues || !text.includes('\\')) return trimmed(text, vr);
    return text.split('\\').map((one) => trimmed(one, vr));
  }
  const part = partOf(vr);
  return valueOfParts(text.includes('\\') ? text.split('\\').map(part) : [part(text)], vr);
}

/** The same, in steps. */
export function* readingValueOfText(text: string, vr: ValueRepresentation, step: Step): Steps<unknown> {
  if (!vr.hasManyValues) return trimmed(text, vr);
  const part = partOf(vr);
  const parts: unknown[] = [];
  for (let start = 0; ; ) {
    const end = text.indexOf('\\', start);
    parts.push(part(end < 0 ? text.slice(start) : text.slice(start, end)));
    if (end < 0) return valueOfParts(parts, vr);
    start = end + 1;
    if (step.add(1)) yield step.end();
  }
}

function partOf(vr: ValueRepresentation): (one: string) => unknown {
  if (vr.kind === 'text') return (one) => trimmed(one, vr);
  if (vr.kind === 'number string') return (one) => numberOf(trimmed(one, vr));
  return (one) => (/^[\s=]*$/.test(one) ? null : parsePersonName(one));
}

function valueOfParts(parts: readonly unknown[], { kind }: ValueRepresentation): unknown {
  if (kind !== 'person name') return plainValue(parts);
  return parts.length === 1 && parts[0] === null ? emptyValue(kind) : parts;
}

interface Place {
  readonly tag: number;
  readonly offset: number;
}

interface EncodedText {
  readonly set: ReadableCharacterSet;
  readonly bytes: Uint8Array;
  readonly kind: TextKind;
}

/** The text itself if it is in the default repertoire, else its bytes and their character set. */
function encodedText(
  bytes: Buffer,
  start: number,
  end: number,
  vr: ValueRepresentation,
  terms: readonly string[] | undefined,
  place: Place,
): string | EncodedText {
  let last = end;
  while (last > start && isPadding(bytes[last - 1])) last--;
  const raw = bytes.toString('latin1', start, last);
  const own = vr.usesCharacterSet ? (terms ?? []) : [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a code extension
  if (!/[\x1b\x80-\xff]/.test(raw) && !JAPANESE.test(own[0] ?? '')) return raw;
  const set = readableCharacterSet(own);
  if (!set) throw new DataSetError(`is in an unknown character set: ${shownTerms(own)}`, place);
  const kind = { hasManyValues: vr.hasManyValues, isPersonName: vr.kind === 'person name' };
  return { set, bytes: bytes.subarray(start, last), kind };
}

/**
 * The text without insignificant spaces. A loop, because the time of a regular expression may grow faster than the
 * length.
 */
export function trimmed(text: string, { trims }: ValueRepresentation): string {
  let [start, end] = [0, text.length];
  while (end > start && isPadding(text.charCodeAt(end - 1))) end--;
  if (trims === 'both') while (start < end && text.charCodeAt(start) === 0x20) start++;
  return text.slice(start, end);
}

/** The values of Specific Character Set, if there are any. */
export function termsOf(value: unknown): readonly string[] | undefined {
  const terms = valuesOf(value).map(String);
  return terms.length === 0 ? undefined : terms;
}

/** The first terms, for messages: there may be very many, and an error for each text. */
export function shownTerms(terms: readonly string[]): string {
  return terms
    .slice(0, 4)
    .map((term) => term.slice(0, 20))
    .join('\\');
}

function isPadding(code: number | undefined): boolean {
  return code === 0x20 || code === 0x00;
}

// The repertoire in which a backslash is a yen sign.
const JAPANESE = /IR[ _-]?13$/;

/** The text that stands for a value. @throws DataSetError if its representation cannot have the value. */
export function textOf(tag: number, vr: ValueRepresentation, value: unknown): string {
  return typeof value === 'string' && vr.kind !== 'number string'
    ? value
    : valuesOf(value)
        .map((one) => oneText(tag, vr, one))
        .join('\\');
}

/** The text that stands for one of several values. */
export function oneText(tag: number, vr: ValueRepresentation, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (vr.kind === 'person name' && isPersonName(value)) return personNameText(value);
  if (vr.kind === 'number string' && (typeof value === 'number' || typeof value === 'bigint')) {
    if (vr.name === 'DS' && Number.isFinite(Number(value))) return decimalString(Number(value));
    if (vr.name === 'IS' && Number.isInteger(Number(value))) return String(value);
  } else if (vr.kind === 'text' && (typeof value === 'number' || typeof value === 'bigint')) return String(value);
  throw new DataSetError(`of ${vr.name} cannot have ${wordFor(value)}`, { tag });
}
