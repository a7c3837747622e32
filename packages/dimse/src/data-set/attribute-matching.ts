// Attribute matching: whether an entity matches the identifier of a C-FIND request (PS3.4 §C.2.2.2).

import { isElement, items, texts } from './access.ts';
import { type DataSet, valueRepresentationOf } from './dataset.ts';

/** The choices that the standard leaves to the provider or to negotiation. */
export interface MatchingOptions {
  /**
   * Whether person names match fuzzily: each word of the key begins a word of the name, regardless of accents,
   * punctuation and order. PS3.4 §C.2.2.2.1.1 leaves the method to the implementation. Negotiated; default false.
   */
  readonly fuzzy?: boolean;
  /** Whether a date and its time are matched together as one range (PS3.4 §C.2.2.2.5). Negotiated; default false. */
  readonly combinedDateTime?: boolean;
}

/**
 * Whether `entity` matches every key of `identifier`. Keys without a value match everything. Query/Retrieve Level,
 * Query/Retrieve View, Specific Character Set and Timezone Offset From UTC are not keys.
 */
export function matchesIdentifier(entity: DataSet, identifier: DataSet, options: MatchingOptions = {}): boolean {
  const combined = options.combinedDateTime ? combinedRanges(identifier) : [];
  const inCombined = new Set(combined.flatMap(({ date, time }) => [date, time]));
  for (const [keyword, key] of Object.entries(identifier)) {
    if (NO_KEYS.has(keyword) || inCombined.has(keyword)) continue;
    if (!matchesAttribute(keyword, entity[keyword], key, options)) return false;
  }
  return combined.every(({ date, time, from, to }) => {
    const [day] = texts(entity[date]);
    if (!day) return false;
    const moment = `${digits(day)}${(digits(texts(entity[time])[0] ?? '') || '').padEnd(6, '0')}`;
    return isInRange(moment, from, to);
  });
}

// These control the query; they are not matched.
const NO_KEYS: ReadonlySet<string> = new Set([
  'QueryRetrieveLevel',
  'QueryRetrieveView',
  'SpecificCharacterSet',
  'TimezoneOffsetFromUTC',
]);

function matchesAttribute(keyword: string, found: unknown, asked: unknown, options: MatchingOptions): boolean {
  const vr = isElement(asked) ? asked.vr : valueRepresentationOf(keyword);
  if (vr === 'SQ' || isItems(asked)) return matchesSequence(found, asked, options);
  const keys = filledTexts(asked, vr);
  if (keys.length === 0) return true;
  const values = filledTexts(found, vr);
  // The standard allows lists of UIDs; lists of other values are tolerated.
  return keys.some((one) => values.some((other) => matchesValue(vr, other, one, options)));
}

// §C.2.2.2.6: one item of the entity must match all keys of the identifier's item.
function matchesSequence(value: unknown, key: unknown, options: MatchingOptions): boolean {
  const [item] = items(key);
  if (!item || Object.values(item).every(isUniversal)) return true;
  return items(value).some((candidate) => matchesIdentifier(candidate, item, options));
}

function matchesValue(vr: string | undefined, value: string, key: string, { fuzzy }: MatchingOptions): boolean {
  if (vr === 'PN') return fuzzy ? matchesFuzzily(value, key) : matchesName(value, key);
  if (vr === 'DA' || vr === 'TM' || vr === 'DT') return matchesMoment(vr, value, key);
  if (vr === 'DS' || vr === 'IS') return Number(value) === Number(key);
  if (vr === undefined || WITH_WILDCARDS.has(vr)) return matchesWildcards(value, key);
  return value === key;
}

/** VRs in which `*` and `?` stand for other characters (§C.2.2.2.4). */
const WITH_WILDCARDS: ReadonlySet<string> = new Set(['AE', 'CS', 'LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UR', 'UT']);

function matchesWildcards(value: string, key: string): boolean {
  if (!/[*?]/.test(key)) return value === key;
  // Backtracking to the last star takes at most the product of the lengths; a regular expression could take longer.
  let [at, keyAt, star, starAt] = [0, 0, -1, 0];
  while (at < value.length) {
    if (key[keyAt] === '*') {
      star = keyAt++;
      starAt = at;
    } else if (key[keyAt] === '?' || key[keyAt] === value[at]) {
      keyAt++;
      at++;
    } else if (star >= 0) {
      keyAt = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (key[keyAt] === '*') keyAt++;
  return keyAt === key.length;
}

/**
 * Matches regardless of case, as §C.2.2.2.1 allows. A key with one component group matches any group of the name. A key
 * with several groups matches group by group; an empty group matches everything.
 */
function matchesName(value: string, key: string): boolean {
  const groups = value.split('=').map(normalizedName);
  return key
    .split('=')
    .map(normalizedName)
    .every((one, index, all) => {
      if (one === '') return true;
      return all.length === 1
        ? groups.some((group) => matchesWildcards(group, one))
        : matchesWildcards(groups[index] ?? '', one);
    });
}

// Trailing delimiters have no meaning (PS3.5 §6.2).
function normalizedName(group: string): string {
  const name = group.normalize('NFC').toLowerCase();
  let end = name.length;
  while (end > 0 && /[\s^]/.test(name[end - 1] as string)) end--;
  return name.slice(0, end).trimStart();
}

/** Whether every word of the key begins a word of the name, in any order. */
function matchesFuzzily(value: string, key: string): boolean {
  const words = wordsOf(value);
  return wordsOf(key).every((word) => words.some((other) => other.startsWith(word)));
}

function wordsOf(name: string): string[] {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function matchesMoment(vr: 'DA' | 'TM' | 'DT', value: string, key: string): boolean {
  const { from, to, isRange } = rangeOf(vr, key);
  const moment = digits(value);
  if (moment === '') return false;
  if (isRange) return isInRange(moment, from, to);
  // A key of lower precision matches all moments that begin with it.
  return vr === 'DA' ? moment === from : moment.startsWith(from) || from.startsWith(moment);
}

interface Range {
  readonly from: string;
  readonly to: string;
  readonly isRange: boolean;
}

function rangeOf(vr: 'DA' | 'TM' | 'DT', key: string): Range {
  // A date and time may end with an offset from UTC: -0500 is not a range.
  const separator = vr === 'DT' ? dateTimeSeparator(key) : key.indexOf('-');
  if (separator < 0) return { from: digits(key), to: digits(key), isRange: false };
  return { from: digits(key.slice(0, separator)), to: digits(key.slice(separator + 1)), isRange: true };
}

function dateTimeSeparator(key: string): number {
  const match = /^([0-9.]*(?:[+-]\d{4}(?=-|$))?)-/.exec(key);
  if (!match) return -1;
  const before = match[1] as string;
  // '20200101-0500' is a moment with an offset; '20200101-2021' is a range, because no offset exceeds 1400.
  return before.length > 0 && /^-\d{4}$/.test(key.slice(before.length)) && Number(key.slice(-4)) <= 1400
    ? -1
    : before.length;
}

/**
 * The digits of a date or time, to be compared as text. Separators of old formats are removed; digits of a fraction
 * stay.
 */
function digits(text: string): string {
  return text
    .trim()
    .replace(/[+-]\d{4}$/, '')
    .replace(/[^0-9]/g, '');
}

/**
 * Whether a moment lies between two bounds, inclusive. `''` is an open bound. A bound of lower precision includes all
 * moments that begin with it.
 */
function isInRange(moment: string, from: string, to: string): boolean {
  if (from !== '' && moment.padEnd(from.length, '0') < from) return false;
  return to === '' || moment.slice(0, to.length) <= to;
}

interface CombinedRange {
  readonly date: string;
  readonly time: string;
  readonly from: string;
  readonly to: string;
}

/** Dates with their times, such as StudyDate and StudyTime, if both keys are ranges. */
function combinedRanges(identifier: DataSet): CombinedRange[] {
  const found: CombinedRange[] = [];
  for (const date of Object.keys(identifier)) {
    const time = date.replace(/Date$/, 'Time');
    if (time === date || valueRepresentationOf(date) !== 'DA' || valueRepresentationOf(time) !== 'TM') continue;
    const [dates] = texts(identifier[date]);
    const [times] = texts(identifier[time]);
    if (!dates?.includes('-') || !times?.includes('-')) continue;
    const [days, hours] = [rangeOf('DA', dates), rangeOf('TM', times)];
    found.push({ date, time, from: days.from && days.from + hours.from, to: days.to && days.to + hours.to });
  }
  return found;
}

function isUniversal(key: unknown): boolean {
  return isItems(key) ? items(key).every((item) => Object.values(item).every(isUniversal)) : texts(key).length === 0;
}

function isItems(value: unknown): boolean {
  return items(value).length > 0 && !texts(value).length;
}

/** The texts of a key or of a value. `*` alone asks for everything, as an empty key does. */
function filledTexts(value: unknown, vr: string | undefined): string[] {
  const filled = texts(value);
  return vr !== undefined && WITH_WILDCARDS.has(vr) && filled.every((text) => /^\*+$/.test(text)) ? [] : filled;
}
