// Sources of incoming connections for a listener: the interface, and TCP.

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { net } from '../node-modules.ts';
import { KEEP_ALIVE_DELAY } from './dial.ts';

/** The addresses of a connection, as far as its transport has them. */
export interface ConnectionAddresses {
  /** Of the peer. */
  readonly address?: string;
  /** TCP port of the peer. */
  readonly port?: number;
  /** Of this end. */
  readonly localAddress?: string;
  /** TCP port of this end. */
  readonly localPort?: number;
}

/**
 * A transport to listen on: TCP, Unix domain sockets, or any other source of streams. The listener applies TLS, the
 * PROXY protocol, limits and timeouts to the streams it is given; it destroys each stream when its connection ends.
 */
export interface TransportServer {
  /** The address while it is listening, otherwise undefined. Transports without host and port return an empty object. */
  readonly address: { readonly host?: string; readonly port?: number } | undefined;
  /** Starts to accept connections. @throws if it cannot listen. */
  listen(onConnection: (stream: Duplex, addresses?: ConnectionAddresses) => void): Promise<void>;
  /** Accepts no more connections. Open ones stay open. May settle only when they have ended. */
  close(): Promise<void>;
}

/** A TCP address to listen on. */
export interface ListenAddress {
  /** TCP port; 0 takes a free one. */
  readonly port: number;
  /** Address to listen on. Default all addresses, IPv4 and IPv6. */
  readonly host?: string;
  /** With an IPv6 address: whether to leave IPv4 to other servers. */
  readonly ipv6Only?: boolean;
  /** Connections that the system holds until they are accepted. Default the system's. */
  readonly backlog?: number;
}

/** Accepts TCP connections. `listen` throws the system's error, such as EADDRINUSE. */
export function tcpServer({ port, host, ipv6Only, backlog }: ListenAddress): TransportServer {
  const server = net().createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY });
  const where = { port, ...(host && { host }), ...(backlog && { backlog }), ...(ipv6Only && { ipv6Only }) };
  return {
    get address() {
      const address = server.address();
      return address === null || typeof address === 'string'
        ? undefined
        : { host: address.address, port: address.port };
    },
    listen: (onConnection) =>
      new Promise((resolve, reject) => {
        server.on('connection', (socket) => onConnection(socket, new SocketAddresses(socket)));
        server.once('error', reject);
        server.listen(where, () => {
          server.removeListener('error', reject);
          // If the process runs out of file descriptors, one connection fails, but not the listener.
          server.on('error', () => {});
          resolve();
        });
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The addresses of a socket. Those of this end are asked of the system if they are read, which few listeners do. */
class SocketAddresses implements ConnectionAddresses {
  declare readonly address?: string;
  declare readonly port?: number;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    const { remoteAddress, remotePort } = socket;
    // A socket for both families writes an IPv4 address as an IPv6 address.
    if (remoteAddress) this.address = remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
    if (remotePort) this.port = remotePort;
    this.#socket = socket;
  }

  get localAddress(): string {
    return this.#socket.localAddress ?? '';
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }
}
