// The A-RELEASE service of one association: asking for release, and answering (PS3.8 §7.2).

import { AssociationAbortedError, asError, TimeoutError } from '../errors.ts';
import { onAbort } from '../on-abort.ts';
import { startTimer } from '../timeouts.ts';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';

export interface ReleaseOptions {
  /** Awaited before an answer, and before asking: what is being sent. */
  readonly sent: () => Promise<unknown>;
  /** Awaited before the peer is answered; what it throws is why the association is aborted instead. */
  readonly beforeAnswer: () => Promise<void>;
  /** Called when release has been asked for: somebody must pull what the peer still sends. */
  readonly asked: () => void;
}

export class ReleaseService {
  readonly #connection: UpperLayerConnection;
  readonly #options: ReleaseOptions;
  #requesting: Promise<void> | undefined;
  #answering: Promise<void> | undefined;

  constructor(connection: UpperLayerConnection, options: ReleaseOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** See `Association.release`. */
  async request(signal: AbortSignal | undefined): Promise<void> {
    const removeListener = onAbort(signal, (reason) => this.#connection.abort({ cause: asError(reason) }));
    try {
      this.#requesting ??= this.#request();
      await this.#requesting;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      removeListener();
    }
  }

  /** Answers the peer's A-RELEASE-RQ, once. */
  answer(): void {
    this.#answering ??= this.#answer();
  }

  /** Release collision: the acceptor answers when the requestor has (PS3.8 §7.2.2.3). */
  answerCollision(): void {
    queueMicrotask(() => this.#connection.send({ type: 'A-RELEASE-RP' }).catch(() => {}));
  }

  async #request(): Promise<void> {
    const { peerName, timeouts } = this.#connection;
    const cause = () => new TimeoutError('release', timeouts.release, `${peerName} did not answer A-RELEASE-RQ`);
    const stop = startTimer(timeouts.release, () => this.#connection.abort({ cause: cause() }));
    try {
      await this.#options.sent();
      if (this.#connection.isAssociated) await this.#connection.send({ type: 'A-RELEASE-RQ' });
      this.#options.asked();
      const { how, error } = await this.#connection.closed;
      if (how === 'released' || !error) return;
      // Our own timer speaks for itself.
      throw error instanceof AssociationAbortedError && error.cause instanceof TimeoutError ? error.cause : error;
    } finally {
      stop();
    }
  }

  async #answer(): Promise<void> {
    const connection = this.#connection;
    // After the transition that led here has run to its end.
    await Promise.resolve();
    try {
      if (connection.state === 'Sta8') {
        await this.#options.beforeAnswer();
        await this.#options.sent();
      }
      if (connection.state === 'Sta8' || connection.state === 'Sta9') await connection.send({ type: 'A-RELEASE-RP' });
    } catch (error) {
      // Without an answer the peer would wait. Where it ended otherwise in the meantime, this does nothing.
      connection.abort({ cause: asError(error) });
    }
  }
}
