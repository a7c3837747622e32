// Unique identifiers as PDUs carry them: PS3.5 §9.1, PS3.8 Annex F.

import { PduError } from './errors.ts';
import { latin1, printable, textOf } from './wire-text.ts';

/** Longest UID: 64 characters. */
export const MAXIMUM_UID_LENGTH = 64;

/** The one application context there is: PS3.7 Annex A.2.1. */
export const DICOM_APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';

/** Whether the text is a UID: numbers without leading zeros, joined by dots, at most 64 characters (PS3.5 §9.1). */
export function isValidUid(text: string): boolean {
  return text.length <= MAXIMUM_UID_LENGTH && /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*$/.test(text);
}

/** A UID's bytes as they stand in an item: unpadded (PS3.8 Annex F). @throws PduError when it is none. */
export function encodeUid(text: string, path: readonly string[]): Uint8Array {
  if (!isValidUid(text)) throw new PduError('invalid-parameter-value', `'${printable(text)}' is not a UID`, path);
  return latin1(text);
}

/**
 * Reads a UID. Trailing NULs and spaces, which some peers pad with, are dropped; leading zeros, which some write, are
 * let pass. Empty gives the empty string.
 * @throws PduError for other characters, or more than 64.
 */
export function decodeUid(bytes: Uint8Array, path: readonly string[], offset: number): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x00 || bytes[end - 1] === 0x20)) end--;
  const text = textOf(bytes.subarray(0, end));
  if (end > MAXIMUM_UID_LENGTH || !/^[\d.]*$/.test(text))
    throw new PduError('invalid-parameter-value', `'${printable(text.slice(0, 80))}' is not a UID`, path, offset);
  return text;
}
