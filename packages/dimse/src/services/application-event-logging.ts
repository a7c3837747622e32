// Application Event Logging: PS3.4 Annex P.

import { nAction } from '../message/operations.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Application Event Logging (PS3.4 Annex P): procedure and substance administration events, sent by N-ACTION. */
export const applicationEventLogging = defineServiceClass({
  name: 'Application Event Logging',
  operations: { action: nAction },
  sopClasses: {
    ProceduralEvent: { uid: SopClass.ProceduralEventLogging, operations: ['action'] },
    SubstanceAdministration: { uid: SopClass.SubstanceAdministrationLogging, operations: ['action'] },
  },
  statuses: {
    0xb101: ['warning', 'the synchronization frame of reference is not that of the SCP'],
    0xb102: ['warning', 'the event was logged under a different Study Instance UID'],
    0xb104: ['warning', 'the event was logged, but IDs do not agree in matching a current study'],
    0xc101: ['failure', 'procedural logging is not available for this Study Instance UID'],
    0xc102: ['failure', 'the event information does not match the template'],
    0xc103: ['failure', 'the event cannot be matched to a current study'],
    0xc104: ['failure', 'IDs do not agree in matching a current study; the event was not logged'],
    0xc10e: ['failure', 'the operator is not authorized to add to the medication administration record'],
    0xc110: ['failure', 'the patient cannot be identified from Patient ID or Admission ID'],
    0xc111: ['failure', 'the medication administration record could not be updated'],
  },
});

/** The well-known SOP instances that N-ACTION names (§P.2.2). */
export const EventLogInstance = {
  /** Procedural Event Logging SOP Instance. */
  ProceduralEvent: '1.2.840.10008.1.40.1',
  /** Substance Administration Logging SOP Instance. */
  SubstanceAdministration: '1.2.840.10008.1.42.1',
} as const;
