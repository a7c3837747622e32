// Parts that are opened one after the other, and closed together.

/** The parts that were opened so far. They are closed in the opposite order. */
export class Opened {
  readonly #parts: AsyncDisposable[] = [];

  use<Part extends AsyncDisposable | undefined>(part: Part): Part {
    if (part) this.#parts.push(part);
    return part;
  }

  async close(): Promise<void> {
    for (const part of this.#parts.splice(0).reverse()) await part[Symbol.asyncDispose]();
  }
}
