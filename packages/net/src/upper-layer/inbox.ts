// A queue of received items that wait to be pulled. It tells when it is full, so that the transport is paused.

export class Inbox<T extends object> {
  readonly #highWaterMark: number;
  readonly #drained: () => void;
  #items: { readonly item: T; readonly size: number }[] = [];
  #size = 0;
  #waiting: { resolve(result: IteratorResult<T, undefined>): void; reject(error: unknown): void }[] = [];
  #ended: { readonly error?: Error } | undefined;

  /** `drained` is called when a full inbox has room again. `highWaterMark` is in bytes. */
  constructor(highWaterMark: number, drained: () => void) {
    this.#highWaterMark = highWaterMark;
    this.#drained = drained;
  }

  get isFull(): boolean {
    return this.#size >= this.#highWaterMark;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  push(item: T, size: number): void {
    if (this.#ended) return;
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting.resolve({ done: false, value: item });
      return;
    }
    this.#items.push({ item, size });
    this.#size += size;
  }

  /** No more items will come. The items in the queue can still be pulled; with an error they are dropped. */
  end(error?: Error): void {
    if (this.#ended) return;
    this.#ended = error ? { error } : {};
    if (error) this.#items = [];
    for (const { resolve, reject } of this.#waiting.splice(0))
      if (error) reject(error);
      else resolve({ done: true, value: undefined });
  }

  /** The item at this place in the queue, which stays there. */
  at(place: number): T | undefined {
    return this.#items[place]?.item;
  }

  /** The next item, if there is one in the queue. */
  take(): T | undefined {
    const first = this.#items.shift();
    if (!first) return undefined;
    const wasFull = this.isFull;
    this.#size -= first.size;
    if (wasFull && !this.isFull) this.#drained();
    return first.item;
  }

  /** The next item; `done` after the last one. @throws the error given to `end`. */
  next(): Promise<IteratorResult<T, undefined>> {
    const first = this.take();
    if (first) return Promise.resolve({ done: false, value: first });
    if (this.#ended) {
      const { error } = this.#ended;
      return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}
