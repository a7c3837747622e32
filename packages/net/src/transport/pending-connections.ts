// Connections that have not requested an association: bounded; the one that has waited longest is dropped first.

import type { Duplex } from 'node:stream';
import { DEFAULT_MAXIMUM_PENDING_CONNECTIONS } from '../limits.ts';

export class PendingConnections {
  readonly #maximum: number;
  /** In the order of arrival. */
  readonly #streams = new Set<Duplex>();
  readonly #dropped = new WeakSet<Duplex>();
  #droppedCount = 0;

  constructor(maximum = DEFAULT_MAXIMUM_PENDING_CONNECTIONS) {
    this.#maximum = maximum;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Connections that were dropped in favour of others. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Holds a connection until it closes. If the maximum is reached, the first one is dropped. */
  add(stream: Duplex): void {
    const [first] = this.#streams;
    if (first && this.#streams.size >= this.#maximum) {
      this.#droppedCount++;
      this.#streams.delete(first);
      this.#dropped.add(first);
      first.destroy();
    }
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
  }

  /** To be called when the peer has requested an association. */
  remove(stream: Duplex): void {
    this.#streams.delete(stream);
  }

  wasDropped(stream: Duplex): boolean {
    return this.#dropped.has(stream);
  }

  destroyAll(): void {
    for (const stream of this.#streams) stream.destroy();
  }
}
