// Query/Retrieve of objects that belong to no patient: PS3.4 Annexes U, X, BB, HH, II and JJ.

import { queryRetrieveModel } from './query-retrieve-model.ts';

/** Annex U. */
export const hangingProtocol = queryRetrieveModel('Hanging Protocol Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.38.2',
  move: '1.2.840.10008.5.1.4.38.3',
  get: '1.2.840.10008.5.1.4.38.4',
});

/** Annex X. */
export const colorPalette = queryRetrieveModel('Color Palette Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.39.2',
  move: '1.2.840.10008.5.1.4.39.3',
  get: '1.2.840.10008.5.1.4.39.4',
});

/** Annex BB. */
export const genericImplantTemplate = queryRetrieveModel('Generic Implant Template Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.43.2',
  move: '1.2.840.10008.5.1.4.43.3',
  get: '1.2.840.10008.5.1.4.43.4',
});

/** Annex BB. */
export const implantAssemblyTemplate = queryRetrieveModel('Implant Assembly Template Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.44.2',
  move: '1.2.840.10008.5.1.4.44.3',
  get: '1.2.840.10008.5.1.4.44.4',
});

/** Annex BB. */
export const implantTemplateGroup = queryRetrieveModel('Implant Template Group Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.45.2',
  move: '1.2.840.10008.5.1.4.45.3',
  get: '1.2.840.10008.5.1.4.45.4',
});

/** Annex HH. */
export const definedProcedureProtocol = queryRetrieveModel('Defined Procedure Protocol Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.20.1',
  move: '1.2.840.10008.5.1.4.20.2',
  get: '1.2.840.10008.5.1.4.20.3',
});

/** Annex II. */
export const protocolApproval = queryRetrieveModel('Protocol Approval Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.1.1.200.4',
  move: '1.2.840.10008.5.1.4.1.1.200.5',
  get: '1.2.840.10008.5.1.4.1.1.200.6',
});

/** Annex JJ. */
export const inventory = queryRetrieveModel('Inventory Query/Retrieve', {
  find: '1.2.840.10008.5.1.4.1.1.201.2',
  move: '1.2.840.10008.5.1.4.1.1.201.3',
  get: '1.2.840.10008.5.1.4.1.1.201.4',
});
