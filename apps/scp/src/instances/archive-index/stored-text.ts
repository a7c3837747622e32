// Leaves out rows by the text of their stored attributes, for keys whose attribute has no column.
//
// Parsing the JSON of a row costs 5 µs, looking for a text in it 0.5 µs. entity-texts.ts finds most texts faster still.

import { texts, valueRepresentationOf } from '@x/dimse/data-set';
import { sql } from 'kysely';
import type { Condition, SqlDialect } from './sql-dialect.ts';

/** A condition that holds for all rows that match the key, if there is one. @param column That of the stored attributes. */
export function storedText(dialect: SqlDialect, column: string, keyword: string, key: unknown): readonly Condition[] {
  // The offset of an identifier controls the query; it is not matched.
  if (keyword === 'TimezoneOffsetFromUTC' || !VERBATIM.has(valueRepresentationOf(keyword) ?? '')) return [];
  if (typeof key !== 'string' && !Array.isArray(key)) return [];
  const parts = texts(key).map(longestPart);
  if (parts.length === 0 || parts.length > MOST_VALUES || parts.includes('')) return [];
  const conditions = parts.map((part) => dialect.isLike(column, `%${part}%`, LONGEST_TEXT));
  return [sql`(${sql.join(conditions, sql` or `)})`];
}

/** The VRs whose values match character by character, wildcards apart. Names match in other ways, too. */
export const VERBATIM: ReadonlySet<string> = new Set(['AE', 'CS', 'LO', 'LT', 'SH', 'ST', 'UC', 'UI', 'UR', 'UT']);

/**
 * The longest part of a value of a key that matching values and their JSON have, too: without wildcards, characters that JSON
 * escapes, and wildcards of the database. Spaces at its ends may be padding.
 */
export function longestPart(key: string): string {
  const parts = key.split(/[*?%_"\\\p{Cc}\p{Cs}]+/u).map((part) => part.trim());
  const longest = parts.reduce((one, other) => (other.length > one.length ? other : one), '');
  return [...longest].slice(0, LONGEST_PART).join('').trim();
}

// The database needs a time that grows with the product of both lengths. Longer rows are left to attribute matching.
const LONGEST_PART = 16;
const LONGEST_TEXT = 2048;
const MOST_VALUES = 8;
