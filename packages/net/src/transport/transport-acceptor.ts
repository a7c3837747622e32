// A socket that was accepted, on its way to an upper layer connection: PROXY protocol, TLS, admission.

import { BlockList, isIPv6, type Socket } from 'node:net';
import type { Timeouts } from '../timeouts.ts';
import { readProxyHeader } from './proxy-protocol.ts';
import { TlsAcceptor, type TlsServerOptions, type TlsSession, tlsSessionOf } from './tls.ts';

/** Whose word on who is behind a connection is taken. */
export interface ProxyProtocolOptions {
  /** Addresses (`10.0.0.5`) and networks (`10.0.0.0/8`) of load balancers. They must send a header; nobody else may. */
  readonly from: readonly string[];
}

/** A connection before anything is read from it. */
export interface IncomingConnection {
  /** The peer's, behind a load balancer too. */
  readonly address?: string;
  readonly port?: number;
  /** Our own, where there are several. */
  readonly localAddress?: string;
  readonly localPort?: number;
  /** The secure connection, if it is one: the peer's certificate above all. */
  readonly tls?: TlsSession;
}

/** What happens to a connection before an association may be asked for on it. */
export interface TransportAcceptorOptions {
  readonly tls?: TlsServerOptions;
  readonly proxyProtocol?: ProxyProtocolOptions;
  /**
   * Whether to go on with a connection; the peer of one that is not admitted sees it closed. It may take its time, and
   * delays nobody else. Default all are admitted.
   */
  readonly admit?: (connection: IncomingConnection) => boolean | Promise<boolean>;
}

/** A transport to be associated on, and where it is from. */
export interface AcceptedTransport {
  readonly transport: Socket;
  readonly peer: { readonly address?: string; readonly port?: number };
}

export class TransportAcceptor {
  readonly #options: TransportAcceptorOptions;
  readonly #timeouts: Pick<Timeouts, 'handshake'>;
  readonly #tls: TlsAcceptor | undefined;
  readonly #proxies: BlockList | undefined;

  /** @throws the system's error for addresses, keys or certificates that are none. */
  constructor(options: TransportAcceptorOptions, timeouts: Pick<Timeouts, 'handshake'>) {
    this.#options = options;
    this.#timeouts = timeouts;
    this.#tls = options.tls && new TlsAcceptor(options.tls);
    this.#proxies = options.proxyProtocol && blockList(options.proxyProtocol.from);
  }

  /** See `TlsAcceptor`. @throws TypeError where there is no TLS. */
  reload(options: TlsServerOptions): void {
    if (!this.#tls) throw new TypeError('the listener was not made with TLS');
    this.#tls.reload(options);
  }

  /**
   * Gives undefined where nothing more is to be done: it was not admitted, or closed before anything was said.
   * @throws TlsError, ProxyProtocolError; TimeoutError 'handshake' or 'proxy'; what `admit` throws.
   */
  async accept(socket: Socket): Promise<AcceptedTransport | undefined> {
    const own = addressOf(socket);
    let peer: AcceptedTransport['peer'] = own;
    if (own.address && this.#isProxy(own.address)) {
      const header = await readProxyHeader(socket, this.#timeouts.handshake);
      if (!header) return undefined;
      if (header.peer) peer = header.peer;
    }
    const { localAddress, localPort } = socket;
    const transport = this.#tls ? await this.#tls.accept(socket, peerText(peer), this.#timeouts.handshake) : socket;
    const tls = tlsSessionOf(transport);
    const { admit = () => true } = this.#options;
    const isAdmitted = await admit({
      ...peer,
      ...(localAddress && { localAddress }),
      ...(localPort && { localPort }),
      ...(tls && { tls }),
    });
    return isAdmitted ? { transport, peer } : undefined;
  }

  #isProxy(address: string): boolean {
    return this.#proxies?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') ?? false;
  }
}

function addressOf({ remoteAddress, remotePort }: Socket): { address?: string; port?: number } {
  // A socket for both families writes the addresses of one as those of the other.
  const address = remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '');
  return { ...(address && { address }), ...(remotePort && { port: remotePort }) };
}

function peerText({ address = 'the peer', port }: AcceptedTransport['peer']): string {
  return port === undefined ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function blockList(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const each of addresses) {
    const [address = '', prefix] = each.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
