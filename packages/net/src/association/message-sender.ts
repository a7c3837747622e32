// Messages of one association on their way out: each as a whole, in turn, in fragments of the peer's maximum length (P-DATA, PS3.8 §7.6).

import { StateError } from '../errors.ts';
import { onAbort } from '../on-abort.ts';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';
import { STATES } from '../upper-layer/state-machine.ts';
import { type Batch, BlockPool, encodeMessage, isInMemory, type OutgoingMessage } from './message-encoder.ts';

export class MessageSender {
  readonly #connection: UpperLayerConnection;
  readonly #peerMaximumLength: number;
  readonly #pool: BlockPool;
  #sending: Promise<unknown> = Promise.resolve();
  #unsent = 0;
  /** Messages whose source is being waited for: called when the association has ended. */
  readonly #stalled = new Set<(error: Error | undefined) => void>();

  constructor(connection: UpperLayerConnection, peerMaximumLength: number) {
    this.#connection = connection;
    this.#peerMaximumLength = peerMaximumLength;
    this.#pool = new BlockPool(connection.canReuseBuffers);
    void connection.closed.then(({ error }) => {
      for (const giveUp of this.#stalled) giveUp(error);
    });
  }

  /** Messages whose sending has not settled. */
  get unsent(): number {
    return this.#unsent;
  }

  /** Settles when those that are being sent have settled; never rejects. */
  get settled(): Promise<unknown> {
    return this.#sending;
  }

  /** See `Association.send`. */
  send(contextId: number, message: OutgoingMessage, signal?: AbortSignal): Promise<void> {
    this.#unsent++;
    const before = this.#sending;
    const turn = unlessAborted(before, signal)
      .then(() => this.#send(contextId, message, signal))
      .finally(() => {
        this.#unsent--;
      });
    // Who gives up waiting does not let those behind go ahead.
    this.#sending = turn.then(
      () => before,
      () => before,
    );
    return turn;
  }

  async #send(contextId: number, message: OutgoingMessage, signal: AbortSignal | undefined): Promise<void> {
    let begun = false;
    let isFirst = true;
    // From the first byte on there is no way back but A-ABORT.
    const removeListener = onAbort(signal, (reason) => {
      if (begun) this.#connection.abort({ cause: new AbandonedMessageError(reason) });
    });
    // One batch is handed over while the one before is on its way, so that the transport never runs dry.
    let onItsWay: Promise<void> | undefined;
    const encoded = encodeMessage(contextId, message, this.#peerMaximumLength, this.#pool);
    // Bytes in memory cannot stall.
    const batches = isInMemory(message) ? encoded : this.#unlessEnded(encoded, signal);
    try {
      for await (const batch of batches) {
        if (!begun) signal?.throwIfAborted();
        const sending = this.#connection.sendPData(batch.buffers, batch.describe).then(batch.sent);
        // It is awaited in the next round; until then a failure is nobody's unhandled one.
        sending.catch(() => {});
        begun = true;
        await onItsWay;
        isFirst = onItsWay === undefined;
        onItsWay = sending;
      }
      await onItsWay;
    } catch (error) {
      // A release that is under way goes on, where it was too late for the first byte already.
      const isTooLate = isFirst && error instanceof StateError;
      if (begun && !isTooLate) this.#connection.abort({ cause: new AbandonedMessageError(error) });
      signal?.throwIfAborted();
      throw error;
    } finally {
      removeListener();
    }
  }

  /** The same batches, until the association ends or the signal: a source that has stalled is not waited for. */
  async *#unlessEnded(
    batches: AsyncGenerator<Batch, void, undefined>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Batch, void, undefined> {
    // One promise for each message: what is raced against the association's own would be kept until its end.
    let fail: (reason: unknown) => void = () => {};
    const ended = new Promise<never>((_, reject) => {
      fail = reject;
    });
    ended.catch(() => {});
    const giveUp = (error: Error | undefined) => {
      const { state } = this.#connection;
      fail(error ?? new StateError('P-DATA request', state, STATES[state]));
    };
    this.#stalled.add(giveUp);
    const removeListener = onAbort(signal, fail);
    try {
      for (;;) {
        const { done, value } = await Promise.race([batches.next(), ended]);
        if (done) return;
        yield value;
      }
    } finally {
      this.#stalled.delete(giveUp);
      removeListener();
      // Not awaited: it waits for the source, which may never answer.
      batches.return().catch(() => {});
    }
  }
}

/** Sending a message was given up in the middle. */
export class AbandonedMessageError extends Error {
  override readonly name = 'AbandonedMessageError';

  constructor(cause: unknown) {
    super(`a message was broken off: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The same promise, unless the signal aborts first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const removeListener = onAbort(signal, reject);
    void promise.then(resolve, reject).finally(removeListener);
  });
}
