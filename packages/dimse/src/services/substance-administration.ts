// Substance Administration Query: PS3.4 Annex V.

import { cFind } from '../message/operations.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Substance Administration Query (PS3.4 Annex V): whether a substance may be given, and which were. */
export const substanceAdministration = defineServiceClass({
  name: 'Substance Administration Query',
  operations: { find: cFind },
  sopClasses: {
    ProductCharacteristics: { uid: '1.2.840.10008.5.1.4.41', operations: ['find'] },
    SubstanceApproval: { uid: '1.2.840.10008.5.1.4.42', operations: ['find'] },
  },
  // Table V.4-1
  statuses: {
    42752: ['failure', 'out of resources'],
    43264: ['failure', 'the identifier does not match the SOP class'],
    49152: ['failure', 'unable to process'],
    65024: ['cancel', 'matching was stopped by a cancel request'],
    65280: ['pending', 'matches are continuing'],
    65281: ['pending', 'matches are continuing, but some optional keys are not supported'],
  },
});
