// RT Machine Verification: PS3.4 Annex DD.

import { nAction, nCreate, nDelete, nEventReport, nGet, nSet } from '../message/operations.ts';
import { defineServiceClass } from '../session/service-class.ts';

export const machineVerification = defineServiceClass({
  name: 'RT Machine Verification',
  operations: { create: nCreate, set: nSet, get: nGet, action: nAction, delete: nDelete, eventReport: nEventReport },
  sopClasses: {
    Conventional: {
      uid: '1.2.840.10008.5.1.4.34.8',
      operations: ['create', 'set', 'get', 'action', 'delete', 'eventReport'],
    },
    Ion: { uid: '1.2.840.10008.5.1.4.34.9', operations: ['create', 'set', 'get', 'action', 'delete', 'eventReport'] },
  },
  statuses: {
    49426: ['failure', 'no such machine verification instance'],
    49697: ['failure', 'the referenced fraction group does not exist in the referenced plan'],
    49698: ['failure', 'there are no beams in the referenced fraction group'],
    49699: ['failure', 'the SCU is verifying already, and the request cannot be processed now'],
    49700: ['failure', 'the referenced beam was not found in the referenced fraction group'],
    49701: ['failure', 'the referenced device or accessory is not supported'],
    49702: ['failure', 'the referenced device or accessory was not found in the referenced beam'],
    49703: ['failure', 'the referenced RT plan was not found'],
  },
});
