// Modality Worklist: PS3.4 Annex K.

import { cFind } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import type { QueryModel } from '../query/query-model.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';
import type { WorklistIdentifier } from './identifiers.ts';
import { WORKLIST_ATTRIBUTES } from './worklist-attributes.ts';

const WORKLIST: QueryModel<WorklistIdentifier> = {
  name: 'worklist',
  attributes: WORKLIST_ATTRIBUTES,
  // Table K.6-1, Scheduled Procedure Step
  inSequences: [
    'ScheduledStationAETitle',
    'ScheduledStationName',
    'ScheduledProcedureStepLocation',
    'ScheduledProcedureStepStartDate',
    'ScheduledProcedureStepStartTime',
    'ScheduledProcedureStepEndDate',
    'ScheduledProcedureStepEndTime',
    'ScheduledPerformingPhysicianName',
    'ScheduledProcedureStepDescription',
    'ScheduledProtocolCodeSequence',
    'ScheduledProcedureStepID',
    'ScheduledProcedureStepStatus',
    'CommentsOnTheScheduledProcedureStep',
    'Modality',
    'RequestedContrastAgent',
    'PreMedication',
    'AnatomicalOrientationType',
  ],
  // §K.2.2.1.1.2 allows optional keys that are not matched.
  returnsNumbers: true,
  // Table K.6-1: start date and time.
  combinesDateTime: true,
  negotiation: 'worklist',
};

/** Modality Worklist (PS3.4 Annex K): the scheduled procedure steps, found by C-FIND. */
export const modalityWorklist = defineServiceClass({
  name: 'Modality Worklist',
  operations: { find: cFind },
  sopClasses: { Find: { uid: SopClass.ModalityWorklistInformationModelFind, operations: ['find'] } },
  // Table K.4-1
  statuses: {
    [Status.OutOfResources]: ['failure', 'out of resources'],
    [Status.DataSetDoesNotMatchSopClass]: ['failure', 'the identifier does not match the SOP class'],
    [Status.CannotUnderstand]: ['failure', 'unable to process'],
    [Status.Cancel]: ['cancel', 'matching was stopped by a cancel request'],
    [Status.Pending]: ['pending', 'matches are continuing'],
    [Status.PendingWithWarning]: ['pending', 'matches are continuing, but some optional keys are not supported'],
  },
  queries: {
    find: WORKLIST,
  },
});
