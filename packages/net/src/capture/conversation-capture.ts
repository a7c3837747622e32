// Conversations written to a capture file as they happen: Wireshark opens it, and `readConversations`.

import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { encodePdu, type Pdu } from '@x/pdu';
import type { UpperLayerConnection } from '../connection.ts';
import { encodeFileHeader, encodePacket } from './pcapng.ts';
import { type Endpoint, encodeSegment, LARGEST_PAYLOAD, TcpFlag } from './tcp-packets.ts';

export interface CaptureOptions {
  /** Whether data sets are written as zeros; command sets and negotiation are written as they are. Default no. */
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
    const conversation = new Conversation(connection, ++this.#conversations, (packet, comment) =>
      this.#write(packet, comment),
    );
    const said = (direction: Direction, pdu: Pdu) => conversation.say(direction, encodePdu(masked(pdu)).map(copyOf));
    const received = (chunk: Uint8Array) => conversation.say('received', [copyOf(chunk)]);
    const sent = (buffers: readonly Uint8Array[]) => conversation.say('sent', buffers.map(copyOf));
    if (this.#mask) connection.on('pdu', said);
    else connection.on('bytes', received).on('written', sent);
    void connection.closed.then(({ how }) => {
      if (how === 'lost') conversation.end(TcpFlag.Rst);
    });
    void connection.disconnected.then(() => conversation.end(TcpFlag.Fin));
    return () => {
      connection.off('pdu', said).off('bytes', received).off('written', sent);
      conversation.end(TcpFlag.Fin);
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

/** A connection as segments of TCP: from the greeting that nobody saw to the end. */
class Conversation {
  readonly #local: Endpoint;
  readonly #remote: Endpoint;
  readonly #write: (packet: Uint8Array, comment?: string) => void;
  readonly #next: Record<Direction, number> = { sent: 1, received: 1 };
  #isOver = false;

  constructor(connection: UpperLayerConnection, number: number, write: (packet: Uint8Array, comment?: string) => void) {
    const isRequestor = connection.role === 'requestor';
    // In memory there are no addresses: the requestor's port tells conversations apart.
    const madeUp = (isRequestors: boolean) => (isRequestors ? 49_152 + (number % 16_384) : 104);
    const { local, peer } = connection;
    this.#local = { address: local.address ?? '127.0.0.1', port: local.port ?? madeUp(isRequestor) };
    this.#remote = { address: peer.address ?? '127.0.0.1', port: peer.port ?? madeUp(!isRequestor) };
    this.#write = write;
    const [first, second]: [Direction, Direction] = isRequestor ? ['sent', 'received'] : ['received', 'sent'];
    this.#segment(first, TcpFlag.Syn, 0, 0, `association ${connection.id}`);
    this.#segment(second, TcpFlag.Syn | TcpFlag.Ack, 0, 1);
    this.#segment(first, TcpFlag.Ack, 1, 1);
  }

  say(direction: Direction, buffers: readonly Uint8Array[]): void {
    const bytes = buffers.length === 1 ? (buffers[0] as Uint8Array) : Buffer.concat(buffers);
    for (let at = 0; at < bytes.length; at += LARGEST_PAYLOAD) {
      const payload = bytes.subarray(at, at + LARGEST_PAYLOAD);
      const acknowledgement = this.#next[direction === 'sent' ? 'received' : 'sent'];
      this.#segment(direction, TcpFlag.Psh | TcpFlag.Ack, this.#next[direction], acknowledgement, undefined, payload);
      this.#next[direction] = (this.#next[direction] + payload.length) >>> 0;
    }
  }

  end(flag: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { sent, received } = this.#next;
    if (flag === TcpFlag.Rst) {
      this.#segment('received', TcpFlag.Rst | TcpFlag.Ack, received, sent);
      return;
    }
    this.#segment('sent', TcpFlag.Fin | TcpFlag.Ack, sent, received);
    this.#segment('received', TcpFlag.Fin | TcpFlag.Ack, received, sent + 1);
    this.#segment('sent', TcpFlag.Ack, sent + 1, received + 1);
  }

  #segment(
    direction: Direction,
    flags: number,
    sequence: number,
    acknowledgement: number,
    comment?: string,
    payload: Uint8Array = NOTHING,
  ): void {
    const [from, to] = direction === 'sent' ? [this.#local, this.#remote] : [this.#remote, this.#local];
    this.#write(encodeSegment({ from, to, sequence, acknowledgement, flags, payload }), comment);
  }
}

const NOTHING = new Uint8Array(0);

/** What is seen during an event is valid no longer. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return bytes.slice();
}

/** The same PDU with data sets of zeros. */
function masked(pdu: Pdu): Pdu {
  if (pdu.type !== 'P-DATA-TF') return pdu;
  const values = pdu.values.map((value) =>
    value.kind === 'command'
      ? value
      : { ...value, fragments: value.fragments.map(({ length }) => new Uint8Array(length)) },
  );
  return { ...pdu, values };
}
