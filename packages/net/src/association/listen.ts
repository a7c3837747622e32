// A listening socket: one acceptor for each connection, limits, and an end that lets running associations finish.

import { createServer, type Server, type Socket } from 'node:net';
import { settledWithin, timeoutsOf } from '../timeouts.ts';
import { KEEP_ALIVE_DELAY } from '../transport/dial.ts';
import { PendingConnections } from '../transport/pending-connections.ts';
import type { TlsServerOptions } from '../transport/tls.ts';
import {
  type AcceptedTransport,
  TransportAcceptor,
  type TransportAcceptorOptions,
} from '../transport/transport-acceptor.ts';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';
import type { Closed } from '../upper-layer/connection-events.ts';
import { WatchedEmitter } from '../watched-emitter.ts';
import { type AssociationRequest, acceptAssociation, type Decide, type Decision, reject } from './accept.ts';
import type { Association } from './association.ts';
import { type AssociationLimitOptions, AssociationLimits, LOCAL_LIMIT_EXCEEDED } from './association-limits.ts';
import type { LocalOptions } from './request.ts';

/** Whom a listener accepts, what it does with them, and how much it takes on. */
export interface ListenOptions extends LocalOptions, AssociationLimitOptions, TransportAcceptorOptions {
  /** Accepts or rejects. */
  readonly decide: Decide;
  /** Called for each association; when it settles, the association is released, when it throws, aborted. */
  readonly serve: (association: Association, listener: Listener) => Promise<void>;
  /**
   * Connections at once that have not asked for an association: when one more comes, the one that has been silent for
   * the longest is dropped, so that those who speak get through a crowd of those who do not. Default 1024.
   */
  readonly maximumPendingConnections?: number;
}

/** Where to listen. */
export interface ListenAddress {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Address to listen on. Default all, of both families. */
  readonly host?: string;
  /** With an IPv6 address: whether IPv4 is left to others. */
  readonly ipv6Only?: boolean;
  /** Connections the system may hold before they are accepted. Default the system's. */
  readonly backlog?: number;
}

/** For watching only: nothing depends on a listener. */
export interface ListenerEvents {
  connection: [connection: UpperLayerConnection];
  association: [association: Association];
  /**
   * A connection or an association failed; the peer was told, where that was possible. Without a connection, it failed
   * before there was one: a handshake, a PROXY protocol header, `admit`.
   */
  failed: [error: unknown, connection?: UpperLayerConnection];
}

/** What became of the associations that were open when a listener closed. */
export interface DrainReport {
  readonly finished: number;
  readonly aborted: number;
  /** Milliseconds until all was closed. */
  readonly duration: number;
}

/** What a listener has seen since it was made. */
export interface ListenerCounters {
  /** Connections that were accepted. */
  readonly connections: number;
  /** Of these: closed by the peer before it said anything, as health checks do. */
  readonly probes: number;
  /** Not admitted, by `admit`. */
  readonly notAdmitted: number;
  /** Dropped in favour of others: see `maximumPendingConnections`. */
  readonly dropped: number;
  readonly associations: number;
  readonly rejections: number;
  /** Connections and associations that failed. */
  readonly failures: number;
}

/** Listens for associations. @throws the system's error, such as EADDRINUSE, or for keys that are none. */
export async function listen(address: ListenAddress, options: ListenOptions): Promise<Listener> {
  const listener = new Listener(options);
  await listener.open(address);
  return listener;
}

/** A listening socket and all associations that came by it. It is made by `listen`. */
export class Listener extends WatchedEmitter<ListenerEvents> implements AsyncDisposable {
  readonly #options: ListenOptions;
  readonly #server: Server;
  readonly #acceptor: TransportAcceptor;
  readonly #limits: AssociationLimits;
  readonly #pending: PendingConnections;
  readonly #connections = new Map<UpperLayerConnection, Promise<void>>();
  readonly #associations = new Map<string, Association>();
  readonly #counters = {
    connections: 0,
    probes: 0,
    notAdmitted: 0,
    associations: 0,
    rejections: 0,
    failures: 0,
  };
  #closing: Promise<DrainReport> | undefined;

  /** @throws the system's error for addresses, keys or certificates that are none. */
  constructor(options: ListenOptions) {
    super();
    this.#options = options;
    this.#limits = new AssociationLimits(options);
    this.#pending = new PendingConnections(options.maximumPendingConnections);
    this.#acceptor = new TransportAcceptor(options, timeoutsOf(options.timeouts));
    this.#server = createServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY },
      (socket) => void this.#connected(socket),
    );
  }

  /** Where it listens. */
  get host(): string {
    return this.#address().address;
  }

  get port(): number {
    return this.#address().port;
  }

  /** Whether it accepts connections. */
  get isListening(): boolean {
    return this.#server.listening && !this.#closing;
  }

  /** The open associations by id. */
  get associations(): ReadonlyMap<string, Association> {
    return this.#associations;
  }

  /** Open connections, with or without an association. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Open sockets that have not asked for an association. */
  get pendingConnections(): number {
    return this.#pending.size;
  }

  get counters(): ListenerCounters {
    return { ...this.#counters, dropped: this.#pending.droppedCount };
  }

  open({ port, host, ipv6Only, backlog }: ListenAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      const address = { port, ...(host && { host }), ...(backlog && { backlog }), ...(ipv6Only && { ipv6Only }) };
      this.#server.listen(address, () => {
        this.#server.removeListener('error', reject);
        // Running out of descriptors fails one connection, not the listener.
        this.#server.on('error', () => {});
        resolve();
      });
    });
  }

  /** New certificates for the connections to come: see `TlsAcceptor`. */
  reload(tls: TlsServerOptions): void {
    this.#acceptor.reload(tls);
  }

  /**
   * Stops listening. Running associations may finish for `drain` milliseconds (default 0), or until the signal; the
   * others are aborted. Settles when all connections are closed.
   */
  close({ drain = 0, signal }: { readonly drain?: number; readonly signal?: AbortSignal } = {}): Promise<DrainReport> {
    // Whoever asks again, without patience, ends what is still running.
    if (this.#closing && drain === 0) this.#abortAll();
    this.#closing ??= this.#close(drain, signal);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(drain: number, signal: AbortSignal | undefined): Promise<DrainReport> {
    const begun = performance.now();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Connections that have not asked for anything have nothing to finish.
    this.#pending.destroyAll();
    const open = this.#associations.size;
    const all = Promise.all(this.#connections.values());
    if (drain > 0) await settledWithin(all, drain, signal);
    const aborted = this.#associations.size;
    this.#abortAll();
    // A peer that ignores A-ABORT is not waited for, nor is a handler that does not end with its association.
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

  async #connected(socket: Socket): Promise<void> {
    this.#counters.connections++;
    // A socket that fails before it is watched must not fail the process.
    socket.on('error', () => {});
    this.#pending.add(socket);
    try {
      const accepted = await this.#acceptor.accept(socket);
      if (accepted && !accepted.transport.destroyed) {
        this.#upperLayer(accepted, socket);
        return;
      }
      if (socket.destroyed || socket.readableEnded) this.#counters.probes++;
      else this.#counters.notAdmitted++;
      socket.destroy();
    } catch (error) {
      const wasSilent = socket.bytesRead === 0 && socket.destroyed;
      setImmediate(() => socket.destroy());
      // Whoever came and went had nothing to say; whom we have dropped ourselves is counted there.
      if (wasSilent) this.#counters.probes++;
      else this.#failed(error);
    }
  }

  #upperLayer({ transport, peer }: AcceptedTransport, socket: Socket): void {
    const options = {
      ...this.#options,
      peer,
      decide: (request: AssociationRequest, connection: UpperLayerConnection) => {
        this.#pending.remove(socket);
        return this.#decide(request, connection);
      },
      onConnection: (connection: UpperLayerConnection) => {
        this.#connections.set(connection, this.#serve(connection, accepting, socket));
        void connection.disconnected.then(() => this.#connections.delete(connection));
        this.#options.onConnection?.(connection);
        this.emit('connection', connection);
      },
    };
    // Deferred, so that it is there when onConnection is called.
    const accepting = Promise.resolve().then(() => accepted);
    const accepted = acceptAssociation(transport, options);
    accepted.catch(() => {});
  }

  #decide(request: AssociationRequest, connection: UpperLayerConnection): Decision | Promise<Decision> {
    const leave = this.#closing ? undefined : this.#limits.enter(request);
    if (!leave) return reject(LOCAL_LIMIT_EXCEEDED);
    void connection.closed.then(leave);
    return this.#options.decide(request, connection);
  }

  async #serve(
    connection: UpperLayerConnection,
    accepting: Promise<Association | undefined>,
    socket: Socket,
  ): Promise<void> {
    try {
      const association = await accepting;
      if (association) await this.#serveAssociation(association);
      else this.#countUnassociated(await connection.closed, socket);
    } catch (error) {
      connection.abort(error instanceof Error ? { cause: error } : {});
      this.#failed(error, connection);
    }
    await connection.disconnected;
  }

  #countUnassociated({ how }: Closed, socket: Socket): void {
    if (how === 'rejected') this.#counters.rejections++;
    // Unless it was us who closed it.
    else if (!this.#closing && !this.#pending.wasDropped(socket)) this.#counters.probes++;
  }

  async #serveAssociation(association: Association): Promise<void> {
    this.#counters.associations++;
    this.#associations.set(association.id, association);
    // Whatever its handler still does after the end.
    void association.closed.then(() => this.#associations.delete(association.id));
    this.emit('association', association);
    await this.#options.serve(association, this);
    await association.release();
  }

  #failed(error: unknown, connection?: UpperLayerConnection): void {
    this.#counters.failures++;
    this.emit('failed', error, connection);
  }

  #address(): { address: string; port: number } {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the listener is closed');
    return address;
  }
}

const ABORT_GRACE = 1000;
