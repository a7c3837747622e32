// Query/Retrieve of objects that belong to no patient: PS3.4 Annexes U, X, BB, HH, II and JJ.

import { SopClass } from '../registry/uids.generated.ts';
import { queryRetrieveModel } from './query-retrieve-model.ts';

/** Annex U. */
export const hangingProtocol = queryRetrieveModel('Hanging Protocol Query/Retrieve', {
  find: SopClass.HangingProtocolInformationModelFind,
  move: SopClass.HangingProtocolInformationModelMove,
  get: SopClass.HangingProtocolInformationModelGet,
});

/** Annex X. */
export const colorPalette = queryRetrieveModel('Color Palette Query/Retrieve', {
  find: SopClass.ColorPaletteQueryRetrieveInformationModelFind,
  move: SopClass.ColorPaletteQueryRetrieveInformationModelMove,
  get: SopClass.ColorPaletteQueryRetrieveInformationModelGet,
});

/** Annex BB. */
export const genericImplantTemplate = queryRetrieveModel('Generic Implant Template Query/Retrieve', {
  find: SopClass.GenericImplantTemplateInformationModelFind,
  move: SopClass.GenericImplantTemplateInformationModelMove,
  get: SopClass.GenericImplantTemplateInformationModelGet,
});

/** Annex BB. */
export const implantAssemblyTemplate = queryRetrieveModel('Implant Assembly Template Query/Retrieve', {
  find: SopClass.ImplantAssemblyTemplateInformationModelFind,
  move: SopClass.ImplantAssemblyTemplateInformationModelMove,
  get: SopClass.ImplantAssemblyTemplateInformationModelGet,
});

/** Annex BB. */
export const implantTemplateGroup = queryRetrieveModel('Implant Template Group Query/Retrieve', {
  find: SopClass.ImplantTemplateGroupInformationModelFind,
  move: SopClass.ImplantTemplateGroupInformationModelMove,
  get: SopClass.ImplantTemplateGroupInformationModelGet,
});

/** Annex HH. */
export const definedProcedureProtocol = queryRetrieveModel('Defined Procedure Protocol Query/Retrieve', {
  find: SopClass.DefinedProcedureProtocolInformationModelFind,
  move: SopClass.DefinedProcedureProtocolInformationModelMove,
  get: SopClass.DefinedProcedureProtocolInformationModelGet,
});

/** Annex II. */
export const protocolApproval = queryRetrieveModel('Protocol Approval Query/Retrieve', {
  find: SopClass.ProtocolApprovalInformationModelFind,
  move: SopClass.ProtocolApprovalInformationModelMove,
  get: SopClass.ProtocolApprovalInformationModelGet,
});

/** Annex JJ. */
export const inventory = queryRetrieveModel('Inventory Query/Retrieve', {
  find: SopClass.InventoryFind,
  move: SopClass.InventoryMove,
  get: SopClass.InventoryGet,
});
