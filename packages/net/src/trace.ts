// Work that is published on a tracing channel of `node:diagnostics_channel`, with the context of its caller.

import type { TracingChannel } from 'node:diagnostics_channel';
import { asyncHooks } from './node-modules.ts';

/** The fields of all traced work. The same object is published with each event. */
export interface TracedWork {
  /**
   * A subscriber of `start` may set this function: the work is called by it, so that the work and all that it starts run in
   * a context other than an `AsyncLocalStorage`. For an `AsyncLocalStorage`, `start.bindStore` does the same. It must call
   * `work` once and return its result.
   */
  around?: (<Result>(work: () => Result) => Result) | undefined;
  /** Why the work failed: set before `error` is published. */
  error?: unknown;
  /** Milliseconds from `start` to the end: set before `asyncEnd` is published. */
  duration?: number;
}

/**
 * Publishes the events of work: `start` and `end` around the part of it that is done at once, `asyncStart` and `asyncEnd`
 * when it has ended, and `error` before them if it failed. The last three have the asynchronous context of the first.
 */
export class Trace<Work extends TracedWork> {
  readonly work: Work;
  readonly #channel: TracingChannel<Work, Work>;
  readonly #begun = performance.now();
  #inContext: ((publish: () => void) => void) | undefined;
  #hasReturned = false;
  #outcome: { readonly error: unknown } | undefined;

  constructor(channel: TracingChannel<Work, Work>, work: Work) {
    this.#channel = channel;
    this.work = work;
  }

  /** Begins the work, in the context that subscribers give it. To be called once. */
  run<Result>(begin: () => Result): Result {
    const { start, end } = this.#channel;
    const { work } = this;
    const inContext = () => {
      this.#inContext = asyncHooks().AsyncLocalStorage.snapshot();
      return begin();
    };
    try {
      return start.runStores(work, () => (work.around ? work.around(inContext) : inContext()));
    } finally {
      end.publish(work);
      this.#hasReturned = true;
      if (this.#outcome) this.#publish(this.#outcome.error);
    }
  }

  /** Publishes an event in the context of the work. */
  within(publish: () => void): void {
    if (this.#inContext) this.#inContext(publish);
    else publish();
  }

  /** Ends the work, as a failure if there is an error. Only the first call has an effect. `end` is published before that. */
  conclude(error?: unknown): void {
    if (this.#outcome) return;
    this.#outcome = { error };
    this.work.duration = performance.now() - this.#begun;
    if (this.#hasReturned) this.#publish(error);
  }

  #publish(error: unknown): void {
    const { work } = this;
    this.within(() => {
      if (error !== undefined) {
        work.error = error;
        this.#channel.error.publish(work);
      }
      this.#channel.asyncStart.publish(work);
      this.#channel.asyncEnd.publish(work);
    });
  }
}
