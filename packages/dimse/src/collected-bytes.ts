// Bytes that are collected from buffers of any size, in bounded memory.

/**
 * Buffers as they arrive. A view of one byte takes a hundred, and keeps the whole buffer that it is a view of. Views that are
 * shorter than `smallestView`, or much shorter than their buffer, are therefore copied together, unless there is only one.
 */
export class CollectedBytes {
  readonly #smallestView: number;
  #parts: Uint8Array[] = [];
  #length = 0;
  /** A part that would be copied if it were not the only one. */
  #single: Uint8Array | undefined;
  /** The block that views are copied to. The bytes from `start` to `end` are not in a part yet. */
  #block = NONE;
  #start = 0;
  #end = 0;

  /** If `smallestView` is Infinity, everything is copied: the memory is that of the bytes, and at most one block. */
  constructor({ smallestView = Number.POSITIVE_INFINITY }: { readonly smallestView?: number } = {}) {
    this.#smallestView = smallestView;
  }

  /** The number of bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Adds a buffer, which must not be changed until the bytes were taken and used. */
  push(part: Uint8Array): void {
    const { length } = part;
    if (length === 0) return;
    if (length >= this.#smallestView && length * LARGEST_SHARE >= part.buffer.byteLength) {
      this.#closePart();
      this.#parts.push(part);
    } else if (this.#length === 0) this.#single = part;
    else this.#copy(part);
    this.#length += length;
  }

  /** The bytes in their order, in few buffers. Empties the collection. */
  take(): Uint8Array[] {
    this.#closePart();
    const parts = this.#parts;
    this.drop();
    this.#length = 0;
    return parts;
  }

  /** All bytes in one piece. They are not copied if there is one buffer. */
  whole(): Uint8Array {
    this.#closePart();
    return this.#parts.length === 1 ? (this.#parts[0] as Uint8Array) : Buffer.concat(this.#parts);
  }

  /** Forgets all bytes, but goes on to count them. */
  drop(): void {
    this.#parts = [];
    this.#single = undefined;
    this.#block = NONE;
    this.#start = 0;
    this.#end = 0;
  }

  #copy(part: Uint8Array): void {
    const single = this.#single;
    this.#single = undefined;
    if (single) this.#copy(single);
    if (part.length > this.#block.length - this.#end) {
      this.#closePart();
      this.#block = new Uint8Array(Math.max(part.length, Math.min(this.#length, LARGEST_BLOCK), SMALLEST_BLOCK));
      this.#start = 0;
      this.#end = 0;
    }
    this.#block.set(part, this.#end);
    this.#end += part.length;
  }

  #closePart(): void {
    if (this.#single) this.#parts.push(this.#single);
    this.#single = undefined;
    if (this.#end > this.#start) this.#parts.push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }
}

const NONE = new Uint8Array(0);
const SMALLEST_BLOCK = 1024;
const LARGEST_BLOCK = 64 * 1024;
/** A view is kept if its buffer is at most this many times as long. */
const LARGEST_SHARE = 8;
