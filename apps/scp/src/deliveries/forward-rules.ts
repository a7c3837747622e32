// The file of --forward: the destinations of instances, and the rules that choose them. It is validated as the configuration file is.

import { type ConfiguredValue, readConfiguration } from '@x/cli/configuration-file';
import { aeTitle, integer } from '@x/cli/option-values';
import { TransferSyntax } from '@x/dimse';
import type { DataSetEdit } from '@x/dimse/data-set';
import { CONDITION_FIELDS, type Conditions, conditionsOf } from '../rules/conditions.ts';
import { editsOf } from '../rules/edits.ts';
import { Fields, sectionOf, unknown } from '../rules/rule-fields.ts';
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
export interface Rule extends Conditions {
  readonly name: string;
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
  const edits = editsOf(
    fields,
    removed.filter((at) => at !== PRIVATE),
    ({ at }, field) => {
      if (IDENTITY.test(at)) fields.refuse(`${at} cannot be changed: the instance would be another one`, field);
    },
  );
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

function ruleOf(name: string, value: ConfiguredValue, destinations: readonly string[]): Rule {
  const fields = new Fields(sectionOf(value), value.place, [...CONDITION_FIELDS, 'to', 'priority']);
  const conditions = conditionsOf(fields);
  const to = fields.texts('to');
  if (to.length === 0) fields.refuse('needs `to`: the names of destinations');
  for (const each of to)
    if (!destinations.includes(each)) fields.refuse(unknown('destination', each, destinations), 'to');
  const priority = fields.choice('priority', Object.keys(PRIORITIES)) as Priority | undefined;
  return { name, ...conditions, to: [...new Set(to)], ...(priority && { priority }) };
}
