// Items and sub-items, the building blocks of association PDUs: PS3.8 §9.3.2 (type, reserved byte, length, value).

import { PduError } from './errors.ts';
import { quoted } from './wire-text.ts';

/** An item or sub-item kept as bytes: of an unknown type, or a repetition of an item that may appear only once. */
export interface Item {
  /** Item type, 0 to 255. */
  readonly type: number;
  /** The bytes after the item's length field; for received items a view into the PDU. */
  readonly data: Uint8Array;
}

/** An item to be written. */
export interface ItemToWrite extends Item {
  /** The byte after the type; reserved in most items. Default 0. */
  readonly secondByte?: number;
}

/** An item that was read. */
export interface PlacedItem extends Item {
  readonly secondByte: number;
  /** Place of the item's data, in bytes from the start of the PDU's body. */
  readonly offset: number;
}

/** Bytes of the header of an item: its type, a reserved byte, its length. */
export const ITEM_HEADER_LENGTH = 4;

/** Most items in one list: a bound against attacks. 128 contexts need far fewer. */
export const MAXIMUM_ITEMS = 2048;

/** Splits bytes into items. @throws PduError if an item does not fit, or there are more than `maximum`. */
export function decodeItems(
  bytes: Uint8Array,
  offset: number,
  path: readonly string[],
  maximum = MAXIMUM_ITEMS,
): PlacedItem[] {
  const items: PlacedItem[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 4)
      throw new PduError(
        'invalid-parameter-value',
        `an item needs 4 bytes, ${bytes.length - at} are left`,
        path,
        offset + at,
      );
    const type = bytes[at] as number;
    const length = readUint16(bytes, at + 2);
    if (length > bytes.length - at - 4)
      throw new PduError(
        'invalid-parameter-value',
        `item ${hex(type)} declares ${length} bytes, ${bytes.length - at - 4} are left`,
        path,
        offset + at,
      );
    if (items.length === maximum)
      throw new PduError('invalid-parameter-value', `more than ${maximum} items`, path, offset + at);
    const data = bytes.subarray(at + 4, at + 4 + length);
    items.push({ type, secondByte: bytes[at + 1] as number, data, offset: offset + at + 4 });
    at += 4 + length;
  }
  return items;
}

/**
 * Writes items in the given order, after the bytes of `head`. `order`, a list of item types, restores the order in which
 * items were received; items that it does not list come last.
 * @throws PduError if an item is longer than 65535 bytes.
 */
export function encodeItems(
  items: readonly ItemToWrite[],
  order: readonly number[] | undefined,
  path: readonly string[],
  head: ArrayLike<number> = [],
): Uint8Array {
  const sorted = order ? inOrder(items, order) : items;
  let length = head.length;
  for (const { type, data } of sorted) {
    if (data.length > 0xffff)
      throw new PduError(
        'invalid-parameter-value',
        `item ${hex(type)} has ${data.length} bytes; at most 65535 fit`,
        path,
      );
    length += ITEM_HEADER_LENGTH + data.length;
  }
  const whole = new Uint8Array(length);
  whole.set(head);
  let at = head.length;
  for (const { type, secondByte = 0, data } of sorted) {
    whole[at] = type;
    whole[at + 1] = secondByte;
    whole[at + 2] = data.length >>> 8;
    whole[at + 3] = data.length;
    whole.set(data, at + ITEM_HEADER_LENGTH);
    at += ITEM_HEADER_LENGTH + data.length;
  }
  return whole;
}

function inOrder(items: readonly ItemToWrite[], order: readonly number[]): readonly ItemToWrite[] {
  const sorted: ItemToWrite[] = [];
  const left = [...items];
  for (const type of order) {
    const index = left.findIndex((item) => item.type === type);
    if (index >= 0) sorted.push(...left.splice(index, 1));
  }
  sorted.push(...left);
  return sorted;
}

/** Joins byte arrays. A single array is returned as it is, not copied. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** An item type as the standard prints it: `5AH`. */
export function hex(type: number): string {
  return `${type.toString(16).toUpperCase().padStart(2, '0')}H`;
}

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return readUint16(bytes, at) * 0x10000 + readUint16(bytes, at + 2);
}

/** @throws PduError if the value does not fit the field; truncated, it would have another meaning. */
export function uint8(value: number, path: readonly string[] = []): number {
  return checked(value, 0xff, path);
}

/** @throws PduError if the value does not fit the field. */
export function uint16(value: number, path: readonly string[] = []): Uint8Array {
  checked(value, 0xffff, path);
  return Uint8Array.of(value >>> 8, value & 0xff);
}

/** @throws PduError if the value does not fit the field. */
export function uint32(value: number, path: readonly string[] = []): Uint8Array {
  checked(value, 0xffffffff, path);
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function checked(value: number, most: number, path: readonly string[]): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new PduError('invalid-parameter-value', `${quoted(value)} is not an integer from 0 to ${most}`, path);
}

/**
 * The properties of a decoded PDU or item that keep items which it does not understand, and an unusual order: any other than
 * that of the types of the known items, with the unknown ones last.
 */
export function keptItems(
  items: readonly Item[],
  known: readonly Item[],
  unknownItems: readonly Item[],
): { readonly unknownItems?: readonly Item[]; readonly itemOrder?: readonly number[] } | undefined {
  // Most peers send what the standard says, as it says it.
  if (unknownItems.length === 0 && isAscending(items)) return undefined;
  const canonical = [...known.toSorted((one, other) => one.type - other.type), ...unknownItems];
  const isCanonical = items.every((item, index) => item.type === canonical[index]?.type);
  return {
    ...(unknownItems.length > 0 && { unknownItems }),
    ...(!isCanonical && { itemOrder: items.map((item) => item.type) }),
  };
}

function isAscending(items: readonly Item[]): boolean {
  let highest = 0;
  for (const { type } of items) {
    if (type < highest) return false;
    highest = type;
  }
  return true;
}
