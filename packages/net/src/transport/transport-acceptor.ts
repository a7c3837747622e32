// An accepted connection before an association may be requested on it: PROXY protocol, TLS, admission.

import type { BlockList } from 'node:net';
import type { Duplex } from 'node:stream';
import { wrongReturn } from '@x/pdu/internal';
import { net } from '../node-modules.ts';
import type { Timeouts } from '../timeouts.ts';
import { readProxyHeader } from './proxy-protocol.ts';
import { TlsAcceptor, type TlsServerOptions, type TlsSession, tlsSessionOf } from './tls.ts';
import type { ConnectionAddresses } from './transport-server.ts';

/** The load balancers that name the peer behind a connection. */
export interface ProxyProtocolOptions {
  /** Addresses (`10.0.0.5`) and networks (`10.0.0.0/8`) of load balancers. They must send a header; others must not. */
  readonly from: readonly string[];
}

/** A connection before anything is read from it. Behind a load balancer, `address` and `port` are those of the peer. */
export interface IncomingConnection extends ConnectionAddresses {
  /** The secure connection, if it is one, with the peer's certificate. */
  readonly tls?: TlsSession;
}

/** How a connection is prepared before an association may be requested on it. */
export interface TransportAcceptorOptions {
  readonly tls?: TlsServerOptions;
  readonly proxyProtocol?: ProxyProtocolOptions;
  /**
   * Decides whether a connection is admitted; if not, it is closed. An asynchronous decision does not delay other
   * connections. Default: all connections are admitted.
   */
  readonly admit?: (connection: IncomingConnection) => boolean | Promise<boolean>;
}

/** An admitted connection and the address of its peer. */
export interface AcceptedTransport {
  readonly transport: Duplex;
  readonly peer: { readonly address?: string; readonly port?: number };
}

export class TransportAcceptor {
  readonly #options: TransportAcceptorOptions;
  readonly #timeouts: Pick<Timeouts, 'handshake'>;
  readonly #tls: TlsAcceptor | undefined;
  readonly #proxies: BlockList | undefined;

  /** @throws the system's error for invalid addresses, keys or certificates. */
  constructor(options: TransportAcceptorOptions, timeouts: Pick<Timeouts, 'handshake'>) {
    this.#options = options;
    this.#timeouts = timeouts;
    this.#tls = options.tls && new TlsAcceptor(options.tls);
    this.#proxies = options.proxyProtocol && blockList(options.proxyProtocol.from);
  }

  /** See `TlsAcceptor`. @throws TypeError if the listener was made without TLS. */
  reload(options: TlsServerOptions): void {
    if (!this.#tls) throw new TypeError('the listener was made without TLS');
    this.#tls.reload(options);
  }

  /**
   * `named` is called with the peer, once it is known and before anything of TLS; if it returns false, the connection is not
   * admitted. The result, or what it resolves to, is undefined if the connection was not admitted, or was closed before the
   * peer sent anything.
   * @throws TlsError, ProxyProtocolError; TimeoutError 'handshake' or 'proxy'; errors of `admit`; ReturnValueError.
   */
  accept(
    stream: Duplex,
    addresses: ConnectionAddresses,
    named: (peer: AcceptedTransport['peer']) => boolean,
  ): AcceptedTransport | undefined | Promise<AcceptedTransport | undefined> {
    const { address, port } = addresses;
    const peer: AcceptedTransport['peer'] = { ...(address && { address }), ...(port && { port }) };
    // Most connections have nothing to wait for.
    if (!this.#proxies && !this.#tls && !this.#options.admit)
      return named(peer) ? { transport: stream, peer } : undefined;
    return this.#prepare(stream, peer, this.#options.admit ? localOf(addresses) : {}, named);
  }

  async #prepare(
    stream: Duplex,
    connected: AcceptedTransport['peer'],
    local: Pick<ConnectionAddresses, 'localAddress' | 'localPort'>,
    named: (peer: AcceptedTransport['peer']) => boolean,
  ): Promise<AcceptedTransport | undefined> {
    const { address } = connected;
    let peer = connected;
    if (address && this.#isProxy(address)) {
      const header = await readProxyHeader(stream, this.#timeouts.handshake);
      if (!header) return undefined;
      if (header.peer) peer = header.peer;
    }
    if (!named(peer)) return undefined;
    const transport = this.#tls ? await this.#tls.accept(stream, peerText(peer), this.#timeouts.handshake) : stream;
    const tls = tlsSessionOf(transport);
    const { admit = () => true } = this.#options;
    const isAdmitted: unknown = await admit({ ...peer, ...local, ...(tls && { tls }) });
    if (typeof isAdmitted !== 'boolean') throw wrongReturn('admit', isAdmitted, 'true or false');
    return isAdmitted ? { transport, peer } : undefined;
  }

  #isProxy(address: string): boolean {
    return this.#proxies?.check(address, net().isIPv6(address) ? 'ipv6' : 'ipv4') ?? false;
  }
}

function peerText({ address = 'the peer', port }: AcceptedTransport['peer']): string {
  return port === undefined ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function localOf({ localAddress, localPort }: ConnectionAddresses) {
  return { ...(localAddress && { localAddress }), ...(localPort && { localPort }) };
}

function blockList(addresses: readonly string[]): BlockList {
  const list = new (net().BlockList)();
  for (const each of addresses) {
    const [address = '', prefix] = each.split('/');
    const family = net().isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
