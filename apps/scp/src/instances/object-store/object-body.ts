// The body of one answer, taken from its connection a little ahead of its reader.

import type { IncomingMessage } from 'node:http';
import { Condition } from '@x/net/internal';
import { ObjectStoreError } from './object-store-error.ts';
import { unanswered } from './s3-client.ts';

export interface ObjectBodyOptions {
  /** Of its first byte in the object. */
  readonly position: number;
  /** Bytes that are taken ahead. The connection is paused while they wait to be read. */
  readonly window: number;
  /** Milliseconds to wait for further bytes. */
  readonly timeout: number;
}

export class ObjectBody {
  readonly #response: IncomingMessage;
  readonly #window: number;
  readonly #timeout: number;
  readonly #chunks: Uint8Array[] = [];
  #waiting = 0;
  #position: number;
  #isOver = false;
  #failure: unknown;
  readonly #changed = new Condition();

  constructor(response: IncomingMessage, { position, window, timeout }: ObjectBodyOptions) {
    this.#response = response;
    this.#position = position;
    this.#window = Math.max(window, LEAST_WINDOW);
    this.#timeout = timeout;
    response.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#waiting += chunk.length;
      if (this.#waiting >= this.#window) response.pause();
      this.#changed.notify();
    });
    response.on('error', (error) => this.#over(error));
    response.on('close', () => this.#over(undefined));
  }

  /** Of the next byte in the object. */
  get position(): number {
    return this.#position;
  }

  /** Fills the buffers as far as bytes have come, with at least one. @throws ObjectStoreError if there are no more, or none come in time */
  async take(buffers: readonly Uint8Array[]): Promise<number> {
    await this.#some();
    let taken = 0;
    for (const buffer of buffers)
      for (let at = 0; at < buffer.length && this.#chunks.length > 0; ) {
        const chunk = this.#next(buffer.length - at);
        buffer.set(chunk, at);
        at += chunk.length;
        taken += chunk.length;
      }
    return taken;
  }

  /** Passes over some bytes, at least one and at most so many. @throws as `take` */
  async skip(most: number): Promise<void> {
    await this.#some();
    this.#next(most);
  }

  /** Ends the transfer. The connection can be used again if all bytes have arrived. */
  end(): void {
    this.#chunks.length = 0;
    this.#response.removeAllListeners('data');
    if (this.#response.complete) this.#response.resume();
    else this.#response.destroy();
  }

  #next(most: number): Uint8Array {
    const first = this.#chunks[0] as Uint8Array;
    const chunk = first.subarray(0, most);
    if (chunk.length === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(most);
    this.#waiting -= chunk.length;
    this.#position += chunk.length;
    if (this.#waiting < this.#window / 2) this.#response.resume();
    return chunk;
  }

  async #some(): Promise<void> {
    if (this.#chunks.length > 0) return;
    const timer = setTimeout(() => this.#response.destroy(unanswered(this.#timeout)), this.#timeout);
    try {
      while (this.#chunks.length === 0 && !this.#isOver) await this.#changed.wait();
    } finally {
      clearTimeout(timer);
    }
    if (this.#chunks.length > 0) return;
    if (this.#failure instanceof ObjectStoreError) throw this.#failure;
    throw new ObjectStoreError('the object is cut short', { reason: 'CUT_SHORT', cause: this.#failure });
  }

  #over(failure: unknown): void {
    this.#isOver = true;
    this.#failure ??= failure;
    this.#changed.notify();
  }
}

/** In bytes. */
const LEAST_WINDOW = 64 * 1024;
