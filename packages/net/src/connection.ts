// An Upper Layer connection driven by hand: any PDU, in the order bytes → PDU → what it means (PS3.8 §9).

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { AbortReason, AbortSource, abortReasonOf, encodePdu, type Pdu, PduDecoder, PduError } from '@x/pdu';
import { AssociationAbortedError, AssociationRejectedError, ConnectionLostError, TimeoutError } from './errors.ts';
import { foreignProtocol } from './foreign-protocol.ts';
import { Inbox } from './inbox.ts';
import { type EventName, type Role, STATES, type State } from './state-machine.ts';
import { startTimer, type Timeouts, timeoutsOf } from './timeouts.ts';
import { type TlsSession, tlsSessionOf } from './tls.ts';
import { type TlsError, tlsErrorOf } from './tls-error.ts';
import { TransportWriter } from './transport-writer.ts';
import { type Effects, type StateChange, UpperLayer, type UpperLayerEvent } from './upper-layer.ts';
import { WatchedEmitter } from './watched-emitter.ts';

export interface ConnectionOptions {
  /** Longest P-DATA-TF PDU accepted, in bytes of its length field. Default 256 KiB; what we announce must not exceed it. */
  readonly maximumLength?: number;
  readonly timeouts?: Partial<Timeouts>;
  /** Bytes of received PDUs that may wait to be pulled before the transport is no longer read. Default 1 MiB. */
  readonly highWaterMark?: number;
  /** How the peer is called in errors. Default its address. */
  readonly peerName?: string;
  /** Where the peer is, if not where the transport says: behind a load balancer. */
  readonly peer?: { readonly address?: string; readonly port?: number };
}

/** How a connection ended, and through whom. */
export interface Closed {
  readonly how: 'released' | 'rejected' | 'aborted' | 'lost';
  readonly by: 'local' | 'peer';
  /** Why, unless it was released or closed before anything was asked. */
  readonly error?: Error;
}

/** For watching: remove every listener, and the connection works all the same. */
export interface ConnectionEvents {
  /** Bytes as they arrive, before they are decoded; the view is valid during the event. */
  bytes: [chunk: Uint8Array];
  /** Bytes as they are handed to the transport; the views are valid during the event. */
  written: [buffers: readonly Uint8Array[]];
  /** A PDU was received or handed to the transport. Fragments are valid during the event. */
  pdu: [direction: 'sent' | 'received', pdu: Pdu];
  transition: [change: StateChange];
  closed: [closed: Closed];
}

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
  readonly #transport: Duplex;
  readonly #upperLayer: UpperLayer;
  readonly #decoder: PduDecoder;
  readonly #inbox: Inbox<Pdu>;
  readonly #peerName: string | undefined;
  readonly #peer: ConnectionOptions['peer'];
  #close!: (closed: Closed) => void;
  #ended: Closed | undefined;
  #stopArtim = () => {};
  #stateChanged: (change: StateChange) => void = () => {};
  #transportError: Error | undefined;
  #isTransportClosed = false;
  #stateBefore: State = 'Sta1';
  #bytesReceived = 0;
  #lastActivity = performance.now();
  #firstBytes: Uint8Array | undefined;
  readonly #writer: TransportWriter;

  /** Takes over a connected transport. As acceptor it waits for A-ASSOCIATE-RQ, for the time of ARTIM. */
  constructor(transport: Duplex, role: Role, options: ConnectionOptions = {}) {
    super();
    const {
      maximumLength = DEFAULT_MAXIMUM_LENGTH,
      highWaterMark = DEFAULT_HIGH_WATER_MARK,
      timeouts,
      peerName,
      peer,
    } = options;
    this.role = role;
    this.timeouts = timeoutsOf(timeouts);
    this.#transport = transport;
    this.#peerName = peerName;
    this.#peer = peer;
    this.#decoder = new PduDecoder({ maxLength: maximumLength });
    this.#writer = new TransportWriter(transport, {
      timeout: this.timeouts.write,
      stuck: () => {
        const { write } = this.timeouts;
        this.abort({ cause: new TimeoutError('write', write, `${this.peerName} took nothing of what was sent`) });
      },
      wrote: (buffers) => this.emit('written', buffers),
      failed: (error) => {
        this.#transportError ??= error;
        this.#transportClosed();
      },
    });
    this.#inbox = new Inbox(highWaterMark, () => transport.resume());
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    this.#upperLayer = new UpperLayer(role, this.#effects(), (change) => {
      this.#stateBefore = change.from;
      this.#stateChanged(change);
      this.emit('transition', change);
    });
    this.disconnected = new Promise((resolve) => {
      if (transport.closed) resolve();
      else transport.once('close', resolve);
    });
    transport.on('data', (chunk: Uint8Array) => this.#received(chunk));
    transport.on('error', (error: Error) => {
      this.#transportError ??= error;
    });
    // A peer that closes its half has nothing more to say: the state machine knows no half-open transport.
    transport.once('end', () => this.#transportClosed());
    transport.once('close', () => this.#transportClosed());
    if (role === 'acceptor') this.#upperLayer.handle({ type: 'transport accepted' });
    // Its events were over before anybody listened.
    if (transport.closed) this.#transportClosed();
  }

  get state(): State {
    return this.#upperLayer.state;
  }

  /** Whom every change of state is told, before its effects: what is built on this connection. There is one. */
  onStateChange(changed: (change: StateChange) => void): void {
    this.#stateChanged = changed;
  }

  get #awaitsClose(): boolean {
    return this.state === 'Sta13';
  }

  get isAssociated(): boolean {
    return this.state === 'Sta6';
  }

  /** The peer's address, where the transport has one. */
  get peer(): { readonly address?: string; readonly port?: number } {
    if (this.#peer) return this.#peer;
    const { remoteAddress, remotePort } = this.#transport as Partial<Socket>;
    return { ...(remoteAddress && { address: remoteAddress }), ...(remotePort && { port: remotePort }) };
  }

  /** Our own address, where the transport has one. */
  get local(): { readonly address?: string; readonly port?: number } {
    const { localAddress, localPort } = this.#transport as Partial<Socket>;
    return { ...(localAddress && { address: localAddress }), ...(localPort && { port: localPort }) };
  }

  /** What is known of the secure connection, if it is one: the peer's certificate above all. */
  get tls(): TlsSession | undefined {
    return tlsSessionOf(this.#transport);
  }

  /** How the peer is called in errors. */
  get peerName(): string {
    const { address, port } = this.peer;
    return this.#peerName ?? (address ? `${address}:${port}` : 'the peer');
  }

  /** Bytes of PDUs that were received, and handed to the transport to be sent, so far. */
  get traffic(): { readonly bytesReceived: number; readonly bytesSent: number } {
    return { bytesReceived: this.#bytesReceived, bytesSent: this.#writer.bytes };
  }

  /** When bytes last came or went, by `performance.now()`. */
  get lastActivity(): number {
    return this.#lastActivity;
  }

  /** Bytes handed to the transport that it has not sent yet. */
  get bytesQueued(): number {
    return this.#transport.writableLength;
  }

  /** Whether blocks of bytes given to `sendPData` may be used again once it has settled. */
  get canReuseBuffers(): boolean {
    // Other streams may pass the very buffers on to their reader.
    return this.#transport instanceof Socket;
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
    if (this.listenerCount('pdu') > 0) this.emit('pdu', 'sent', pdu);
    await this.#writer.written();
  }

  /**
   * Sends P-DATA-TF PDUs that are encoded already, and settles when the transport has taken all of them. `describe`
   * gives them as values to those who watch.
   */
  sendPData(buffers: readonly Uint8Array[], describe: () => Iterable<Pdu>): Promise<void> {
    try {
      this.#request({ type: 'P-DATA request', buffers });
      if (this.listenerCount('pdu') > 0) for (const pdu of describe()) this.emit('pdu', 'sent', pdu);
      return this.#writer.written();
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
    else this.#upperLayer.handle({ type: 'A-ABORT request', buffers: this.#abortPdu(source, reason) });
  }

  /** Closes the transport at once, without a word to the peer. */
  destroy(): void {
    this.#transport.destroy();
  }

  #effects(): Effects {
    return {
      connect: ({ buffers }) => this.#upperLayer.handle({ type: 'transport connected', ...(buffers && { buffers }) }),
      send: (event) => this.#sendPdu(event),
      indicate: ({ pdu }) => this.#indicate(pdu as Pdu),
      close: (event) => this.#closeTransport(event),
      startArtim: () => this.#startArtim(),
      stopArtim: () => this.#stopArtim(),
      sendUserAbort: (event) => this.#sendUserAbort(event),
      sendProviderAbort: ({ error }) =>
        this.#writer.write(
          this.#abortPdu(AbortSource.ServiceProvider, abortReasonOf(error?.fault ?? 'unexpected-pdu')),
        ),
      indicateProviderAbort: (event) => this.#indicateProviderAbort(event),
    };
  }

  #sendPdu({ type, buffers }: UpperLayerEvent): void {
    this.#writer.write(buffers ?? []);
    // The last word is said: what is left is the peer's close.
    if (type === 'A-RELEASE response' && this.state === 'Sta13') this.#end({ how: 'released', by: 'peer' });
    if (type === 'A-ASSOCIATE response (reject)') this.#end({ how: 'rejected', by: 'local' });
  }

  #sendUserAbort(event: UpperLayerEvent): void {
    this.#writer.write(event.buffers ?? this.#abortPdu(AbortSource.ServiceUser, AbortReason.NotSpecified));
    if (event.type !== 'A-ABORT request') this.#endByProtocolError(event);
  }

  #request(event: UpperLayerEvent): void {
    this.#lastActivity = performance.now();
    if (this.#ended?.error) throw this.#ended.error;
    this.#upperLayer.handle(event);
  }

  #received(chunk: Uint8Array): void {
    this.#bytesReceived += chunk.length;
    this.#lastActivity = performance.now();
    this.emit('bytes', chunk);
    this.#firstBytes ??= chunk.subarray(0, 8);
    if (this.state === 'Sta1') return;
    try {
      for (const pdu of this.#decoder.push(chunk)) {
        if (this.listenerCount('pdu') > 0) this.emit('pdu', 'received', pdu);
        this.#upperLayer.handle({ type: pdu.type, pdu });
        // Once it has ended there is nobody to give the rest to.
        if (this.#ended && !this.#awaitsClose) return;
      }
    } catch (error) {
      if (!(error instanceof PduError)) throw error;
      this.#transport.removeAllListeners('data');
      // Read on, or the peer's close would never be seen.
      this.#transport.resume();
      this.#upperLayer.handle({ type: 'invalid PDU', error });
    }
    if (this.#inbox.isFull && !this.#ended) this.#transport.pause();
  }

  #indicate(pdu: Pdu): void {
    if (pdu.type === 'A-ABORT') {
      const error = new AssociationAbortedError(this.peerName, { ...pdu, by: 'peer' });
      this.#end({ how: 'aborted', by: 'peer', error });
      return;
    }
    const size = pdu.type === 'P-DATA-TF' ? sizeOf(pdu.values) : SMALL_PDU_SIZE;
    this.#inbox.push(pdu, size);
    if (pdu.type === 'A-ASSOCIATE-RJ')
      this.#end({ how: 'rejected', by: 'peer', error: new AssociationRejectedError(this.peerName, pdu) }, true);
    if (pdu.type === 'A-RELEASE-RP' && this.state === 'Sta1') this.#end({ how: 'released', by: 'local' });
  }

  #indicateProviderAbort(event: UpperLayerEvent): void {
    if (event.type === 'transport closed')
      this.#end({ how: 'lost', by: 'peer', error: this.#lostError(this.#stateBefore) });
    else this.#endByProtocolError(event);
  }

  #endByProtocolError({ type, error }: UpperLayerEvent): void {
    const state = this.#stateBefore;
    const fault = error ?? new PduError('unexpected-pdu', `${type} came in ${state} (${STATES[state]})`);
    const other = foreignProtocol(this.#firstBytes);
    const cause = other ? new PduError(fault.fault, `${this.peerName} speaks ${other}, not DICOM`) : fault;
    const abort = { source: AbortSource.ServiceProvider, reason: abortReasonOf(fault.fault), by: 'local' } as const;
    this.#end({ how: 'aborted', by: 'local', error: new AssociationAbortedError(this.peerName, abort, cause) });
  }

  #lostError(during: State): ConnectionLostError | TlsError {
    const cause = this.#transportError;
    // A server that speaks TLS 1.3 may refuse our certificate after the handshake.
    const refused = tlsErrorOf(cause, this.peerName);
    if (refused) return refused;
    const why = cause ? ` (${cause.message})` : '';
    // Servers that speak TLS and cannot say so close, too.
    const hint = during === 'Sta5' && !this.#firstBytes ? ', without a word: does it expect TLS?' : '';
    return new ConnectionLostError(
      `${this.peerName} closed the connection in ${during} (${STATES[during]})${why}${hint}`,
      during,
      cause,
    );
  }

  #transportClosed(): void {
    if (this.#isTransportClosed) return;
    this.#isTransportClosed = true;
    if (this.state !== 'Sta1') this.#upperLayer.handle({ type: 'transport closed' });
    // In Sta1 and Sta2 nothing had been asked: a health probe, not a fault.
    this.#end({ how: 'lost', by: 'peer' });
    this.#stopArtim();
    this.#writer.end();
    this.#transport.destroy();
  }

  #end(closed: Closed, keepReceived = false): void {
    if (this.#ended) return;
    this.#ended = closed;
    this.#inbox.end(keepReceived ? undefined : closed.error);
    // Nobody will pull any more: read on, to see the transport close.
    this.#transport.resume();
    if (closed.error) this.#writer.end(closed.error);
    this.#close(closed);
    this.emit('closed', closed);
  }

  #closeTransport({ type, pdu }: UpperLayerEvent): void {
    if (type === 'A-ABORT') this.#indicate(pdu as Pdu);
    if (type === 'ARTIM expired') {
      const { artim } = this.timeouts;
      const error = new TimeoutError('artim', artim, `${this.peerName} did not send A-ASSOCIATE-RQ`);
      this.#end({ how: 'lost', by: 'local', error });
      this.#transport.destroy();
    }
    if (this.#transport.destroyed) return;
    // What was written still goes out; a peer that does not close in turn is not waited for.
    this.#transport.end();
    const stop = startTimer(CLOSE_GRACE, () => this.#transport.destroy());
    this.#transport.once('close', stop);
  }

  #startArtim(): void {
    this.#stopArtim();
    this.#stopArtim = startTimer(this.timeouts.artim, () => this.#upperLayer.handle({ type: 'ARTIM expired' }));
  }

  #abortPdu(source: number, reason: number): Uint8Array[] {
    const pdu: Pdu = { type: 'A-ABORT', source, reason };
    if (this.listenerCount('pdu') > 0) this.emit('pdu', 'sent', pdu);
    return encodePdu(pdu);
  }
}

/** What we announce unless told otherwise: large PDUs cost less. */
export const DEFAULT_MAXIMUM_LENGTH = 256 * 1024;
const DEFAULT_HIGH_WATER_MARK = 1024 * 1024;
const SMALL_PDU_SIZE = 256;
const CLOSE_GRACE = 1000;

let lastId = 0;

const REQUESTS = {
  'A-ASSOCIATE-AC': 'A-ASSOCIATE response (accept)',
  'A-ASSOCIATE-RJ': 'A-ASSOCIATE response (reject)',
  'P-DATA-TF': 'P-DATA request',
  'A-RELEASE-RQ': 'A-RELEASE request',
  'A-RELEASE-RP': 'A-RELEASE response',
} as const satisfies Partial<Record<Pdu['type'], EventName>>;

/** The bytes and what is held for each piece of them: many empty ones take memory, too. */
function sizeOf(values: readonly { readonly fragments: readonly Uint8Array[] }[]): number {
  let size = values.length * SMALL_PDU_SIZE;
  for (const { fragments } of values) for (const fragment of fragments) size += fragment.length;
  return size;
}
