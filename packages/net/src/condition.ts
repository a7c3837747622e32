// A wake-up: code waits until other code says that something has changed.

/**
 * Lets any number of callers wait for a change. A notification is not kept: check in a loop whether the state is the
 * one you need, and call `wait` in the same tick as the check.
 */
export class Condition {
  #change: Promise<void> | undefined;
  #settle: (() => void) | undefined;

  /** Settles at the next `notify`; never rejects. */
  wait(): Promise<void> {
    this.#change ??= new Promise((resolve) => {
      this.#settle = resolve;
    });
    return this.#change;
  }

  /** Wakes all callers that wait now. */
  notify(): void {
    this.#settle?.();
    this.#change = undefined;
    this.#settle = undefined;
  }
}
