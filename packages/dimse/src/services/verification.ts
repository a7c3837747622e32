// Verification: PS3.4 Annex A.

import { cEcho } from '../message/operations.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Verification (PS3.4 Annex A): whether the peer is there, and speaks DICOM. */
export const verification = defineServiceClass({
  name: 'Verification',
  operations: { echo: cEcho },
  sopClasses: { Verification: { uid: SopClass.Verification, operations: ['echo'] } },
});
