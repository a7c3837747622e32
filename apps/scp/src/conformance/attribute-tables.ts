// The attribute tables of the conformance statement, from the tables that the services use.

import { INSTANCE_AVAILABILITY_ATTRIBUTES, modalityWorklist } from '@x/dimse';
import { tagOf, valueRepresentationOf } from '@x/dimse/data-set';
import { PRINT_ATTRIBUTES } from '@x/dimse/print';
import { PERFORMED_PROCEDURE_STEP_ATTRIBUTES, WORK_ITEM_ATTRIBUTES } from '@x/dimse/workflow';
import { LEVELS } from '../instances/archive-index/archive-index.ts';
import { INDEXED_ATTRIBUTES, uniqueKey } from '../instances/archive-index/indexed-attributes.ts';
import { table } from './numbered-sections.ts';

/** The keys of C-FIND by level: PS3.4 §C.6. */
export function queryKeys(): string {
  const rows = LEVELS.flatMap((level) =>
    INDEXED_ATTRIBUTES.filter((each) => each.level === level).map(({ keyword, computed }) => [
      level,
      ...attribute(keyword),
      keyword === uniqueKey(level) ? 'unique' : 'optional',
      computed ? 'computed' : 'of the instances',
    ]),
  );
  return table(['Level', ...ATTRIBUTE, 'Key', 'Value'], rows);
}

/** The keys of Modality Worklist: PS3.4 Table K.6-1. */
export function worklistKeys(): string {
  const { attributes = new Set<string>(), inSequences = [] } = modalityWorklist.queries.find;
  return table(
    [...ATTRIBUTE, 'Place'],
    [
      ...[...attributes].map((keyword) => [...attribute(keyword), 'worklist item']),
      ...inSequences.map((keyword) => [...attribute(keyword), 'Scheduled Procedure Step Sequence']),
    ],
  );
}

/** PS3.4 Table F.7.2-1. */
export function performedProcedureStepAttributes(): string {
  return table(
    [...ATTRIBUTE, 'Type in N-CREATE', 'N-SET', 'Type at the end'],
    PERFORMED_PROCEDURE_STEP_ATTRIBUTES.map(({ keyword, create, set, final }) => [
      ...attribute(keyword),
      String(create),
      set ? 'allowed' : 'not allowed',
      String(final ?? create),
    ]),
  );
}

/** PS3.4 Table CC.2.5-3. */
export function workItemAttributes(): string {
  return table(
    [...ATTRIBUTE, 'Type in N-CREATE', 'N-SET', 'Values'],
    WORK_ITEM_ATTRIBUTES.map(({ keyword, create, set, isCreatedEmpty, values }) => [
      ...attribute(keyword),
      String(create),
      typeof set === 'number' ? `type ${set}` : set,
      [...(isCreatedEmpty ? ['empty in N-CREATE'] : []), ...(values ?? [])].join(', '),
    ]),
  );
}

/** PS3.4 Table R.3.2-1. */
export function availabilityAttributes(): string {
  return table([...ATTRIBUTE, 'Type', 'Place'], requirementRows(INSTANCE_AVAILABILITY_ATTRIBUTES, ''));
}

/** PS3.3 §C.13: the attributes that the printer uses. */
export function printAttributes(): string {
  const rows = Object.entries(PRINT_ATTRIBUTES).flatMap(([box, keywords]) =>
    keywords.map((keyword) => [box, ...attribute(keyword)]),
  );
  return table(['SOP class', ...ATTRIBUTE], rows);
}

/** PS3.4 Tables J.3-1 and J.3-2. */
export function storageCommitmentAttributes(): string {
  const rows = [
    ['TransactionUID', '1', 'request and result'],
    ['ReferencedSOPSequence', '1', 'request; in the result: the instances that are committed'],
    ['ReferencedSOPClassUID', '1', 'items of the sequences'],
    ['ReferencedSOPInstanceUID', '1', 'items of the sequences'],
    ['RetrieveAETitle', '3', 'result'],
    ['FailedSOPSequence', '1C', 'result: the instances that are not committed'],
    ['FailureReason', '1', 'items of Failed SOP Sequence: 0112H or 0119H'],
  ] as const;
  return table(
    [...ATTRIBUTE, 'Type', 'Place'],
    rows.map(([keyword, ...others]) => [...attribute(keyword), ...others]),
  );
}

const ATTRIBUTE = ['Attribute', 'Tag', 'VR'];

function attribute(keyword: string): string[] {
  const digits = (tagOf(keyword) ?? 0).toString(16).toUpperCase().padStart(8, '0');
  return [keyword, `(${digits.slice(0, 4)},${digits.slice(4)})`, valueRepresentationOf(keyword) ?? ''];
}

interface Requirement {
  readonly keyword: string;
  readonly type: number;
  readonly when?: unknown;
  readonly items?: readonly Requirement[];
}

function requirementRows(requirements: readonly Requirement[], within: string): string[][] {
  return requirements.flatMap(({ keyword, type, when, items = [] }) => [
    [...attribute(keyword), `${type}${when ? 'C' : ''}`, within || 'data set'],
    ...requirementRows(items, keyword),
  ]);
}
