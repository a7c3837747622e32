// The fields inside a sub-item: a reader, and the fields that carry their length in front.

import { PduError } from './errors.ts';
import { concatenate, type PlacedItem, readUint16, readUint32, uint16 } from './items.ts';
import { decodeUid, encodeUid } from './uid.ts';

/** A field with its length in bytes in front. @throws PduError if it is longer than 65535 bytes. */
export function sized(data: Uint8Array, path: readonly string[]): Uint8Array {
  if (data.length > 0xffff)
    throw new PduError('invalid-parameter-value', `has ${data.length} bytes; at most 65535 fit`, path);
  return concatenate([uint16(data.length), data]);
}

/** A UID with its length in front. @throws PduError if the text is not a UID. */
export function sizedUid(uid: string, path: readonly string[]): Uint8Array {
  return sized(encodeUid(uid, path), path);
}

/** Reads the fields of one sub-item from first to last. Every method throws PduError if the bytes do not suffice. */
export class Fields {
  /** The byte after the item type: reserved, except in 57H. */
  readonly secondByte: number;
  readonly #bytes: Uint8Array;
  readonly #offset: number;
  readonly #path: readonly string[];
  #at = 0;

  constructor({ data, offset, secondByte }: Omit<PlacedItem, 'type'>, path: readonly string[]) {
    this.secondByte = secondByte;
    this.#bytes = data;
    this.#offset = offset;
    this.#path = path;
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  uint8(): number {
    return this.#take(1)[0] as number;
  }

  uint16(): number {
    return readUint16(this.#take(2), 0);
  }

  uint32(): number {
    return readUint32(this.#take(4), 0);
  }

  /** Bytes with their length in front. */
  sized(): Uint8Array {
    return this.#take(this.uint16());
  }

  sizedUid(): string {
    return decodeUid(this.sized(), this.#path, this.#offset + this.#at);
  }

  /** All bytes that are left. */
  rest(): Uint8Array {
    return this.#take(this.#bytes.length - this.#at);
  }

  restAsUid(): string {
    return decodeUid(this.rest(), this.#path, this.#offset);
  }

  /** A list of UIDs, each with its length in front; the list has its length in front too. */
  sizedUids(): string[] {
    const data = this.sized();
    const list = new Fields({ data, offset: this.#offset + this.#at - data.length, secondByte: 0 }, this.#path);
    const uids: string[] = [];
    while (list.hasMore) uids.push(list.sizedUid());
    return uids;
  }

  #take(length: number): Uint8Array {
    const left = this.#bytes.length - this.#at;
    if (length > left)
      throw new PduError(
        'invalid-parameter-value',
        `needs ${length} bytes, ${left} are left`,
        this.#path,
        this.#offset + this.#at,
      );
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
