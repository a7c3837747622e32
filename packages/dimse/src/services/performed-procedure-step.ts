// Modality Performed Procedure Step with its Retrieve and Notification SOP classes: PS3.4 Annex F.

import { nCreate, nEventReport, nGet, nSet } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Modality Performed Procedure Step (PS3.4 Annex F): reports the progress of acquisitions. */
export const modalityPerformedProcedureStep = defineServiceClass({
  name: 'Modality Performed Procedure Step',
  operations: { create: nCreate, set: nSet, get: nGet, eventReport: nEventReport },
  sopClasses: {
    // §F.7
    Step: { uid: SopClass.ModalityPerformedProcedureStep, operations: ['create', 'set'] },
    // §F.8
    Retrieve: { uid: SopClass.ModalityPerformedProcedureStepRetrieve, operations: ['get'] },
    // §F.9
    Notification: { uid: SopClass.ModalityPerformedProcedureStepNotification, operations: ['eventReport'] },
  },
  // Table F.8.2-2
  statuses: {
    [Status.RequestedOptionalAttributesNotSupported]: ['warning', 'requested optional attributes are not supported'],
  },
});

/** Error ID of a Processing Failure (0110H): the performed procedure step may no longer be updated (Table F.7.2-2). */
export const MAY_NO_LONGER_BE_UPDATED = 0xa710;

/** Event Type IDs of notifications, by the new state of the step or the change made to it (§F.9.2). */
export const PERFORMED_PROCEDURE_STEP_EVENTS = {
  /** The step began. */
  'IN PROGRESS': 1,
  /** The step was completed. */
  COMPLETED: 2,
  /** The step was discontinued. */
  DISCONTINUED: 3,
  /** Attributes have changed. */
  updated: 4,
  /** The step was deleted. */
  deleted: 5,
} as const;
