// Writes one conversation as TCP segments, with an invented handshake and end.

import { encodeFileHeader, encodePacket } from './pcapng.ts';
import { type Endpoint, encodeSegment, LARGEST_PAYLOAD, TcpFlag } from './tcp-packets.ts';

/** Takes a packet and a comment on it. */
export type WritePacket = (packet: Uint8Array, comment?: string) => void;

export class CapturedConversation {
  readonly #requestor: Endpoint;
  readonly #acceptor: Endpoint;
  readonly #write: WritePacket;
  #requestorNext = 1;
  #acceptorNext = 1;
  #isOver = false;

  constructor(requestor: Endpoint, acceptor: Endpoint, name: string, write: WritePacket) {
    this.#requestor = requestor;
    this.#acceptor = acceptor;
    this.#write = write;
    this.#segment(true, TcpFlag.Syn, 0, 0, `association ${name}`);
    this.#segment(false, TcpFlag.Syn | TcpFlag.Ack, 0, 1);
    this.#segment(true, TcpFlag.Ack, 1, 1);
  }

  say(byRequestor: boolean, bytes: Uint8Array, comment?: string): void {
    for (let at = 0; at < bytes.length; at += LARGEST_PAYLOAD) {
      const payload = bytes.subarray(at, at + LARGEST_PAYLOAD);
      const [next, acknowledgement] = this.#numbers(byRequestor);
      const about = at === 0 ? comment : undefined;
      this.#segment(byRequestor, TcpFlag.Psh | TcpFlag.Ack, next, acknowledgement, about, payload);
      if (byRequestor) this.#requestorNext = (next + payload.length) >>> 0;
      else this.#acceptorNext = (next + payload.length) >>> 0;
    }
  }

  /** Ends the conversation; further calls do nothing. `byRequestor` names the side that closes or breaks off. */
  end(byRequestor: boolean, isBrokenOff = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const [next, other] = this.#numbers(byRequestor);
    if (isBrokenOff) {
      this.#segment(byRequestor, TcpFlag.Rst | TcpFlag.Ack, next, other);
      return;
    }
    this.#segment(byRequestor, TcpFlag.Fin | TcpFlag.Ack, next, other);
    this.#segment(!byRequestor, TcpFlag.Fin | TcpFlag.Ack, other, next + 1);
    this.#segment(byRequestor, TcpFlag.Ack, next + 1, other + 1);
  }

  #numbers(byRequestor: boolean): readonly [next: number, acknowledgement: number] {
    return byRequestor ? [this.#requestorNext, this.#acceptorNext] : [this.#acceptorNext, this.#requestorNext];
  }

  #segment(
    byRequestor: boolean,
    flags: number,
    sequence: number,
    acknowledgement: number,
    comment?: string,
    payload: Uint8Array = NOTHING,
  ): void {
    const [from, to] = byRequestor ? [this.#requestor, this.#acceptor] : [this.#acceptor, this.#requestor];
    this.#write(encodeSegment({ from, to, sequence, acknowledgement, flags, payload }), comment);
  }
}

const NOTHING = new Uint8Array(0);

/** Bytes that were sent, with the time in milliseconds since the epoch and a comment to show. */
export interface SaidBytes {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Whether the requestor of the association sent them. */
  readonly byRequestor: boolean;
  /** The bytes that were sent. */
  readonly bytes: Uint8Array;
  /** Shown beside the packet. */
  readonly comment?: string;
}

/** Encodes a conversation of `requestor` and `acceptor` as a capture file (pcapng), in pieces. Errors call it by `name`. */
export function* encodeConversation(
  { requestor, acceptor, name }: { readonly requestor: Endpoint; readonly acceptor: Endpoint; readonly name: string },
  said: Iterable<SaidBytes>,
): Generator<Uint8Array, void, undefined> {
  yield encodeFileHeader();
  let time = 0;
  let blocks: Uint8Array[] = [];
  const write: WritePacket = (data, comment) => blocks.push(encodePacket({ time, data }, comment));
  let conversation: CapturedConversation | undefined;
  for (const { time: at, byRequestor, bytes, comment } of said) {
    time = at;
    conversation ??= new CapturedConversation(requestor, acceptor, name, write);
    conversation.say(byRequestor, bytes, comment);
    yield* blocks;
    blocks = [];
  }
}
