// The values of command elements as bytes, by kind (PS3.7 §6.3.1, PS3.5 §6.2).

/** What an element holds. `hasDataSet` is Command Data Set Type, `bytes` an element that the table does not name. */
export type Kind = 'uid' | 'short' | 'title' | 'text' | 'tags' | 'hasDataSet' | 'bytes';

/** Whether an element of this kind can hold the value. */
export function isInRange(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'short':
      return isUnsigned(value, 0xffff);
    case 'tags':
      return Array.isArray(value) && value.every((tag) => isUnsigned(tag, 0xffffffff));
    case 'title':
      return typeof value === 'string' && AE_TITLE.test(value);
    case 'uid':
    case 'text':
      return typeof value === 'string';
    default:
      return true;
  }
}

/** Whether the value says nothing: some peers send a UID of zero length instead of leaving the element out. */
export function isAbsent(kind: Kind, value: unknown): boolean {
  return kind === 'uid' && value === '';
}

/** The length of a value in bytes; it is even. */
export function encodedLength(kind: Kind, value: unknown): number {
  switch (kind) {
    case 'uid':
      return even((value as string).length);
    case 'title':
    case 'text':
      return even(Math.min((value as string).length, MAXIMUM_COMMENT_LENGTH));
    case 'tags':
      return (value as readonly number[]).length * 4;
    case 'bytes':
      return (value as Uint8Array).length;
    default:
      return 2;
  }
}

/** Writes a value that `isInRange` allows. */
export function encodeValue(kind: Kind, value: unknown, bytes: Uint8Array, view: DataView, offset: number): void {
  switch (kind) {
    case 'uid':
      writeText(value as string, bytes, offset, 0x00);
      break;
    case 'title':
    case 'text':
      writeText((value as string).slice(0, MAXIMUM_COMMENT_LENGTH), bytes, offset, 0x20);
      break;
    case 'tags':
      for (const tag of value as readonly number[]) {
        view.setUint16(offset, tag >>> 16, true);
        view.setUint16(offset + 2, tag & 0xffff, true);
        offset += 4;
      }
      break;
    case 'bytes':
      bytes.set(value as Uint8Array, offset);
      break;
    case 'hasDataSet':
      view.setUint16(offset, value ? 0x0001 : NO_DATA_SET, true);
      break;
    default:
      view.setUint16(offset, value as number, true);
  }
}

/** The value in `size` bytes from `offset`; undefined if the kind does not allow this size. */
export function decodeValue(kind: Kind, bytes: Uint8Array, view: DataView, offset: number, size: number): unknown {
  switch (kind) {
    case 'uid':
    case 'title':
      return readText(bytes, offset, size);
    case 'text':
      return readText(bytes, offset, Math.min(size, MAXIMUM_READ_LENGTH));
    case 'tags': {
      if (size % 4 !== 0) return undefined;
      const tags: number[] = [];
      for (let at = offset; at < offset + size; at += 4)
        tags.push(view.getUint16(at, true) * 0x10000 + view.getUint16(at + 2, true));
      return tags;
    }
    default: {
      if (size === 0 || size % 2 !== 0) return undefined;
      const value = size === 2 ? view.getUint16(offset, true) : readLongNumber(bytes, offset, size);
      return kind === 'hasDataSet' ? value !== NO_DATA_SET : value;
    }
  }
}

const NO_DATA_SET = 0x0101;
const MAXIMUM_COMMENT_LENGTH = 64;
// Some peers send longer comments, which help. They are part of error messages, so that they need a bound.
const MAXIMUM_READ_LENGTH = 256;
// PS3.5 §6.2, AE: the default repertoire without control characters and backslash.
const AE_TITLE = /^[ -[\]-~]{0,16}$/;

function isUnsigned(value: unknown, maximum: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maximum;
}

function even(length: number): number {
  return length + (length & 1);
}

// The command group is in the default repertoire (PS3.7 §6.3.1): other characters are written as '?'.
function writeText(text: string, bytes: Uint8Array, offset: number, padding: number): void {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    bytes[offset + index] = code > 0x7e || code < 0x20 ? 0x3f : code;
  }
  if (text.length & 1) bytes[offset + text.length] = padding;
}

/** A number in more bytes than US has: some peers send UL. Numbers past 65,535 do not fit the element. */
function readLongNumber(bytes: Uint8Array, offset: number, size: number): number {
  let value = 0;
  for (let index = size - 1; index >= 0; index--) value = value * 0x100 + (bytes[offset + index] ?? 0);
  return value;
}

function readText(bytes: Uint8Array, start: number, size: number): string {
  let first = start;
  let end = start + size;
  while (end > first && isPadding(bytes[end - 1])) end--;
  while (first < end && isPadding(bytes[first])) first++;
  let text = '';
  for (let index = first; index < end; index++) text += String.fromCharCode(bytes[index] ?? 0);
  return text;
}

function isPadding(code: number | undefined): boolean {
  return code === 0x20 || code === 0x00;
}
