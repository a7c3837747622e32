// The transport connection under an Upper Layer connection: its two ends, its bytes, its close (PS3.8 §9.1).

import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { net } from '../node-modules.ts';
import { startTimer } from '../timeouts.ts';
import { shortLivedChunks } from './short-lived-chunks.ts';
import { type TlsSession, tlsSessionOf } from './tls.ts';
import { TransportWriter } from './transport-writer.ts';

/** The address of one end of a connection, as far as it is known. */
export interface TransportAddress {
  /** IP address. */
  readonly address?: string;
  /** TCP port. */
  readonly port?: number;
}

export interface TransportConnectionOptions {
  /** Milliseconds within which the peer must accept some of the bytes being sent. */
  readonly writeTimeout: number;
  /** The address of the peer. Default the address of the stream. */
  readonly peer: TransportAddress | undefined;
  /** Called with bytes as they arrive. */
  readonly received: (chunk: Uint8Array) => void;
  /** Called with the buffers handed to the stream. */
  readonly wrote: (buffers: readonly Uint8Array[]) => void;
  /** Called when the peer accepts nothing within the write timeout. */
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
  /** For `shortLivedChunks`. */
  countedIn = 0;
  #error: Error | undefined;
  #isClosed = false;
  #bytesReceived = 0;
  #firstBytes: Uint8Array | undefined;
  #lastActivity = performance.now();
  #lastReceived = 0;

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
    // If the peer closes its half, the connection is closed: the state machine has no half-open transport.
    stream.once('end', () => this.#closed());
    stream.once('close', () => this.#closed());
  }

  get isConnected(): boolean {
    return !this.#isClosed;
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

  /** How many bytes were received, and when the last ones were, by `performance.now()`. */
  get received(): { readonly bytes: number; readonly time: number } {
    return { bytes: this.#bytesReceived, time: this.#lastReceived };
  }

  get bytesQueued(): number {
    return this.#stream.writableLength;
  }

  get canReuseBuffers(): boolean {
    // Other streams may pass the buffers themselves on to their reader.
    return this.#stream instanceof net().Socket;
  }

  /** The first bytes of the peer, which show its protocol. */
  get firstBytes(): Uint8Array | undefined {
    return this.#firstBytes;
  }

  /** The error of the stream, if it has failed. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Calls `closed` if the stream was closed before its events were observed. */
  checkOpen(): void {
    if (this.#stream.closed) this.#closed();
  }

  touch(): void {
    this.#lastActivity = performance.now();
  }

  write(buffers: readonly Uint8Array[]): void {
    this.#writer.write(buffers);
  }

  /** See `GatheredOutput`. */
  gather(): void {
    this.#writer.gather();
  }

  /** See `GatheredOutput`. */
  gatherTurn(): void {
    this.#writer.gatherTurn();
  }

  /** See `GatheredOutput`. */
  flush(): void {
    this.#writer.flush();
  }

  /** Settles when the stream has accepted everything written so far. */
  written(): Promise<void> {
    return this.#writer.written();
  }

  /** Ends all waits for writing: see `TransportWriter.end`. */
  endWriting(error?: Error): void {
    this.#writer.end(error);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Discards all bytes that arrive from now on. */
  ignoreReceived(): void {
    this.#stream.removeAllListeners('data');
    // Without reading, the close by the peer would not be noticed.
    this.#stream.resume();
  }

  /** Closes after sending what was written. If the peer does not close too, the stream is destroyed after one second. */
  close(): void {
    if (this.#stream.destroyed) return;
    this.#writer.flush();
    this.#stream.end();
    const stop = startTimer(CLOSE_GRACE, () => this.#stream.destroy());
    this.#stream.once('close', stop);
  }

  destroy(): void {
    this.#writer.flush();
    this.#stream.destroy();
  }

  #received(chunk: Uint8Array): void {
    this.#bytesReceived += chunk.length;
    this.touch();
    this.#lastReceived = this.#lastActivity;
    this.#firstBytes ??= chunk.subarray(0, 8);
    countReceived(chunk.length, this);
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
/** All connections of a process share one heap. */
const countReceived = shortLivedChunks();
