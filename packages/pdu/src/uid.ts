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
  const known = encoded.get(text);
  if (known) return known;
  if (!isValidUid(text)) throw new PduError('invalid-parameter-value', `${quoted(text)} is not a UID`, path);
  const bytes = latin1(text);
  if (encoded.size === MOST_KNOWN) encoded.clear();
  encoded.set(text, bytes);
  return bytes;
}

/** The bytes of UIDs that were written: the same ones are in most associations. They are copied, never given away. */
const encoded = new Map<string, Uint8Array>();
const MOST_KNOWN = 512;

/**
 * Reads a UID. Trailing NULs and spaces, with which some peers pad, are removed; leading zeros, which some peers write,
 * are accepted. The result may be empty. Undefined if there are other characters, or more than 64.
 */
export function readUid(bytes: Uint8Array, start = 0, stop = bytes.length): string | undefined {
  const end = endOfUid(bytes, start, stop);
  if (end - start > MAXIMUM_UID_LENGTH) return undefined;
  const place = placeOf(bytes, start, end);
  const known = read[place];
  if (known !== undefined && isText(known, bytes, start, end)) return known;
  const text = textOf(bytes.subarray(start, end));
  if (!/^[\d.]*$/.test(text)) return undefined;
  read[place] = text;
  return text;
}

/** UIDs that were read, one at each place: the same ones are in most associations, and to compare is faster than to make a text. */
const read: (string | undefined)[] = new Array(512).fill(undefined);

function placeOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let index = start; index < end; index++) hash = (Math.imul(hash, 31) + (bytes[index] as number)) | 0;
  return hash & (read.length - 1);
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
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

function endOfUid(bytes: Uint8Array, start = 0, stop = bytes.length): number {
  let end = stop;
  while (end > start && (bytes[end - 1] === 0x00 || bytes[end - 1] === 0x20)) end--;
  return end;
}
