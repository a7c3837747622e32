// Media Creation Management: PS3.4 Annex S.

import { nAction, nCreate, nGet } from '../message/operations.ts';
import { defineServiceClass } from '../session/service-class.ts';

export const mediaCreationManagement = defineServiceClass({
  name: 'Media Creation Management',
  operations: { create: nCreate, action: nAction, get: nGet },
  sopClasses: { Management: { uid: '1.2.840.10008.5.1.1.33', operations: ['create', 'action', 'get'] } },
  statuses: {
    1: ['warning', 'requested optional attributes are not supported'],
    42256: ['failure', 'media creation has already been initiated for this SOP instance'],
    49665: ['failure', 'the media creation request is already completed'],
    49666: ['failure', 'the media creation request is in progress and cannot be interrupted'],
    49667: ['failure', 'cancellation was denied, for a reason not specified'],
  },
});

/** Action Type IDs (§S.3.2.2). */
export const MediaCreationAction = { Initiate: 1, Cancel: 2 } as const;
