// The responses of an operation that has many: pending ones as they come, the final one as a promise (PS3.7 §9.3.2 to 4).

/** What every response says beside its operation's own properties. */
export interface ResponseStatus {
  readonly status: number;
  /** (0000,0902) Error Comment. */
  readonly errorComment?: string;
  /** (0000,0901) Offending Element: tags as `0xggggeeee`. */
  readonly offendingElements?: readonly number[];
  /** (0000,0903) Error ID. */
  readonly errorId?: number;
}

/** What responses ask of the call they belong to. */
export interface CallControl {
  readonly messageId: number | undefined;
  cancel(): void;
  progressed(): void;
  /** Whether answers to other calls on the association may come behind these responses. */
  isInTheWay(): boolean;
}

/**
 * Pending responses as an async iterable; `final` settles with the last one.
 *
 * - A failure status throws DimseError from the loop and rejects `final`; success and warnings end the loop.
 * - Leaving the loop early sends C-CANCEL and returns at once; what still comes is dropped.
 * - A slow loop fills a bounded queue, after which the association is no longer read. Where other calls on it wait for
 *   their answers, the loop's own body perhaps, it is read on; past 10,000 responses that nobody has taken this call fails.
 * - Awaiting `final` without a loop drops the pending responses.
 */
export class Responses<R extends ResponseStatus> implements AsyncIterable<R> {
  readonly #final: Promise<R>;
  readonly #call: CallControl;
  #settle!: { resolve(response: R): void; reject(error: unknown): void };
  #queue: R[] = [];
  #outcome: { readonly error?: unknown } | undefined;
  #mode: 'unclaimed' | 'iterated' | 'dropped' = 'unclaimed';
  #isFinalWanted = false;
  #isStopped = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  constructor(call: CallControl) {
    this.#call = call;
    this.#final = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever loops learns of a failure from the loop.
    this.#final.catch(() => {});
  }

  /** The final response. @throws DimseError for a failure status, or why there is none. */
  get final(): Promise<R> {
    this.#isFinalWanted = true;
    if (this.#mode === 'unclaimed') this.#wakeWriter?.();
    return this.#final;
  }

  /** The Message ID of the request, once it is being sent. */
  get messageId(): number | undefined {
    return this.#call.messageId;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    if (this.#mode !== 'unclaimed')
      throw new TypeError('responses can be iterated once, and not after they were dropped');
    this.#mode = 'iterated';
    let isComplete = false;
    try {
      for (;;) {
        const response = this.#queue.shift();
        this.#wakeWriter?.();
        if (response) yield response;
        else if (this.#outcome) {
          isComplete = true;
          if ('error' in this.#outcome) throw this.#outcome.error;
          return;
        } else
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
      }
    } finally {
      this.#mode = 'dropped';
      this.#queue = [];
      this.#wakeWriter?.();
      if (!isComplete && !this.#outcome) this.#call.cancel();
    }
  }

  /**
   * Tells that the operation is seen to go on, though no response came: the wait for one starts anew. For a C-MOVE
   * whose sub-operations arrive on another association.
   */
  progressed(): void {
    this.#call.progressed();
  }

  /** No more pending responses are taken: the operation is being cancelled. For the session. */
  stop(): void {
    this.#isStopped = true;
    this.#wakeWriter?.();
  }

  /** Takes a pending response; settles when there is room for another. For the session. */
  async push(response: R): Promise<void> {
    if (this.#mode === 'dropped' || this.#isStopped) return;
    this.#queue.push(response);
    this.#wakeReader?.();
    while (this.#queue.length >= QUEUE_BOUND && !this.#outcome && !this.#isStopped) {
      if (this.#mode === 'unclaimed' && this.#isFinalWanted) {
        this.#mode = 'dropped';
        this.#queue = [];
        return;
      }
      if (this.#call.isInTheWay()) {
        if (this.#queue.length >= QUEUE_BOUND_IN_THE_WAY) this.#giveUp();
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
    }
  }

  /** Another call waits for its answer: see `CallControl.isInTheWay`. For the session. */
  makeWay(): void {
    this.#wakeWriter?.();
  }

  #giveUp(): void {
    const { length } = this.#queue;
    this.fail(
      new RangeError(`${length} responses wait to be taken, while other calls wait for what comes behind them`),
    );
    this.#call.cancel();
  }

  /** Takes the final response. For the session. */
  end(response: R): void {
    if (this.#outcome) return;
    this.#outcome = {};
    this.#settle.resolve(response);
    this.#wake();
  }

  /** There is no final response, or it is a failure. For the session. */
  fail(error: unknown): void {
    if (this.#outcome) return;
    this.#outcome = { error };
    this.#settle.reject(error);
    this.#wake();
  }

  #wake(): void {
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }
}

const QUEUE_BOUND = 64;
const QUEUE_BOUND_IN_THE_WAY = 10_000;
