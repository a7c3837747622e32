// Application Event Logging: PS3.4 Annex P.

import { nAction } from '../message/operations.ts';
import { defineServiceClass } from '../session/service-class.ts';

export const applicationEventLogging = defineServiceClass({
  name: 'Application Event Logging',
  operations: { action: nAction },
  sopClasses: {
    ProceduralEvent: { uid: '1.2.840.10008.1.40', operations: ['action'] },
    SubstanceAdministration: { uid: '1.2.840.10008.1.42', operations: ['action'] },
  },
  statuses: {
    45313: ['warning', 'the synchronization frame of reference is not that of the SCP'],
    45314: ['warning', 'the event was logged under a different Study Instance UID'],
    45316: ['warning', 'the event was logged, but IDs do not agree in matching a current study'],
    49409: ['failure', 'procedural logging is not available for this Study Instance UID'],
    49410: ['failure', 'the event information does not match the template'],
    49411: ['failure', 'the event cannot be matched to a current study'],
    49412: ['failure', 'IDs do not agree in matching a current study; the event was not logged'],
    49422: ['failure', 'the operator is not authorized to add to the medication administration record'],
    49424: ['failure', 'the patient cannot be identified from Patient ID or Admission ID'],
    49425: ['failure', 'the medication administration record could not be updated'],
  },
});

/** The well-known SOP instances that events are logged to. */
export const EventLogInstance = {
  ProceduralEvent: '1.2.840.10008.1.40.1',
  SubstanceAdministration: '1.2.840.10008.1.42.1',
} as const;
