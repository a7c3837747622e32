// An Upper Layer connection driven by hand: any PDU, in the order bytes → PDU → what it means (PS3.8 §9).

import type { Duplex } from 'node:stream';
import { AbortReason, AbortSource, encodePdu, type Pdu, PduDecoder, PduError } from '@x/pdu';
import { AssociationAbortedError, asError, ConnectionLostError, TimeoutError } from '../errors.ts';
import { type Timeouts, timeoutsOf } from '../timeouts.ts';
import type { TlsSession } from '../transport/tls.ts';
import { type TransportAddress, TransportConnection } from '../transport/transport-connection.ts';
import { WatchedEmitter } from '../watched-emitter.ts';
import { type ActedOn, ConnectionEffects } from './actions.ts';
import type { Closed, ConnectionEvents } from './connection-events.ts';
import { type ConnectionOptions, DEFAULT_HIGH_WATER_MARK, DEFAULT_MAXIMUM_LENGTH } from './connection-options.ts';
import { Inbox } from './inbox.ts';
import type { EventName, Role, State } from './state-machine.ts';
import { type StateChange, UpperLayer, type UpperLayerEvent } from './upper-layer.ts';

/**
 * A transport connection with the Upper Layer state machine on it. Every PDU sent or received passes the machine: what
 * the state does not allow is refused here, and answered with A-ABORT when the peer does it.
 */
export class UpperLayerConnection extends WatchedEmitter<ConnectionEvents> {
  /** Unique in this process: for logs. */
  readonly id = `${process.pid.toString(36)}-${(++lastId).toString(36)}`;
  readonly role: Role;
  /** Settles once, when the association has ended or the transport is closed; never rejects. */
  readonly closed: Promise<Closed>;
  /** Settles once the transport is closed: after `closed`, when the peer has taken its time to close. Never rejects. */
  readonly disconnected: Promise<void>;
  readonly timeouts: Timeouts;
  /**
   * Given each PDU received before the state machine is: what it returns stands in its place, undefined for nothing. To
   * see what would happen if the peer had sent something else, or to serve one that mistakes the protocol. What it
   * throws ends the association with A-ABORT: a PduError by the provider, with its reason.
   */
  intercept: ((received: Pdu) => Pdu | undefined) | undefined;
  readonly #transport: TransportConnection;
  readonly #upperLayer: UpperLayer;
  readonly #effects: ConnectionEffects;
  readonly #decoder: PduDecoder;
  readonly #inbox: Inbox<Pdu>;
  readonly #peerName: string | undefined;
  #close!: (closed: Closed) => void;
  #ended: Closed | undefined;
  #stateChanged: (change: StateChange) => void = () => {};

  /** Takes over a connected transport. As acceptor it waits for A-ASSOCIATE-RQ, for the time of ARTIM. */
  constructor(transport: Duplex, role: Role, options: ConnectionOptions = {}) {
    super();
    const { maximumLength = DEFAULT_MAXIMUM_LENGTH, highWaterMark = DEFAULT_HIGH_WATER_MARK } = options;
    this.role = role;
    this.timeouts = timeoutsOf(options.timeouts);
    this.#peerName = options.peerName;
    this.#decoder = new PduDecoder({ maxLength: maximumLength });
    this.#transport = new TransportConnection(transport, {
      writeTimeout: this.timeouts.write,
      peer: options.peer,
      received: (chunk) => this.#received(chunk),
      wrote: (buffers) => this.emit('written', buffers),
      stuck: () => {
        const { write } = this.timeouts;
        this.abort({ cause: new TimeoutError('write', write, `${this.peerName} took nothing of what was sent`) });
      },
      closed: () => this.#transportClosed(),
    });
    this.disconnected = this.#transport.disconnected;
    this.#inbox = new Inbox(highWaterMark, () => this.#transport.resume());
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    this.#effects = new ConnectionEffects(this.#actedOn());
    this.#upperLayer = new UpperLayer(role, this.#effects, (change) => {
      this.#stateChanged(change);
      this.emit('transition', change);
    });
    if (role === 'acceptor') this.#upperLayer.handle({ type: 'transport accepted' });
    this.#transport.checkOpen();
  }

  get state(): State {
    return this.#upperLayer.state;
  }

  /** Whom every change of state is told, before its effects: what is built on this connection. There is one. */
  onStateChange(changed: (change: StateChange) => void): void {
    this.#stateChanged = changed;
  }

  get isAssociated(): boolean {
    return this.state === 'Sta6';
  }

  /** The peer's address, where the transport has one. */
  get peer(): TransportAddress {
    return this.#transport.peer;
  }

  /** Our own address, where the transport has one. */
  get local(): TransportAddress {
    return this.#transport.local;
  }

  /** What is known of the secure connection, if it is one: the peer's certificate above all. */
  get tls(): TlsSession | undefined {
    return this.#transport.tls;
  }

  /** How the peer is called in errors. */
  get peerName(): string {
    const { address, port } = this.peer;
    return this.#peerName ?? (address ? `${address}:${port}` : 'the peer');
  }

  /** Bytes of PDUs that were received, and handed to the transport to be sent, so far. */
  get traffic(): { readonly bytesReceived: number; readonly bytesSent: number } {
    return this.#transport.traffic;
  }

  /** When bytes last came or went, by `performance.now()`. */
  get lastActivity(): number {
    return this.#transport.lastActivity;
  }

  /** Bytes handed to the transport that it has not sent yet. */
  get bytesQueued(): number {
    return this.#transport.bytesQueued;
  }

  /** Whether blocks of bytes given to `sendPData` may be used again once it has settled. */
  get canReuseBuffers(): boolean {
    return this.#transport.canReuseBuffers;
  }

  /**
   * Sends a PDU, and settles when the transport has taken it.
   * @throws StateError when the state does not allow it; the error the association ended with, if it has.
   */
  async send(pdu: Pdu): Promise<void> {
    const buffers = encodePdu(pdu);
    if (pdu.type === 'A-ASSOCIATE-RQ') {
      this.#request({ type: 'A-ASSOCIATE request', pdu, buffers });
    } else if (pdu.type === 'A-ABORT') {
      this.abort({ source: pdu.source, reason: pdu.reason });
      return;
    } else {
      this.#request({ type: REQUESTS[pdu.type], buffers });
    }
    this.#sent(pdu);
    await this.#transport.written();
  }

  /**
   * Sends bytes as they are, whatever they are and whatever the state, and settles when the transport has taken them:
   * to try what a peer makes of what no correct one sends. The state machine does not see them, nor do those who watch
   * PDUs.
   * @throws the error the association ended with, if it has; ConnectionLostError.
   */
  async sendRaw(bytes: Uint8Array, _: { readonly unsafe: true }): Promise<void> {
    if (this.#ended) throw this.#ended.error ?? new ConnectionLostError(`${this.peerName} is gone`, this.state);
    this.#transport.write([bytes]);
    await this.#transport.written();
  }

  /**
   * Sends P-DATA-TF PDUs that are encoded already, and settles when the transport has taken all of them. `describe`
   * gives them as values to those who watch.
   */
  sendPData(buffers: readonly Uint8Array[], describe: () => Iterable<Pdu>): Promise<void> {
    try {
      this.#request({ type: 'P-DATA request', buffers });
      if (this.listenerCount('pdu') > 0) for (const pdu of describe()) this.emit('pdu', 'sent', pdu);
      return this.#transport.written();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * The next PDU received; `done` when the association was released. While nobody pulls, PDUs wait up to the high-water
   * mark, and then the transport is not read.
   * @throws AssociationAbortedError or ConnectionLostError.
   */
  next(): Promise<IteratorResult<Pdu, undefined>> {
    return this.#inbox.next();
  }

  /** Received PDUs as they are pulled: see `next`. */
  async *pdus(): AsyncGenerator<Pdu, void, undefined> {
    for (let result = await this.next(); !result.done; result = await this.next()) yield result.value;
  }

  /** Whether PDUs wait to be pulled. */
  get hasReceived(): boolean {
    return !this.#inbox.isEmpty;
  }

  /**
   * Ends the association with A-ABORT, if there is one, and the connection. Does nothing once it has ended.
   * The standard gives the user one source and no reason; `cause` becomes the cause of everything that fails by it.
   */
  abort(options: { readonly source?: number; readonly reason?: number; readonly cause?: Error } = {}): void {
    if (this.#ended) return;
    const { source = AbortSource.ServiceUser, reason = AbortReason.NotSpecified, cause } = options;
    const state = this.state;
    this.#end({
      how: 'aborted',
      by: 'local',
      error: new AssociationAbortedError(this.peerName, { source, reason, by: 'local' }, cause),
    });
    if (state === 'Sta1' || state === 'Sta2' || state === 'Sta13') this.destroy();
    else this.#upperLayer.handle({ type: 'A-ABORT request', buffers: this.#effects.abortPdu(source, reason) });
  }

  /** Closes the transport at once, without a word to the peer. */
  destroy(): void {
    this.#transport.destroy();
  }

  /** What belongs to it is there when the first action is done, and not before. */
  #actedOn(): ActedOn {
    const upperLayer = () => this.#upperLayer;
    const peerName = () => this.peerName;
    return {
      transport: this.#transport,
      timeouts: this.timeouts,
      get upperLayer() {
        return upperLayer();
      },
      get peerName() {
        return peerName();
      },
      give: (pdu, size) => this.#inbox.push(pdu, size),
      end: (closed, keepReceived) => this.#end(closed, keepReceived),
      sent: (pdu) => this.#sent(pdu),
    };
  }

  #sent(pdu: Pdu): void {
    if (this.listenerCount('pdu') > 0) this.emit('pdu', 'sent', pdu);
  }

  #request(event: UpperLayerEvent): void {
    this.#transport.touch();
    if (this.#ended?.error) throw this.#ended.error;
    this.#upperLayer.handle(event);
  }

  #received(chunk: Uint8Array): void {
    this.emit('bytes', chunk);
    if (this.state === 'Sta1') return;
    try {
      for (const received of this.#decoder.push(chunk)) {
        if (this.listenerCount('pdu') > 0) this.emit('pdu', 'received', received);
        const pdu = this.intercept ? this.intercept(received) : received;
        if (!pdu) continue;
        this.#upperLayer.handle({ type: pdu.type, pdu });
        // Once it has ended there is nobody to give the rest to.
        if (this.#ended && this.state !== 'Sta13') return;
      }
    } catch (error) {
      this.#transport.ignoreReceived();
      if (error instanceof PduError) this.#upperLayer.handle({ type: 'invalid PDU', error });
      else this.abort({ cause: asError(error) });
    }
    if (this.#inbox.isFull && !this.#ended) this.#transport.pause();
  }

  #transportClosed(): void {
    if (this.state !== 'Sta1') this.#upperLayer.handle({ type: 'transport closed' });
    // In Sta1 and Sta2 nothing had been asked: a health probe, not a fault.
    this.#end({ how: 'lost', by: 'peer' });
    this.#effects.stopArtim();
  }

  #end(closed: Closed, keepReceived = false): void {
    if (this.#ended) return;
    this.#ended = closed;
    this.#inbox.end(keepReceived ? undefined : closed.error);
    // Nobody will pull any more: read on, to see the transport close.
    this.#transport.resume();
    if (closed.error) this.#transport.endWriting(closed.error);
    this.#close(closed);
    this.emit('closed', closed);
  }
}

let lastId = 0;

const REQUESTS = {
  'A-ASSOCIATE-AC': 'A-ASSOCIATE response (accept)',
  'A-ASSOCIATE-RJ': 'A-ASSOCIATE response (reject)',
  'P-DATA-TF': 'P-DATA request',
  'A-RELEASE-RQ': 'A-RELEASE request',
  'A-RELEASE-RP': 'A-RELEASE response',
} as const satisfies Partial<Record<Pdu['type'], EventName>>;
