import { describe, expect, test } from 'vitest';
import { nextOpening, parseSchedule } from './schedule.ts';

const at = (text: string) => new Date(text).getTime();
const isOpen = (windows: readonly string[], zone: string, time: string) =>
  nextOpening(parseSchedule(windows, zone), at(time)) === at(time);

describe('a window', () => {
  test.each([
    // A Monday.
    [['Mon-Fri 18:00-06:00'], 'UTC', '2026-11-30T17:59:59Z', false],
    [['Mon-Fri 18:00-06:00'], 'UTC', '2026-11-30T18:00:00Z', true],
    [['Mon-Fri 18:00-06:00'], 'UTC', '2026-12-01T05:59:59Z', true],
    [['Mon-Fri 18:00-06:00'], 'UTC', '2026-12-01T06:00:00Z', false],
    // That of Friday ends on Saturday; that of Sunday ends on Monday.
    [['Fri 18:00-06:00'], 'UTC', '2026-12-05T05:00:00Z', true],
    [['Sun 18:00-06:00'], 'UTC', '2026-11-30T05:00:00Z', true],
    [['Sun 18:00-06:00'], 'UTC', '2026-12-01T05:00:00Z', false],
    [['Sat,Sun'], 'UTC', '2026-12-06T23:59:00Z', true],
    [['Sat,Sun'], 'UTC', '2026-11-30T00:00:00Z', false],
    [['Fri-Mon'], 'UTC', '2026-11-30T12:00:00Z', true],
    [['20:00-24:00'], 'UTC', '2026-11-30T23:59:00Z', true],
    [['20:00-24:00'], 'UTC', '2026-12-01T00:00:00Z', false],
    [['12:00-13:00', '14:00-15:00'], 'UTC', '2026-11-30T14:30:00Z', true],
    // The same time of the day in winter and in summer.
    [['18:00-19:00'], 'Europe/Berlin', '2026-11-30T17:30:00Z', true],
    [['18:00-19:00'], 'Europe/Berlin', '2026-07-30T16:30:00Z', true],
    [['18:00-19:00'], 'Europe/Berlin', '2026-07-30T17:30:00Z', false],
  ])('%j in %s at %s is open: %s', (windows, zone, time, expected) => {
    expect(isOpen(windows, zone, time)).toBe(expected);
  });

  test('tells the minute at which it opens, if that is near', () => {
    const schedule = parseSchedule(['18:00-06:00'], 'UTC');
    expect(nextOpening(schedule, at('2026-11-30T17:55:30Z'))).toBe(at('2026-11-30T18:00:00Z'));
    expect(nextOpening(schedule, at('2026-11-30T12:00:00Z'))).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    ['', 'is not a window'],
    ['18:00', 'is not a window'],
    ['Mo-Fr-Su', 'is not a day'],
    ['Foo 10:00-12:00', 'is not a day'],
    ['25:00-26:00', 'is not a time of day'],
    ['10:00-24:30', 'is not a time of day'],
  ])('%j is refused', (window, reason) => {
    expect(() => parseSchedule([window], 'UTC')).toThrow(reason);
  });

  test('is refused in a time zone that does not exist', () => {
    expect(() => parseSchedule(['Sat'], 'Europe/Nowhere')).toThrow("'Europe/Nowhere' is not a time zone");
  });
});
