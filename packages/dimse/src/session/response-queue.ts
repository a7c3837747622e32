// The responses of one call, between the session that receives them and the caller who takes them.

import { Condition } from '@x/net/internal';
import type { ResponseStatus, Responses } from './responses.ts';

/** The operations of the call that the queue uses. */
export interface CallControl {
  readonly messageId: number | undefined;
  /** That of the caller, who may cancel the call with it. */
  readonly signal?: AbortSignal | undefined;
  cancel(): void;
  progressed(): void;
  /** Whether responses to other calls on the association may be queued behind these. */
  isInTheWay(): boolean;
  /** See `SessionOptions.maximumQueuedLength`. */
  readonly maximumQueuedLength: number;
  /** Called once, with the outcome: the error, or the final response. */
  readonly ended?: ((error: unknown, response?: ResponseStatus) => void) | undefined;
}

interface Queued<R> {
  readonly response: R;
  /** In bytes. */
  readonly length: number;
}

export class ResponseQueue<R extends ResponseStatus> {
  readonly #call: CallControl;
  #queue: Queued<R>[] = [];
  /** The sum of the lengths in the queue. */
  #queuedLength = 0;
  #outcome: { readonly response: R } | { readonly error: unknown } | undefined;
  #mode: 'unclaimed' | 'iterated' | 'dropped' = 'unclaimed';
  #isFinalWanted = false;
  /** Whether a loop takes the responses, or has taken them. */
  #isTaken = false;
  /** Made when `final` is read: a caller who loops gets the error from the loop. */
  #final: Promise<R> | undefined;
  #settle: (() => void) | undefined;
  /** The error of the first response that cannot be decoded. A loop sees the response, other callers must not miss it. */
  #unreadable: unknown;
  #isStopped = false;
  /** The queue or the end of the call has changed; the loop and the session wait for it, never both at once. */
  readonly #changed = new Condition();

  constructor(call: CallControl) {
    this.#call = call;
  }

  /** The public side of this queue, for the caller. */
  get responses(): Responses<R> {
    return new QueuedResponses(this, this.#call);
  }

  /** See `Responses.final`. Reading it lets pending responses be dropped if no loop takes them. */
  get final(): Promise<R> {
    this.#isFinalWanted = true;
    if (this.#mode === 'unclaimed') this.#changed.notify();
    if (!this.#final) {
      this.#final = new Promise((resolve, reject) => {
        this.#settle = () => {
          const outcome = this.#outcome;
          if (!outcome) return;
          if ('error' in outcome) reject(outcome.error);
          else if (this.#unreadable !== undefined && !this.#isTaken) reject(this.#unreadable);
          else resolve(outcome.response);
        };
        this.#settle();
      });
      // A caller who loops gets the error from the loop, and need not handle `final` as well.
      this.#final.catch(() => {});
    }
    return this.#final;
  }

  /**
   * Adds a pending response. Returns undefined if there is room for another one, or a promise that settles when there is.
   * @param length The bytes of its data set.
   * @param unreadable The error of its data set, if it cannot be decoded.
   */
  push(response: R, length: number, unreadable?: unknown): Promise<void> | undefined {
    this.#unreadable ??= unreadable;
    if (this.#mode === 'dropped' || this.#isStopped || this.#outcome) return undefined;
    this.#queue.push({ response, length: length + RESPONSE_SIZE });
    this.#queuedLength += length + RESPONSE_SIZE;
    this.#changed.notify();
    return this.#isFull(QUEUE_BOUND) ? this.#room() : undefined;
  }

  async #room(): Promise<void> {
    while (this.#isFull(QUEUE_BOUND) && !this.#outcome && !this.#isStopped) {
      if (this.#mode === 'unclaimed' && this.#isFinalWanted) {
        this.#drop();
        return;
      }
      if (this.#call.isInTheWay()) {
        if (this.#isFull(QUEUE_BOUND_IN_THE_WAY)) this.#giveUp();
        return;
      }
      await this.#changed.wait();
    }
  }

  /** Ends the call with its final response. */
  end(response: R): void {
    if (this.#outcome) return;
    this.#outcome = { response };
    this.#settle?.();
    this.#changed.notify();
    this.#call.ended?.(undefined, response);
  }

  /** Ends the call with an error: the final response is a failure, or will not come. */
  fail(error: unknown): void {
    if (this.#outcome) return;
    this.#outcome = { error };
    this.#settle?.();
    this.#changed.notify();
    this.#call.ended?.(error);
  }

  /** Ignores pending responses from now on, because the operation is being cancelled or the association has ended. */
  stop(): void {
    this.#isStopped = true;
    this.#changed.notify();
  }

  /** Checks again whether `push` may return, because another call has begun to wait. */
  makeWay(): void {
    this.#changed.notify();
  }

  /** See `Responses[Symbol.asyncIterator]`. */
  async *pending(): AsyncGenerator<R, void, undefined> {
    if (this.#mode !== 'unclaimed')
      throw new TypeError('responses can be iterated once, and not after they were dropped');
    this.#mode = 'iterated';
    this.#isTaken = true;
    let isComplete = false;
    try {
      for (;;) {
        // All responses may have arrived before the caller cancelled: there is nothing to cancel, but the loop ends.
        if (this.#outcome && 'response' in this.#outcome) this.#call.signal?.throwIfAborted();
        const queued = this.#queue.shift();
        this.#queuedLength -= queued?.length ?? 0;
        this.#changed.notify();
        if (queued) yield queued.response;
        else if (this.#outcome) {
          isComplete = true;
          if ('error' in this.#outcome) throw this.#outcome.error;
          return;
        } else await this.#changed.wait();
      }
    } finally {
      this.#drop();
      this.#changed.notify();
      if (!isComplete && !this.#outcome) this.#call.cancel();
    }
  }

  #isFull(maximumCount: number): boolean {
    return this.#queue.length >= maximumCount || this.#queuedLength >= this.#call.maximumQueuedLength;
  }

  #drop(): void {
    this.#mode = 'dropped';
    this.#queue = [];
    this.#queuedLength = 0;
  }

  #giveUp(): void {
    const queued = `${this.#queue.length} responses are queued and not taken (${this.#queuedLength} bytes)`;
    this.fail(new RangeError(`${queued}, while other calls wait for responses behind them`));
    this.#call.cancel();
  }
}

/** The public side of a queue. */
class QueuedResponses<R extends ResponseStatus> implements Responses<R> {
  readonly #queue: ResponseQueue<R>;
  readonly #call: CallControl;

  constructor(queue: ResponseQueue<R>, call: CallControl) {
    this.#queue = queue;
    this.#call = call;
  }

  get final(): Promise<R> {
    return this.#queue.final;
  }

  get messageId(): number | undefined {
    return this.#call.messageId;
  }

  [Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    return this.#queue.pending();
  }

  progressed(): void {
    this.#call.progressed();
  }
}

/** The memory of the objects that hold a response, in bytes. */
const RESPONSE_SIZE = 1024;
const QUEUE_BOUND = 64;
const QUEUE_BOUND_IN_THE_WAY = 10_000;
