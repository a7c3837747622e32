// Instance Availability Notification: PS3.4 Annex R.

import { nCreate } from '../message/operations.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';
import type { ItemRequirement } from './attribute-requirements.ts';

/** Instance Availability Notification (PS3.4 Annex R): reports which instances can be retrieved, by N-CREATE. */
export const instanceAvailabilityNotification = defineServiceClass({
  name: 'Instance Availability Notification',
  operations: { create: nCreate },
  sopClasses: { Notification: { uid: SopClass.InstanceAvailabilityNotification, operations: ['create'] } },
});

/** The attributes that a notification requires (Table R.3.2-1), for `checkAttributes`. */
export const INSTANCE_AVAILABILITY_ATTRIBUTES: readonly ItemRequirement[] = [
  {
    keyword: 'ReferencedPerformedProcedureStepSequence',
    type: 2,
    items: [
      { keyword: 'ReferencedSOPClassUID', type: 1 },
      { keyword: 'ReferencedSOPInstanceUID', type: 1 },
      { keyword: 'PerformedWorkitemCodeSequence', type: 2 },
    ],
  },
  { keyword: 'StudyInstanceUID', type: 1 },
  {
    keyword: 'ReferencedSeriesSequence',
    type: 1,
    items: [
      { keyword: 'SeriesInstanceUID', type: 1 },
      {
        keyword: 'ReferencedSOPSequence',
        type: 1,
        items: [
          { keyword: 'ReferencedSOPClassUID', type: 1 },
          { keyword: 'ReferencedSOPInstanceUID', type: 1 },
          { keyword: 'InstanceAvailability', type: 1 },
          { keyword: 'RetrieveAETitle', type: 1 },
        ],
      },
    ],
  },
];
