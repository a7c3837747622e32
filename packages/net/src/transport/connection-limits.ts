// Limits of connections by host, before anything is read from them: open ones, and new ones per second.

import type { Duplex } from 'node:stream';
import { HostTable, hostOf } from './host.ts';

/** The limits of one host, which is an IPv4 address or an IPv6 network of 64 bits. */
export interface ConnectionLimitOptions {
  /**
   * Connections open at once from one host, with or without an association. One more is closed at once. Default no limit of
   * its own.
   */
  readonly maximumConnectionsPerAddress?: number;
  /**
   * New connections per second from one host, on average; as many, but at least one, may come together. One more is closed
   * at once, because an A-ASSOCIATE-RJ would cost the reading and the handshake that the limit is to save. The last 10,000
   * hosts are remembered. Default no limit.
   */
  readonly connectionsPerSecond?: number;
}

export class ConnectionLimits {
  readonly #maximum: number;
  readonly #perSecond: number;
  readonly #open = new Map<string, number>();
  readonly #tokens = new HostTable<{ readonly left: number; readonly time: number }>();

  /** @throws RangeError for a number of connections per second that is not positive. */
  constructor({ maximumConnectionsPerAddress, connectionsPerSecond }: ConnectionLimitOptions) {
    this.#maximum = maximumConnectionsPerAddress ?? Number.POSITIVE_INFINITY;
    this.#perSecond = connectionsPerSecond ?? Number.POSITIVE_INFINITY;
    if (!(this.#perSecond > 0)) throw new RangeError(`${connectionsPerSecond} connections per second are not positive`);
  }

  /** Counts a connection of a peer until it closes. Returns whether the limits allow it; if not, it is not counted. */
  enter(stream: Duplex, address: string): boolean {
    const host = hostOf(address);
    const open = this.#open.get(host) ?? 0;
    if (open >= this.#maximum || !this.#takeToken(host)) return false;
    this.#open.set(host, open + 1);
    stream.once('close', () => {
      const left = (this.#open.get(host) ?? 1) - 1;
      if (left > 0) this.#open.set(host, left);
      else this.#open.delete(host);
    });
    return true;
  }

  /** A bucket of tokens: it holds those of one second, and fills steadily. */
  #takeToken(host: string): boolean {
    if (this.#perSecond === Number.POSITIVE_INFINITY) return true;
    const now = performance.now();
    const capacity = Math.max(1, this.#perSecond);
    const { left, time } = this.#tokens.get(host) ?? { left: capacity, time: now };
    const filled = Math.min(capacity, left + ((now - time) * this.#perSecond) / 1000);
    const isAllowed = filled >= 1;
    this.#tokens.set(host, { left: isAllowed ? filled - 1 : filled, time: now });
    return isAllowed;
  }
}
