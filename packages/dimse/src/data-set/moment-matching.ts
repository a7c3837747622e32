// Matching of dates and times with single values and ranges (PS3.4 §C.2.2.2.1, §C.2.2.2.5).

import { texts } from './access.ts';
import { type UntypedDataSet, valueRepresentationOf } from './dataset.ts';
import { offsetOf, shiftedDateTime } from './timezone-adjustment.ts';

/** Value representations that are matched as ranges. */
export type MomentVr = 'DA' | 'TM' | 'DT';

/** A test of values against a key. A key of lower precision matches all moments that begin with it. */
export function momentTest(vr: MomentVr, key: string): (value: string) => boolean {
  const { from, to, isRange, offsets } = rangeOf(vr, key);
  return (value) => {
    const moment = digits(value);
    if (moment === '') return false;
    if (offsets) {
      const [first, last] = offsets.map((offset) => digits(inOffset(value, offset))) as [string, string];
      if (isRange) return isInRange(first, from, '') && isInRange(last, '', to);
      return first.startsWith(from) || from.startsWith(first);
    }
    if (isRange) return isInRange(moment, from, to);
    return vr === 'DA' ? moment === from : moment.startsWith(from) || from.startsWith(moment);
  };
}

/** A date and its time that are matched together as one range. */
export interface CombinedRange {
  readonly date: string;
  readonly time: string;
  matches(entity: UntypedDataSet): boolean;
}

/** Dates with their times, such as StudyDate and StudyTime, if both keys are ranges. */
export function combinedRanges(identifier: UntypedDataSet): CombinedRange[] {
  const found: CombinedRange[] = [];
  for (const date of Object.keys(identifier)) {
    const time = date.replace(/Date$/, 'Time');
    if (time === date || valueRepresentationOf(date) !== 'DA' || valueRepresentationOf(time) !== 'TM') continue;
    const [dates] = texts(identifier[date]);
    const [times] = texts(identifier[time]);
    if (!dates?.includes('-') || !times?.includes('-')) continue;
    const [days, hours] = [rangeOf('DA', dates), rangeOf('TM', times)];
    const [from, to] = [days.from && days.from + hours.from, days.to && days.to + hours.to];
    const matches = (entity: UntypedDataSet) => {
      const [day] = texts(entity[date]);
      if (!day) return false;
      return isInRange(`${digits(day)}${digits(texts(entity[time])[0] ?? '').padEnd(6, '0')}`, from, to);
    };
    found.push({ date, time, matches });
  }
  return found;
}

interface Range {
  readonly from: string;
  readonly to: string;
  readonly isRange: boolean;
  /** The offsets from UTC of both bounds in minutes, if a bound has one. */
  readonly offsets?: readonly [from: number | undefined, to: number | undefined];
}

function rangeOf(vr: MomentVr, key: string): Range {
  // A date and time may end with an offset from UTC: -0500 is not a range.
  const separator = vr === 'DT' ? dateTimeSeparator(key) : key.indexOf('-');
  const isRange = separator >= 0;
  const [from, to] = isRange ? [key.slice(0, separator), key.slice(separator + 1)] : [key, key];
  const offsets = vr === 'DT' ? ([offsetOf(from), offsetOf(to)] as const) : undefined;
  const hasOffset = offsets?.some((offset) => offset !== undefined) ?? false;
  return { from: digits(from), to: digits(to), isRange, ...(offsets && hasOffset && { offsets }) };
}

/** A date and time in another offset from UTC. It is not changed if one of the offsets is unknown. */
function inOffset(value: string, offset: number | undefined): string {
  const own = offsetOf(value);
  if (own === undefined || offset === undefined || own === offset) return value;
  return shiftedDateTime(value, offset - own) ?? value;
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
