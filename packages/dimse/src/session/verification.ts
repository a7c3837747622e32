// Verification: PS3.4 Annex A.

import { cEcho } from '../message/operations.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from './service-class.ts';

/** Verification (PS3.4 Annex A): checks by C-ECHO that the peer answers DICOM messages. */
export const verification = defineServiceClass({
  name: 'Verification',
  operations: { echo: cEcho },
  sopClasses: { Verification: { uid: SopClass.Verification, operations: ['echo'] } },
});
