// The memory of all uploads of a process. Instances arrive faster than the object store takes them, and their lengths are not
// known: each upload keeps one part in memory while it is filled, and one or two while they are sent. If the memory is used up,
// the uploads wait in their order, which pauses the reading from their associations.
//
// They cannot wait for each other for ever. An upload is sent as soon as its part is full, so a part that can be filled frees its
// memory in the end. A quarter of the memory is kept for that: if the first upload in the line finds no room, it is given the rest of
// its part out of that quarter, and never waits again until it has been sent.

export class UploadMemory {
  readonly partLength: number;
  #free: number;
  #reserves: number;
  readonly #total: number;
  readonly #waiting: { readonly bytes: number; readonly grant: (isReserve: boolean) => void }[] = [];

  /**
   * @param total Bytes of all uploads.
   * @param partLength Bytes of a part.
   * @throws RangeError if two parts do not fit
   */
  constructor(total: number, partLength: number) {
    if (total < 2 * partLength)
      throw new RangeError(`the memory for uploads is ${total}; the least is ${2 * partLength}`);
    this.partLength = partLength;
    this.#total = total;
    this.#reserves = Math.max(1, Math.floor(total / 4 / partLength));
    this.#free = total - this.#reserves * partLength;
  }

  /** The memory for one part. */
  newPart(): PartMemory {
    return new PartMemory(this);
  }

  /** Bytes that are taken. */
  get used(): number {
    return this.#total - this.#free - this.#reserves * this.partLength;
  }

  /** The number of uploads that wait for memory. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes bytes. Gives true, or a promise of it, if they, and the rest of the part, come out of the reserve. */
  take(bytes: number): boolean | Promise<boolean> {
    if (this.#waiting.length === 0 && bytes <= this.#free) {
      this.#free -= bytes;
      return false;
    }
    const granted = new Promise<boolean>((grant) => {
      this.#waiting.push({ bytes, grant });
    });
    this.#grant();
    return granted;
  }

  give(bytes: number, isReserve: boolean): void {
    this.#free += bytes;
    if (isReserve) this.#reserves++;
    this.#grant();
  }

  #grant(): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const isReserve = first.bytes > this.#free;
      if (isReserve && this.#reserves === 0) return;
      if (isReserve) this.#reserves--;
      else this.#free -= first.bytes;
      this.#waiting.shift();
      first.grant(isReserve);
    }
  }
}

/** The memory of one part that is filled and sent. */
export class PartMemory {
  readonly #memory: UploadMemory;
  #held = 0;
  #hasReserve = false;

  constructor(memory: UploadMemory) {
    this.#memory = memory;
  }

  /** Makes room for so many bytes, of at most the length of a part altogether. A promise if they have to be waited for. */
  take(bytes: number): void | Promise<void> {
    if (this.#hasReserve) return undefined;
    const taken = this.#memory.take(bytes);
    if (taken instanceof Promise) return taken.then((isReserve) => this.#taken(bytes, isReserve));
    return this.#taken(bytes, taken);
  }

  #taken(bytes: number, isReserve: boolean): void {
    if (isReserve) this.#hasReserve = true;
    else this.#held += bytes;
  }

  /** Gives all of it back. Further calls do nothing. */
  release(): void {
    const [held, hasReserve] = [this.#held, this.#hasReserve];
    this.#held = 0;
    this.#hasReserve = false;
    if (held > 0 || hasReserve) this.#memory.give(held, hasReserve);
  }
}
