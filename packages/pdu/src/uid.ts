// Unique identifiers in PDUs: PS3.5 §9.1, PS3.8 Annex F.

import { PduError } from './errors.ts';
import { latin1, printable, textOf } from './wire-text.ts';

/** Length of the longest UID in characters. */
export const MAXIMUM_UID_LENGTH = 64;

/** UID of the DICOM application context, the only one (PS3.7 §A.2.1). */
export const DICOM_APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';

/** Whether the text is a UID: numbers without leading zeros, joined by dots, at most 64 characters (PS3.5 §9.1). */
export function isValidUid(text: string): boolean {
  return text.length <= MAXIMUM_UID_LENGTH && /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*$/.test(text);
}

/** A UID's bytes in an item, without padding (PS3.8 Annex F). @throws PduError if the text is not a UID. */
export function encodeUid(text: string, path: readonly string[]): Uint8Array {
  if (!isValidUid(text)) throw new PduError('invalid-parameter-value', `'${printable(text)}' is not a UID`, path);
  return latin1(text);
}

/**
 * Reads a UID. Trailing NULs and spaces, with which some peers pad, are removed; leading zeros, which some peers write,
 * are accepted. The result may be empty.
 * @throws PduError if there are other characters, or more than 64.
 */
export function decodeUid(bytes: Uint8Array, path: readonly string[], offset: number): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x00 || bytes[end - 1] === 0x20)) end--;
  const text = textOf(bytes.subarray(0, end));
  if (end > MAXIMUM_UID_LENGTH || !/^[\d.]*$/.test(text))
    throw new PduError('invalid-parameter-value', `'${printable(text.slice(0, 80))}' is not a UID`, path, offset);
  return text;
}
