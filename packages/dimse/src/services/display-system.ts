// Display System Management: PS3.4 Annex EE.

import { nGet } from '../message/operations.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Display System Management (PS3.4 Annex EE): the properties of a display system, read by N-GET. */
export const displaySystemManagement = defineServiceClass({
  name: 'Display System Management',
  operations: { get: nGet },
  sopClasses: { DisplaySystem: { uid: SopClass.DisplaySystem, operations: ['get'] } },
});

/** The well-known SOP instance of the display system. */
export const DISPLAY_SYSTEM_INSTANCE = '1.2.840.10008.5.1.1.40.1';
