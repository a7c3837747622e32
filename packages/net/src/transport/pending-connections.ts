// Sockets that have not asked for an association: bounded, and those who say nothing for the longest make room.

import type { Socket } from 'node:net';
import { DEFAULT_MAXIMUM_PENDING_CONNECTIONS } from '../limits.ts';

export class PendingConnections {
  readonly #maximum: number;
  /** Those that came first in front. */
  readonly #sockets = new Set<Socket>();
  readonly #dropped = new WeakSet<Socket>();
  #droppedCount = 0;

  constructor(maximum = DEFAULT_MAXIMUM_PENDING_CONNECTIONS) {
    this.#maximum = maximum;
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** How many have been dropped in favour of others. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Takes a socket in, until it closes; where there is no room, the first one goes. */
  add(socket: Socket): void {
    const [first] = this.#sockets;
    if (first && this.#sockets.size >= this.#maximum) {
      this.#droppedCount++;
      this.#sockets.delete(first);
      this.#dropped.add(first);
      first.destroy();
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** It has asked. */
  remove(socket: Socket): void {
    this.#sockets.delete(socket);
  }

  wasDropped(socket: Socket): boolean {
    return this.#dropped.has(socket);
  }

  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
