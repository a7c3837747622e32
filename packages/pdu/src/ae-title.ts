// Application Entity titles: PS3.8 §9.3.2 (16 bytes, padded) and PS3.5 §6.2 (AE).

import { PduError } from './errors.ts';
import { latin1, printable, quoted, textOf } from './wire-text.ts';

/** Length of an AE title field in bytes. */
export const AE_TITLE_LENGTH = 16;

/** Whether the text may be sent as an AE title: 1 to 16 printable ASCII characters, no backslash, not only spaces. */
export function isValidAeTitle(text: string): boolean {
  return (
    typeof text === 'string' &&
    text.length <= AE_TITLE_LENGTH &&
    /^[\x20-\x5b\x5d-\x7e]+$/.test(text) &&
    text.trim() !== ''
  );
}

/**
 * An AE title's 16 bytes, padded with spaces. Received titles that are blank or contain escapes of `decodeAeTitle` are
 * written as they were received, because A-ASSOCIATE-AC returns the titles of the request (PS3.8 §9.3.3).
 * @throws PduError if the text is neither a received title nor an AE title.
 */
export function encodeAeTitle(text: string, path: readonly string[]): Uint8Array {
  // Callers in JavaScript may have passed another type.
  const received = String(text).replace(/\\x([0-9a-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  const isReceived = received !== String(text) && received.length <= AE_TITLE_LENGTH;
  if (text !== '' && !isReceived && !isValidAeTitle(text))
    throw new PduError(
      'invalid-parameter-value',
      `${quoted(text)} is not an AE title (1 to 16 characters of ASCII, no backslash)`,
      path,
    );
  const bytes = new Uint8Array(AE_TITLE_LENGTH).fill(0x20);
  bytes.set(latin1(received));
  return bytes;
}

/**
 * Reads an AE title. Leading and trailing spaces are removed, and NULs, with which some peers pad. Bytes that are not
 * allowed in an AE title, including the backslash, appear as `\xNN`.
 */
export function decodeAeTitle(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (/^[!-[\]-~]+ *$/.test(text)) return text.trimEnd();
  return printable(text.replace(/^[ \0]+|[ \0]+$/g, ''), /[^\x20-\x5b\x5d-\x7e]/g);
}
