// Unique identifiers in PDUs: PS3.5 §9.1, PS3.8 Annex F.

import { PduError } from './errors.ts';
import { latin1, quoted, textOf } from './wire-text.ts';

/** Length of the longest UID in characters. */
export const MAXIMUM_UID_LENGTH = 64;

/** UID of the DICOM application context, the only one (PS3.7 §A.2.1). */
export const DICOM_APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';

/** Whether the text is a UID: numbers without leading zeros, joined by dots, at most 64 characters (PS3.5 §9.1). */
export function isValidUid(text: string): boolean {
  return (
    typeof text === 'string' && text.length <= MAXIMUM_UID_LENGTH && /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*$/.test(text)
  );
}

/** A UID's bytes in an item, without padding (PS3.8 Annex F). @throws PduError if the text is not a UID. */
export function encodeUid(text: string, path: readonly string[]): Uint8Array {
  if (!isValidUid(text)) throw new PduError('invalid-parameter-value', `${quoted(text)} is not a UID`, path);
  return latin1(text);
}

/**
 * Reads a UID. Trailing NULs and spaces, with which some peers pad, are removed; leading zeros, which some peers write,
 * are accepted. The result may be empty. Undefined if there are other characters, or more than 64.
 */
export function readUid(bytes: Uint8Array): string | undefined {
  const end = endOfUid(bytes);
  if (end > MAXIMUM_UID_LENGTH) return undefined;
  const text = textOf(end === bytes.length ? bytes : bytes.subarray(0, end));
  return /^[\d.]*$/.test(text) ? text : undefined;
}

/** A UID as `readUid` reads it. @throws MalformedUidError. */
export function decodeUid(bytes: Uint8Array, path: readonly string[], offset: number): string {
  const uid = readUid(bytes);
  if (uid === undefined) throw new MalformedUidError(textOf(bytes.subarray(0, endOfUid(bytes))), path, offset);
  return uid;
}

/** A UID of a peer has other characters than digits and dots, or more than 64. */
export class MalformedUidError extends PduError {
  constructor(text: string, path: readonly string[], offset: number) {
    super('invalid-parameter-value', `${quoted(text)} is not a UID`, path, offset);
  }
}

function endOfUid(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x00 || bytes[end - 1] === 0x20)) end--;
  return end;
}
