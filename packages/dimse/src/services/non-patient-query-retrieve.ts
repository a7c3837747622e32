// Query/Retrieve of objects that do not belong to a patient: PS3.4 Annexes U, X, BB, HH, II and JJ.

import { SopClass } from '../registry/uids.generated.ts';
import { queryRetrieveModel } from './query-retrieve-model.ts';

/** Hanging Protocol Query/Retrieve (PS3.4 Annex U). */
export const hangingProtocol = queryRetrieveModel('Hanging Protocol Query/Retrieve', {
  find: SopClass.HangingProtocolInformationModelFind,
  move: SopClass.HangingProtocolInformationModelMove,
  get: SopClass.HangingProtocolInformationModelGet,
});

/** Color Palette Query/Retrieve (PS3.4 Annex X). */
export const colorPalette = queryRetrieveModel('Color Palette Query/Retrieve', {
  find: SopClass.ColorPaletteQueryRetrieveInformationModelFind,
  move: SopClass.ColorPaletteQueryRetrieveInformationModelMove,
  get: SopClass.ColorPaletteQueryRetrieveInformationModelGet,
});

/** Generic Implant Template Query/Retrieve (PS3.4 Annex BB). */
export const genericImplantTemplate = queryRetrieveModel('Generic Implant Template Query/Retrieve', {
  find: SopClass.GenericImplantTemplateInformationModelFind,
  move: SopClass.GenericImplantTemplateInformationModelMove,
  get: SopClass.GenericImplantTemplateInformationModelGet,
});

/** Implant Assembly Template Query/Retrieve (PS3.4 Annex BB). */
export const implantAssemblyTemplate = queryRetrieveModel('Implant Assembly Template Query/Retrieve', {
  find: SopClass.ImplantAssemblyTemplateInformationModelFind,
  move: SopClass.ImplantAssemblyTemplateInformationModelMove,
  get: SopClass.ImplantAssemblyTemplateInformationModelGet,
});

/** Implant Template Group Query/Retrieve (PS3.4 Annex BB). */
export const implantTemplateGroup = queryRetrieveModel('Implant Template Group Query/Retrieve', {
  find: SopClass.ImplantTemplateGroupInformationModelFind,
  move: SopClass.ImplantTemplateGroupInformationModelMove,
  get: SopClass.ImplantTemplateGroupInformationModelGet,
});

/** Defined Procedure Protocol Query/Retrieve (PS3.4 Annex HH). */
export const definedProcedureProtocol = queryRetrieveModel('Defined Procedure Protocol Query/Retrieve', {
  find: SopClass.DefinedProcedureProtocolInformationModelFind,
  move: SopClass.DefinedProcedureProtocolInformationModelMove,
  get: SopClass.DefinedProcedureProtocolInformationModelGet,
});

/** Protocol Approval Query/Retrieve (PS3.4 Annex II). */
export const protocolApproval = queryRetrieveModel('Protocol Approval Query/Retrieve', {
  find: SopClass.ProtocolApprovalInformationModelFind,
  move: SopClass.ProtocolApprovalInformationModelMove,
  get: SopClass.ProtocolApprovalInformationModelGet,
});

/** Inventory Query/Retrieve (PS3.4 Annex JJ). */
export const inventory = queryRetrieveModel('Inventory Query/Retrieve', {
  find: SopClass.InventoryFind,
  move: SopClass.InventoryMove,
  get: SopClass.InventoryGet,
});
