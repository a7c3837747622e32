// A listener: accepts connections and associations within limits, and lets running associations finish when it closes.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { checkOptions } from '@x/pdu/internal';
import { settledWithin } from '../timeouts.ts';
import { type ConnectionLimitOptions, ConnectionLimits } from '../transport/connection-limits.ts';
import { RELOAD_OPTIONS } from '../transport/option-tables.ts';
import { PendingConnections } from '../transport/pending-connections.ts';
import type { TlsServerOptions } from '../transport/tls.ts';
import {
  type AcceptedTransport,
  TransportAcceptor,
  type TransportAcceptorOptions,
} from '../transport/transport-acceptor.ts';
import {
  type ConnectionAddresses,
  type ListenAddress,
  type TransportServer,
  tcpServer,
} from '../transport/transport-server.ts';
import { UpperLayerConnection } from '../upper-layer/connection.ts';
import type { Closed } from '../upper-layer/connection-events.ts';
import type { ConnectionSettings } from '../upper-layer/connection-settings.ts';
import { WatchedEmitter } from '../watched-emitter.ts';
import { type AssociationRequest, acceptOn, acceptorSettings, type Decide, type Decision, reject } from './accept.ts';
import type { AcceptingListener, Association } from './association.ts';
import { type AssociationLimitOptions, AssociationLimits, LOCAL_LIMIT_EXCEEDED } from './association-limits.ts';
import { type DrainReport, type ListenerCounters, type ListenerEvents, warnOfMistake } from './listener-reports.ts';
import { CLOSE_OPTIONS, LISTEN_ADDRESS, LISTEN_OPTIONS } from './option-tables.ts';
import type { LocalOptions } from './request.ts';

/** The decisions, the handler and the limits of a listener. */
export interface ListenOptions
  extends LocalOptions,
    AssociationLimitOptions,
    ConnectionLimitOptions,
    TransportAcceptorOptions {
  /**
   * Whether a request with a fault in its form is answered with A-ABORT, as PS3.8 says: without an application context, a
   * presentation context, or an abstract syntax; with an even or repeated context ID; with padded or invalid UIDs and AE
   * titles; with repeated or misplaced items. Default false, because real peers send such requests: contexts without an
   * abstract syntax are refused, the first context with an ID counts, and the rest is read over.
   */
  readonly strict?: boolean;
  /** Accepts or rejects each request. */
  readonly decide: Decide;
  /** Called for each association. When it settles, the association is released; if it throws, aborted. */
  readonly serve: (association: Association, listener: Listener) => Promise<void>;
  /**
   * How many connections may be open at once without having requested an association. If one more comes, a host with the
   * most of them loses the one that has been silent for the longest, so that silent connections cannot block others. The
   * same holds for connections whose request was rejected or whose association has ended, until the peer closes them.
   * Default 1024.
   */
  readonly maximumPendingConnections?: number;
}

/**
 * Listens for associations at a TCP address, or on another transport.
 * @throws OptionError; the system's error: EADDRINUSE, for instance, or the error for an invalid key.
 */
export async function listen(address: ListenAddress | TransportServer, options: ListenOptions): Promise<Listener> {
  const listener = new Listener(options);
  await listener.open(address);
  return listener;
}

/** A listener with its connections and associations. It is made by `listen`. */
export class Listener extends WatchedEmitter<ListenerEvents> implements AcceptingListener, AsyncDisposable {
  readonly #options: ListenOptions;
  readonly #settings: ConnectionSettings;
  readonly #acceptor: TransportAcceptor;
  readonly #limits: AssociationLimits;
  readonly #connectionLimits: ConnectionLimits;
  readonly #pending: PendingConnections;
  /** Connections without an association any more, which the peer has not closed. */
  readonly #ending: PendingConnections;
  readonly #connections = new Map<UpperLayerConnection, Promise<void>>();
  readonly #associations = new Map<string, Association>();
  readonly #counters = {
    connections: 0,
    probes: 0,
    notAdmitted: 0,
    limited: 0,
    associations: 0,
    rejections: 0,
    failures: 0,
  };
  #server: TransportServer | undefined;
  #closing: Promise<DrainReport> | undefined;

  /** @throws OptionError; the system's error for an invalid key or certificate. */
  constructor(options: ListenOptions) {
    super();
    this.#options = checkOptions<ListenOptions>(LISTEN_OPTIONS, options);
    this.#settings = acceptorSettings(options);
    this.#limits = new AssociationLimits(options);
    this.#connectionLimits = new ConnectionLimits(options);
    this.#pending = new PendingConnections(options.maximumPendingConnections);
    this.#ending = new PendingConnections(options.maximumPendingConnections);
    this.#acceptor = new TransportAcceptor(options, this.#settings.timeouts);
  }

  /** The address it listens on. @throws Error if it is closed, or its transport has no host. */
  get host(): string {
    return this.#addressPart('host');
  }

  /** The port it listens on. @throws Error if it is closed, or its transport has no port. */
  get port(): number {
    return this.#addressPart('port');
  }

  /** Whether it accepts connections. */
  get isListening(): boolean {
    return this.#server?.address !== undefined && !this.#closing;
  }

  /** The open associations by id. */
  get associations(): ReadonlyMap<string, Association> {
    return this.#associations;
  }

  /** Open connections, with or without an association. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Open connections that have not requested an association. */
  get pendingConnections(): number {
    return this.#pending.size;
  }

  /** Counts since the listener was made. */
  get counters(): ListenerCounters {
    return { ...this.#counters, dropped: this.#pending.droppedCount + this.#ending.droppedCount };
  }

  /** Starts to listen. To be called once. @throws the errors of `listen`. */
  async open(address: ListenAddress | TransportServer): Promise<void> {
    this.#server = 'listen' in address ? address : tcpServer(checkOptions(LISTEN_ADDRESS, address));
    await this.#server.listen((stream, addresses = {}) => void this.#connected(stream, addresses));
  }

  /** Uses new certificates for later connections: see `TlsAcceptor`. @throws OptionError. */
  reload(tls: TlsServerOptions): void {
    this.#acceptor.reload(checkOptions(RELOAD_OPTIONS, tls));
  }

  /**
   * Stops listening. Associations may go on for `drain` milliseconds (default 0) or until the signal aborts; those that
   * remain are aborted. Settles when all connections are closed. A second call without `drain` aborts all at once.
   */
  async close(options?: { readonly drain?: number; readonly signal?: AbortSignal }): Promise<DrainReport> {
    const { drain = 0, signal } = checkOptions(CLOSE_OPTIONS, options);
    if (this.#closing && drain === 0) this.#abortAll();
    this.#closing ??= this.#close(drain, signal);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(drain: number, signal: AbortSignal | undefined): Promise<DrainReport> {
    const begun = performance.now();
    const closed = Promise.resolve(this.#server?.close());
    // Connections without an association have nothing to finish.
    this.#pending.destroyAll();
    const open = this.#associations.size;
    const all = Promise.all(this.#connections.values());
    if (drain > 0) await settledWithin(all, drain, signal);
    const aborted = this.#associations.size;
    this.#abortAll();
    // Does not wait longer for peers that ignore A-ABORT, or for handlers that do not end with their association.
    if (!(await settledWithin(Promise.all([all, closed]), ABORT_GRACE))) {
      for (const connection of this.#connections.keys()) connection.destroy();
      await closed;
    }
    return { finished: open - aborted, aborted, duration: Math.round(performance.now() - begun) };
  }

  #abortAll(): void {
    for (const connection of this.#connections.keys())
      connection.abort({ cause: new Error('the listener was closed') });
  }

  async #connected(stream: Duplex, addresses: ConnectionAddresses): Promise<void> {
    this.#counters.connections++;
    // A stream that fails before a connection watches it must not fail the process.
    stream.on('error', () => {});
    this.#pending.add(stream, addresses.address);
    let isLimited = false;
    const named = ({ address }: AcceptedTransport['peer']) => {
      if (address === undefined) return true;
      this.#pending.rename(stream, address);
      isLimited = !this.#connectionLimits.enter(stream, address);
      return !isLimited;
    };
    try {
      const accepting = this.#acceptor.accept(stream, addresses, named);
      const accepted = accepting instanceof Promise ? await accepting : accepting;
      if (accepted && !accepted.transport.destroyed) {
        this.#upperLayer(accepted, stream);
        return;
      }
      if (isLimited) this.#counters.limited++;
      else if (stream.destroyed || stream.readableEnded) this.#counters.probes++;
      else this.#counters.notAdmitted++;
      stream.destroy();
    } catch (error) {
      const wasSilent = stream.destroyed && !hasReceived(stream);
      setImmediate(() => stream.destroy());
      // A peer that sends nothing is a probe; PendingConnections counts the connections that it drops.
      if (wasSilent) this.#counters.probes++;
      else this.#failed(error);
    }
  }

  #upperLayer({ transport, peer }: AcceptedTransport, stream: Duplex): void {
    const connection = new UpperLayerConnection(transport, 'acceptor', { peer }, this.#settings);
    // Before the callbacks, which may count the connections or close the listener.
    this.#connections.set(connection, connection.disconnected);
    void connection.closed.then(() => {
      if (!stream.destroyed) this.#ending.add(stream, peer.address);
    });
    this.#connections.set(connection, this.#serve(connection, stream));
    void connection.disconnected.then(() => this.#connections.delete(connection));
  }

  #decide(request: AssociationRequest, connection: UpperLayerConnection, stream: Duplex): Decision | Promise<Decision> {
    this.#pending.remove(stream);
    const leave = this.#closing ? undefined : this.#limits.enter(request);
    if (!leave) return reject(LOCAL_LIMIT_EXCEEDED);
    void connection.closed.then(leave);
    return this.#options.decide(request, connection);
  }

  async #serve(connection: UpperLayerConnection, stream: Duplex): Promise<void> {
    try {
      this.#options.onConnection?.(connection);
      this.emit('connection', connection);
      const decide: Decide = (request) => this.#decide(request, connection, stream);
      const association = await acceptOn(connection, this.#options, decide, this);
      if (association) await this.#serveAssociation(association);
      else this.#countUnassociated(await connection.closed, stream);
    } catch (error) {
      connection.abort(error instanceof Error ? { cause: error } : {});
      this.#failed(error, connection);
    }
    await connection.disconnected;
  }

  #countUnassociated({ how }: Closed, stream: Duplex): void {
    if (how === 'rejected') this.#counters.rejections++;
    // A connection that the listener closed itself is not a probe.
    else if (!this.#closing && !this.#pending.wasDropped(stream)) this.#counters.probes++;
  }

  async #serveAssociation(association: Association): Promise<void> {
    this.#counters.associations++;
    this.#associations.set(association.id, association);
    // The handler may run on after the end.
    void association.closed.then(() => this.#associations.delete(association.id));
    this.emit('association', association);
    await this.#options.serve(association, this);
    await association.release();
  }

  #failed(error: unknown, connection?: UpperLayerConnection): void {
    this.#counters.failures++;
    if (!this.emit('failed', error, connection)) warnOfMistake(error);
  }

  #addressPart<Part extends 'host' | 'port'>(part: Part): NonNullable<NonNullable<TransportServer['address']>[Part]> {
    const address = this.#server?.address;
    if (!address) throw new Error('the listener is closed');
    const value = address[part];
    if (value === undefined) throw new Error(`the transport of the listener has no ${part}`);
    return value;
  }
}

/** Whether the peer has sent anything. A socket under TLS emits no data of its own, but counts its bytes. */
function hasReceived(stream: Duplex): boolean {
  const { bytesRead } = stream as Partial<Socket>;
  return bytesRead === undefined ? stream.readableDidRead : bytesRead > 0;
}

const ABORT_GRACE = 1000;
