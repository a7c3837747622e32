// Non-Patient Object Storage: PS3.4 Annex GG.

import { cStore } from '../message/operations.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Non-Patient Object Storage (PS3.4 Annex GG): hanging protocols, palettes, templates and what else belongs to no patient. */
export const nonPatientObjectStorage = defineServiceClass({
  name: 'Non-Patient Object Storage',
  operations: { store: cStore },
  // Table GG.3-1
  sopClasses: {
    HangingProtocol: { uid: '1.2.840.10008.5.1.4.38.1', operations: ['store'] },
    ColorPalette: { uid: '1.2.840.10008.5.1.4.39.1', operations: ['store'] },
    GenericImplantTemplate: { uid: '1.2.840.10008.5.1.4.43.1', operations: ['store'] },
    ImplantAssemblyTemplate: { uid: '1.2.840.10008.5.1.4.44.1', operations: ['store'] },
    ImplantTemplateGroup: { uid: '1.2.840.10008.5.1.4.45.1', operations: ['store'] },
    CTDefinedProcedureProtocol: { uid: '1.2.840.10008.5.1.4.1.1.200.1', operations: ['store'] },
    ProtocolApproval: { uid: '1.2.840.10008.5.1.4.1.1.200.3', operations: ['store'] },
    XADefinedProcedureProtocol: { uid: '1.2.840.10008.5.1.4.1.1.200.7', operations: ['store'] },
    Inventory: { uid: '1.2.840.10008.5.1.4.1.1.201.1', operations: ['store'] },
  },
  // Table GG.4-1
  statuses: {
    42752: ['failure', 'out of resources'],
    43264: ['failure', 'the data set does not match the SOP class'],
    49152: ['failure', 'cannot understand'],
  },
});
