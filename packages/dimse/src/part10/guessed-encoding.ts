// The encoding of a file without meta information, guessed from its first element.

import { TransferSyntax } from '../registry/uids.generated.ts';
import type { LocatedMeta } from './file-meta-information.ts';

/** The meta information of a file that begins with its data set; undefined if it does not begin like one. */
export function guessedMeta(head: Uint8Array): LocatedMeta | undefined {
  const transferSyntax = guessedEncoding(head);
  return transferSyntax === undefined ? undefined : { meta: { transferSyntax }, end: 0, isIncomplete: false };
}

/** The encoding in which the first element is of group 0008, with which data sets begin. */
export function guessedEncoding(bytes: Uint8Array): string | undefined {
  if (bytes.length < 8) return undefined;
  const isExplicit = /^[A-Z]{2}$/.test(String.fromCharCode(bytes[4] as number, bytes[5] as number));
  if (bytes[0] === 0x00 && bytes[1] === 0x08 && isExplicit) return TransferSyntax.ExplicitVRBigEndian;
  if (bytes[0] !== 0x08 || bytes[1] !== 0x00) return undefined;
  if (isExplicit) return TransferSyntax.ExplicitVRLittleEndian;
  // An implicit length of more than 64 KiB in group 0008 means that the file is text that happens to begin like a data
  // set.
  return bytes[6] === 0 && bytes[7] === 0 ? TransferSyntax.ImplicitVRLittleEndian : undefined;
}
