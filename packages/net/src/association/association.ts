// An association: messages out, fragments in, release and abort (PS3.8 §7).

import {
  AbortReason,
  AbortSource,
  type AssociateAccept,
  type AssociateRequest,
  type Pdu,
  PduError,
  type PresentationDataValue,
} from '@x/pdu';
import {
  type NegotiatedExtension,
  type NegotiatedIdentity,
  negotiatedExtensions,
  negotiatedIdentity,
  negotiatedWindow,
  type OperationsWindow,
} from '../negotiation/negotiated-options.ts';
import { type AcceptedContext, negotiatedContexts, type RefusedContext } from '../negotiation/negotiation.ts';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';
import type { Closed } from '../upper-layer/connection-events.ts';
import type { Role, State } from '../upper-layer/state-machine.ts';
import type { StateChange } from '../upper-layer/upper-layer.ts';
import type { OutgoingMessage } from './message-encoder.ts';
import { MessageSender } from './message-sender.ts';
import { ReleaseService } from './release.ts';

/** What the peer says of itself. */
export interface Peer {
  /** The longest PDU it wants, in bytes; 0 = unlimited. Never mixed up with ours. */
  readonly maximumLength: number;
  readonly implementationClassUid?: string;
  readonly implementationVersionName?: string;
  /** Where it is, if the transport knows. */
  readonly address?: string;
  readonly port?: number;
}

/** An established association. It is made by `requestAssociation`, `listen` and `acceptAssociation`. */
export class Association implements AsyncDisposable {
  /** The connection it lives on: its events show every PDU and every transition. Sending on it is Tier 2. */
  readonly connection: UpperLayerConnection;
  /** A-ASSOCIATE-RQ and A-ASSOCIATE-AC as they were exchanged. */
  readonly request: AssociateRequest;
  readonly accept: AssociateAccept;
  /** The accepted presentation contexts by id. */
  readonly contexts: ReadonlyMap<number, AcceptedContext>;
  readonly refusedContexts: readonly RefusedContext[];
  /** The longest PDU we announced, in bytes; 0 = unlimited. */
  readonly maximumLength: number;
  readonly peer: Peer;
  /** The negotiated window, from the requestor's point of view; 1 and 1 when none was negotiated, 0 = unlimited. */
  readonly asynchronousOperations: OperationsWindow;
  /** SOP class extended negotiation by SOP class UID: what was proposed, and what the acceptor made of it. */
  readonly extendedNegotiations: ReadonlyMap<string, NegotiatedExtension>;
  /** What became of the requestor's user identity, if it gave one. */
  readonly userIdentity: NegotiatedIdentity | undefined;
  /** Settles when the association has ended; never rejects. */
  readonly closed: Promise<Closed>;
  /**
   * Awaited before the peer's A-RELEASE-RQ is answered, so that responses under way can still be sent (PS3.8 §7.2). What
   * it throws is why the association is aborted instead.
   */
  beforeRelease: () => Promise<void> = () => Promise.resolve();
  /** Whether something is under way though nothing is sent or received: an idle association is released. */
  isBusy: () => boolean = () => false;
  readonly #sender: MessageSender;
  readonly #release: ReleaseService;
  #values: readonly PresentationDataValue[] = [];
  /** How many of them have been pulled. */
  #pulled = 0;
  #isReceiving = false;
  /** Whether the last fragment that was pulled has others to follow. */
  #isInsideMessage = false;

  constructor(
    connection: UpperLayerConnection,
    request: AssociateRequest,
    accept: AssociateAccept,
    options: { readonly lenientRoles?: boolean | undefined } = {},
  ) {
    this.connection = connection;
    this.request = request;
    this.accept = accept;
    const { accepted, refused } = negotiatedContexts(request, accept, options);
    this.contexts = accepted;
    this.refusedContexts = refused;
    const [ours, theirs] = connection.role === 'requestor' ? [request, accept] : [accept, request];
    this.maximumLength = ours.userInformation.maximumLength ?? 0;
    const {
      maximumLength = UNANNOUNCED_MAXIMUM_LENGTH,
      implementationClassUid,
      implementationVersionName,
    } = theirs.userInformation;
    this.peer = {
      maximumLength,
      ...(implementationClassUid !== undefined && { implementationClassUid }),
      ...(implementationVersionName !== undefined && { implementationVersionName }),
      ...connection.peer,
    };
    this.asynchronousOperations = negotiatedWindow(request, accept);
    this.extendedNegotiations = negotiatedExtensions(request, accept);
    this.userIdentity = negotiatedIdentity(request, accept);
    this.closed = connection.closed;
    this.#sender = new MessageSender(connection, maximumLength);
    this.#release = new ReleaseService(connection, {
      sent: () => this.#sender.settled,
      beforeAnswer: () => this.beforeRelease(),
      asked: () => {
        if (!this.#isReceiving) void this.#discard();
      },
    });
    connection.followState((change) => this.#watchRelease(change));
    // It was asked for before there was anybody to pull; whoever is to, may have begun by then.
    if (connection.state === 'Sta8') setImmediate(() => this.#letGo());
  }

  /** Unique in this process: for logs. */
  get id(): string {
    return this.connection.id;
  }

  get role(): Role {
    return this.connection.role;
  }

  get state(): State {
    return this.connection.state;
  }

  get isEstablished(): boolean {
    return this.connection.isAssociated;
  }

  /** Whether somebody else could go on with it: established, with nothing half sent, and nothing received but unread. */
  get isReusable(): boolean {
    const isQuiet = this.#sender.unsent === 0 && !this.#hasValues && !this.connection.hasReceived;
    return this.isEstablished && isQuiet && !this.#isInsideMessage;
  }

  get callingAeTitle(): string {
    return this.request.callingAeTitle;
  }

  get calledAeTitle(): string {
    return this.request.calledAeTitle;
  }

  /** What waits to be sent: messages that have not settled, and bytes the transport has not taken. */
  get sendQueue(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#sender.unsent, bytes: this.connection.bytesQueued };
  }

  /** How the peer is called in errors. */
  get peerName(): string {
    return this.connection.peerName;
  }

  /**
   * Sends a message: its command, then its data, in fragments of the peer's maximum length. Messages take turns as a
   * whole. Settles when the transport has taken all of it.
   *
   * A message that fails after some of it was sent cannot be taken back: the association is aborted. One whose data
   * fail before that leaves the association as it was.
   * @throws StateError, the error the association ended with, the source's error, or the signal's reason.
   */
  send(contextId: number, message: OutgoingMessage, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (!this.contexts.has(contextId))
      return Promise.reject(new RangeError(`presentation context ${contextId} was not accepted`));
    return this.#sender.send(contextId, message, options.signal);
  }

  /**
   * Fragments as they are pulled; while nobody pulls, they wait up to a bound, and then the transport is not read. Ends
   * when the peer asks for release or the association was released. One at a time may pull.
   * @throws AssociationAbortedError or ConnectionLostError.
   */
  async *receive(): AsyncGenerator<PresentationDataValue, void, undefined> {
    for (let value = await this.nextValue(); value; value = await this.nextValue()) yield value;
  }

  /** The next fragment, or undefined at the end: `receive` for those who pull one by one. */
  async nextValue(): Promise<PresentationDataValue | undefined> {
    this.#isReceiving = true;
    for (;;) {
      const value = this.#values[this.#pulled];
      if (value) {
        this.#pulled++;
        this.#isInsideMessage = !value.last;
        return value;
      }
      const { done, value: pdu } = await this.connection.next();
      if (done) return undefined;
      if (pdu.type === 'P-DATA-TF') this.#take(pdu.values);
      else if (this.#concludeRelease(pdu)) return undefined;
    }
  }

  /**
   * Ends the association: asks the peer for release, or answers if the peer has asked. What it still sends is not read
   * here: keep pulling if it matters. Does nothing once the association has ended. Whoever asks again waits for the same
   * release; the signal of any of them aborts the association.
   * @throws TimeoutError 'release', after which it is aborted; the signal's reason; the error it ended with, if it was
   * not release.
   */
  release(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#release.request(options.signal);
  }

  /** Ends the association at once, with A-ABORT. Whatever is pending fails with AssociationAbortedError, `cause` in it. */
  abort(reason?: Error | { readonly source: number; readonly reason: number }): void {
    if (reason instanceof Error) this.connection.abort({ cause: reason });
    else this.connection.abort(reason);
  }

  /** Releases; aborts where that is not possible. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => this.abort());
  }

  get #hasValues(): boolean {
    return this.#pulled < this.#values.length;
  }

  #take(values: readonly PresentationDataValue[]): void {
    this.#values = this.#hasValues ? [...this.#values.slice(this.#pulled), ...values] : values;
    this.#pulled = 0;
    const stray = values.find(({ contextId }) => !this.contexts.has(contextId));
    if (!stray) return;
    const fault = `a fragment came on presentation context ${stray.contextId}, which was not accepted`;
    this.connection.abort({
      source: AbortSource.ServiceProvider,
      reason: AbortReason.UnexpectedPduParameter,
      cause: new PduError('unexpected-parameter', fault, ['P-DATA-TF']),
    });
    // What stands before it is good; the pull after that throws what the association ended with.
    this.#values = this.#values.slice(0, this.#values.indexOf(stray));
  }

  /** Whether the PDU ends what there is to receive. */
  #concludeRelease(pdu: Pdu): boolean {
    if (pdu.type === 'A-RELEASE-RQ') this.#release.answer();
    return pdu.type === 'A-RELEASE-RQ' || pdu.type === 'A-RELEASE-RP';
  }

  #watchRelease({ event, to }: StateChange): void {
    if (event === 'A-RELEASE-RQ') this.#letGo();
    if (to === 'Sta12') this.#release.answerCollision();
  }

  /** Answers the peer's A-RELEASE-RQ where nobody pulls what would tell of it. */
  #letGo(): void {
    if (!this.#isReceiving) void this.#discard();
    // With nothing ahead of it there is nothing to be pulled first.
    else if (!this.#hasValues && !this.connection.hasReceived) this.#release.answer();
  }

  async #discard(): Promise<void> {
    try {
      while (await this.nextValue());
    } catch {
      // It ended otherwise, which `closed` tells.
    }
  }
}

// A peer that announces nothing gets what every implementation can take.
const UNANNOUNCED_MAXIMUM_LENGTH = 16 * 1024;
