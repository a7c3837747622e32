// The bytes of a data set that is written as a stream: headers and values in blocks (PS3.5 §7.1, §7.5).

import { LONG_HEADER } from './element-header.ts';
import type { Encoding } from './encodings.ts';
import { UNDEFINED_LENGTH } from './tags.ts';
import { valueRepresentation } from './value-representations.ts';

/** Collects bytes in blocks, each of which is a new array: `take` gives those that are full. */
export class BlockOutput {
  readonly #full: Uint8Array[] = [];
  #block = Buffer.allocUnsafe(BLOCK_LENGTH);
  #length = 0;

  /** Writes the header of an element. Its length must fit: see `writtenVr`. */
  element(tag: number, vr: string, length: number, encoding: Encoding): void {
    const { isExplicit, littleEndian } = encoding;
    if (!isExplicit) {
      this.item(tag, length, encoding);
      return;
    }
    const isLong = valueRepresentation(vr).isLong;
    this.#room(LONG_HEADER);
    this.#tag(tag, littleEndian);
    this.#length += this.#block.write(vr, this.#length, 2, 'latin1');
    if (!isLong) {
      this.#u16(length, littleEndian);
      return;
    }
    this.#u16(0, littleEndian);
    this.#u32(length, littleEndian);
  }

  /** Writes the header of an item, a delimiter, or an element in Implicit VR. */
  item(tag: number, length: number, { littleEndian }: Encoding): void {
    this.#room(LONG_HEADER);
    this.#tag(tag, littleEndian);
    this.#u32(length, littleEndian);
  }

  /** Copies bytes. */
  raw(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#length === BLOCK_LENGTH) this.#next();
      const part = bytes.subarray(at, at + BLOCK_LENGTH - this.#length);
      this.#block.set(part, this.#length);
      this.#length += part.length;
      at += part.length;
    }
  }

  byte(value: number): void {
    this.#room(1);
    this.#block[this.#length++] = value;
  }

  /** The blocks that are full; with `isEnd`, all that is left. */
  take(isEnd = false): Uint8Array[] {
    if (isEnd && this.#length > 0) this.#next();
    return this.#full.splice(0);
  }

  #room(length: number): void {
    if (this.#length + length > BLOCK_LENGTH) this.#next();
  }

  #next(): void {
    this.#full.push(this.#block.subarray(0, this.#length));
    this.#block = Buffer.allocUnsafe(BLOCK_LENGTH);
    this.#length = 0;
  }

  #tag(tag: number, littleEndian: boolean): void {
    this.#u16(tag >>> 16, littleEndian);
    this.#u16(tag & 0xffff, littleEndian);
  }

  #u16(value: number, littleEndian: boolean): void {
    if (littleEndian) this.#length = this.#block.writeUInt16LE(value, this.#length);
    else this.#length = this.#block.writeUInt16BE(value, this.#length);
  }

  #u32(value: number, littleEndian: boolean): void {
    if (littleEndian) this.#length = this.#block.writeUInt32LE(value, this.#length);
    else this.#length = this.#block.writeUInt32BE(value, this.#length);
  }
}

/** The value representation in which a value of this length is written: UN if its length field would have 16 bits only. */
export function writtenVr(vr: string, length: number): string {
  return length > 0xffff && length !== UNDEFINED_LENGTH && !valueRepresentation(vr).isLong ? 'UN' : vr;
}

const BLOCK_LENGTH = 64 * 1024;
