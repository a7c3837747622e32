// How a column keeps the values of its attribute, and which rows it can leave out for a key (PS3.4 §C.2.2.2).

import type { MatchingOptions } from '@x/dimse';
import { texts } from '@x/dimse/data-set';
import { type SqlBool, sql } from 'kysely';
import type { Condition, SqlDialect } from './sql-dialect.ts';

/** Unique identifiers; texts; person names; dates. */
export type ColumnKind = 'uid' | 'text' | 'name' | 'date';

interface Kind {
  /** The value as the column has it. */
  readonly value: (value: unknown) => string;
  /** Conditions that hold for all rows that match the key. */
  readonly conditions: (
    dialect: SqlDialect,
    column: string,
    key: unknown,
    options: MatchingOptions,
  ) => readonly Condition[];
  /** Whether the conditions hold for nothing else, so no further matching is needed. */
  readonly isDecisive: boolean;
}

export const COLUMN_KINDS: Readonly<Record<ColumnKind, Kind>> = {
  uid: {
    value: firstText,
    conditions: (dialect, column, key) => {
      const uids = texts(key);
      return uids.length > 0 ? [dialect.isOneOf(column, uids)] : [];
    },
    // A key may have many thousands of UIDs.
    isDecisive: true,
  },
  text: {
    value: firstText,
    conditions: (dialect, column, key) => {
      const keys = texts(key);
      if (keys.length === 0) return [];
      if (!keys.some(hasWildcards)) return [dialect.isOneOfTexts(column, keys)];
      if (!isShort(keys.join())) return [];
      return [
        sql`(${sql.join(
          keys.map((each) => dialect.isLike(column, pattern(each), LONGEST_VALUE)),
          sql` or `,
        )})`,
      ];
    },
    isDecisive: false,
  },
  name: {
    value: (value) => nameColumn(firstText(value)),
    conditions: (dialect, column, key, { fuzzy }) => {
      const [name, ...others] = texts(key);
      if (!name || others.length > 0 || fuzzy || name.includes('=') || !isShort(name)) return [];
      // A name of delimiters and asterisks is universal matching, which finds empty names, too.
      const sought = nameColumn(name).replace(/^[\s^*]+|[\s^*]+$/g, '');
      return sought === '' ? [] : [dialect.isLike(column, `%${pattern(sought)}%`, LONGEST_VALUE)];
    },
    isDecisive: false,
  },
  date: {
    value: (value) => dateColumn(firstText(value)),
    // Combined with a time, a range of dates still bounds the dates.
    conditions: (_dialect, column, key) => {
      const [date, ...others] = texts(key);
      if (!date || others.length > 0) return [];
      const separator = date.indexOf('-');
      const from = dateColumn(separator < 0 ? date : date.slice(0, separator));
      const to = separator < 0 ? from : dateColumn(date.slice(separator + 1));
      return [
        ...(from ? [sql<SqlBool>`${sql.ref(column)} >= ${from}`] : []),
        ...(to ? [sql<SqlBool>`${sql.ref(column)} <= ${`${to}9`}`] : []),
      ];
    },
    isDecisive: false,
  },
};

/** Whether a value of a key has wildcards (PS3.4 §C.2.2.2.4). */
export function hasWildcards(key: string): boolean {
  return /[*?]/.test(key);
}

function firstText(value: unknown): string {
  return texts(value)[0] ?? '';
}

function nameColumn(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** YYYYMMDD, without the dots that dates had before the standard's third edition. */
function dateColumn(date: string): string {
  return date.replace(/[^0-9]/g, '').slice(0, 8);
}

// A database may need a time that grows with the product of both lengths. Attribute matching, whose time grows with their
// sum, decides about longer ones.
const LONGEST_PATTERN = 128;
const LONGEST_VALUE = 256;

function isShort(key: string): boolean {
  return key.length <= LONGEST_PATTERN;
}

function pattern(key: string): string {
  return key
    .replace(/[%_\\]/g, '\\$&')
    .replaceAll('*', '%')
    .replaceAll('?', '_');
}
