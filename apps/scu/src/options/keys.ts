// The keys of queries: Keyword=value, Sequence.Keyword=value. A tag may stand for a keyword: ggggeeee, gggg,eeee or (gggg,eeee).

import { nearestWord } from '@x/cli/nearest-word';
import { withChoices } from '@x/cli/option-values';
import type { DataSet } from '@x/dimse';
import { attributeKeywords, firstItem, keywordOf, tagOf, tagText, valueRepresentationOf } from '@x/dimse/data-set';
import { InvalidArgumentError } from 'commander';

/** An attribute of an identifier: its path and its value. */
export interface Key {
  readonly path: readonly string[];
  /** Empty to request the attribute. */
  readonly value: string | readonly string[];
}

/**
 * Parses a key. Attributes of the data dictionary get their keyword, even if the key uses the tag.
 * @throws InvalidArgumentError for malformed keys and unknown keywords
 */
export const parseKey = withChoices(readKey, keysLike);

function readKey(text: string): Key {
  const separator = text.indexOf('=');
  const path = (separator < 0 ? text : text.slice(0, separator)).split('.').map(attributeName);
  const written = separator < 0 ? '' : text.slice(separator + 1);
  for (const [index, name] of path.entries()) {
    const isSequence = valueRepresentationOf(name) === 'SQ';
    if (index < path.length - 1 && !isSequence) throw new InvalidArgumentError(`${name} is not a sequence`);
    if (index === path.length - 1 && isSequence && written !== '')
      throw new InvalidArgumentError(`${name} is a sequence: name an attribute of its items, ${name}.Keyword=value`);
  }
  const vr = valueRepresentationOf(path.at(-1) as string) ?? '';
  const isList = written.includes('\\') && !SINGLE_TEXTS.test(vr);
  const value = isList ? written.split('\\') : written;
  if (NUMBERS.test(vr) && ![value].flat().every((each) => each === '' || Number.isFinite(Number(each))))
    throw new InvalidArgumentError(`${path.at(-1)} must be a number`);
  return { path, value };
}

/** Keywords that begin like the last part of a path. An empty part has too many to be of use. */
function* keysLike(beginning: string): Iterable<readonly [string, string]> {
  const [, path = '', start = ''] = /^(.*\.)?([^.=]+)$/.exec(beginning) ?? [];
  if (start === '') return;
  for (const keyword of attributeKeywords())
    if (keyword.startsWith(start))
      yield [path + keyword, `${tagText(tagOf(keyword) ?? 0)} ${valueRepresentationOf(keyword)}`];
}

function attributeName(written: string): string {
  const [, group, element] = TAG.exec(written) ?? [];
  if (group && element) return keywordOf(Number.parseInt(group + element, 16)) ?? (group + element).toUpperCase();
  if (tagOf(written) !== undefined) return written;
  const near = written === '' ? undefined : nearestWord(written, attributeKeywords());
  throw new InvalidArgumentError(
    `'${written}' is neither the keyword of an attribute nor a tag, such as 00100010 or (0010,0010)${near ? `; did you mean '${near}'?` : ''}`,
  );
}

// With the index of an item, as findscu takes it: an identifier has only one.
const TAG = /^\(?([\da-f]{4}),?([\da-f]{4})\)?(?:\[0\])?$/i;
// In these VRs a backslash is an ordinary character (PS3.5 §6.2).
const SINGLE_TEXTS = /^(?:LT|ST|UT|UR)$/;
// These VRs are binary numbers (PS3.5 §6.2).
const NUMBERS = /^(?:FD|FL|SL|SS|SV|UL|US|UV|US or SS)$/;

/**
 * The identifier of a query. Keys of the same sequence share one item; a sequence without keys is requested as a whole.
 * @param base Attributes that the keys replace or extend.
 */
export function identifierOf(keys: readonly Key[], base: DataSet = {}): DataSet {
  return dataSetOf(keys, [{}], base);
}

/** The attributes of a message. Those of the same sequence share one item; a sequence without attributes is empty. */
export function attributesOf(keys: readonly Key[]): DataSet {
  return dataSetOf(keys, []);
}

function dataSetOf(keys: readonly Key[], emptySequence: readonly DataSet[], base: DataSet = {}): DataSet {
  const dataSet: Record<string, unknown> = { ...base };
  for (const { path, value } of keys) {
    let at = dataSet;
    for (const name of path.slice(0, -1)) {
      const item: Record<string, unknown> = { ...firstItem(at[name]) };
      at[name] = [item];
      at = item;
    }
    const name = path.at(-1) as string;
    if (valueRepresentationOf(name) === 'SQ') at[name] ??= emptySequence;
    else at[name] = elementOf(name, value);
  }
  return dataSet;
}

function elementOf(name: string, value: Key['value']): unknown {
  const vr = valueRepresentationOf(name);
  // Unknown attributes are most likely text.
  if (vr === undefined) return value === '' ? '' : { vr: 'LO', value };
  if (!NUMBERS.test(vr) || value === '') return value;
  return Array.isArray(value) ? value.map(numberOf) : numberOf(value as string);
}

function numberOf(text: string): number | null {
  return text === '' ? null : Number(text);
}
