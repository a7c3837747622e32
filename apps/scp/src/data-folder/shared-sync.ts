// Group commit: a sync of the disk that is shared by all requests that were made before it began.

/**
 * Shares an operation that makes everything written so far durable. If none is running, a request starts one at once: a
 * lone request never waits for others. Requests that arrive while one is running share the next one: the running one may
 * have passed their data. At most one runs and one waits, however many requests there are.
 */
export class SharedSync {
  readonly #sync: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  get isIdle(): boolean {
    return !this.#running && !this.#next;
  }

  /** Settles when an operation that began after this call has ended. @throws the error of that operation */
  request(): Promise<void> {
    if (this.#next) return this.#next;
    if (!this.#running) return this.#run();
    const run = () => {
      this.#next = undefined;
      return this.#run();
    };
    this.#next = this.#running.then(run, run);
    return this.#next;
  }

  #run(): Promise<void> {
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
