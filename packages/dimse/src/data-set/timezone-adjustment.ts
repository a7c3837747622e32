// Timezone query adjustment: the dates and times of an entity in the time zone of an identifier (PS3.4 §C.2.2.2.1, §C.5.1.1).

import { items, texts } from './access.ts';
import { valueRepresentationOf } from './data-dictionary.ts';
import type { UntypedDataSet } from './data-set-values.ts';

/** The time zone of an identifier, in which entities are matched and returned. */
export class TimezoneAdjustment {
  readonly #identifier: UntypedDataSet;
  readonly #offset: string;
  readonly #minutes: number;
  readonly #others: number | undefined;

  private constructor(identifier: UntypedDataSet, offset: string, minutes: number, others: number | undefined) {
    this.#identifier = identifier;
    this.#offset = offset;
    this.#minutes = minutes;
    this.#others = others;
  }

  /**
   * The adjustment to the Timezone Offset From UTC of an identifier; undefined if the identifier has none.
   * @param others The offset of entities that do not have one, such as `+0100`. If undefined, these are not adjusted.
   */
  static to(identifier: UntypedDataSet, others?: string): TimezoneAdjustment | undefined {
    const [offset = ''] = texts(identifier.TimezoneOffsetFromUTC);
    const minutes = minutesOf(offset);
    return minutes === undefined
      ? undefined
      : new TimezoneAdjustment(identifier, offset, minutes, minutesOf(others ?? ''));
  }

  /**
   * The entity with the dates and times that the identifier names in the time zone of the identifier, and with its offset.
   * A date without its time has no time zone and stays as it is.
   */
  adjusted(entity: UntypedDataSet): UntypedDataSet {
    const hasOwn = minutesOf(texts(entity.TimezoneOffsetFromUTC)[0] ?? '') ?? this.#others;
    const changed = this.#changed(entity, this.#identifier, this.#others);
    return { ...entity, ...changed, ...(hasOwn !== undefined && { TimezoneOffsetFromUTC: this.#offset }) };
  }

  /** The attributes that change. `key` is the item of the identifier; without one, all attributes are concerned. */
  #changed(item: UntypedDataSet, key: UntypedDataSet | undefined, outer: number | undefined): UntypedDataSet {
    const own = minutesOf(texts(item.TimezoneOffsetFromUTC)[0] ?? '') ?? outer;
    const changed: Record<string, unknown> = {};
    for (const keyword of Object.keys(key ?? item)) {
      const value = item[keyword];
      const [first, ...others] = texts(value);
      const vr = valueRepresentationOf(keyword);
      if (vr === 'SQ') {
        const [keyItem] = items(key?.[keyword]);
        const within = keyItem && Object.keys(keyItem).length > 0 ? keyItem : undefined;
        const each = items(value);
        if (each.length > 0) changed[keyword] = each.map((one) => this.#adjustedItem(one, within, own));
      } else if (first === undefined || others.length > 0) continue;
      else if (vr === 'DT') changed[keyword] = this.#adjustedDateTime(first, own) ?? value;
      else if (own !== undefined && (vr === 'DA' || vr === 'TM')) {
        const [date = '', time = ''] = ['Date', 'Time'].map(
          (end) => texts(item[keyword.replace(/(Date|Time)$/, end)])[0] ?? '',
        );
        const moment = shifted(vr === 'DA' || date !== '' ? date : NO_DAY, time, this.#minutes - own);
        if (moment) changed[keyword] = vr === 'DA' ? moment.date : moment.time;
      }
    }
    return changed;
  }

  #adjustedItem(item: UntypedDataSet, key: UntypedDataSet | undefined, own: number | undefined): UntypedDataSet {
    const { TimezoneOffsetFromUTC: offset } = item;
    const changed = this.#changed(item, key, own);
    return { ...item, ...changed, ...(offset !== undefined && { TimezoneOffsetFromUTC: this.#offset }) };
  }

  #adjustedDateTime(value: string, own: number | undefined): string | undefined {
    const offset = offsetOf(value);
    const from = offset ?? own;
    const moment = from === undefined ? undefined : shiftedDateTime(value, this.#minutes - from);
    return moment && `${moment}${offset === undefined ? '' : this.#offset}`;
  }
}

/** The minutes of the offset from UTC that a date and time ends with; undefined if it has none. */
export function offsetOf(dateTime: string): number | undefined {
  return dateTime.length > 8 ? minutesOf(dateTime.slice(-5)) : undefined;
}

/**
 * A date and time some minutes later, without its offset from UTC. Undefined if it does not have an hour, so that no other
 * time zone can be told.
 */
export function shiftedDateTime(dateTime: string, minutes: number): string | undefined {
  const [, date = '', time = ''] = /^(\d{8})(\d[\d.]*)(?:[+-]\d{4})?$/.exec(dateTime) ?? [];
  const moment = shifted(date, time, minutes);
  return moment && `${moment.date}${moment.time}`;
}

/** A date and its time some minutes later; undefined if one of them is not valid. */
function shifted(date: string, time: string, minutes: number): { date: string; time: string } | undefined {
  const day = /^(\d{4})[.]?(\d{2})[.]?(\d{2})$/.exec(date);
  const clock = /^(\d{2})(?::?(\d{2})(?::?(\d{2}(?:\.\d*)?))?)?$/.exec(time);
  if (!day || !clock) return undefined;
  const [, hour, minute, rest = ''] = clock;
  const moment = Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3]), Number(hour), Number(minute ?? 0));
  const text = new Date(moment + minutes * 60_000).toISOString().replace(/[-:T]/g, '');
  const digits = minute !== undefined || minutes % 60 !== 0 ? 12 : 10;
  return { date: text.slice(0, 8), time: `${text.slice(8, digits)}${rest}` };
}

/** Any day: that of a time without a date. */
const NO_DAY = '20000101';

/** The minutes of an offset from UTC, such as `-0430`; undefined if the text is not one (PS3.3 §C.12.1.1.8). */
function minutesOf(offset: string): number | undefined {
  const [, sign, hours, minutes] = /^([+-])(\d{2})(\d{2})$/.exec(offset) ?? [];
  if (sign === undefined) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
