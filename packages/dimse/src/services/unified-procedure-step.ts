// Unified Procedure Step: PS3.4 Annex CC.

import { cFind, nAction, nCreate, nEventReport, nGet, nSet } from '../message/operations.ts';
import { defineServiceClass } from '../session/service-class.ts';

/**
 * The SOP class of every work item: messages name it on the contexts of all five (§CC.3.1). C-FIND alone names that of its
 * context.
 */
const PUSH = '1.2.840.10008.5.1.4.34.6.1';

export const unifiedProcedureStep = defineServiceClass({
  name: 'Unified Procedure Step',
  operations: { create: nCreate, get: nGet, set: nSet, action: nAction, find: cFind, eventReport: nEventReport },
  sopClasses: {
    Push: { uid: PUSH, operations: ['create', 'get', 'action'] },
    Watch: { uid: '1.2.840.10008.5.1.4.34.6.2', operations: ['action', 'get', 'find'], includes: [PUSH] },
    Pull: { uid: '1.2.840.10008.5.1.4.34.6.3', operations: ['find', 'get', 'set', 'action'], includes: [PUSH] },
    Event: { uid: '1.2.840.10008.5.1.4.34.6.4', operations: ['eventReport'], includes: [PUSH] },
    Query: { uid: '1.2.840.10008.5.1.4.34.6.5', operations: ['find'], includes: [PUSH] },
  },
  // Tables CC.2.1-3, CC.2.2-2, CC.2.3-3, CC.2.4-1, CC.2.5-4, CC.2.6-3, CC.2.8-1
  statuses: {
    1: ['warning', 'requested optional attributes are not supported'],
    45824: ['warning', 'the work item was created with modifications'],
    45825: ['warning', 'the deletion lock was not granted'],
    45828: ['warning', 'the work item is CANCELED already'],
    45829: ['warning', 'invalid values were coerced to valid ones'],
    45830: ['warning', 'the work item is COMPLETED already'],
    49920: ['failure', 'the work item may no longer be updated'],
    49921: ['failure', 'the transaction UID is not the right one'],
    49922: ['failure', 'the work item is IN PROGRESS already'],
    49923: ['failure', 'a work item becomes SCHEDULED when it is created, and never again'],
    49924: ['failure', 'the work item does not meet the requirements of its final state'],
    49927: ['failure', 'there is no such work item'],
    49928: ['failure', 'the receiving AE title is not known'],
    49929: ['failure', 'the state of a new work item is not SCHEDULED'],
    49936: ['failure', 'the work item is not yet IN PROGRESS'],
    49937: ['failure', 'the work item is COMPLETED already'],
    49938: ['failure', 'the performer cannot be contacted'],
    49939: ['failure', 'the performer chooses not to cancel'],
    49940: ['failure', 'the action does not suit the instance'],
    49941: ['failure', 'event reports are not supported'],
    42752: ['failure', 'out of resources'],
    43264: ['failure', 'the identifier does not match the SOP class'],
    65280: ['pending', 'matches are continuing'],
    65281: ['pending', 'matches are continuing, but some optional keys are not supported'],
  },
});

/** Statuses of the service by what they mean. */
export const UnifiedProcedureStepStatus = {
  CreatedWithModifications: 0xb300,
  DeletionLockNotGranted: 0xb301,
  AlreadyCanceled: 0xb304,
  Coerced: 0xb305,
  AlreadyCompleted: 0xb306,
  NoLongerUpdated: 0xc300,
  WrongTransactionUid: 0xc301,
  AlreadyInProgress: 0xc302,
  OnlyCreatedScheduled: 0xc303,
  FinalStateRequirementsNotMet: 0xc304,
  NoSuchWorkItem: 0xc307,
  ReceivingAeTitleUnknown: 0xc308,
  NotCreatedScheduled: 0xc309,
  NotYetInProgress: 0xc310,
  CompletedAlready: 0xc311,
  PerformerNotContacted: 0xc312,
  PerformerWillNotCancel: 0xc313,
  ActionDoesNotSuit: 0xc314,
  EventsNotSupported: 0xc315,
} as const;

/** Action Type IDs: Table CC.2-1. */
export const UnifiedProcedureStepAction = {
  ChangeState: 1,
  RequestCancel: 2,
  Subscribe: 3,
  Unsubscribe: 4,
  SuspendGlobalSubscription: 5,
} as const;

/** Event Type IDs: Table CC.2.4-1. */
export const UnifiedProcedureStepEvent = {
  StateReport: 1,
  CancelRequested: 2,
  ProgressReport: 3,
  ScpStatusChange: 4,
  Assigned: 5,
} as const;

/** The instance that stands for all work items in a subscription: §CC.2.3. */
export const GLOBAL_SUBSCRIPTION_INSTANCE = '1.2.840.10008.5.1.4.34.5';
/** The instance that stands for those that match keys. */
export const FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE = '1.2.840.10008.5.1.4.34.5.1';
