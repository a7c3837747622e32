// A connected TCP socket, or an error that says why not.

import { connect, type Socket } from 'node:net';
import { ConnectionLostError, TimeoutError } from './errors.ts';
import { startTimer } from './timeouts.ts';

export interface Address {
  /** Host name or address. */
  readonly host: string;
  /** TCP port, 1 to 65535. */
  readonly port: number;
}

/**
 * Connects, without delay of small packets and with keep-alive.
 * @throws ConnectionLostError with the system's error as cause; TimeoutError 'connect'; the signal's reason.
 */
export function dial({ host, port }: Address, connectTimeout: number, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    const settle = (result: Socket | Error) => {
      stop();
      signal?.removeEventListener('abort', aborted);
      socket.removeListener('error', failed);
      socket.removeListener('connect', connected);
      if (!(result instanceof Error)) {
        resolve(result);
        return;
      }
      // Whatever it still has to say is not news.
      socket.on('error', () => {});
      socket.destroy();
      reject(result);
    };
    const peer = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const stop = startTimer(connectTimeout, () =>
      settle(new TimeoutError('connect', connectTimeout, `${peer} did not accept the connection`)),
    );
    const failed = (error: Error) =>
      settle(new ConnectionLostError(`no connection to ${peer}: ${reasonOf(error)}`, 'Sta4', error));
    const connected = () => settle(socket);
    const aborted = () => settle(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
    socket.once('error', failed);
    socket.once('connect', connected);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

function reasonOf(error: Error & { code?: string; errors?: readonly Error[] }): string {
  // Several addresses tried: one of them stands for all.
  const [first] = error.errors ?? [];
  const { code } = (first ?? error) as { code?: string };
  return (code && REASONS[code]) ?? first?.message ?? error.message;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused, nobody listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the connection was reset',
};
