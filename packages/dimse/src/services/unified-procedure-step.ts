// Unified Procedure Step: PS3.4 Annex CC.

import { cFind, nAction, nCreate, nEventReport, nGet, nSet } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import type { QueryModel } from '../query/query-model.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';
import type { WorkItemIdentifier } from './identifiers.ts';

/**
 * The SOP class of every work item. Messages name it on the presentation contexts of all five SOP classes (§CC.3.1), except
 * C-FIND, which names the SOP class of its context.
 */
const PUSH = SopClass.UnifiedProcedureStepPush;

/** The statuses that this service adds to the general ones; the table of `unifiedProcedureStep` describes them. */
export const UnifiedProcedureStepStatus = {
  /** Created, with other values than requested. */
  CreatedWithModifications: 0xb300,
  /** Subscribed, without the lock against deletion. */
  DeletionLockNotGranted: 0xb301,
  /** The work item is CANCELED already. */
  AlreadyCanceled: 0xb304,
  /** Values were changed, or optional attributes are not supported. */
  Coerced: 0xb305,
  /** The work item is COMPLETED already. */
  AlreadyCompleted: 0xb306,
  /** The work item is in a final state. */
  NoLongerUpdated: 0xc300,
  /** The request does not have the Transaction UID of the performer. */
  WrongTransactionUid: 0xc301,
  /** The work item is IN PROGRESS already. */
  AlreadyInProgress: 0xc302,
  /** SCHEDULED is the state of new work items only. */
  OnlyCreatedScheduled: 0xc303,
  /** Attributes that the final state requires are missing. */
  FinalStateRequirementsNotMet: 0xc304,
  /** The work item does not exist. */
  NoSuchWorkItem: 0xc307,
  /** The AE title of the subscriber is unknown. */
  ReceivingAeTitleUnknown: 0xc308,
  /** A new work item must be SCHEDULED. */
  NotCreatedScheduled: 0xc309,
  /** The work item is not IN PROGRESS. */
  NotYetInProgress: 0xc310,
  /** A COMPLETED work item cannot be canceled. */
  CompletedAlready: 0xc311,
  /** The performer cannot be told of the request. */
  PerformerNotContacted: 0xc312,
  /** The performer does not cancel. */
  PerformerWillNotCancel: 0xc313,
  /** The action does not suit the instance. */
  ActionDoesNotSuit: 0xc314,
  /** The SCP does not send event reports. */
  EventsNotSupported: 0xc315,
} as const;

const WORK_ITEMS: QueryModel<WorkItemIdentifier> = {
  name: 'unified procedure step',
  required: ['SOPInstanceUID'],
  // Table CC.2.5-3: only the performer knows it.
  withheld: ['TransactionUID'],
  negotiation: 'worklist',
};

/** Unified Procedure Step (PS3.4 Annex CC): work items that are created, claimed, performed and watched. */
export const unifiedProcedureStep = defineServiceClass({
  name: 'Unified Procedure Step',
  operations: { create: nCreate, get: nGet, set: nSet, action: nAction, find: cFind, eventReport: nEventReport },
  sopClasses: {
    Push: { uid: PUSH, operations: ['create', 'get', 'action'] },
    Watch: { uid: SopClass.UnifiedProcedureStepWatch, operations: ['action', 'get', 'find'], includes: [PUSH] },
    Pull: { uid: SopClass.UnifiedProcedureStepPull, operations: ['find', 'get', 'set', 'action'], includes: [PUSH] },
    Event: { uid: SopClass.UnifiedProcedureStepEvent, operations: ['eventReport'], includes: [PUSH] },
    Query: { uid: SopClass.UnifiedProcedureStepQuery, operations: ['find'], includes: [PUSH] },
  },
  // Tables CC.2.1-3, CC.2.2-2, CC.2.3-3, CC.2.4-1, CC.2.5-4, CC.2.6-3, CC.2.8-1
  statuses: {
    [Status.RequestedOptionalAttributesNotSupported]: ['warning', 'requested optional attributes are not supported'],
    [UnifiedProcedureStepStatus.CreatedWithModifications]: ['warning', 'the work item was created with modifications'],
    [UnifiedProcedureStepStatus.DeletionLockNotGranted]: ['warning', 'the deletion lock was not granted'],
    [UnifiedProcedureStepStatus.AlreadyCanceled]: ['warning', 'the work item is already CANCELED'],
    [UnifiedProcedureStepStatus.Coerced]: ['warning', 'invalid values were coerced to valid ones'],
    [UnifiedProcedureStepStatus.AlreadyCompleted]: ['warning', 'the work item is already COMPLETED'],
    [UnifiedProcedureStepStatus.NoLongerUpdated]: ['failure', 'the work item may no longer be updated'],
    [UnifiedProcedureStepStatus.WrongTransactionUid]: ['failure', 'the transaction UID is not correct'],
    [UnifiedProcedureStepStatus.AlreadyInProgress]: ['failure', 'the work item is already IN PROGRESS'],
    [UnifiedProcedureStepStatus.OnlyCreatedScheduled]: ['failure', 'only creation sets a work item to SCHEDULED'],
    [UnifiedProcedureStepStatus.FinalStateRequirementsNotMet]: [
      'failure',
      'the work item does not meet the requirements of its final state',
    ],
    [UnifiedProcedureStepStatus.NoSuchWorkItem]: ['failure', 'the work item does not exist'],
    [UnifiedProcedureStepStatus.ReceivingAeTitleUnknown]: ['failure', 'the receiving AE title is unknown'],
    [UnifiedProcedureStepStatus.NotCreatedScheduled]: ['failure', 'the state of a new work item is not SCHEDULED'],
    [UnifiedProcedureStepStatus.NotYetInProgress]: ['failure', 'the work item is not yet IN PROGRESS'],
    [UnifiedProcedureStepStatus.CompletedAlready]: ['failure', 'the work item is already COMPLETED'],
    [UnifiedProcedureStepStatus.PerformerNotContacted]: ['failure', 'the performer cannot be contacted'],
    [UnifiedProcedureStepStatus.PerformerWillNotCancel]: ['failure', 'the performer chooses not to cancel'],
    [UnifiedProcedureStepStatus.ActionDoesNotSuit]: ['failure', 'the action is not appropriate for the instance'],
    [UnifiedProcedureStepStatus.EventsNotSupported]: ['failure', 'event reports are not supported'],
    [Status.OutOfResources]: ['failure', 'out of resources'],
    [Status.DataSetDoesNotMatchSopClass]: ['failure', 'the identifier does not match the SOP class'],
    [Status.Pending]: ['pending', 'matches are continuing'],
    [Status.PendingWithWarning]: ['pending', 'matches are continuing, but some optional keys are not supported'],
  },
  queries: {
    find: WORK_ITEMS,
  },
});

/** Action Type IDs (Table CC.2-1). */
export const UnifiedProcedureStepAction = {
  /** Changes the state (§CC.2.1). */
  ChangeState: 1,
  /** Asks the performer to cancel (§CC.2.2). */
  RequestCancel: 2,
  /** Subscribes to events of one or all work items (§CC.2.3). */
  Subscribe: 3,
  /** Ends a subscription (§CC.2.3). */
  Unsubscribe: 4,
  /** Ends a subscription for work items to come (§CC.2.3). */
  SuspendGlobalSubscription: 5,
} as const;

/** Event Type IDs (Table CC.2.4-1). */
export const UnifiedProcedureStepEvent = {
  /** The state of a work item. */
  StateReport: 1,
  /** Somebody asks to cancel. */
  CancelRequested: 2,
  /** The progress of a work item. */
  ProgressReport: 3,
  /** The SCP restarts or goes down. */
  ScpStatusChange: 4,
  /** A work item was assigned to performers. */
  Assigned: 5,
} as const;

/** The well-known SOP instance that subscribes to all work items (§CC.2.3). */
export const GLOBAL_SUBSCRIPTION_INSTANCE = '1.2.840.10008.5.1.4.34.5';
/** The well-known SOP instance that subscribes to the work items that match keys (§CC.2.3). */
export const FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE = '1.2.840.10008.5.1.4.34.5.1';
