// A TCP proxy that breaks connections in chosen ways at chosen bytes, to test both ends against a bad network.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { onAbort } from '../on-abort.ts';

/** The direction in which bytes pass the proxy. */
export type FaultDirection = 'to server' | 'to client';

/**
 * A fault in one `direction`, from the byte `at` on (counted from 0, default 0), by its `kind`:
 * - `cut`: both connections are closed in an orderly way (FIN).
 * - `reset`: both connections are closed, and further bytes are answered with a reset (RST).
 * - `half-close`: this direction is closed (FIN); the other one goes on.
 * - `stall`: nothing more is passed on, and nothing is closed. The sender meets backpressure.
 * - `delay`: each chunk is passed on `milliseconds` later, in order.
 * - `trickle`: pieces of `bytes` bytes are passed on, one each `milliseconds`.
 * - `split`: each chunk is passed on in pieces of `bytes` bytes, in writes of their own.
 */
export type Fault = { readonly direction: FaultDirection; readonly at?: number } & (
  | { readonly kind: 'cut' | 'reset' | 'half-close' | 'stall' }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'trickle'; readonly bytes: number; readonly milliseconds: number }
  | { readonly kind: 'split'; readonly bytes: number }
);

/** Options of `startFaultProxy`. */
export interface FaultProxyOptions {
  /** The server that connections are passed on to: `port`, and `host` (default 127.0.0.1). */
  readonly target: { readonly port: number; readonly host?: string };
  /** The faults of a connection, by its number (from 0). Default none. */
  readonly faults?: (connection: number) => readonly Fault[];
}

/** A running proxy. */
export interface FaultProxy extends AsyncDisposable {
  /** The address on which it listens. */
  readonly host: string;
  /** The TCP port on which it listens. */
  readonly port: number;
  /** How many connections were accepted. */
  readonly connections: number;
  /** How many bytes were passed on in a direction, over all connections. */
  passed(direction: FaultDirection): number;
  /** Destroys all connections and stops listening; settles when that is done. */
  close(): Promise<void>;
}

const PROXY_OPTIONS: OptionTable<FaultProxyOptions> = {
  of: 'startFaultProxy',
  rules: {
    target: aValueOf('object'),
    faults: aValueOf('function'),
  },
  required: ['target'],
};

/** Starts a proxy on a free port of the loopback interface. @throws OptionError; the system's error if it cannot listen. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new RunningProxy(checkOptions(PROXY_OPTIONS, options));
  await proxy.listen();
  return proxy;
}

class RunningProxy implements FaultProxy {
  readonly host = '127.0.0.1';
  readonly #options: FaultProxyOptions;
  readonly #server: Server;
  readonly #passed: Record<FaultDirection, number> = { 'to server': 0, 'to client': 0 };
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();
  #connections = 0;

  constructor(options: FaultProxyOptions) {
    this.#options = options;
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => this.#serve(client));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  get connections(): number {
    return this.#connections;
  }

  passed(direction: FaultDirection): number {
    return this.#passed[direction];
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, this.host, resolve);
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #serve(client: Socket): void {
    const { target, faults = () => [] } = this.#options;
    const { host = '127.0.0.1', port } = target;
    const server = connect({ host, port, noDelay: true, allowHalfOpen: true });
    const chosen = faults(this.#connections++);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      // If one side fails, the other one fails, too.
      socket.on('error', () => {
        client.destroy();
        server.destroy();
      });
    }
    void this.#pass(client, server, 'to server', chosen);
    void this.#pass(server, client, 'to client', chosen);
  }

  async #pass(from: Socket, to: Socket, direction: FaultDirection, faults: readonly Fault[]): Promise<void> {
    const own = faults.filter((fault) => fault.direction === direction).sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
    let offset = 0;
    try {
      // Ending the loop early must not destroy the socket: the other direction may go on.
      for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        for (let rest = chunk; ; ) {
          const active = own.filter(({ at = 0 }) => at <= offset);
          const end = active.find(isEnd);
          if (end) {
            this.#end(end.kind, from, to);
            if (end.kind === 'stall') await this.#forever();
            return;
          }
          if (rest.length === 0) break;
          const next = own.find(({ at = 0 }) => at > offset)?.at ?? Number.POSITIVE_INFINITY;
          const piece = rest.subarray(0, Math.min(rest.length, next - offset));
          await this.#write(piece, to, active);
          offset += piece.length;
          this.#passed[direction] += piece.length;
          rest = rest.subarray(piece.length);
        }
      }
      to.end();
    } catch {
      // A connection that broke has broken its other half in the listener of 'error'.
    }
  }

  #end(kind: EndKind, from: Socket, to: Socket): void {
    if (kind === 'cut') for (const socket of [from, to]) socket.end();
    if (kind === 'reset') for (const socket of [from, to]) socket.resetAndDestroy();
    if (kind === 'half-close') to.end();
  }

  async #write(bytes: Buffer, to: Socket, faults: readonly Fault[]): Promise<void> {
    let size = bytes.length;
    let milliseconds = 0;
    for (const fault of faults) {
      if (fault.kind === 'delay') milliseconds = fault.milliseconds;
      if (fault.kind === 'split') size = fault.bytes;
      if (fault.kind === 'trickle') ({ bytes: size, milliseconds } = fault);
    }
    for (let at = 0; at < bytes.length; at += size) {
      if (milliseconds > 0) await this.#pause(milliseconds);
      await new Promise<void>((resolve, reject) =>
        to.write(bytes.subarray(at, at + size), (error) => (error ? reject(error) : resolve())),
      );
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        ignore();
        resolve();
      }, milliseconds);
      const ignore = onAbort(this.#closing.signal, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #forever(): Promise<void> {
    return new Promise((resolve) => onAbort(this.#closing.signal, () => resolve()));
  }
}

type EndKind = 'cut' | 'reset' | 'half-close' | 'stall';

function isEnd(fault: Fault): fault is Fault & { readonly kind: EndKind } {
  return ['cut', 'reset', 'half-close', 'stall'].includes(fault.kind);
}
