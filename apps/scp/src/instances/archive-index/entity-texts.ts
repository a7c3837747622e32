// The texts of entities, in tables beside those of the levels: looking for a text there costs a tenth of looking for it in the
// stored attributes, which have five times as many characters and stand between the rows.
//
// Measured with 100,000 studies and 200,000 series: a table of texts costs 3 µs for each new row and answers in 10 and 30 ms. A
// full-text table of trigrams (FTS5, without content and positions) answers in 0.1 ms if few rows match, but costs 70 to 90 µs
// for each new row and now and then 150 ms at once, while instances are received.

import type { UntypedDataSet } from '@x/dimse';
import { isElement, texts, valueRepresentationOf } from '@x/dimse/data-set';
import type { ArchiveQuery, Level } from './archive-index.ts';
import { hasWildcards } from './column-kinds.ts';
import type { IndexedAttribute } from './indexed-attributes.ts';
import { longestPart, VERBATIM } from './stored-text.ts';

/** The attributes of a level whose values are in the texts of its entities. */
export function attributesInText(level: Level, attributes: readonly IndexedAttribute[]): readonly IndexedAttribute[] {
  return attributes.filter((attribute) => attribute.level === level && isInText(attribute));
}

function isInText({ level, keyword, computed }: IndexedAttribute): boolean {
  const vr = valueRepresentationOf(keyword) ?? '';
  // Every image has code strings. Without them, only the few with comments and the like need a text.
  if (level === 'IMAGE' && vr === 'CS') return false;
  return !computed && keyword !== 'TimezoneOffsetFromUTC' && vr !== 'UI' && (vr === 'PN' || VERBATIM.has(vr));
}

/**
 * The values of these attributes, one after the other, as keys find them; null if they are too long to be searched, so that
 * each key may match.
 */
export function textOf(attributes: readonly IndexedAttribute[], dataSet: UntypedDataSet): string | null {
  let text = '';
  for (const { keyword } of attributes) {
    const value = dataSet[keyword];
    if (value === undefined) continue;
    for (const each of texts(value)) text += (text && '\n') + (isName(keyword) ? nameText(each) : each);
  }
  return text.length > LONGEST_TEXT ? null : text.replace(NOT_SOUGHT, '\n');
}

/**
 * For each key of the query that can be looked for in the texts of a level, the parts of which one is in the text of every
 * entity that matches.
 * @param attributes Those of the level that all its texts have.
 */
export function soughtParts(
  attributes: readonly IndexedAttribute[],
  { identifier, fuzzy }: ArchiveQuery,
): readonly (readonly string[])[] {
  return attributes.flatMap(({ keyword, column }) => {
    const key = identifier[keyword];
    const values = isElement(key) ? [] : texts(key);
    // The index of a column finds whole values better. Fuzzy matching ignores accents.
    if ((column === 'text' && !values.some(hasWildcards)) || (fuzzy && isName(keyword))) return [];
    const parts = values.map(isName(keyword) ? longestNamePart : longestPart);
    return parts.length > 0 && parts.length <= MOST_VALUES && !parts.includes('') ? [parts] : [];
  });
}

function isName(keyword: string): boolean {
  return valueRepresentationOf(keyword) === 'PN';
}

/** A name as attribute matching compares it: regardless of case, by component groups. */
function nameText(name: string): string {
  return name
    .split('=')
    .map((group) => group.normalize('NFC').toLowerCase())
    .join('=');
}

/** Delimiters at the ends of a name have no meaning. */
function longestNamePart(key: string): string {
  return longest(
    nameText(key)
      .split('=')
      .map((group) => longestPart(group).replace(/^[\s^]+|[\s^]+$/g, '')),
  );
}

function longest(parts: readonly string[]): string {
  return parts.reduce((one, other) => (other.length > one.length ? other : one), '');
}

/** LIKE ends at U+0000, and an encoding may change a half of a surrogate pair. No part of a key has them. */
const NOT_SOUGHT = /[\p{Cc}\p{Cs}]/gu;
// Searching needs a time that grows with the product of the lengths of text and key.
const LONGEST_TEXT = 2048;
const MOST_VALUES = 8;
