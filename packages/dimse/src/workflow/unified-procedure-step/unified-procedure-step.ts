// The states of a work item and the operations that each allows: PS3.4 Tables CC.1.1-2 and CC.2.5-3. No I/O.

import { isDeepStrictEqual } from 'node:util';
import { firstItem, isEmptyValue, text } from '../../data-set/access.ts';
import type { DataSet, UntypedDataSet } from '../../data-set/dataset.ts';
import { mergedCharacterSet } from '../../data-set/specific-character-set.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { attributeFault, checkItems, checkPresence, withEmptyValues } from '../../services/attribute-requirements.ts';
import { UnifiedProcedureStepStatus as UpsStatus } from '../../services/unified-procedure-step.ts';
import { WORK_ITEM_ATTRIBUTES } from './unified-procedure-step-attributes.ts';

/** Table CC.1.1-1 */
export const UNIFIED_PROCEDURE_STEP_STATES = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED'] as const;

/** A state of a work item: (0074,1000) Procedure Step State. */
export type UnifiedProcedureStepState = (typeof UNIFIED_PROCEDURE_STEP_STATES)[number];

/** A work item in a store. */
export interface WorkItem {
  /** (0074,1000) Procedure Step State. */
  readonly state: UnifiedProcedureStepState;
  /** The transaction UID, which only the performer knows; undefined while the work item is SCHEDULED. */
  readonly transactionUid?: string;
  /** Milliseconds since 1970 when it became COMPLETED or CANCELED. */
  readonly finishedAt?: number;
  /** All attributes but (0008,1195) Transaction UID, which is never sent to a peer. */
  readonly attributes: DataSet;
}

const C = UpsStatus;

// Table CC.1.1-2: the next state after an N-ACTION with the right transaction UID, or the status that leaves it unchanged.
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

/**
 * A new work item. Missing attributes of type 2 become empty, and the worklist label DEFAULT (Table CC.2.5-3).
 * @throws DimseError with the attributes that are wrong: 0120H and 0121H if they are missing or empty, 0106H for a value that
 * is not allowed, C309H if the state is not SCHEDULED.
 */
export function createdWorkItem({ TransactionUID, ...attributes }: UntypedDataSet): WorkItem {
  const { ProcedureStepState: state, WorklistLabel: label } = attributes;
  if (state !== undefined && state !== 'SCHEDULED') throw new DimseError(C.NotCreatedScheduled);
  if (TransactionUID !== undefined && !isEmptyValue(TransactionUID))
    throw attributeFault(Status.InvalidAttributeValue, ['TransactionUID'], 'must be empty in a new work item');
  const required = WORK_ITEM_ATTRIBUTES.filter(({ create }) => create === 1);
  checkPresence(
    attributes,
    required.map(({ keyword }) => ({ keyword, type: 1 })),
  );
  checkItems(attributes, WORK_ITEM_ATTRIBUTES);
  checkValues(attributes);
  const early = WORK_ITEM_ATTRIBUTES.filter(
    ({ keyword, isCreatedEmpty }) => isCreatedEmpty && !isEmptyValue(attributes[keyword] ?? null),
  );
  if (early.length > 0)
    throw attributeFault(
      Status.InvalidAttributeValue,
      early.map(({ keyword }) => keyword),
      'must be empty in a new work item',
    );
  const created: UntypedDataSet = {
    ...withEmptyWorkItemAttributes(attributes),
    WorklistLabel: label === undefined || isEmptyValue(label) ? 'DEFAULT' : label,
    ScheduledProcedureStepModificationDateTime: dateTime(new Date()),
  };
  return { state: 'SCHEDULED', attributes: created };
}

/** These attributes with empty values for missing attributes of type 2, for N-CREATE. */
export function withEmptyWorkItemAttributes(attributes: UntypedDataSet): UntypedDataSet {
  return withEmptyValues(
    attributes,
    WORK_ITEM_ATTRIBUTES.map(({ keyword, create }) => ({ keyword, type: create })),
  );
}

/**
 * The work item after N-SET: any peer may set it while it is SCHEDULED. Only the performer may while it is IN
 * PROGRESS. Afterwards it can no longer be set (§CC.2.6.3).
 * @throws DimseError: C300H, C301H or C310H if the state does not allow it; 0105H for attributes that must not be changed;
 * C303H or 0106H for a change of the state; 0106H, 0120H and 0121H for values that are not allowed.
 */
export function updatedWorkItem(item: WorkItem, { TransactionUID, ...changes }: UntypedDataSet): WorkItem {
  const { state, attributes } = item;
  const given = text(TransactionUID);
  if (state === 'COMPLETED' || state === 'CANCELED') throw new DimseError(C.NoLongerUpdated);
  if (state === 'SCHEDULED' && given !== '') throw new DimseError(C.NotYetInProgress);
  if (state === 'IN PROGRESS' && given !== item.transactionUid) throw new DimseError(C.WrongTransactionUid);
  checkSettable(attributes, changes);
  const needed = WORK_ITEM_ATTRIBUTES.filter(({ keyword, set }) => set === 1 && changes[keyword] !== undefined);
  checkPresence(
    changes,
    needed.map(({ keyword }) => ({ keyword, type: 1 })),
  );
  checkItems(changes, WORK_ITEM_ATTRIBUTES);
  checkValues(changes);
  const updated = {
    ...attributes,
    ...changes,
    ...mergedCharacterSet(attributes, changes),
    ScheduledProcedureStepModificationDateTime: dateTime(new Date()),
  };
  return { ...item, attributes: updated };
}

/** A change of the state, or a warning that the work item already has it. */
export interface StateChange {
  readonly item: WorkItem;
  /** Success (0000H) if the state has changed, else the warning. */
  readonly status: number;
}

/** N-ACTION Change UPS State: §CC.2.1. @throws DimseError with the status of Table CC.1.1-2. */
export function changedState(item: WorkItem, requested: unknown, transactionUid: unknown): StateChange {
  const given = text(transactionUid);
  if (typeof requested !== 'string' || !Object.hasOwn(TRANSITIONS, requested))
    throw new DimseError(Status.InvalidArgumentValue, { errorComment: 'the requested state does not exist' });
  const found = TRANSITIONS[item.state][requested as UnifiedProcedureStepState];
  if (found === C.OnlyCreatedScheduled) throw new DimseError(found);
  // Any UID is right for a work item that no performer has claimed.
  if (given === '' || (item.state !== 'SCHEDULED' && given !== item.transactionUid))
    throw new DimseError(C.WrongTransactionUid, {
      errorComment: given === '' ? 'the Transaction UID is missing' : `${item.state} by another transaction`,
    });
  if (found === C.AlreadyCanceled || found === C.AlreadyCompleted) return { item, status: found };
  if (typeof found === 'number') throw new DimseError(found);
  if (found === 'COMPLETED') requirePerformed(item.attributes);
  const taken = { ...item, transactionUid: given };
  return { item: found === 'CANCELED' ? canceled(taken) : inState(taken, found), status: Status.Success };
}

/** A request to cancel: §CC.2.2. A SCHEDULED work item is canceled at once. @throws DimseError C311H if it is COMPLETED. */
export function cancelRequested(
  item: WorkItem,
  information: UntypedDataSet,
): StateChange & { readonly isForPerformer: boolean } {
  if (item.state === 'COMPLETED') throw new DimseError(C.CompletedAlready);
  if (item.state === 'CANCELED') return { item, status: C.AlreadyCanceled, isForPerformer: false };
  if (item.state === 'IN PROGRESS') return { item, status: Status.Success, isForPerformer: true };
  return { item: canceled(item, information), status: Status.Success, isForPerformer: false };
}

/** The one item of Progress Information; an empty data set if it is absent. */
export function progressOf({ ProcedureStepProgressInformationSequence: sequence }: UntypedDataSet): UntypedDataSet {
  return firstItem(sequence) ?? {};
}

// Table CC.2.5-3, column Final State: P. The output may be empty, but not absent.
const PERFORMED = [
  'PerformedStationNameCodeSequence',
  'PerformedProcedureStepStartDateTime',
  'PerformedWorkitemCodeSequence',
  'PerformedProcedureStepEndDateTime',
] as const;
const OUTPUT = 'OutputInformationSequence';

// Attributes with code R have had values since N-CREATE.
function requirePerformed({ UnifiedProcedureStepPerformedProcedureSequence: sequence }: UntypedDataSet): void {
  const found = firstItem(sequence);
  const missing: readonly string[] = found
    ? [
        ...PERFORMED.filter((keyword) => isEmptyValue(found[keyword] ?? null)),
        ...(found[OUTPUT] === undefined ? [OUTPUT] : []),
      ]
    : ['UnifiedProcedureStepPerformedProcedureSequence'];
  if (missing.length > 0) throw attributeFault(C.FinalStateRequirementsNotMet, missing, 'missing');
}

/**
 * A CANCELED work item with the attributes that Table CC.2.5-3 requires (X). The SCP fills in the time, and the reason too,
 * because a work item may be canceled without an N-SET (§CC.2.5.1.3.2).
 */
function canceled(item: WorkItem, information: UntypedDataSet = {}): WorkItem {
  const { ReasonForCancellation: reason, ContactURI, ContactDisplayName } = information;
  const { ProcedureStepDiscontinuationReasonCodeSequence: proposed } = information;
  const { ProcedureStepCancellationDateTime: time, ...progress } = progressOf(item.attributes);
  const codes = proposed ?? progress.ProcedureStepDiscontinuationReasonCodeSequence ?? null;
  const contact = {
    ...(ContactURI !== undefined && { ContactURI }),
    ...(ContactDisplayName !== undefined && { ContactDisplayName }),
  };
  const ended = {
    ...progress,
    ...(ContactURI !== undefined && { ProcedureStepCommunicationsURISequence: [contact] }),
    ...(reason !== undefined && { ReasonForCancellation: reason }),
    ProcedureStepCancellationDateTime: isEmptyValue(time ?? null) ? dateTime(new Date()) : time,
    ProcedureStepDiscontinuationReasonCodeSequence: isEmptyValue(codes) ? [UNSPECIFIED_REASON] : codes,
  };
  const attributes: UntypedDataSet = {
    ...item.attributes,
    ...mergedCharacterSet(item.attributes, information),
    ProcedureStepProgressInformationSequence: [ended],
  };
  return inState({ ...item, attributes }, 'CANCELED');
}

// PS3.16 CID 9300
const UNSPECIFIED_REASON: UntypedDataSet = {
  CodeValue: '110513',
  CodingSchemeDesignator: 'DCM',
  CodeMeaning: 'Discontinued for unspecified reason',
};

function checkSettable(attributes: UntypedDataSet, changes: UntypedDataSet): void {
  const { ProcedureStepState: state } = changes;
  if (state !== undefined && state !== attributes.ProcedureStepState) {
    if (state === 'SCHEDULED') throw new DimseError(C.OnlyCreatedScheduled);
    throw attributeFault(Status.InvalidAttributeValue, ['ProcedureStepState'], 'can only be changed by N-ACTION');
  }
  // A peer that sends back the values it was given changes nothing.
  const fixed = WORK_ITEM_ATTRIBUTES.filter(
    ({ keyword, set }) =>
      set === 'not allowed' &&
      changes[keyword] !== undefined &&
      !isDeepStrictEqual(changes[keyword], attributes[keyword]) &&
      !(isEmptyValue(changes[keyword]) && isEmptyValue(attributes[keyword] ?? null)),
  );
  if (fixed.length > 0)
    throw attributeFault(
      Status.NoSuchAttribute,
      fixed.map(({ keyword }) => keyword),
      'must not be set',
    );
}

function checkValues(attributes: UntypedDataSet): void {
  const odd = WORK_ITEM_ATTRIBUTES.filter(({ keyword, values }) => {
    const value = attributes[keyword];
    return values && value !== undefined && !values.includes(text(value));
  });
  if (odd.length === 0) return;
  const keywords = odd.map(({ keyword }) => keyword);
  throw attributeFault(Status.InvalidAttributeValue, keywords, `not ${odd[0]?.values?.join(' or ')}`);
}

function inState(item: WorkItem, state: UnifiedProcedureStepState): WorkItem {
  const isFinished = state === 'COMPLETED' || state === 'CANCELED';
  const attributes = { ...item.attributes, ProcedureStepState: state };
  return { ...item, state, attributes, ...(isFinished && { finishedAt: Date.now() }) };
}

/** A time as a value of VR DT, in UTC: PS3.5 §6.2. */
function dateTime(date: Date): string {
  return `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}+0000`;
}
