// Instance Availability Notification: PS3.4 Annex R.

import { nCreate } from '../operations.ts';
import { defineServiceClass } from '../service-class.ts';

export const instanceAvailabilityNotification = defineServiceClass({
  name: 'Instance Availability Notification',
  operations: { create: nCreate },
  sopClasses: { Notification: { uid: '1.2.840.10008.5.1.4.33', operations: ['create'] } },
});
