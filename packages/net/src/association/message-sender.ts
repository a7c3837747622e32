// Sends the messages of one association, one after the other (P-DATA, PS3.8 §7.6).

import { AbandonedMessageError, StateError } from '../errors.ts';
import { onAbort, unlessAborted } from '../on-abort.ts';
import { WRITTEN } from '../transport/transport-writer.ts';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';
import { STATES } from '../upper-layer/state-machine.ts';
import {
  type Batch,
  BlockPool,
  decodeBatch,
  encodeAtOnce,
  encodeMessage,
  isInMemory,
  type OutgoingMessage,
} from './message-encoder.ts';

export class MessageSender {
  readonly #connection: UpperLayerConnection;
  readonly #peerMaximumLength: number;
  readonly #pool: BlockPool;
  #sending: Promise<unknown> = Promise.resolve();
  #unsent = 0;
  #bytes = 0;
  /** For each message that waits for its source: called when the association has ended. */
  readonly #stalled = new Set<(error: Error | undefined) => void>();

  constructor(connection: UpperLayerConnection, peerMaximumLength: number) {
    this.#connection = connection;
    this.#peerMaximumLength = peerMaximumLength;
    this.#pool = new BlockPool(connection.canReuseBuffers);
    void connection.closed.then(({ error }) => {
      for (const giveUp of this.#stalled) giveUp(error);
    });
  }

  /** The number of messages that have not been sent completely. */
  get unsent(): number {
    return this.#unsent;
  }

  /** Settles when all messages given so far were sent or have failed; never rejects. */
  get settled(): Promise<unknown> {
    return this.#sending;
  }

  /** Bytes of commands that have not been sent, and of the objects that hold them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** See `Association.send`. */
  send(contextId: number, message: OutgoingMessage, signal?: AbortSignal): Promise<void> {
    if (this.#bytes >= LONGEST_QUEUE) {
      const what = `${this.#unsent} messages wait to be sent to ${this.#connection.peerName}`;
      return Promise.reject(new RangeError(`${what}; wait until some of them have been sent`));
    }
    const size = message.command.length + MESSAGE_SIZE;
    this.#bytes += size;
    this.#unsent++;
    const before = this.#sending;
    const turn = unlessAborted(before, signal)
      .then(() => this.#send(contextId, message, signal))
      .finally(() => {
        this.#unsent--;
        this.#bytes -= size;
      });
    // A message that is given up while it waits must not let those behind it overtake the ones before it.
    this.#sending = turn.then(
      () => before,
      () => before,
    );
    return turn;
  }

  /**
   * The fast course, for a message in memory if no other one is being sent: the transport usually takes the whole message at
   * once, and nothing has to wait. The bytes and the errors are those of `send`, which gets all other messages.
   */
  sendAtOnce(contextId: number, message: OutgoingMessage): Promise<void> | undefined {
    const buffers = this.#unsent === 0 ? encodeAtOnce(contextId, message, this.#peerMaximumLength) : undefined;
    if (!buffers) return this.send(contextId, message);
    const sending = this.#connection.sendPData(buffers, () => decodeBatch(buffers));
    if (sending === WRITTEN) return undefined;
    const size = message.command.length + MESSAGE_SIZE;
    this.#bytes += size;
    this.#unsent++;
    const turn = sending
      .catch((error) => {
        if (!(error instanceof StateError)) this.#connection.abort({ cause: new AbandonedMessageError(error) });
        throw error;
      })
      .finally(() => {
        this.#unsent--;
        this.#bytes -= size;
      });
    this.#sending = turn.catch(() => {});
    return turn;
  }

  async #send(contextId: number, message: OutgoingMessage, signal: AbortSignal | undefined): Promise<void> {
    let begun = false;
    let isFirst = true;
    // After the first byte a message cannot be taken back; only A-ABORT is left.
    const removeListener = onAbort(signal, (reason) => {
      if (begun) this.#connection.abort({ cause: new AbandonedMessageError(reason) });
    });
    // One batch is handed over while the one before is being sent, so that the transport is never idle.
    let onItsWay: Promise<void> | undefined;
    const encoded = encodeMessage(contextId, message, this.#peerMaximumLength, this.#pool);
    // A message in memory cannot stall.
    const batches = isInMemory(message) ? encoded : this.#unlessEnded(encoded, signal);
    try {
      for await (const batch of batches) {
        if (!begun) signal?.throwIfAborted();
        const sending = this.#connection.sendPData(batch.buffers, batch.describe).then(batch.sent);
        // Avoids an unhandled rejection until it is awaited in the next iteration.
        sending.catch(() => {});
        begun = true;
        await onItsWay;
        isFirst = onItsWay === undefined;
        onItsWay = sending;
      }
      await onItsWay;
    } catch (error) {
      // If release had begun before the first byte, nothing was sent, and the release goes on.
      const isTooLate = isFirst && error instanceof StateError;
      if (begun && !isTooLate) this.#connection.abort({ cause: new AbandonedMessageError(error) });
      signal?.throwIfAborted();
      throw error;
    } finally {
      removeListener();
    }
  }

  /** The same batches. Throws when the association ends or the signal aborts, even if the source has stalled. */
  async *#unlessEnded(
    batches: AsyncGenerator<Batch, void, undefined>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Batch, void, undefined> {
    // A promise of its own for each message: racing one of the whole association would keep memory until its end.
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
      // Not awaited, because a stalled source never settles.
      batches.return().catch(() => {});
    }
  }
}

/** The bound of the commands that wait, in bytes: more than 65,536 messages, one for each Message ID. */
export const LONGEST_QUEUE = 128 * 1024 * 1024;
/** The memory of the objects that hold a message which waits, in bytes. */
const MESSAGE_SIZE = 1024;
