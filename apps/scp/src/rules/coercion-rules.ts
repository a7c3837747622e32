// The file of --coerce: the rules that say which attributes of received instances are changed.

import { readConfiguration } from '@x/cli/configuration-file';
import { type DataSetEdit, editDataSet, TransferSyntax, tagOf } from '@x/dimse/data-set';
import { CONDITION_FIELDS, type Conditions, conditionsOf } from './conditions.ts';
import { editsOf } from './edits.ts';
import { Fields, sectionOf } from './rule-fields.ts';

export interface CoercionRule extends Conditions {
  readonly name: string;
  readonly edits: readonly DataSetEdit[];
  /** Whether previous values are kept in the Original Attributes Sequence. */
  readonly keepsOriginal: boolean;
}

/** Reads a file of rules. @throws UsageError with the line and the remedy */
export function readCoercionRules(path: string): readonly CoercionRule[] {
  const file = new Fields(readConfiguration(path), `${path}:1:1`, ['rules']);
  const rules: CoercionRule[] = [];
  for (const [name, value] of file.sections('rules')) {
    const known = [...CONDITION_FIELDS, 'set', 'remove', 'keep-original'];
    const fields = new Fields(sectionOf(value), value.place, known);
    const edits = editsOf(fields, fields.texts('remove'), ({ at, value: text }, field) => {
      const why = refusal(at, text);
      if (why !== undefined) fields.refuse(why, field);
    });
    if (edits.length === 0) fields.refuse('changes nothing: add `set` or `remove`');
    const keepsOriginal = fields.flag('keep-original', true);
    const rule = { name, ...conditionsOf(fields), edits, keepsOriginal };
    // An instance may meet several rules.
    for (const other of rules)
      fields.attempt('', () => void editDataSet([], TransferSyntax.ExplicitVRLittleEndian, mergedEdits([other, rule])));
    rules.push(rule);
  }
  if (rules.length === 0) file.refuse('has no rules: without a rule nothing is changed');
  return rules;
}

/** The changes of several rules. Of those of the same attribute, the last one counts. */
export function mergedEdits(rules: readonly CoercionRule[]): readonly DataSetEdit[] {
  const edits = new Map<string, DataSetEdit>();
  for (const rule of rules) for (const edit of rule.edits) edits.set(edit.at.split('.').map(stepOf).join('.'), edit);
  return [...edits.values()];
}

/** The tag of the outermost attribute that a change is in. */
export function outermostTag({ at }: DataSetEdit): number {
  return Number.parseInt(stepOf(at.split('.')[0] as string).slice(0, 8), 16);
}

/** A step of a path by its tag, because an attribute may be named by keyword or by tag. */
function stepOf(step: string): string {
  const [, key = '', item = ''] = /^(\w+)(.*)$/.exec(step) ?? [];
  const tag = /^[0-9A-Fa-f]{8}$/.test(key) ? Number.parseInt(key, 16) : tagOf(key);
  return `${(tag ?? 0).toString(16).padStart(8, '0')}${item}`;
}

const REFUSED: readonly (readonly [keyword: string, why: string])[] = [
  ...['SOPClassUID', 'SOPInstanceUID', 'StudyInstanceUID', 'SeriesInstanceUID'].map(
    (keyword) =>
      [
        keyword,
        'cannot be changed: peers ask for the instance by it, and instances that arrived before have it',
      ] as const,
  ),
  ['SpecificCharacterSet', 'cannot be changed: text that is not changed would keep its encoding'],
  ['OriginalAttributesSequence', 'cannot be changed: it is where previous values are kept'],
];

function refusal(at: string, value: unknown): string | undefined {
  if (at === 'private') return '`private` is for forwarding only: the previous values could not be kept';
  const tag = outermostTag({ at });
  const [, why] = REFUSED.find(([keyword]) => tagOf(keyword) === tag) ?? [];
  if (why !== undefined && !at.includes('.')) return `${at} ${why}`;
  if (tag >>> 16 === PIXEL_GROUP) return `${at} cannot be changed: pixel data are not held in memory`;
  // Another character may be missing in the character set of an instance, which would then be refused.
  const [odd] = /[^\x20-\x7e]/u.exec(JSON.stringify(value) ?? '') ?? [];
  return odd && `${at}: '${odd}' is not in the character set of every instance: use letters, digits and signs of ASCII`;
}

const PIXEL_GROUP = 0x7fe0;
