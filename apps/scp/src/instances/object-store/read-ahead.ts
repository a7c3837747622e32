// The memory of all objects that are read. A reader that finds none left reads with little ahead: it never waits.

export class ReadAhead {
  #free: number;

  /** @param total Bytes for all objects that are read at once, from 0 on. */
  constructor(total: number) {
    this.#free = total;
  }

  /** Takes the bytes for one object; 0 if there are none left. Give them back. */
  take(): number {
    const bytes = this.#free >= WINDOW ? WINDOW : 0;
    this.#free -= bytes;
    return bytes;
  }

  give(bytes: number): void {
    this.#free += bytes;
  }
}

/** Bytes of one object. */
const WINDOW = 1024 * 1024;
