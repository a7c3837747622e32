// Connections without an association: bounded, and shared fairly by the hosts that make them.

import type { Duplex } from 'node:stream';
import { DEFAULT_MAXIMUM_PENDING_CONNECTIONS } from '../limits.ts';
import { hostOf } from './host.ts';

export class PendingConnections {
  readonly #maximum: number;
  /** The host of each connection, in the order of arrival. */
  readonly #hosts = new Map<Duplex, string>();
  readonly #counts = new Map<string, number>();
  readonly #dropped = new WeakSet<Duplex>();
  #droppedCount = 0;

  constructor(maximum = DEFAULT_MAXIMUM_PENDING_CONNECTIONS) {
    this.#maximum = maximum;
  }

  get size(): number {
    return this.#hosts.size;
  }

  /** Connections that were dropped in favour of others. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /**
   * Holds a connection until it closes. If the maximum is reached, a host with the most connections loses the one that has
   * waited longest.
   */
  add(stream: Duplex, address = ''): void {
    if (this.size >= this.#maximum) this.#drop();
    this.#set(stream, hostOf(address));
    stream.once('close', () => this.remove(stream));
  }

  /** To be called when a proxy has named the peer: the connection counts as one of its host, in its place of arrival. */
  rename(stream: Duplex, address: string): void {
    const host = this.#hosts.get(stream);
    if (host === undefined) return;
    this.#count(host, -1);
    this.#set(stream, hostOf(address));
  }

  /** To be called when the peer has requested an association. */
  remove(stream: Duplex): void {
    const host = this.#hosts.get(stream);
    if (host === undefined) return;
    this.#hosts.delete(stream);
    this.#count(host, -1);
  }

  wasDropped(stream: Duplex): boolean {
    return this.#dropped.has(stream);
  }

  destroyAll(): void {
    for (const stream of this.#hosts.keys()) stream.destroy();
  }

  #drop(): void {
    const most = Math.max(...this.#counts.values());
    for (const [stream, host] of this.#hosts) {
      if (this.#counts.get(host) !== most) continue;
      this.#droppedCount++;
      this.remove(stream);
      this.#dropped.add(stream);
      stream.destroy();
      return;
    }
  }

  #set(stream: Duplex, host: string): void {
    this.#hosts.set(stream, host);
    this.#count(host, 1);
  }

  #count(host: string, change: 1 | -1): void {
    const count = (this.#counts.get(host) ?? 0) + change;
    if (count === 0) this.#counts.delete(host);
    else this.#counts.set(host, count);
  }
}
