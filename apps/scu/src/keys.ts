// Keys of queries as people write them: Keyword=value, Sequence.Keyword=value, ggggeeee=value.

import { type DataSet, tagOf, valueRepresentationOf } from '@x/dimse';
import { InvalidArgumentError } from 'commander';

/** A key of an identifier: the way down to it, and its value. */
export interface Key {
  readonly path: readonly string[];
  /** Empty to ask for the attribute. */
  readonly value: string | readonly string[];
}

/** @throws InvalidArgumentError for what is no key, or no attribute that the standard knows. */
export function parseKey(text: string): Key {
  const separator = text.indexOf('=');
  const path = (separator < 0 ? text : text.slice(0, separator)).split('.');
  const written = separator < 0 ? '' : text.slice(separator + 1);
  for (const [index, name] of path.entries()) {
    if (tagOf(name) === undefined && !/^[\da-fA-F]{8}$/.test(name))
      throw new InvalidArgumentError(`'${name}' is neither the keyword of an attribute nor a tag of eight hex digits`);
    const isSequence = valueRepresentationOf(name) === 'SQ';
    if (index < path.length - 1 && !isSequence) throw new InvalidArgumentError(`${name} is no sequence`);
    if (index === path.length - 1 && isSequence && written !== '')
      throw new InvalidArgumentError(`${name} is a sequence: name an attribute of its items, ${name}.Keyword=value`);
  }
  return { path, value: written.includes('\\') ? written.split('\\') : written };
}

/** The identifier of keys, those of one sequence in one item. A sequence alone is asked for whole. */
export function identifierOf(keys: readonly Key[]): DataSet {
  return dataSetOf(keys, [{}]);
}

/** The attributes of keys, those of one sequence in one item. A sequence alone has no items. */
export function attributesOf(keys: readonly Key[]): DataSet {
  return dataSetOf(keys, []);
}

function dataSetOf(keys: readonly Key[], emptySequence: readonly DataSet[]): DataSet {
  const dataSet: Record<string, unknown> = {};
  for (const { path, value } of keys) {
    let at = dataSet;
    for (const name of path.slice(0, -1)) {
      const [item = {}] = (at[name] ?? []) as Record<string, unknown>[];
      at[name] = [item];
      at = item;
    }
    const name = path.at(-1) as string;
    if (valueRepresentationOf(name) === 'SQ') at[name] ??= emptySequence;
    else at[name] = value;
  }
  return dataSet;
}
