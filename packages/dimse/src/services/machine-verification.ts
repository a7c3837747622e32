// RT Machine Verification: PS3.4 Annex DD.

import { nAction, nCreate, nDelete, nEventReport, nGet, nSet } from '../message/operations.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** RT Machine Verification (PS3.4 Annex DD): verifies the setup of a treatment machine before delivery. */
export const machineVerification = defineServiceClass({
  name: 'RT Machine Verification',
  operations: { create: nCreate, set: nSet, get: nGet, action: nAction, delete: nDelete, eventReport: nEventReport },
  sopClasses: {
    Conventional: {
      uid: SopClass.RTConventionalMachineVerification,
      operations: ['create', 'set', 'get', 'action', 'delete', 'eventReport'],
    },
    Ion: {
      uid: SopClass.RTIonMachineVerification,
      operations: ['create', 'set', 'get', 'action', 'delete', 'eventReport'],
    },
  },
  statuses: {
    0xc112: ['failure', 'the machine verification instance does not exist'],
    0xc221: ['failure', 'the referenced fraction group does not exist in the referenced plan'],
    0xc222: ['failure', 'there are no beams in the referenced fraction group'],
    0xc223: ['failure', 'the SCU is already verifying, and the request cannot be processed now'],
    0xc224: ['failure', 'the referenced beam was not found in the referenced fraction group'],
    0xc225: ['failure', 'the referenced device or accessory is not supported'],
    0xc226: ['failure', 'the referenced device or accessory was not found in the referenced beam'],
    0xc227: ['failure', 'the referenced RT plan was not found'],
  },
});
