// Text in PDUs: characters to bytes and back, and text of a peer made safe to show.

/** Characters 0 to 255 as bytes; other characters become '?'. */
export function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    bytes[index] = code > 0xff ? 0x3f : code;
  }
  return bytes;
}

/** Bytes as characters 0 to 255. */
export function textOf(bytes: Uint8Array): string {
  // A third of the time, and one string instead of one for each character. Functions take a limited number of arguments.
  if (bytes.length <= MOST_ARGUMENTS) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

const MOST_ARGUMENTS = 1024;

/** Escapes characters as `\xNN`, by default all but printable ASCII, so that text of a peer is safe to show. */
export function printable(text: string, escaped = /[^\x20-\x7e]/g): string {
  return text.replace(escaped, (character) => `\\x${(character.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`);
}

/**
 * A value in an error message: text in quotes, safe to show, and at most 80 characters of it. Values of other types than
 * those that TypeScript allows come from callers in JavaScript.
 */
export function quoted(value: unknown): string {
  if (typeof value !== 'string') return typeof value === 'object' ? nameOfType(value) : String(value).slice(0, 80);
  return value.length > 80 ? `'${printable(value.slice(0, 80))}…'` : `'${printable(value)}'`;
}

function nameOfType(value: object | null): string {
  return value === null ? 'null' : `an object of the type ${value.constructor?.name ?? 'Object'}`;
}

/** The number of bytes and the first 32 of them in hexadecimal. */
export function bytesText(bytes: Uint8Array): string {
  const shown = [...bytes.subarray(0, 32)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `${bytes.length} bytes${bytes.length > 0 ? `: ${shown}${bytes.length > 32 ? ' …' : ''}` : ''}`;
}
