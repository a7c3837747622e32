// Writes bytes to a transport, and reports when the transport has accepted them or accepts nothing.

import type { Duplex } from 'node:stream';
import { startTimer } from '../timeouts.ts';

export interface TransportWriterOptions {
  /** Milliseconds within which the transport must accept some of the bytes being sent. */
  readonly timeout: number;
  /** Called when it did not accept any. */
  readonly stuck: () => void;
  /** Called with the buffers handed to the transport. */
  readonly wrote: (buffers: readonly Uint8Array[]) => void;
  /** Called when the transport has failed. */
  readonly failed: (error: Error) => void;
}

/** Output that can be gathered, so that several short messages take one call of the system. */
export interface GatheredOutput {
  /**
   * From now on, what is sent is gathered, and counts as taken by the transport. Call `flush` in the same turn of the event
   * loop. At most 64 KiB are gathered, and nothing while the transport is behind.
   */
  gather(): void;
  /**
   * The same, for messages that are sent one after the other by code that awaits promises between them: `flush` is called when
   * all promises that can settle in this turn have settled.
   */
  gatherTurn(): void;
  /** Hands what was gathered to the transport. Does nothing if nothing was. */
  flush(): void;
}

/** The result of `written` if the transport has taken everything at once. */
export const WRITTEN = Promise.resolve();

export class TransportWriter implements GatheredOutput {
  readonly #transport: Duplex;
  readonly #options: TransportWriterOptions;
  readonly #waiting = new Set<{ readonly upTo: number; settle(error?: Error): void }>();
  /** Buffers that wait for `flush`; undefined unless buffers are gathered. */
  #gathered: Uint8Array[] | undefined;
  #gatheredLength = 0;
  #isFlushPlanned = false;
  #begun = 0;
  #done = 0;
  #error: Error | undefined;
  #bytes = 0;

  constructor(transport: Duplex, options: TransportWriterOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  /** Bytes handed to the transport so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** See `GatheredOutput`. */
  gather(): void {
    this.#gathered ??= [];
  }

  /** See `GatheredOutput`. */
  gatherTurn(): void {
    this.gather();
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    process.nextTick(() => {
      this.#isFlushPlanned = false;
      this.flush();
    });
  }

  /** See `GatheredOutput`. */
  flush(): void {
    const gathered = this.#gathered;
    if (!gathered) return;
    this.#gathered = undefined;
    this.#gatheredLength = 0;
    if (gathered.length > 0) this.#write(gathered);
  }

  /** Hands buffers to the transport, together. */
  write(buffers: readonly Uint8Array[]): void {
    const gathered = this.#gathered;
    if (!gathered) {
      this.#write(buffers);
      return;
    }
    const [buffer, ...others] = buffers as [Uint8Array, ...Uint8Array[]];
    // A message in several buffers is long, or has bytes of its caller, who may change them when they count as taken.
    if (others.length > 0 || this.#gatheredLength + buffer.length > MOST_GATHERED || !this.isWritten) {
      this.flush();
      this.#write(buffers);
      this.gather();
      return;
    }
    gathered.push(buffer);
    this.#gatheredLength += buffer.length;
  }

  #write(buffers: readonly Uint8Array[]): void {
    const transport = this.#transport;
    if (!transport.writable) {
      this.#options.failed(transport.errored ?? new Error('the connection is closed'));
      return;
    }
    const done = this.#taken;
    this.#begun++;
    for (const { length } of buffers) this.#bytes += length;
    this.#options.wrote(buffers);
    if (buffers.length === 1) {
      transport.write(buffers[0], done);
      return;
    }
    transport.cork();
    buffers.forEach((buffer, index) => {
      if (index < buffers.length - 1) transport.write(buffer);
      else transport.write(buffer, done);
    });
    transport.uncork();
  }

  /** Called when the transport has taken the bytes of one call of `write`. */
  readonly #taken = (error?: Error | null): void => {
    this.#done++;
    if (error) this.#options.failed(error);
    for (const { upTo, settle } of this.#waiting) if (this.#done >= upTo) settle();
  };

  /**
   * Whether the transport has accepted everything written so far. A socket takes most writes at once; the callbacks of a
   * stream come later.
   */
  get isWritten(): boolean {
    if (this.#error) return false;
    return this.#done === this.#begun || (this.#transport.writableLength === 0 && !this.#transport.errored);
  }

  /** Settles when the transport has accepted everything written so far. */
  written(): Promise<void> {
    if (this.#error) return Promise.reject(this.#error);
    if (this.isWritten) return WRITTEN;
    return new Promise((resolve, reject) => {
      const stop = this.#watchProgress();
      const waiting = {
        upTo: this.#begun,
        settle: (error?: Error) => {
          stop();
          this.#waiting.delete(waiting);
          if (error) reject(error);
          else resolve();
        },
      };
      this.#waiting.add(waiting);
    });
  }

  /** Ends all waits, because the transport accepts nothing more. With an error, the waits reject with it. */
  end(error?: Error): void {
    this.#error ??= error;
    for (const { settle } of [...this.#waiting]) settle(error);
  }

  /** A peer that accepts some bytes is slow, not stuck. */
  #watchProgress(): () => void {
    const { timeout, stuck } = this.#options;
    let unsent = this.#transport.writableLength;
    let stop = () => {};
    const watch = () => {
      stop = startTimer(timeout, () => {
        const before = unsent;
        unsent = this.#transport.writableLength;
        if (unsent < before) watch();
        else stuck();
      });
    };
    watch();
    return () => stop();
  }
}

/** In bytes: many responses. Longer messages take more time to write than the call that hands them over. */
const MOST_GATHERED = 64 * 1024;
