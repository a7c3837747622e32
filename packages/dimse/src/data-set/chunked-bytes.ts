// Bytes that come in chunks of any size, with headers that may be divided between chunks.

import { isLongHeader, LONG_HEADER, SHORT_HEADER, tagIn } from './element-header.ts';
import type { Encoding } from './encodings.ts';

export class ChunkedBytes {
  /** The bytes of the last header, and its place in them. */
  view: DataView = EMPTY_VIEW;
  viewAt = 0;
  #chunk: Uint8Array = EMPTY;
  #chunkView: DataView = EMPTY_VIEW;
  /** The offset of the chunk. */
  #base = 0;
  #at = 0;
  /** The place in the chunk at which the last part begins; -1 if it is a header that came in several chunks. */
  #start = 0;
  /** A header that came in several chunks. */
  #header = EMPTY;
  #headerView = EMPTY_VIEW;
  #gathered = 0;
  #headerLength = 0;

  /** The offset of the next byte. */
  get position(): number {
    return this.#base + this.#at;
  }

  get available(): number {
    return this.#chunk.length - this.#at;
  }

  /** The number of bytes of a header that have come so far. */
  get gathered(): number {
    return this.#gathered;
  }

  /** Whether these bytes are zero. */
  get isGatheredZero(): boolean {
    return this.#header.subarray(0, this.#gathered).every((byte) => byte === 0);
  }

  /** The last part that was taken: a view of the chunk, or a header. */
  get taken(): Uint8Array {
    return this.#start < 0 ? this.#header.subarray(0, this.#headerLength) : this.#chunk.subarray(this.#start, this.#at);
  }

  feed(chunk: Uint8Array, view?: DataView): void {
    this.#base += this.#chunk.length;
    this.#chunk = chunk;
    this.#at = 0;
    if (chunk.length >= SHORT_HEADER)
      this.#chunkView = view ?? new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  }

  /** Takes bytes of the chunk. */
  take(length: number): void {
    this.#start = this.#at;
    this.#at += length;
  }

  /** Takes the rest of the chunk, and leaves out bytes after it. */
  skip(length: number): void {
    this.#at = this.#chunk.length;
    this.#base += length;
  }

  /** Goes to an offset in the chunk. */
  seek(offset: number): void {
    this.#at = offset - this.#base;
    this.#gathered = 0;
  }

  /** The tag of a header that has not come completely. */
  gatheredTag({ littleEndian }: Encoding): number {
    return tagIn(this.#headerView, 0, littleEndian);
  }

  /** Finds a header, which `takeHeader` takes. Returns false if it needs another chunk. */
  findHeader(encoding: Encoding): boolean {
    const { available } = this;
    const isWhole =
      available >= LONG_HEADER || (available >= SHORT_HEADER && !isLong(this.#chunkView, this.#at, encoding));
    if (this.#gathered === 0 && isWhole) {
      this.#start = this.#at;
      this.view = this.#chunkView;
      this.viewAt = this.#at;
      return true;
    }
    if (this.#header.length === 0) {
      this.#header = new Uint8Array(LONG_HEADER);
      this.#headerView = new DataView(this.#header.buffer);
    }
    for (;;) {
      const needed = this.#gathered < SHORT_HEADER ? SHORT_HEADER : LONG_HEADER;
      while (this.#gathered < needed && this.#at < this.#chunk.length)
        this.#header[this.#gathered++] = this.#chunk[this.#at++] as number;
      if (this.#gathered < needed) return false;
      if (needed === LONG_HEADER || !isLong(this.#headerView, 0, encoding)) break;
    }
    this.#at -= this.#gathered;
    this.#gathered = 0;
    this.#start = -1;
    this.view = this.#headerView;
    this.viewAt = 0;
    return true;
  }

  takeHeader(length: number): void {
    this.#headerLength = length;
    this.#at += length;
  }
}

function isLong(view: DataView, at: number, { isExplicit, littleEndian }: Encoding): boolean {
  return isExplicit && tagIn(view, at, littleEndian) >>> 16 !== 0xfffe && isLongHeader(view, at);
}

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW: DataView = new DataView(EMPTY.buffer);
