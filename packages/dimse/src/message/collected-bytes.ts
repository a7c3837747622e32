// The fragments of a command set or data set that is read into memory (PS3.8 Annex E).

/** Fragments as they arrive. Small ones are copied together, because a view of one byte takes a hundred. */
export class CollectedBytes {
  #parts: Uint8Array[] = [];
  readonly #blocks: Uint8Array[] = [];
  #length = 0;
  #lengthOfBlocks = 0;

  /** The number of bytes so far. */
  get length(): number {
    return this.#length;
  }

  push(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
    if (this.#parts.length < PARTS_OF_BLOCK) return;
    const isSmall = this.#length - this.#lengthOfBlocks < PARTS_OF_BLOCK * SMALL_PART;
    this.#blocks.push(...(isSmall ? [Buffer.concat(this.#parts)] : this.#parts));
    this.#parts = [];
    this.#lengthOfBlocks = this.#length;
  }

  /** All bytes. They are not copied if there is one fragment. */
  whole(): Uint8Array {
    const all = [...this.#blocks, ...this.#parts];
    return all.length === 1 ? (all[0] as Uint8Array) : Buffer.concat(all);
  }

  /** Forgets all bytes, but goes on to count them. */
  drop(): void {
    this.#parts = [];
    this.#blocks.length = 0;
    this.#lengthOfBlocks = this.#length;
  }
}

const PARTS_OF_BLOCK = 256;
/** Bytes below which fragments are copied together. */
const SMALL_PART = 1024;
