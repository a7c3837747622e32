// The presentation contexts of a C-GET: its own, and those for the instances that it may bring (PS3.4 §C.4.3).

import type { ContextNeed } from '@x/net';
import { MAXIMUM_PRESENTATION_CONTEXTS } from '@x/net/internal';
import { DEFAULT_TRANSFER_SYNTAXES } from '../data-set/dataset.ts';
import { STORAGE_SOP_CLASSES, TransferSyntax } from '../registry/uids.generated.ts';

/** The default transfer syntaxes of retrieved instances, the common ones first. */
export const RETRIEVED_TRANSFER_SYNTAXES: readonly string[] = [
  TransferSyntax.ExplicitVRLittleEndian,
  TransferSyntax.ImplicitVRLittleEndian,
  TransferSyntax.JPEGBaseline8Bit,
  TransferSyntax.JPEGLosslessSV1,
  TransferSyntax.JPEG2000Lossless,
  TransferSyntax.JPEG2000,
  TransferSyntax.JPEGLSLossless,
  TransferSyntax.JPEGLSNearLossless,
  TransferSyntax.RLELossless,
  TransferSyntax.JPEGExtended12Bit,
  TransferSyntax.JPEGLossless,
  TransferSyntax.DeflatedExplicitVRLittleEndian,
  TransferSyntax.ExplicitVRBigEndian,
  TransferSyntax.MPEG4HP41,
  TransferSyntax.MPEG2MPML,
  TransferSyntax.HTJ2KLossless,
  TransferSyntax.HTJ2K,
];

/** The needs of a C-GET by this SOP class, for `planAssociations`. */
export function contextNeeds(
  sopClass: string,
  sopClasses: readonly string[] = STORAGE_SOP_CLASSES,
  transferSyntaxes: readonly string[] = RETRIEVED_TRANSFER_SYNTAXES,
): ContextNeed[] {
  const model = { sopClasses: [sopClass], transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES, everywhere: true };
  const roles = { scu: false, scp: true };
  const each = transferSyntaxes.map((uid) => ({ sopClasses, transferSyntaxes: [uid], roles }));
  if (sopClasses.length * transferSyntaxes.length < MAXIMUM_PRESENTATION_CONTEXTS) return [model, ...each];
  // Most peers can send uncompressed instances in either encoding: one context for both, on the first associations.
  const uncompressed = transferSyntaxes.filter((uid) => DEFAULT_TRANSFER_SYNTAXES.includes(uid));
  if (uncompressed.length < 2) return [model, ...each];
  return [model, { sopClasses, transferSyntaxes: uncompressed, roles }, ...each];
}
