// An Upper Layer connection (PS3.8 §9): PDUs out and in, each checked by the state machine. See `state-machine.ts`.

import type { Duplex } from 'node:stream';
import { encodePdu, type Pdu, PduDecoder, PduError } from '@x/pdu';
import { AssociationAbortedError, asError, ConnectionLostError, TimeoutError } from '../errors.ts';
import type { Timeouts } from '../timeouts.ts';
import type { TlsSession } from '../transport/tls.ts';
import { type TransportAddress, TransportConnection } from '../transport/transport-connection.ts';
import type { GatheredOutput } from '../transport/transport-writer.ts';
import { WatchedEmitter } from '../watched-emitter.ts';
import { ConnectionActions } from './actions.ts';
import type { Closed, ConnectionEvents } from './connection-events.ts';
import { type AbortOptions, type ConnectionOptions, checkedAbort } from './connection-options.ts';
import { connectionSettings } from './connection-settings.ts';
import { Inbox } from './inbox.ts';
import { IncomingWatch } from './incoming-watch.ts';
import type { Role, State } from './state-machine.ts';
import { REQUESTS, type StateChange, UpperLayer, type UpperLayerEvent } from './upper-layer.ts';

/**
 * A transport connection with the Upper Layer state machine on it. Every PDU sent or received passes the machine: a PDU
 * that the state does not allow is rejected with an error if it is sent here, and answered with A-ABORT if it is
 * received.
 */
export class UpperLayerConnection extends WatchedEmitter<ConnectionEvents> {
  /** Unique in this process: for logs. */
  readonly id = `${process.pid.toString(36)}-${(++lastId).toString(36)}`;
  /** Whether this side requested or accepted the connection. */
  readonly role: Role;
  /** Settles when the association has ended or the transport is closed, whichever is first; never rejects. */
  readonly closed: Promise<Closed>;
  /** Settles when the transport is closed, which may be after `closed`; never rejects. */
  readonly disconnected: Promise<void>;
  /** Milliseconds by name, defaults included. */
  readonly timeouts: Timeouts;
  /** The name of the peer in errors. */
  readonly peerName: string;
  /**
   * Called with each PDU received, before the state machine sees it. The PDU it returns takes the place of the one
   * received; with undefined, the PDU is ignored. Use it to try other behaviour of a peer, or to serve a peer that
   * breaks the protocol. An error it throws ends the association with A-ABORT: a PduError by the provider, with its
   * reason.
   */
  intercept: ((received: Pdu) => Pdu | undefined) | undefined;
  readonly #transport: TransportConnection;
  readonly #upperLayer: UpperLayer;
  readonly #decoder: PduDecoder;
  readonly #inbox: Inbox<Pdu>;
  readonly #watch: IncomingWatch;
  #close!: (closed: Closed) => void;
  #ended: Closed | undefined;
  #stateChanged: ((change: StateChange) => void) | undefined;

  /** Takes over a connected transport. An acceptor waits for A-ASSOCIATE-RQ until ARTIM expires. A listener prepares the settings once. */
  constructor(transport: Duplex, role: Role, options: ConnectionOptions = {}, settings = connectionSettings(options)) {
    super();
    const { maximumLength, highWaterMark, minimumRate, strict, timeouts } = settings;
    this.role = role;
    this.timeouts = timeouts;
    this.#decoder = new PduDecoder({ maxLength: maximumLength, strict });
    this.#transport = new TransportConnection(transport, {
      ...{ writeTimeout: timeouts.write, peer: options.peer },
      received: (chunk) => this.#received(chunk),
      wrote: (buffers) => this.emit('written', buffers),
      stuck: () => this.#stuck(),
      closed: () => this.#transportClosed(),
    });
    this.disconnected = this.#transport.disconnected;
    this.#inbox = new Inbox(highWaterMark, () => this.#watch.resume());
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    const { address, port } = this.#transport.peer;
    const { peerName = address ? `${address}:${port}` : 'the peer' } = options;
    this.peerName = peerName;
    const watched = { timeout: timeouts.data, minimumRate, peerName, failed: (cause: Error) => this.abort({ cause }) };
    this.#watch = new IncomingWatch(this.#decoder, this.#transport, watched);
    const actions = new ConnectionActions({
      ...{ transport: this.#transport, timeouts, peerName },
      give: (pdu, size) => this.#inbox.push(pdu, size),
      end: (closed) => this.#end(closed),
      sent: (pdu) => this.#sent(pdu),
    });
    this.#upperLayer = new UpperLayer(role, actions, (change) => {
      this.#stateChanged?.(change);
      this.emit('transition', change);
    });
    if (role === 'acceptor') this.#upperLayer.handle({ type: 'transport accepted' });
    this.#transport.checkOpen();
  }

  /** The state of the Upper Layer (PS3.8 §9.2.1). */
  get state(): State {
    return this.#upperLayer.state;
  }

  /** How the association has ended; undefined before `closed` settles. */
  get ended(): Closed | undefined {
    return this.#ended;
  }

  /**
   * Calls back on every change of state, before its effects: for the association on top. To watch, listen to 'transition'.
   * @throws Error if there is an association on this connection already.
   */
  followState(changed: (change: StateChange) => void): void {
    if (this.#stateChanged) throw new Error('there is an association on this connection already');
    this.#stateChanged = changed;
  }

  /** Whether an association is established: the state is `Sta6`. */
  get isAssociated(): boolean {
    return this.state === 'Sta6';
  }

  /** Whether the transport is connected. */
  get isConnected(): boolean {
    return this.#transport.isConnected;
  }

  /** The peer's address, if the transport has one. */
  get peer(): TransportAddress {
    return this.#transport.peer;
  }

  /** The local address, if the transport has one. */
  get local(): TransportAddress {
    return this.#transport.local;
  }

  /** The TLS session, with the peer's certificate, if the transport is secure. */
  get tls(): TlsSession | undefined {
    return this.#transport.tls;
  }

  /** `bytesReceived` from the transport and `bytesSent` to it, so far. */
  get traffic(): { readonly bytesReceived: number; readonly bytesSent: number } {
    return this.#transport.traffic;
  }

  /** The time of the last bytes received or sent, by `performance.now()`. */
  get lastActivity(): number {
    return this.#transport.lastActivity;
  }

  /** The bytes that the peer owes of a PDU or a message, in words; undefined while the transport is not read. */
  get awaited(): string | undefined {
    return this.#watch.awaited;
  }

  /** Lets the timeout `data` run until the next PDU: see `Association.expectData`. */
  expectData(): void {
    this.#watch.expectData();
  }

  /** Bytes handed to the transport that it has not sent yet. */
  get bytesQueued(): number {
    return this.#transport.bytesQueued;
  }

  /** Whether the buffers given to `sendPData` may be filled again once it has settled. */
  get canReuseBuffers(): boolean {
    return this.#transport.canReuseBuffers;
  }

  /** Sends a PDU, and settles when the transport has taken it. @throws StateError; the error the association ended with. */
  async send(pdu: Pdu): Promise<void> {
    const buffers = encodePdu(pdu);
    if (pdu.type === 'A-ABORT') return this.abort({ source: pdu.source, reason: pdu.reason });
    if (pdu.type === 'A-ASSOCIATE-RQ') this.#request({ type: 'A-ASSOCIATE request', pdu, buffers });
    else this.#request({ type: REQUESTS[pdu.type], buffers });
    this.#sent(pdu);
    await this.#transport.written();
  }

  /**
   * Sends any bytes in any state, and settles when the transport has taken them: to test how a peer handles invalid
   * bytes. They are copied. Neither the state machine nor listeners of 'pdu' see them.
   * @throws the error the association ended with, if it has ended; ConnectionLostError.
   */
  async sendRaw(bytes: Uint8Array, _: { readonly unsafe: true }): Promise<void> {
    if (this.#ended) throw this.#ended.error ?? new ConnectionLostError(`${this.peerName} is disconnected`, this.state);
    this.#transport.write([new Uint8Array(bytes)]);
    await this.#transport.written();
  }

  /** Sends encoded P-DATA-TF PDUs; settles when the transport has taken them. `describe` gives their values to 'pdu'. */
  sendPData(buffers: readonly Uint8Array[], describe: () => Iterable<Pdu>): Promise<void> {
    try {
      this.#request({ type: 'P-DATA request', buffers });
      if (this.listenerCount('pdu') > 0) for (const pdu of describe()) this.emit('pdu', 'sent', pdu);
      return this.#transport.written();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Lets several short messages that are sent within one turn of the event loop leave together: see `GatheredOutput`. */
  get output(): GatheredOutput {
    return this.#transport;
  }

  /**
   * The next PDU received; `done` if the association was released. PDUs that are not pulled wait in memory up to the
   * high-water mark; then the transport is not read until there is room.
   * @throws AssociationAbortedError or ConnectionLostError.
   */
  next(): Promise<IteratorResult<Pdu, undefined>> {
    return this.#inbox.next();
  }

  /** The PDUs received, until the association is released: see `next`. */
  async *pdus(): AsyncGenerator<Pdu, void, undefined> {
    for (let result = await this.next(); !result.done; result = await this.next()) yield result.value;
  }

  /** The PDUs that were received and wait to be pulled. */
  get waiting(): Pick<Inbox<Pdu>, 'isEmpty' | 'at' | 'take'> {
    return this.#inbox;
  }

  /**
   * Ends the association with A-ABORT, if there is one, and closes the connection. Does nothing if it has ended.
   * Defaults: source service-user, no reason, as the standard prescribes for users. `cause` becomes the cause of the
   * errors that pending operations fail with.
   */
  abort(options?: AbortOptions): void {
    const { source, reason, cause } = checkedAbort(options);
    // In Sta13 the association has ended, or is ending in the call that led here.
    if (this.#ended || this.state === 'Sta13') return;
    if (this.state !== 'Sta1' && this.state !== 'Sta2') {
      this.#upperLayer.handle({ type: 'A-ABORT request', abort: { source, reason, cause } });
      return;
    }
    const by = 'local';
    this.#end({ how: 'aborted', by, error: new AssociationAbortedError(this.peerName, { source, reason, by }, cause) });
    this.destroy();
  }

  /** Closes the transport at once, without sending anything to the peer. */
  destroy(): void {
    this.#transport.destroy();
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
        this.#watch.took(received);
        if (this.listenerCount('pdu') > 0) this.emit('pdu', 'received', received);
        const pdu = this.intercept ? this.intercept(received) : received;
        if (!pdu) continue;
        this.#upperLayer.handle({ type: pdu.type, pdu });
        // After the end the rest has no reader; in Sta13 the state machine must see it.
        if (this.#ended && this.state !== 'Sta13') return;
      }
    } catch (error) {
      this.#transport.ignoreReceived();
      if (error instanceof PduError) this.#upperLayer.handle({ type: 'invalid PDU', error });
      else this.abort({ cause: asError(error) });
    }
    if (this.#inbox.isFull && !this.#ended) this.#watch.pause();
    else this.#watch.check();
  }

  #stuck(): void {
    const { write } = this.timeouts;
    this.abort({ cause: new TimeoutError('write', write, `${this.peerName} did not take any of the bytes sent`) });
  }

  #transportClosed(): void {
    if (this.state !== 'Sta1') this.#upperLayer.handle({ type: 'transport closed' });
    else this.#end({ how: 'lost', by: 'peer' });
  }

  #end(closed: Closed): void {
    if (this.#ended) return;
    this.#ended = closed;
    // The user pulls the rejection, and is told of other errors in place of PDUs that were not pulled.
    this.#inbox.end(closed.how === 'rejected' ? undefined : closed.error);
    // The transport must be read even if the inbox is full, so that its close is seen.
    this.#watch.resume();
    this.#watch.stop();
    if (closed.error) this.#transport.endWriting(closed.error);
    this.#close(closed);
    this.emit('closed', closed);
  }
}
let lastId = 0;
