// The states of a work item, and what may be done in each: PS3.4 Tables CC.1.1-2, CC.2.5-3 and CC.2.1-3. No I/O.

import { tagOf } from './data-dictionary.ts';
import type { DataSet } from './dataset.ts';
import { DimseError } from './errors.ts';
import { UnifiedProcedureStepStatus as UpsStatus } from './services/unified-procedure-step.ts';
import { Status } from './status.ts';

export type UnifiedProcedureStepState = 'SCHEDULED' | 'IN PROGRESS' | 'COMPLETED' | 'CANCELED';

/** A work item as it is kept. */
export interface WorkItem {
  readonly state: UnifiedProcedureStepState;
  /** Held by the performer alone, from when it is IN PROGRESS on. */
  readonly transactionUid?: string;
  /** Without (0008,1195) Transaction UID, which nobody is told. */
  readonly attributes: DataSet;
}

const C = UpsStatus;

// Table CC.1.1-2: what becomes of an N-ACTION with the right transaction UID. A number is a status, and nothing changes.
const TRANSITIONS: Readonly<
  Record<UnifiedProcedureStepState, Readonly<Record<UnifiedProcedureStepState, UnifiedProcedureStepState | number>>>
> = {
  SCHEDULED: {
    SCHEDULED: C.OnlyCreatedScheduled,
    'IN PROGRESS': 'IN PROGRESS',
    COMPLETED: C.NotYetInProgress,
    CANCELED: C.NotYetInProgress,
  },
  'IN PROGRESS': {
    SCHEDULED: C.OnlyCreatedScheduled,
    'IN PROGRESS': C.AlreadyInProgress,
    COMPLETED: 'COMPLETED',
    CANCELED: 'CANCELED',
  },
  COMPLETED: {
    SCHEDULED: C.OnlyCreatedScheduled,
    'IN PROGRESS': C.NoLongerUpdated,
    COMPLETED: C.AlreadyCompleted,
    CANCELED: C.NoLongerUpdated,
  },
  CANCELED: {
    SCHEDULED: C.OnlyCreatedScheduled,
    'IN PROGRESS': C.NoLongerUpdated,
    COMPLETED: C.NoLongerUpdated,
    CANCELED: C.AlreadyCanceled,
  },
};

/** A new work item. @throws DimseError: 0120H and 0121H name what is missing, C309H that it is not SCHEDULED. */
export function createdWorkItem(attributes: DataSet): WorkItem {
  const { TransactionUID, ProcedureStepState: state } = attributes;
  if (state !== undefined && state !== 'SCHEDULED') throw new DimseError(C.NotCreatedScheduled);
  if (textOf(TransactionUID) !== '')
    throw new DimseError(Status.InvalidAttributeValue, {
      errorComment: 'the Transaction UID of a new work item is empty',
      offendingElements: [tagOf('TransactionUID') ?? 0],
    });
  requirePresent(attributes, CREATION_REQUIREMENTS, 'a work item');
  return { state: 'SCHEDULED', attributes: withoutTransaction({ ...attributes, ProcedureStepState: 'SCHEDULED' }) };
}

/**
 * N-SET: anybody may while it is SCHEDULED, the performer alone while it is IN PROGRESS, then nobody (Table CC.2.6-3).
 * @throws DimseError
 */
export function updatedWorkItem(item: WorkItem, { TransactionUID, ...modifications }: DataSet): WorkItem {
  const given = textOf(TransactionUID);
  if (item.state === 'COMPLETED' || item.state === 'CANCELED') throw new DimseError(C.NoLongerUpdated);
  if (item.state === 'SCHEDULED' && given !== '') throw new DimseError(C.NotYetInProgress);
  if (item.state === 'IN PROGRESS' && given !== item.transactionUid) throw new DimseError(C.WrongTransactionUid);
  const state = modifications.ProcedureStepState;
  if (state !== undefined && state !== item.state)
    throw new DimseError(Status.InvalidAttributeValue, {
      errorComment: 'the state is changed by N-ACTION',
      offendingElements: [tagOf('ProcedureStepState') ?? 0],
    });
  return { ...item, attributes: { ...item.attributes, ...modifications } };
}

/** The change of a state, or a warning that it is the one already. */
export interface StateChange {
  readonly item: WorkItem;
  /** 0 where it has changed. */
  readonly status: number;
}

/** N-ACTION Change UPS State: §CC.2.1. @throws DimseError with the status of Table CC.1.1-2. */
export function changedState(item: WorkItem, asked: unknown, transactionUid: unknown): StateChange {
  const given = textOf(transactionUid);
  if (typeof asked !== 'string' || !Object.hasOwn(TRANSITIONS, asked))
    throw new DimseError(Status.InvalidArgumentValue, { errorComment: 'the state asked for is none' });
  const wanted = asked as UnifiedProcedureStepState;
  const found = TRANSITIONS[item.state][wanted];
  if (found === C.OnlyCreatedScheduled) throw new DimseError(found);
  // Whoever asks must hold the lock; to take it, any transaction UID will do.
  const isLocked = item.state !== 'SCHEDULED';
  const isTaking = wanted === 'IN PROGRESS';
  if (given === '' || (isLocked && !isTaking && given !== item.transactionUid))
    throw new DimseError(C.WrongTransactionUid);
  if (found === C.AlreadyCanceled || found === C.AlreadyCompleted) return { item, status: found };
  if (typeof found === 'number') throw new DimseError(found);
  if (found === 'COMPLETED' || found === 'CANCELED') requireFinal(item.attributes, found);
  return { item: inState({ ...item, transactionUid: given }, found), status: Status.Success };
}

/** What a request to cancel comes to: §CC.2.2. Of a scheduled one nobody has to be asked. @throws DimseError. */
export function cancelRequested(
  item: WorkItem,
  information: DataSet,
): StateChange & { readonly isForPerformer: boolean } {
  if (item.state === 'COMPLETED') throw new DimseError(C.CompletedAlready);
  if (item.state === 'CANCELED') return { item, status: C.AlreadyCanceled, isForPerformer: false };
  if (item.state === 'IN PROGRESS') return { item, status: Status.Success, isForPerformer: true };
  const { ReasonForCancellation, ProcedureStepDiscontinuationReasonCodeSequence: codes } = information;
  const progress = {
    ...firstItem(item.attributes.ProcedureStepProgressInformationSequence),
    ...(ReasonForCancellation !== undefined && { ReasonForCancellation }),
    ...(codes !== undefined && { ProcedureStepDiscontinuationReasonCodeSequence: codes }),
    ProcedureStepCancellationDateTime: dateTime(new Date()),
  };
  const attributes = { ...item.attributes, ProcedureStepProgressInformationSequence: [progress] };
  return { item: inState({ ...item, attributes }, 'CANCELED'), status: Status.Success, isForPerformer: false };
}

/** Table CC.2.5-3, column N-CREATE: type 1. */
const CREATION_REQUIREMENTS = [
  'ScheduledProcedureStepPriority',
  'ProcedureStepLabel',
  'ScheduledProcedureStepStartDateTime',
  'InputReadinessState',
] as const;

// Table CC.2.5-3, column Final State: P and X, with the sequence each stands in.
const FINAL_REQUIREMENTS = {
  COMPLETED: {
    sequence: 'UnifiedProcedureStepPerformedProcedureSequence',
    attributes: [
      'PerformedStationNameCodeSequence',
      'PerformedProcedureStepStartDateTime',
      'PerformedWorkitemCodeSequence',
      'PerformedProcedureStepEndDateTime',
      'OutputInformationSequence',
    ],
    // An output there may be none of; it is said then.
    mayBeEmpty: ['OutputInformationSequence'],
  },
  CANCELED: {
    sequence: 'ProcedureStepProgressInformationSequence',
    attributes: ['ProcedureStepCancellationDateTime', 'ProcedureStepDiscontinuationReasonCodeSequence'],
    mayBeEmpty: ['ProcedureStepDiscontinuationReasonCodeSequence'],
  },
} as const;

function requireFinal(attributes: DataSet, state: 'COMPLETED' | 'CANCELED'): void {
  const { sequence, attributes: required, mayBeEmpty } = FINAL_REQUIREMENTS[state];
  const found = firstItem(attributes[sequence]);
  const missing = found
    ? required.filter(
        (keyword) =>
          found[keyword] === undefined ||
          (!(mayBeEmpty as readonly string[]).includes(keyword) && isEmpty(found[keyword])),
      )
    : [sequence];
  const [first] = missing;
  if (first === undefined) return;
  throw new DimseError(C.FinalStateRequirementsNotMet, {
    errorComment: `${first} is missing`.slice(0, 64),
    offendingElements: missing.map((keyword) => tagOf(keyword) ?? 0),
  });
}

function requirePresent(attributes: DataSet, required: readonly string[], what: string): void {
  const missing = required.filter((keyword) => attributes[keyword] === undefined);
  const empty = required.filter((keyword) => attributes[keyword] !== undefined && isEmpty(attributes[keyword]));
  const faulty = missing.length > 0 ? missing : empty;
  if (faulty.length === 0) return;
  const tags = faulty.map((keyword) => tagOf(keyword) ?? 0);
  throw new DimseError(missing.length > 0 ? Status.MissingAttribute : Status.MissingAttributeValue, {
    errorComment: `${what} needs ${faulty[0]}`.slice(0, 64),
    offendingElements: tags,
    response: { attributeIdentifiers: tags },
  });
}

function inState(item: WorkItem, state: UnifiedProcedureStepState): WorkItem {
  return { ...item, state, attributes: { ...item.attributes, ProcedureStepState: state } };
}

function withoutTransaction({ TransactionUID: _, ...attributes }: DataSet): DataSet {
  return attributes;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function firstItem(value: unknown): DataSet | undefined {
  const [item] = Array.isArray(value) ? value : [];
  return typeof item === 'object' && item !== null ? (item as DataSet) : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** PS3.5 §6.2: DT, in universal time. */
export function dateTime(date: Date): string {
  return `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}+0000`;
}
