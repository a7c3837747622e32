// Conversations written to a capture file as they happen: Wireshark opens it, and `readConversations`.

import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { encodePdu, type Pdu } from '@x/pdu';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';
import { CapturedConversation } from './captured-conversation.ts';
import { maskedPdu } from './masked-pdu.ts';
import { encodeFileHeader, encodePacket } from './pcapng.ts';
import type { Endpoint } from './tcp-packets.ts';

export interface CaptureOptions {
  /** Whether data sets and credentials are written as zeros; the rest is written as it is. Default no. */
  readonly mask?: boolean;
  /**
   * Bytes that may wait to be written. What goes beyond is left out of the file, and counted: a conversation never waits
   * for its capture. Default 16 MiB.
   */
  readonly highWaterMark?: number;
}

/** Opens a capture file; one of that name is replaced. @throws the system's error. */
export async function createCapture(path: string, options: CaptureOptions = {}): Promise<ConversationCapture> {
  const handle = await open(path, 'w');
  return new ConversationCapture(createWriteStream(path, { fd: handle }), options);
}

/**
 * A capture file being written. Secure conversations are written as what they say, without their encryption: keep the
 * file as safe as the data.
 */
export class ConversationCapture implements AsyncDisposable {
  readonly #output: Writable;
  readonly #mask: boolean;
  readonly #highWaterMark: number;
  #dropped = 0;
  #conversations = 0;
  #error: Error | undefined;

  constructor(output: Writable, { mask = false, highWaterMark = DEFAULT_HIGH_WATER_MARK }: CaptureOptions = {}) {
    this.#output = output;
    this.#mask = mask;
    this.#highWaterMark = highWaterMark;
    output.on('error', (error) => {
      this.#error = error;
    });
    output.write(encodeFileHeader());
  }

  /** Packets left out because the file could not be written as fast. */
  get dropped(): number {
    return this.#dropped;
  }

  /** What keeps the file from being written, if something does. */
  get error(): Error | undefined {
    return this.#error;
  }

  /**
   * Writes what is said on the connection from now on, until what it gives is called. To be given as `onConnection`,
   * before anything is said.
   */
  readonly watch = (connection: UpperLayerConnection): (() => void) => {
    const [requestor, acceptor] = endpointsOf(connection, ++this.#conversations);
    const conversation = new CapturedConversation(requestor, acceptor, connection.id, (packet, comment) =>
      this.#write(packet, comment),
    );
    const isRequestors = (direction: Direction) => (direction === 'sent') === (connection.role === 'requestor');
    const said = (direction: Direction, pdu: Pdu) =>
      conversation.say(isRequestors(direction), joined(encodePdu(maskedPdu(pdu))));
    const received = (chunk: Uint8Array) => conversation.say(isRequestors('received'), chunk.slice());
    const sent = (buffers: readonly Uint8Array[]) => conversation.say(isRequestors('sent'), joined(buffers));
    if (this.#mask) connection.on('pdu', said);
    else connection.on('bytes', received).on('written', sent);
    void connection.closed.then(({ how }) => {
      if (how === 'lost') conversation.end(isRequestors('received'), true);
    });
    void connection.disconnected.then(() => conversation.end(isRequestors('sent')));
    return () => {
      connection.off('pdu', said).off('bytes', received).off('written', sent);
      conversation.end(isRequestors('sent'));
    };
  };

  /** Settles when all is written. @throws what kept the file from being written. */
  async close(): Promise<void> {
    this.#output.end();
    await finished(this.#output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #write(packet: Uint8Array, comment: string | undefined): void {
    if (this.#output.writableEnded || this.#output.destroyed) return;
    if (this.#output.writableLength > this.#highWaterMark) this.#dropped++;
    else this.#output.write(encodePacket({ time: performance.timeOrigin + performance.now(), data: packet }, comment));
  }
}

const DEFAULT_HIGH_WATER_MARK = 16 * 1024 * 1024;

type Direction = 'sent' | 'received';

/** In memory there are no addresses: the requestor's port tells conversations apart. */
function endpointsOf({ role, local, peer }: UpperLayerConnection, number: number): readonly [Endpoint, Endpoint] {
  const [requestor, acceptor] = role === 'requestor' ? [local, peer] : [peer, local];
  return [
    { address: requestor.address ?? '127.0.0.1', port: requestor.port ?? 49_152 + (number % 16_384) },
    { address: acceptor.address ?? '127.0.0.1', port: acceptor.port ?? 104 },
  ];
}

/** What is seen during an event is valid no longer. */
function joined(buffers: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(buffers);
}
