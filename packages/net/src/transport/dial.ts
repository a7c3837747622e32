// Opens connections to peers, plain or secure.

import type { Socket } from 'node:net';
import { checkOptions } from '@x/pdu/internal';
import { asError, NotConnectedError, TimeoutError } from '../errors.ts';
import { net } from '../node-modules.ts';
import { onAbort } from '../on-abort.ts';
import { startTimer, TIMEOUT_RULES, type Timeouts } from '../timeouts.ts';
import { PEER_RULES } from './option-tables.ts';
import { secureAsClient, type TlsClientOptions } from './tls.ts';

/** The address of a peer. */
export interface Address {
  /** Host name or address. */
  readonly host: string;
  /** TCP port, 1 to 65535. */
  readonly port: number;
  /** The addresses of a host name to use: IPv4 or IPv6. Default both. */
  readonly family?: 4 | 6;
  /** Local address to connect from, on machines that have several. */
  readonly localAddress?: string;
  /** Secures the connection with TLS. */
  readonly tls?: TlsClientOptions;
}

/** An address as it appears in errors. */
export function addressText({ host, port }: Pick<Address, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Opens a connection to an address, with TLS if the address has `tls`.
 * @throws NotConnectedError, TlsError; TimeoutError 'connect' or 'handshake'; OptionError; the signal's reason.
 */
export async function openTransport(
  address: Address,
  timeouts: Pick<Timeouts, 'connect' | 'handshake'>,
  signal?: AbortSignal,
): Promise<Socket> {
  checkOptions<Address>({ of: 'openTransport', rules: PEER_RULES, required: ['host', 'port'] }, address);
  checkOptions<Timeouts>({ of: 'openTransport: timeouts', rules: TIMEOUT_RULES }, timeouts);
  return dialSecurely(address, timeouts, signal);
}

/** The same, for options that were checked. */
export async function dialSecurely(
  address: Address,
  timeouts: Pick<Timeouts, 'connect' | 'handshake'>,
  signal?: AbortSignal,
): Promise<Socket> {
  const socket = await dial(address, timeouts.connect, signal);
  const { host, tls } = address;
  return tls ? secureAsClient(socket, host, tls, addressText(address), timeouts.handshake, signal) : socket;
}

/**
 * Connects, without delay of small packets and with keep-alive.
 * @throws NotConnectedError with the system's error as cause; TimeoutError 'connect'; the signal's reason.
 */
function dial(address: Address, connectTimeout: number, signal?: AbortSignal): Promise<Socket> {
  const { host, port, family, localAddress } = address;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = net().connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_DELAY,
      ...(family && { family }),
      ...(localAddress && { localAddress }),
    });
    const settle = (result: Socket | Error) => {
      stop();
      removeListener();
      socket.removeListener('error', failed);
      socket.removeListener('connect', connected);
      if (!(result instanceof Error)) {
        resolve(result);
        return;
      }
      // Later errors of the socket add no information.
      socket.on('error', () => {});
      socket.destroy();
      reject(result);
    };
    const peer = addressText(address);
    const stop = startTimer(connectTimeout, () =>
      settle(new TimeoutError('connect', connectTimeout, `${peer} did not accept the connection`)),
    );
    const failed = (error: Error) =>
      settle(new NotConnectedError(`no connection to ${peer}: ${reasonOf(error)}`, { cause: error }));
    const connected = () => settle(socket);
    socket.once('error', failed);
    socket.once('connect', connected);
    const removeListener = onAbort(signal, (reason) => settle(asError(reason)));
  });
}

function reasonOf(error: Error & { code?: string; errors?: readonly Error[] }): string {
  // If several addresses were tried, the error of the first one is reported.
  const [first] = error.errors ?? [];
  const { code } = (first ?? error) as { code?: string };
  return (code && REASONS[code]) ?? first?.message ?? error.message;
}

/** Milliseconds of silence before the system asks whether the peer is still there. */
export const KEEP_ALIVE_DELAY = 60_000;

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused, nobody listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the connection was reset',
};
