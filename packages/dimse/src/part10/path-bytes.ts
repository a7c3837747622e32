// File names that are not UTF-8, as text: each byte that cannot be decoded becomes a character of U+DC80 to U+DCFF.

/**
 * The path of these bytes. Bytes that are not UTF-8 become lone surrogates, which JSON keeps. `pathBytes` is the inverse.
 * File systems other than those of Windows take any bytes but 00H and 2FH for a name.
 */
export function pathOfBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let path = '';
  for (let at = 0; at < bytes.length; ) {
    const end = endOfCharacter(bytes, at);
    path +=
      end === undefined ? String.fromCharCode(SURROGATES + (bytes[at] as number)) : bytes.toString('utf8', at, end);
    at = end ?? at + 1;
  }
  return path;
}

/** A path in the form that the functions of `node:fs` take: bytes if it has characters of `pathOfBytes`. */
export function pathBytes(path: string): string | Buffer {
  if (!NOT_UTF8.test(path)) return path;
  const parts = path
    .split(NOT_UTF8)
    .map((part) => (isByte(part) ? Buffer.of(part.charCodeAt(0) & 0xff) : Buffer.from(part)));
  return Buffer.concat(parts);
}

/** An error of the system names bytes that are not UTF-8 by question marks: it gets the path. Returns the error. */
export function withPath(error: unknown, path: string): unknown {
  if (error instanceof Error && 'path' in error && NOT_UTF8.test(path)) error.path = path;
  return error;
}

/** The end of the character at an offset; undefined if the bytes there are not a character of UTF-8. */
function endOfCharacter(bytes: Buffer, at: number): number | undefined {
  for (let end = at + 1; end <= Math.min(at + LONGEST_CHARACTER, bytes.length); end++)
    if (isUtf8(bytes.subarray(at, end))) return end;
  return undefined;
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}

function isByte(part: string): boolean {
  return part.length === 1 && NOT_UTF8.test(part);
}

const SURROGATES = 0xdc00;
const LONGEST_CHARACTER = 4;
// A surrogate of a pair is half of a character; a lone one stands for a byte.
const NOT_UTF8 = /((?<![\uD800-\uDBFF])[\uDC80-\uDCFF])/;
