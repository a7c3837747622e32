// The text of an element: padding, insignificant spaces, character set (PS3.5 §6.1, §6.2).

import { characterSet } from './character-set.ts';
import { DataSetError } from './data-set-error.ts';
import { valuesOf } from './data-set-values.ts';
import type { ValueRepresentation } from './value-representations.ts';

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
  place: { readonly tag: number; readonly offset: number },
): string {
  let last = end;
  while (last > start && isPadding(bytes[last - 1])) last--;
  const raw = bytes.toString('latin1', start, last);
  const own = vr.usesCharacterSet ? (terms ?? []) : [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a code extension
  if (!/[\x1b\x80-\xff]/.test(raw) && !JAPANESE.test(own[0] ?? '')) return raw;
  const set = characterSet(own);
  if (!set) throw new DataSetError(`is in an unknown character set: ${shown(own)}`, place);
  return set.decode(bytes.subarray(start, last), {
    hasManyValues: vr.hasManyValues,
    isPersonName: vr.kind === 'person name',
  });
}

/** One string, or an array of several, each without insignificant spaces. */
export function plainText(text: string, vr: ValueRepresentation): unknown {
  if (!vr.hasManyValues || !text.includes('\\')) return trimmed(text, vr);
  return text.split('\\').map((one) => trimmed(one, vr));
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

// There may be very many terms, and an error for each text.
function shown(terms: readonly string[]): string {
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
