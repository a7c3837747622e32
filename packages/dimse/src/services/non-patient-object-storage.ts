// Non-Patient Object Storage: PS3.4 Annex GG.

import { cStore } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass } from '../registry/uids.generated.ts';
import { defineServiceClass } from '../session/service-class.ts';

/** Non-Patient Object Storage (PS3.4 Annex GG): hanging protocols, palettes, templates and other objects without a patient. */
export const nonPatientObjectStorage = defineServiceClass({
  name: 'Non-Patient Object Storage',
  operations: { store: cStore },
  // Table GG.3-1
  sopClasses: {
    HangingProtocol: { uid: SopClass.HangingProtocolStorage, operations: ['store'] },
    ColorPalette: { uid: SopClass.ColorPaletteStorage, operations: ['store'] },
    GenericImplantTemplate: { uid: SopClass.GenericImplantTemplateStorage, operations: ['store'] },
    ImplantAssemblyTemplate: { uid: SopClass.ImplantAssemblyTemplateStorage, operations: ['store'] },
    ImplantTemplateGroup: { uid: SopClass.ImplantTemplateGroupStorage, operations: ['store'] },
    CTDefinedProcedureProtocol: { uid: SopClass.CTDefinedProcedureProtocolStorage, operations: ['store'] },
    ProtocolApproval: { uid: SopClass.ProtocolApprovalStorage, operations: ['store'] },
    XADefinedProcedureProtocol: { uid: SopClass.XADefinedProcedureProtocolStorage, operations: ['store'] },
    Inventory: { uid: SopClass.InventoryStorage, operations: ['store'] },
  },
  // Table GG.4-1
  statuses: {
    [Status.OutOfResources]: ['failure', 'out of resources'],
    [Status.DataSetDoesNotMatchSopClass]: ['failure', 'the data set does not match the SOP class'],
    [Status.CannotUnderstand]: ['failure', 'cannot understand'],
  },
});
