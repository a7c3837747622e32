// Relevant Patient Information Query: PS3.4 Annex Q.

import { cFind } from '../message/operations.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Relevant Patient Information Query (PS3.4 Annex Q): what is known of a patient, in a template. */
export const relevantPatientInformation = defineServiceClass({
  name: 'Relevant Patient Information Query',
  operations: { find: cFind },
  sopClasses: {
    General: { uid: '1.2.840.10008.5.1.4.37.1', operations: ['find'] },
    BreastImaging: { uid: '1.2.840.10008.5.1.4.37.2', operations: ['find'] },
    Cardiac: { uid: '1.2.840.10008.5.1.4.37.3', operations: ['find'] },
  },
  // Table Q.2-1
  statuses: {
    42752: ['failure', 'out of resources'],
    43264: ['failure', 'the identifier does not match the SOP class'],
    49152: ['failure', 'unable to process'],
    49408: ['failure', 'more than one match was found'],
    49664: ['failure', 'the template asked for is not supported'],
    65024: ['cancel', 'matching was stopped by a cancel request'],
    65280: ['pending', 'the match is being returned'],
  },
});
