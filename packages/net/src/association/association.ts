// An association: messages out, fragments in, release and abort (PS3.8 §7).

import type { AssociateAccept, AssociateRequest, PresentationDataValue } from '@x/pdu';
import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
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
import type { AssociationUser, Peer } from './association-parties.ts';
import { FragmentReceiver } from './fragment-receiver.ts';
import type { OutgoingMessage } from './message-encoder.ts';
import { MessageSender } from './message-sender.ts';
import { signalOptions } from './option-tables.ts';
import { ReleaseService } from './release.ts';

/** The listener that accepted an association: a `Listener`. */
export interface AcceptingListener {
  /** The address on which it listens. */
  readonly host: string;
  /** The TCP port on which it listens. */
  readonly port: number;
  /** Whether it accepts connections. */
  readonly isListening: boolean;
  /** The open associations by id. */
  readonly associations: ReadonlyMap<string, Association>;
  /**
   * Stops to listen. Associations may go on for `drain` milliseconds or until `signal` aborts; then they are aborted.
   */
  close(options?: { readonly drain?: number; readonly signal?: AbortSignal }): Promise<unknown>;
}

/** Options of an association that is made from its PDUs. */
interface AssociationOptions {
  readonly lenientRoles?: boolean | undefined;
  readonly listener?: AcceptingListener | undefined;
}

/** An established association. It is made by `requestAssociation`, `listen` and `acceptAssociation`. */
export class Association implements AsyncDisposable {
  /** The listener that accepted the association; undefined for its requestor. */
  readonly listener: AcceptingListener | undefined;
  /** The connection under the association: its events show every PDU and every transition. Sending on it is Tier 2. */
  readonly connection: UpperLayerConnection;
  /** A-ASSOCIATE-RQ and A-ASSOCIATE-AC as they were exchanged. */
  readonly request: AssociateRequest;
  /** The A-ASSOCIATE-AC as it was exchanged. */
  readonly accept: AssociateAccept;
  /** The accepted presentation contexts by id. */
  readonly contexts: ReadonlyMap<number, AcceptedContext>;
  /** The contexts that were refused, or whose answer is invalid. */
  readonly refusedContexts: readonly RefusedContext[];
  /** The longest P-DATA-TF PDU that was announced to the peer, in bytes; 0 = unlimited. */
  readonly maximumLength: number;
  /** Facts about the peer. */
  readonly peer: Peer;
  /**
   * How many operations this side may invoke, and has to perform, at once: the negotiated window (PS3.7 §D.3.3.3).
   * Infinity = unlimited, 1 and 1 if none was negotiated.
   */
  readonly asynchronousOperations: OperationsWindow;
  /** SOP class extended negotiation by SOP class UID: the proposal, and the acceptor's answer. */
  readonly extendedNegotiations: ReadonlyMap<string, NegotiatedExtension>;
  /** The outcome of the negotiation of user identity, if the requestor sent one. */
  readonly userIdentity: NegotiatedIdentity | undefined;
  /** Settles when the association has ended; never rejects. */
  readonly closed: Promise<Closed>;
  readonly #sender: MessageSender;
  readonly #release: ReleaseService;
  readonly #receiver: FragmentReceiver;
  #user: AssociationUser | undefined;

  constructor(
    connection: UpperLayerConnection,
    request: AssociateRequest,
    accept: AssociateAccept,
    options: AssociationOptions = {},
  ) {
    checkOptions(ASSOCIATION_OPTIONS, options);
    this.connection = connection;
    this.listener = options.listener;
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
    this.asynchronousOperations = negotiatedWindow(connection.role, request, accept);
    this.extendedNegotiations = negotiatedExtensions(request, accept);
    this.userIdentity = negotiatedIdentity(request, accept);
    this.closed = connection.closed;
    this.#sender = new MessageSender(connection, maximumLength);
    this.#receiver = new FragmentReceiver(connection, this.contexts);
    this.#release = new ReleaseService(connection, this.#receiver, {
      sent: () => this.#sender.settled,
      beforeAnswer: async () => this.#user?.beforeRelease?.(),
    });
  }

  /**
   * Makes the caller the user of the association, which decides when the peer's release is answered and whether the
   * association is idle. A DIMSE session does this.
   * @throws Error if the association has a user; OptionError.
   */
  claim(user: AssociationUser): void {
    checkOptions(USER_OPTIONS, user);
    if (this.#user) throw new Error('the association has a user already');
    this.#user = user;
  }

  /** Unique in this process: for logs. */
  get id(): string {
    return this.connection.id;
  }

  /** Whether this side requested or accepted the association. */
  get role(): Role {
    return this.connection.role;
  }

  /** The state of the Upper Layer (PS3.8 §9.2.1); `Sta6` if the association is established. */
  get state(): State {
    return this.connection.state;
  }

  /** Whether messages can be sent: the state is `Sta6`. */
  get isEstablished(): boolean {
    return this.connection.isAssociated;
  }

  /**
   * Whether another caller could go on with it: established, with no message partly sent or received, and none unread.
   */
  get isReusable(): boolean {
    const { hasUnread, isInsideMessage } = this.#receiver;
    return this.isEstablished && this.#sender.unsent === 0 && !hasUnread && !isInsideMessage;
  }

  /** Whether the user of the association says that it is in use: see `AssociationUser.isBusy`. */
  get isBusy(): boolean {
    return this.#user?.isBusy?.() ?? false;
  }

  /** AE title of the requestor. */
  get callingAeTitle(): string {
    return this.request.callingAeTitle;
  }

  /** AE title by which the requestor called the acceptor. */
  get calledAeTitle(): string {
    return this.request.calledAeTitle;
  }

  /**
   * The messages that have not been sent completely; and the bytes that wait: those that the transport has not taken, and
   * the commands of these messages, with 1 KiB for each. Data that wait for their turn belong to the caller and do not
   * count.
   */
  get sendQueue(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#sender.unsent, bytes: this.#sender.bytes + this.connection.bytesQueued };
  }

  /** The name of the peer in errors. */
  get peerName(): string {
    return this.connection.peerName;
  }

  /**
   * Sends a message: its command, then its data, in fragments of the peer's maximum length. Messages are sent one after
   * the other, in the order of the calls. Settles when the transport has taken the whole message. The transport is given at
   * most two batches of up to 4 MiB at once.
   *
   * If a message fails after a part of it was sent, the association is aborted. If it fails before that, the
   * association is not affected.
   * @throws StateError, the error the association ended with, the source's error, or the signal's reason; RangeError if
   * 128 MiB wait already, as `sendQueue` counts the commands: wait for earlier calls before you send more.
   */
  send(contextId: number, message: OutgoingMessage, options?: { readonly signal?: AbortSignal }): Promise<void> {
    const { signal } = checkOptions(SEND_OPTIONS, options);
    if (!this.contexts.has(contextId))
      return Promise.reject(new RangeError(`presentation context ${contextId} was not accepted`));
    return this.#sender.send(contextId, message, signal);
  }

  /**
   * Sends a message: the same as `send`, but encodes a message in memory before it returns, and returns undefined if the
   * transport has taken the whole message by then.
   */
  sendAtOnce(contextId: number, message: OutgoingMessage): Promise<void> | undefined {
    if (!this.contexts.has(contextId)) return this.send(contextId, message);
    return this.#sender.sendAtOnce(contextId, message);
  }

  /**
   * Received fragments. Fragments that are not pulled wait in memory up to `highWaterMark`; then the transport is not
   * read until there is room. Ends when the peer asks for release or the association was released. Only one reader at a
   * time may pull.
   * @throws AssociationAbortedError or ConnectionLostError.
   */
  async *receive(): AsyncGenerator<PresentationDataValue, void, undefined> {
    for (let value = await this.nextValue(); value; value = await this.nextValue()) yield value;
  }

  /** The next fragment, or undefined at the end: `receive`, one by one. */
  nextValue(): Promise<PresentationDataValue | undefined> {
    return this.#receiver.next();
  }

  /** The fragment that `nextValue` gives after this many others, if it has been received; it is not taken. */
  receivedValue(place: number): PresentationDataValue | undefined {
    return this.#receiver.received(place);
  }

  /** The fragment that `nextValue` gives, if it has been received: the same without a promise. */
  takeValue(): PresentationDataValue | undefined {
    return this.#receiver.take();
  }

  /**
   * Lets the timeout `data` run until the next fragment arrives. To be called when the last fragment of a command set was
   * pulled, if the command announces a data set.
   */
  expectData(): void {
    if (!this.#receiver.hasUnread) this.connection.expectData();
  }

  /**
   * Ends the association: asks the peer for release, or answers if the peer has asked. Data that the peer still sends
   * is left for the reader, and dropped if there is none. Settles when the association has ended. Further calls wait
   * for the same release; the signal of any call aborts the association.
   * @throws TimeoutError 'release', and the association is aborted; the signal's reason; the error the association
   * ended with, if it was not released.
   */
  async release(options?: { readonly signal?: AbortSignal }): Promise<void> {
    const { signal } = checkOptions(RELEASE_OPTIONS, options);
    return this.#release.request(signal);
  }

  /**
   * Ends the association at once with A-ABORT. Pending operations fail with AssociationAbortedError; an error given is
   * its cause. Without `source` and `reason` (PS3.8 Table 9-26), the service user aborts.
   */
  abort(reason?: Error | { readonly source: number; readonly reason: number }): void {
    if (reason instanceof Error) this.connection.abort({ cause: reason });
    else this.connection.abort(reason);
  }

  /** Releases the association, or aborts it if that fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => this.abort());
  }
}

// For peers that announce no maximum length: every implementation accepts this.
const UNANNOUNCED_MAXIMUM_LENGTH = 16 * 1024;

const SEND_OPTIONS = signalOptions('send');
const RELEASE_OPTIONS = signalOptions('release');
const ASSOCIATION_OPTIONS: OptionTable<AssociationOptions> = {
  of: 'Association',
  rules: { lenientRoles: aValueOf('boolean'), listener: aValueOf('object') },
};
const USER_OPTIONS: OptionTable<AssociationUser> = {
  of: 'claim',
  rules: { beforeRelease: aValueOf('function'), isBusy: aValueOf('function') },
};
