// The A-RELEASE service of one association (PS3.8 §7.2): requesting, answering, collision, and data left unread.

import { AssociationAbortedError, asError, TimeoutError } from '../errors.ts';
import { onAbort } from '../on-abort.ts';
import { startTimer } from '../timeouts.ts';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';
import type { StateChange } from '../upper-layer/upper-layer.ts';
import type { FragmentReceiver } from './fragment-receiver.ts';

export interface ReleaseOptions {
  /** Awaited before A-RELEASE-RQ and A-RELEASE-RP are sent: settles when no message is being sent. */
  readonly sent: () => Promise<unknown>;
  /** Awaited before A-RELEASE-RP is sent. If it throws, the association is aborted with this error as cause. */
  readonly beforeAnswer: () => Promise<void>;
}

export class ReleaseService {
  readonly #connection: UpperLayerConnection;
  readonly #receiver: FragmentReceiver;
  readonly #options: ReleaseOptions;
  #requesting: Promise<void> | undefined;
  #answering: Promise<void> | undefined;

  constructor(connection: UpperLayerConnection, receiver: FragmentReceiver, options: ReleaseOptions) {
    this.#connection = connection;
    this.#receiver = receiver;
    this.#options = options;
    connection.followState((change) => this.#stateChanged(change));
    void receiver.drained.then(() => this.#answerOnce());
    // The peer may ask before there is an association; the user of the association has until then to begin to pull.
    if (connection.state === 'Sta8') setImmediate(() => this.#indicated());
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

  async #request(): Promise<void> {
    const { peerName, timeouts } = this.#connection;
    const cause = () => new TimeoutError('release', timeouts.release, `${peerName} did not answer A-RELEASE-RQ`);
    // A listener releases associations that have ended already, as most do.
    const wait = this.#connection.ended ? 0 : timeouts.release;
    const stop = startTimer(wait, () => this.#connection.abort({ cause: cause() }));
    try {
      await this.#options.sent();
      if (this.#connection.isAssociated) await this.#connection.send({ type: 'A-RELEASE-RQ' });
      // The peer's answer comes after the data it still sends.
      this.#receiver.discardUnlessBegun();
      const { how, error } = await this.#connection.closed;
      if (how === 'released' || !error) return;
      // The timeout is the reason for the abort, and says more.
      throw error instanceof AssociationAbortedError && error.cause instanceof TimeoutError ? error.cause : error;
    } finally {
      stop();
    }
  }

  #stateChanged({ event, to }: StateChange): void {
    if (event === 'A-RELEASE-RQ') this.#indicated();
    if (to === 'Sta12') this.#answerCollision();
  }

  /** The peer has asked for release. It is answered when all that it sent before was pulled or dropped. */
  #indicated(): void {
    const isDropped = this.#receiver.discardUnlessBegun();
    if (!isDropped && !this.#receiver.hasUnread) this.#answerOnce();
  }

  #answerOnce(): void {
    this.#answering ??= this.#answer();
  }

  async #answer(): Promise<void> {
    const connection = this.#connection;
    // The transition that led here has not finished.
    await Promise.resolve();
    try {
      if (connection.state === 'Sta8') {
        await this.#options.beforeAnswer();
        await this.#options.sent();
      }
      if (connection.state === 'Sta8' || connection.state === 'Sta9') await connection.send({ type: 'A-RELEASE-RP' });
    } catch (error) {
      // Without an answer the peer would wait. This does nothing if the association has ended.
      connection.abort({ cause: asError(error) });
    }
  }

  /** After a collision the acceptor answers when the requestor has answered (PS3.8 §7.2.2.3). */
  #answerCollision(): void {
    queueMicrotask(() => this.#connection.send({ type: 'A-RELEASE-RP' }).catch(() => {}));
  }
}
