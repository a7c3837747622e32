// The transport connection under an Upper Layer connection: its two ends, its bytes, its close (PS3.8 §9.1).

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { startTimer } from '../timeouts.ts';
import { type TlsSession, tlsSessionOf } from './tls.ts';
import { TransportWriter } from './transport-writer.ts';

/** Where an end of a connection is, as far as it is known. */
export interface TransportAddress {
  readonly address?: string;
  readonly port?: number;
}

export interface TransportConnectionOptions {
  /** Milliseconds in which the peer must take something of what is being sent. */
  readonly writeTimeout: number;
  /** Where the peer is, if not where the stream says. */
  readonly peer: TransportAddress | undefined;
  /** Called with bytes as they arrive. */
  readonly received: (chunk: Uint8Array) => void;
  /** Called with what is handed to the stream. */
  readonly wrote: (buffers: readonly Uint8Array[]) => void;
  /** Called when the peer takes nothing of it. */
  readonly stuck: () => void;
  /** Called once, when either side has closed, or the stream has failed. */
  readonly closed: () => void;
}

export class TransportConnection {
  /** Settles once both directions are closed. Never rejects. */
  readonly disconnected: Promise<void>;
  readonly #stream: Duplex;
  readonly #options: TransportConnectionOptions;
  readonly #writer: TransportWriter;
  #error: Error | undefined;
  #isClosed = false;
  #bytesReceived = 0;
  #firstBytes: Uint8Array | undefined;
  #lastActivity = performance.now();

  constructor(stream: Duplex, options: TransportConnectionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#writer = new TransportWriter(stream, {
      timeout: options.writeTimeout,
      stuck: options.stuck,
      wrote: options.wrote,
      failed: (error) => {
        this.#error ??= error;
        this.#closed();
      },
    });
    this.disconnected = new Promise((resolve) => {
      if (stream.closed) resolve();
      else stream.once('close', resolve);
    });
    stream.on('data', (chunk: Uint8Array) => this.#received(chunk));
    stream.on('error', (error: Error) => {
      this.#error ??= error;
    });
    // A peer that closes its half has nothing more to say: the state machine knows no half-open transport.
    stream.once('end', () => this.#closed());
    stream.once('close', () => this.#closed());
  }

  get peer(): TransportAddress {
    if (this.#options.peer) return this.#options.peer;
    const { remoteAddress, remotePort } = this.#stream as Partial<Socket>;
    return { ...(remoteAddress && { address: remoteAddress }), ...(remotePort && { port: remotePort }) };
  }

  get local(): TransportAddress {
    const { localAddress, localPort } = this.#stream as Partial<Socket>;
    return { ...(localAddress && { address: localAddress }), ...(localPort && { port: localPort }) };
  }

  get tls(): TlsSession | undefined {
    return tlsSessionOf(this.#stream);
  }

  get traffic(): { readonly bytesReceived: number; readonly bytesSent: number } {
    return { bytesReceived: this.#bytesReceived, bytesSent: this.#writer.bytes };
  }

  /** When bytes last came or went, by `performance.now()`. */
  get lastActivity(): number {
    return this.#lastActivity;
  }

  get bytesQueued(): number {
    return this.#stream.writableLength;
  }

  get canReuseBuffers(): boolean {
    // Other streams may pass the very buffers on to their reader.
    return this.#stream instanceof Socket;
  }

  /** What the peer said first: it tells what it speaks. */
  get firstBytes(): Uint8Array | undefined {
    return this.#firstBytes;
  }

  /** What the stream failed with. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Tells `closed`, if the stream was closed before anybody listened. */
  checkOpen(): void {
    if (this.#stream.closed) this.#closed();
  }

  touch(): void {
    this.#lastActivity = performance.now();
  }

  write(buffers: readonly Uint8Array[]): void {
    this.#writer.write(buffers);
  }

  /** Settles when the stream has taken everything written so far. */
  written(): Promise<void> {
    return this.#writer.written();
  }

  /** Nobody need wait for what was written: see `TransportWriter.end`. */
  endWriting(error?: Error): void {
    this.#writer.end(error);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Throws away what comes from now on. */
  ignoreReceived(): void {
    this.#stream.removeAllListeners('data');
    // Read on, or the peer's close would never be seen.
    this.#stream.resume();
  }

  /** Closes: what was written still goes out; a peer that does not close in turn is not waited for. */
  close(): void {
    if (this.#stream.destroyed) return;
    this.#stream.end();
    const stop = startTimer(CLOSE_GRACE, () => this.#stream.destroy());
    this.#stream.once('close', stop);
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #received(chunk: Uint8Array): void {
    this.#bytesReceived += chunk.length;
    this.touch();
    this.#firstBytes ??= chunk.subarray(0, 8);
    this.#options.received(chunk);
  }

  #closed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.closed();
    this.#writer.end();
    this.#stream.destroy();
  }
}

const CLOSE_GRACE = 1000;
