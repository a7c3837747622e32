// Media Creation Management: PS3.4 Annex S.

import { nAction, nCreate, nGet } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Media Creation Management (PS3.4 Annex S): requests that instances are written to media. */
export const mediaCreationManagement = defineServiceClass({
  name: 'Media Creation Management',
  operations: { create: nCreate, action: nAction, get: nGet },
  sopClasses: { Management: { uid: SopClass.MediaCreationManagement, operations: ['create', 'action', 'get'] } },
  statuses: {
    [Status.RequestedOptionalAttributesNotSupported]: ['warning', 'requested optional attributes are not supported'],
    0xa510: ['failure', 'media creation has already been initiated for this SOP instance'],
    0xc201: ['failure', 'the media creation request has already been completed'],
    0xc202: ['failure', 'the media creation request is in progress and cannot be interrupted'],
    0xc203: ['failure', 'cancellation was denied, for a reason not specified'],
  },
});

/** Action Type IDs (§S.3.2.2). */
export const MediaCreationAction = {
  /** Begins to make the media. */
  Initiate: 1,
  /** Cancels the request. */
  Cancel: 2,
} as const;
