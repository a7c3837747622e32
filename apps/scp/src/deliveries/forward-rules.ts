// The file of --forward: the destinations of instances, and the rules that choose them. It is validated as the configuration file is.

import { type ConfigurationSection, type ConfiguredValue, readConfiguration } from '@x/cli/configuration-file';
import { nearestWord } from '@x/cli/nearest-word';
import { aeTitle, integer } from '@x/cli/option-values';
import { UsageError } from '@x/cli/program';
import { encodeDataSet, prepareMatching, TransferSyntax } from '@x/dimse';
import { type DataSetEdit, editDataSet } from '@x/dimse/data-set';
import { INDEXED_ATTRIBUTES } from '../instances/archive-index/indexed-attributes.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

/** A destination as the file has it. */
export interface Destination {
  readonly name: string;
  /** The line that has it. */
  readonly place: string;
  /** Default: that of the --peer with this AE title. */
  readonly host?: string;
  readonly port: number;
  readonly aet: string;
  /** Default: the AE title of the archive. */
  readonly calling?: string;
  readonly tls: boolean;
  readonly priority: Priority;
  /** Attempts before an instance that is refused for good is kept as failed. */
  readonly attempts: number;
  /** The most instances that wait. */
  readonly queue: number;
  /** Associations at the same time. */
  readonly associations: number;
  /** Operations in progress per association. */
  readonly window: number;
  /** Whether instances are decompressed if the destination does not take their transfer syntax. */
  readonly decompress: boolean;
  /** The transfer syntax that uncompressed instances are sent in; as they are if absent. */
  readonly transferSyntax?: string;
  readonly edits: readonly DataSetEdit[];
  /** Whether private attributes are removed. */
  readonly removesPrivate: boolean;
  readonly schedule?: Schedule;
  /** Whether instances are sent that the archive had when it first knew the destination. */
  readonly existing: boolean;
}

export type Priority = keyof typeof PRIORITIES;

/** The order in the queue, and the Priority of C-STORE (PS3.7 §9.1.1.1.6). */
export const PRIORITIES = {
  high: { order: 1, dimse: 1 },
  medium: { order: 0, dimse: 0 },
  low: { order: -1, dimse: 2 },
} as const;

/** A rule: the instances that meet all its conditions are sent to its destinations. */
export interface Rule {
  readonly name: string;
  /** Calling AE titles; any if absent. */
  readonly calling?: readonly string[];
  /** By keyword, the values of which one must match, as in a query. */
  readonly match: Readonly<Record<string, readonly string[]>>;
  readonly to: readonly string[];
  /** Instead of that of the destinations. */
  readonly priority?: Priority;
}

export interface ForwardRules {
  readonly destinations: readonly Destination[];
  readonly rules: readonly Rule[];
}

/** Reads a file of rules. @throws UsageError with the line and the remedy */
export function readForwardRules(path: string): ForwardRules {
  const file = readConfiguration(path);
  const fields = new Fields(file, `${path}:1:1`, ['destinations', 'rules']);
  const destinations = fields.sections('destinations').map(([name, value]) => destinationOf(name, value));
  const names = destinations.map(({ name }) => name);
  const rules = fields.sections('rules').map(([name, value]) => ruleOf(name, value, names));
  if (destinations.length === 0) fields.refuse('has no destinations: name at least one under `destinations`');
  if (rules.length === 0) fields.refuse('has no rules: without a rule nothing is forwarded');
  return { destinations, rules };
}

const DESTINATION_FIELDS = [
  ...['host', 'port', 'aet', 'calling', 'tls', 'priority', 'attempts', 'queue', 'associations', 'window'],
  ...['decompress', 'transfer-syntax', 'set', 'remove', 'open', 'time-zone', 'existing'],
];

const SYNTAXES: Readonly<Record<string, string>> = {
  implicit: TransferSyntax.ImplicitVRLittleEndian,
  explicit: TransferSyntax.ExplicitVRLittleEndian,
  'big-endian': TransferSyntax.ExplicitVRBigEndian,
  deflated: TransferSyntax.DeflatedExplicitVRLittleEndian,
};

function destinationOf(name: string, value: ConfiguredValue): Destination {
  const fields = new Fields(sectionOf(value), value.place, DESTINATION_FIELDS);
  if (name.includes(':')) fields.refuse(`the name '${name}' of a destination cannot contain a colon`);
  const removed = fields.texts('remove');
  const windows = fields.texts('open');
  const timeZone = fields.text('time-zone');
  if (windows.length > 0 && timeZone === undefined)
    fields.refuse('needs `time-zone`: the zone in which the times of `open` are meant, such as Europe/Berlin', 'open');
  const host = fields.text('host');
  const calling = fields.parsed('calling', aeTitle);
  const transferSyntax = fields.choice('transfer-syntax', Object.keys(SYNTAXES));
  const edits = editsOf(fields, removed);
  return {
    name,
    place: value.place,
    ...(host !== undefined && { host }),
    port: fields.parsed('port', integer(1, 65535)) ?? 104,
    aet: fields.parsed('aet', aeTitle) ?? fields.attempt('aet', () => aeTitle(name)),
    ...(calling !== undefined && { calling }),
    tls: fields.flag('tls'),
    priority: (fields.choice('priority', Object.keys(PRIORITIES)) as Priority | undefined) ?? 'medium',
    attempts: fields.parsed('attempts', integer(1, 1000)) ?? 5,
    queue: fields.parsed('queue', integer(1, 10_000_000)) ?? 100_000,
    associations: fields.parsed('associations', integer(1, 64)) ?? 1,
    window: fields.parsed('window', integer(1, 65535)) ?? 4,
    decompress: fields.flag('decompress'),
    ...(transferSyntax !== undefined && { transferSyntax: SYNTAXES[transferSyntax] as string }),
    edits,
    removesPrivate: removed.includes(PRIVATE),
    ...(windows.length > 0 && { schedule: fields.attempt('open', () => parseSchedule(windows, timeZone ?? 'UTC')) }),
    existing: fields.flag('existing'),
  };
}

/** Removes all private attributes. */
const PRIVATE = 'private';

/** An instance with another identity would be another instance. */
const IDENTITY = /^(?:SOPInstanceUID|SOPClassUID|00080018|00080016)$/i;

function editsOf(fields: Fields, removed: readonly string[]): readonly DataSetEdit[] {
  const edits: DataSetEdit[] = removed.filter((at) => at !== PRIVATE).map((at) => ({ at }));
  for (const [at, { value }] of fields.sections('set', true)) edits.push({ at, value: value ?? '' });
  for (const { at, value } of edits) {
    const field = value === undefined ? 'remove' : 'set';
    if (IDENTITY.test(at)) fields.refuse(`${at} cannot be changed: the instance would be another one`, field);
    // A value that cannot be encoded would fail every instance.
    fields.attempt(field, () => {
      const keyword = at.split('.').at(-1) as string;
      if (value !== undefined) encodeDataSet({ [keyword]: value }, TransferSyntax.ExplicitVRLittleEndian);
      editDataSet([], TransferSyntax.ExplicitVRLittleEndian, edits);
    });
  }
  return edits;
}

const KEYWORDS = INDEXED_ATTRIBUTES.filter(({ computed }) => !computed).map(({ keyword }) => keyword);

function ruleOf(name: string, value: ConfiguredValue, destinations: readonly string[]): Rule {
  const fields = new Fields(sectionOf(value), value.place, ['calling', 'match', 'to', 'priority']);
  const calling = fields.texts('calling').map((title) => fields.attempt('calling', () => aeTitle(title)));
  const match: Record<string, readonly string[]> = {};
  for (const [keyword, wanted] of fields.sections('match', true)) {
    if (!KEYWORDS.includes(keyword)) fields.refuse(unknown('indexed attribute', keyword, KEYWORDS), 'match');
    const texts = listOf(wanted.value);
    if (!texts || texts.length === 0) fields.refuse(`${keyword} needs a text or a list of texts`, 'match');
    for (const text of texts ?? []) fields.attempt('match', () => prepareMatching({ [keyword]: text }));
    match[keyword] = texts ?? [];
  }
  const to = fields.texts('to');
  if (to.length === 0) fields.refuse('needs `to`: the names of destinations');
  for (const each of to)
    if (!destinations.includes(each)) fields.refuse(unknown('destination', each, destinations), 'to');
  const priority = fields.choice('priority', Object.keys(PRIORITIES)) as Priority | undefined;
  return { name, ...(calling.length > 0 && { calling }), match, to: [...new Set(to)], ...(priority && { priority }) };
}

function sectionOf({ section, value, place }: ConfiguredValue): ConfigurationSection {
  if (section) return section;
  if (value === null) return new Map();
  throw new UsageError(`${place}: expected a mapping (name: value)`);
}

function listOf(value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? value : value === null || value === undefined ? [] : [value];
  const isText = (each: unknown) => typeof each === 'string' || typeof each === 'number';
  return list.every(isText) ? list.map(String) : undefined;
}

function unknown(what: string, name: string, names: readonly string[]): string {
  const near = nearestWord(name, names);
  const known = names.length <= 12 ? `; there are ${names.join(', ')}` : '';
  return `'${name}' is not the name of ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what}${near ? `; did you mean '${near}'?` : known}`;
}

/** The fields of a section, with the places of their mistakes. */
class Fields {
  readonly #section: ConfigurationSection;
  readonly #place: string;

  constructor(section: ConfigurationSection, place: string, known: readonly string[]) {
    this.#section = section;
    this.#place = place;
    for (const name of section.keys()) if (!known.includes(name)) this.refuse(unknown('setting', name, known), name);
  }

  refuse(why: string, name = ''): never {
    throw new UsageError(`${this.#section.get(name)?.place ?? this.#place}: ${name === '' ? '' : `${name}: `}${why}`);
  }

  /** Runs `work`; the error that it throws is a mistake of this field. */
  attempt<T>(name: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      return this.refuse((error as Error).message, name);
    }
  }

  sections(name: string, isFlat = false): readonly (readonly [name: string, value: ConfiguredValue])[] {
    const field = this.#section.get(name);
    if (!field || field.value === null) return [];
    if (!field.section) return this.refuse('a mapping (name: value) is needed', name);
    if (!isFlat) for (const value of field.section.values()) sectionOf(value);
    return [...field.section];
  }

  texts(name: string): readonly string[] {
    return listOf(this.#section.get(name)?.value) ?? this.refuse('a text or a list of texts is needed', name);
  }

  text(name: string): string | undefined {
    const [text, ...more] = this.texts(name);
    return more.length > 0 ? this.refuse('one value is needed, not a list', name) : text;
  }

  parsed<T>(name: string, parse: (text: string) => T): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : this.attempt(name, () => parse(text));
  }

  choice(name: string, words: readonly string[]): string | undefined {
    const text = this.text(name);
    if (text !== undefined && !words.includes(text)) this.refuse(`one of ${words.join(', ')} is needed`, name);
    return text;
  }

  flag(name: string): boolean {
    const value = this.#section.get(name)?.value ?? false;
    return typeof value === 'boolean' ? value : this.refuse('true or false is needed', name);
  }
}
