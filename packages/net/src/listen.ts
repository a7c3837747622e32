// A listening socket: one acceptor for each connection, limits, and an end that lets running associations finish.

import { createServer, type Server, type Socket } from 'node:net';
import { PresentationRejectReason, RejectResult, RejectSource } from '@x/pdu';
import { type AssociationRequest, acceptAssociation, type Decide, type Decision, reject } from './accept.ts';
import type { Association } from './association.ts';
import type { UpperLayerConnection } from './connection.ts';
import { DEFAULT_MAXIMUM_ASSOCIATIONS } from './limits.ts';
import type { LocalOptions } from './request.ts';
import { WatchedEmitter } from './watched-emitter.ts';

export interface ListenOptions extends LocalOptions {
  /** Accepts or rejects. */
  readonly decide: Decide;
  /** Called for each association; when it settles, the association is released, when it throws, aborted. */
  readonly serve: (association: Association) => Promise<void>;
  /** Associations at once; more are rejected as a transient local limit. Default 256. */
  readonly maximumAssociations?: number;
}

export interface ListenAddress {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Address to listen on. Default all. */
  readonly host?: string;
  /** Connections the system may hold before they are accepted. Default the system's. */
  readonly backlog?: number;
}

/** For watching only: nothing depends on a listener. */
export interface ListenerEvents {
  connection: [connection: UpperLayerConnection];
  association: [association: Association];
  /** A connection or an association failed; the peer was told, where that was possible. */
  failed: [error: unknown, connection: UpperLayerConnection];
}

/** What became of the associations that were open when a listener closed. */
export interface DrainReport {
  readonly finished: number;
  readonly aborted: number;
}

/** Listens for associations. @throws the system's error, such as EADDRINUSE. */
export async function listen(address: ListenAddress, options: ListenOptions): Promise<Listener> {
  const listener = new Listener(options);
  await listener.open(address);
  return listener;
}

export class Listener extends WatchedEmitter<ListenerEvents> implements AsyncDisposable {
  readonly #options: ListenOptions;
  readonly #server: Server;
  readonly #connections = new Map<UpperLayerConnection, Promise<void>>();
  readonly #associations = new Map<string, Association>();
  /** Who has a place among the associations, from the decision on. */
  readonly #admitted = new Set<UpperLayerConnection>();
  #closing: Promise<DrainReport> | undefined;

  constructor(options: ListenOptions) {
    super();
    this.#options = options;
    this.#server = createServer({ noDelay: true, keepAlive: true }, (socket) => this.#connected(socket));
  }

  /** Where it listens. */
  get host(): string {
    return this.#address().address;
  }

  get port(): number {
    return this.#address().port;
  }

  /** The open associations by id. */
  get associations(): ReadonlyMap<string, Association> {
    return this.#associations;
  }

  /** Open connections, with or without an association. */
  get connections(): number {
    return this.#connections.size;
  }

  open({ port, host, backlog }: ListenAddress): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, ...(host && { host }), ...(backlog && { backlog }) }, () => {
        this.#server.removeListener('error', reject);
        // Running out of descriptors fails one connection, not the listener.
        this.#server.on('error', () => {});
        resolve();
      });
    });
  }

  /**
   * Stops listening. Running associations may finish for `drain` milliseconds (default 0); the others are aborted.
   * Settles when all connections are closed.
   */
  close({ drain = 0 }: { readonly drain?: number } = {}): Promise<DrainReport> {
    // Whoever asks again, without patience, ends what is still running.
    if (this.#closing && drain === 0) this.#abortAll();
    this.#closing ??= this.#close(drain);
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(drain: number): Promise<DrainReport> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Connections that have not asked for anything have nothing to finish.
    for (const connection of this.#connections.keys()) if (connection.state === 'Sta2') connection.destroy();
    const open = this.#associations.size;
    const all = Promise.all(this.#connections.values());
    if (drain > 0) await settledWithin(all, drain);
    const aborted = this.#associations.size;
    for (const connection of this.#connections.keys())
      connection.abort({ cause: new Error('the listener was closed') });
    // A peer that ignores A-ABORT is not waited for, nor is a handler that does not end with its association.
    if (!(await settledWithin(Promise.all([all, closed]), ABORT_GRACE))) {
      for (const connection of this.#connections.keys()) connection.destroy();
      await closed;
    }
    return { finished: open - aborted, aborted };
  }

  #abortAll(): void {
    for (const connection of this.#connections.keys())
      connection.abort({ cause: new Error('the listener was closed') });
  }

  #connected(socket: Socket): void {
    const options = {
      ...this.#options,
      decide: (request: AssociationRequest, connection: UpperLayerConnection) => this.#decide(request, connection),
      onConnection: (connection: UpperLayerConnection) => {
        this.#connections.set(connection, this.#serve(connection, accepting));
        void connection.disconnected.then(() => this.#connections.delete(connection));
        this.#options.onConnection?.(connection);
        this.emit('connection', connection);
      },
    };
    // Deferred, so that it is there when onConnection is called.
    const accepting = Promise.resolve().then(() => accepted);
    const accepted = acceptAssociation(socket, options);
    accepted.catch(() => {});
  }

  #decide(request: AssociationRequest, connection: UpperLayerConnection): Decision | Promise<Decision> {
    const { maximumAssociations = DEFAULT_MAXIMUM_ASSOCIATIONS, decide } = this.#options;
    if (this.#admitted.size >= maximumAssociations || this.#closing) return LIMIT_EXCEEDED;
    this.#admitted.add(connection);
    void connection.closed.then(() => this.#admitted.delete(connection));
    return decide(request, connection);
  }

  async #serve(connection: UpperLayerConnection, accepting: Promise<Association | undefined>): Promise<void> {
    try {
      const association = await accepting;
      if (association) await this.#serveAssociation(association);
    } catch (error) {
      connection.abort(error instanceof Error ? { cause: error } : {});
      this.emit('failed', error, connection);
    }
    await connection.disconnected;
  }

  async #serveAssociation(association: Association): Promise<void> {
    this.#associations.set(association.id, association);
    // Whatever its handler still does after the end.
    void association.closed.then(() => this.#associations.delete(association.id));
    this.emit('association', association);
    await this.#options.serve(association);
    await association.release();
  }

  #address(): { address: string; port: number } {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the listener is closed');
    return address;
  }
}

const ABORT_GRACE = 1000;

const LIMIT_EXCEEDED = reject({
  result: RejectResult.Transient,
  source: RejectSource.ServiceProviderPresentation,
  reason: PresentationRejectReason.LocalLimitExceeded,
});

/** Whether it settles within the time, in milliseconds. */
async function settledWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const settled = promise.then(
    () => true as const,
    () => true as const,
  );
  const result = await Promise.race([settled, late]);
  clearTimeout(timer);
  return result;
}
