// Modality Worklist: PS3.4 Annex K.

import { cFind } from '../message/operations.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Modality Worklist (PS3.4 Annex K): which procedure steps are scheduled. */
export const modalityWorklist = defineServiceClass({
  name: 'Modality Worklist',
  operations: { find: cFind },
  sopClasses: { Find: { uid: '1.2.840.10008.5.1.4.31', operations: ['find'] } },
  // Table K.4-1
  statuses: {
    42752: ['failure', 'out of resources'],
    43264: ['failure', 'the identifier does not match the SOP class'],
    49152: ['failure', 'unable to process'],
    65024: ['cancel', 'matching was stopped by a cancel request'],
    65280: ['pending', 'matches are continuing'],
    65281: ['pending', 'matches are continuing, but some optional keys are not supported'],
  },
});
