// Writes conversations to a capture file as they happen, for Wireshark and `readConversations`.

import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { encodePdu, type Pdu } from '@x/pdu';
import { aNumber, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';
import { CapturedConversation } from './captured-conversation.ts';
import { CredentialMask } from './credential-mask.ts';
import { withoutDataSets } from './masked-pdu.ts';
import { encodeFileHeader, encodePacket } from './pcapng.ts';
import type { Endpoint } from './tcp-packets.ts';

/** Options of `createCapture`. */
export interface CaptureOptions {
  /** Whether data sets are written as zeros. Default false. */
  readonly mask?: boolean;
  /**
   * Whether the credentials of user identities are written: passcodes, Kerberos tickets, SAML assertions and responses,
   * JSON Web Tokens (PS3.7 §D.3.3.7). Otherwise they are zeros of the same length. Default false.
   */
  readonly credentials?: boolean;
  /**
   * Most bytes that wait to be written. Further packets are left out of the file and counted in `dropped`, because a
   * conversation never waits for its capture. Default 16 MiB.
   */
  readonly highWaterMark?: number;
  /** Called once if writing fails, for example because the disk is full: the file has nothing more from then on. */
  readonly onError?: (error: Error) => void;
}

const CAPTURE_OPTIONS: OptionTable<CaptureOptions> = {
  of: 'createCapture',
  rules: {
    mask: aValueOf('boolean'),
    credentials: aValueOf('boolean'),
    highWaterMark: aNumber,
    onError: aValueOf('function'),
  },
};

/** Creates a capture file, replacing an existing one. @throws OptionError; the system's error. */
export async function createCapture(path: string, options: CaptureOptions = {}): Promise<ConversationCapture> {
  checkOptions(CAPTURE_OPTIONS, options);
  const handle = await open(path, 'w');
  return new ConversationCapture(createWriteStream(path, { fd: handle }), options);
}

/**
 * A capture file being written. Conversations over TLS are written without encryption: protect the file as you protect
 * the data.
 */
export class ConversationCapture implements AsyncDisposable {
  readonly #output: Writable;
  readonly #mask: boolean;
  readonly #credentials: boolean;
  readonly #highWaterMark: number;
  #dropped = 0;
  #conversations = 0;
  #error: Error | undefined;

  constructor(output: Writable, options: CaptureOptions = {}) {
    const {
      mask = false,
      credentials = false,
      highWaterMark = DEFAULT_HIGH_WATER_MARK,
      onError,
    } = checkOptions(CAPTURE_OPTIONS, options);
    this.#output = output;
    this.#mask = mask;
    this.#credentials = credentials;
    this.#highWaterMark = highWaterMark;
    output.on('error', (error) => {
      this.#error = error;
      onError?.(error);
    });
    output.write(encodeFileHeader());
  }

  /** Packets that were left out because the file could not be written fast enough. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The error with which writing failed, if it has failed. */
  get error(): Error | undefined {
    return this.#error;
  }

  /**
   * Records the connection from now on; call the returned function to stop. Give it as `onConnection`, which is called
   * before the first PDU.
   */
  readonly watch = (connection: UpperLayerConnection): (() => void) => {
    const [requestor, acceptor] = endpointsOf(connection, ++this.#conversations);
    const conversation = new CapturedConversation(requestor, acceptor, connection.id, (packet, comment) =>
      this.#write(packet, comment),
    );
    const isRequestors = (direction: Direction) => (direction === 'sent') === (connection.role === 'requestor');
    const say = this.#credentials
      ? (direction: Direction, bytes: Uint8Array) => conversation.say(isRequestors(direction), bytes)
      : masking((direction, bytes) => conversation.say(isRequestors(direction), bytes));
    const said = (direction: Direction, pdu: Pdu) => say(direction, joined(encodePdu(withoutDataSets(pdu))));
    const received = (chunk: Uint8Array) => say('received', chunk.slice());
    const sent = (buffers: readonly Uint8Array[]) => say('sent', joined(buffers));
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

  /** Settles when everything is written. @throws the error with which writing failed. */
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

/** Masks the credentials in both directions. */
function masking(say: (direction: Direction, bytes: Uint8Array) => void): typeof say {
  const masks = { sent: new CredentialMask(), received: new CredentialMask() };
  return (direction, bytes) => {
    masks[direction].mask(bytes);
    say(direction, bytes);
  };
}

/** Streams in memory have no addresses; the requestor's port distinguishes conversations. */
function endpointsOf({ role, local, peer }: UpperLayerConnection, number: number): readonly [Endpoint, Endpoint] {
  const [requestor, acceptor] = role === 'requestor' ? [local, peer] : [peer, local];
  return [
    { address: requestor.address ?? '127.0.0.1', port: requestor.port ?? 49_152 + (number % 16_384) },
    { address: acceptor.address ?? '127.0.0.1', port: acceptor.port ?? 104 },
  ];
}

/** Copies the buffers, because they are only valid during the event. */
function joined(buffers: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(buffers);
}
