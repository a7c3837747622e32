// Reads conversations from capture files of this library, Wireshark or tcpdump.

import { setImmediate } from 'node:timers/promises';
import { type Pdu, PduDecoder, PduError } from '@x/pdu';
import type { CapturedFault, CapturedPdu } from './captured-pdu.ts';
import { type CapturedPacket, CaptureError, readPackets } from './pcapng.ts';
import { beginsLikePdu, LARGEST_PDU, readRawPdus } from './raw-pdus.ts';
import { SegmentOrder } from './segment-order.ts';
import { decodeSegment, type Endpoint, type Segment, TcpFlag } from './tcp-packets.ts';

/**
 * Reads the PDUs of all DICOM conversations in a capture file, pcapng or pcap. Repeated and disordered segments are put
 * in order; connections of other protocols are skipped. The file may also contain only the bytes of a connection, of one
 * direction or of both: see `readRawPdus`.
 * @throws CaptureError if the file has another format or is truncated, after everything that can be read.
 */
export async function* readConversations(
  file: AsyncIterable<Uint8Array>,
): AsyncGenerator<CapturedPdu | CapturedFault, void, undefined> {
  const chunks = file[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array(0);
  while (start.length < 2) {
    const { done, value } = await chunks.next();
    if (done) break;
    start = start.length === 0 ? value : Buffer.concat([start, value]);
  }
  if (start.length === 0) throw new CaptureError('the file is empty');
  const whole = resumed(start, chunks);
  if (beginsLikePdu(start)) yield* readRawPdus(whole);
  else yield* readPacketConversations(whole);
}

async function* resumed(
  start: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield start;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* readPacketConversations(
  file: AsyncIterable<Uint8Array>,
): AsyncGenerator<CapturedPdu | CapturedFault, void, undefined> {
  const connections = new Map<string, Connection>();
  let count = 0;
  let packets = 0;
  for await (const packet of readPackets(file)) {
    // A file in memory is read without waiting.
    if (++packets % PACKETS_AT_ONCE === 0) await setImmediate();
    const segment = decodeSegment(packet.linkType, packet.data);
    if (!segment) continue;
    const key = [endpointText(segment.from), endpointText(segment.to)].sort().join(' ');
    const isOpening = (segment.flags & (TcpFlag.Syn | TcpFlag.Ack)) === TcpFlag.Syn;
    let connection = connections.get(key);
    // A new handshake on the same ports begins another connection.
    if (!connection || (isOpening && connection.hasSpoken)) {
      connection = new Connection(++count);
      connections.set(key, connection);
    }
    yield* connection.take(segment, packet);
  }
}

/** The number of packets between two turns of the event loop. */
const PACKETS_AT_ONCE = 1024;

class Connection {
  readonly #number: number;
  readonly #directions = new Map<string, Direction>();
  #requestor: string | undefined;

  constructor(number: number) {
    this.#number = number;
  }

  get hasSpoken(): boolean {
    return [...this.#directions.values()].some(({ hasSpoken }) => hasSpoken);
  }

  *take(segment: Segment, { time }: CapturedPacket): Generator<CapturedPdu | CapturedFault> {
    const { from, to } = segment;
    const name = endpointText(from);
    let direction = this.#directions.get(name);
    if (!direction) {
      direction = new Direction();
      this.#directions.set(name, direction);
    }
    for (const said of direction.take(segment)) {
      if (!(said instanceof Error) && said.type === 'A-ASSOCIATE-RQ') this.#requestor ??= name;
      const frame = { conversation: this.#number, time, from, to, byRequestor: this.#requestor === name };
      yield said instanceof Error ? { ...frame, fault: said } : { ...frame, pdu: said };
    }
  }
}

/** One direction of a connection: decodes segments in any order to PDUs. */
class Direction {
  readonly #decoder = new PduDecoder({ maxLength: LARGEST_PDU, maxAssociationLength: LARGEST_PDU });
  readonly #order = new SegmentOrder();
  #isUnreadable = false;
  hasSpoken = false;

  *take({ sequence, flags, payload }: Segment): Generator<Pdu | Error> {
    if (flags & TcpFlag.Syn) this.#order.begin(sequence + 1);
    if (payload.length === 0 || this.#isUnreadable) return;
    try {
      for (const bytes of this.#order.take(sequence, payload)) {
        yield* this.#decode(bytes);
        if (this.#isUnreadable) return;
      }
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      this.#isUnreadable = true;
      yield error;
    }
  }

  *#decode(bytes: Uint8Array): Generator<Pdu | Error> {
    // A connection that begins otherwise does not use DICOM.
    if (!this.hasSpoken && !beginsLikePdu(bytes)) {
      this.#isUnreadable = true;
      return;
    }
    this.hasSpoken = true;
    try {
      yield* this.#decoder.push(bytes);
    } catch (error) {
      if (!(error instanceof PduError)) throw error;
      this.#isUnreadable = true;
      yield error;
    }
  }
}

function endpointText({ address, port }: Endpoint): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
