// The times at which a destination may receive instances.

/** Parts of a week, in minutes since its beginning on Monday; an end may lie in the next week. */
export interface Schedule {
  /** The name of the time zone in which the times are meant. */
  readonly timeZone: string;
  readonly windows: readonly (readonly [from: number, to: number])[];
}

/**
 * Reads windows such as `Mon-Fri 18:00-06:00`, `Sat,Sun` or `20:00-24:00`. A window that ends before it begins ends on the
 * next day.
 * @throws RangeError with the reason
 */
export function parseSchedule(windows: readonly string[], timeZone: string): Schedule {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
  } catch {
    throw new RangeError(`'${timeZone}' is not a time zone: give a name such as Europe/Berlin or UTC`);
  }
  return { timeZone, windows: windows.flatMap(parseWindow) };
}

/**
 * The first minute from `now` on that is in a window, if it is among the next ones; Infinity otherwise: the caller asks again.
 * The clock of the time zone decides, so that changes to and from summer time are followed.
 */
export function nextOpening({ timeZone, windows }: Schedule, now: number): number {
  for (let minute = 0; minute <= MINUTES_AHEAD; minute++) {
    const time = minute === 0 ? now : (Math.floor(now / MINUTE) + minute) * MINUTE;
    const at = minuteOfWeek(time, timeZone);
    if (windows.some(([from, to]) => (at >= from && at < to) || at + WEEK < to)) return time;
  }
  return Number.POSITIVE_INFINITY;
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MINUTE = 60_000;
const DAY = 24 * 60;
const WEEK = 7 * DAY;
/** The longest time between two questions, and one. */
const MINUTES_AHEAD = 11;

const WINDOW = /^\s*([A-Za-z][A-Za-z,\s-]*?)?\s*(?:(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2}))?\s*$/;

function parseWindow(text: string): [number, number][] {
  const found = WINDOW.exec(text);
  if (!found || text.trim() === '')
    throw new RangeError(`'${text}' is not a window: give days and times, such as 'Mon-Fri 18:00-06:00' or 'Sat,Sun'`);
  const [, days = 'Mon-Sun', from = '00:00', to = '24:00'] = found;
  const [start, end] = [minuteOf(from, text), minuteOf(to, text)];
  const length = end > start ? end - start : end + DAY - start;
  return daysOf(days, text).map((day) => [day * DAY + start, day * DAY + start + length]);
}

function daysOf(text: string, window: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const [first = '', last = first] = part.split('-').map((day) => day.trim());
    const [from, to] = [dayOf(first, window), dayOf(last, window)];
    const count = ((to - from + DAYS.length) % DAYS.length) + 1;
    return Array.from({ length: count }, (_, index) => (from + index) % DAYS.length);
  });
}

function dayOf(name: string, window: string): number {
  const day = DAYS.findIndex((each) => each.toLowerCase() === name.slice(0, 3).toLowerCase());
  if (day < 0) throw new RangeError(`'${name}' in '${window}' is not a day: the days are ${DAYS.join(', ')}`);
  return day;
}

function minuteOf(text: string, window: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  if (hours > 24 || minutes > 59 || (hours === 24 && minutes > 0))
    throw new RangeError(`'${text}' in '${window}' is not a time of day`);
  return hours * 60 + minutes;
}

function minuteOfWeek(time: number, timeZone: string): number {
  const format = formatOf(timeZone);
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const day = DAYS.indexOf(parts.get('weekday') ?? '');
  return day * DAY + Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  formats.set(timeZone, made);
  return made;
}
