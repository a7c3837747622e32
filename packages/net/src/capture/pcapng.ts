// The parts of the pcapng file format that captures of conversations need, and reading of pcap.

import { CodedError } from '@x/pdu/internal';

/** One packet of a capture file. */
export interface CapturedPacket {
  /** Milliseconds since the epoch, with fractions. */
  readonly time: number;
  /** Type of the packet's first header: a number of the link-layer header types registry. */
  readonly linkType: number;
  readonly data: Uint8Array;
}

/** The file is not a capture, or is damaged. */
export class CaptureError extends CodedError {
  static override readonly name: string = 'CaptureError';
  readonly code = 'CAPTURE_INVALID';
}

/** Link-layer header types. */
export const LinkType = {
  Null: 0,
  Ethernet: 1,
  Raw: 101,
  LinuxCooked: 113,
  Loop: 108,
  Ipv4: 228,
  Ipv6: 229,
  LinuxCooked2: 276,
} as const;

/** The start of a file: a section with one interface of raw IP packets, and times in nanoseconds. */
export function encodeFileHeader(): Uint8Array {
  const section = Buffer.alloc(28);
  section.writeUInt32LE(SECTION_HEADER, 0);
  section.writeUInt32LE(28, 4);
  section.writeUInt32LE(BYTE_ORDER_MAGIC, 8);
  section.writeUInt16LE(1, 12);
  section.writeBigInt64LE(-1n, 16);
  section.writeUInt32LE(28, 24);
  const description = Buffer.alloc(32);
  description.writeUInt32LE(INTERFACE_DESCRIPTION, 0);
  description.writeUInt32LE(32, 4);
  description.writeUInt16LE(LinkType.Raw, 8);
  // if_tsresol: 10^-9 seconds.
  description.writeUInt16LE(9, 16);
  description.writeUInt16LE(1, 18);
  description.writeUInt8(9, 20);
  description.writeUInt32LE(32, 28);
  return Buffer.concat([section, description]);
}

/** Encodes a packet as a block. Wireshark shows the comment. */
export function encodePacket({ time, data }: Pick<CapturedPacket, 'time' | 'data'>, comment?: string): Uint8Array {
  const text = Buffer.from(comment ?? '');
  const options = text.length > 0 ? 4 + padded(text.length) + 4 : 0;
  const length = 32 + padded(data.length) + options;
  const block = Buffer.alloc(length);
  const nanoseconds = BigInt(Math.round(time * 1e6));
  block.writeUInt32LE(ENHANCED_PACKET, 0);
  block.writeUInt32LE(length, 4);
  block.writeUInt32LE(Number(nanoseconds >> 32n), 12);
  block.writeUInt32LE(Number(nanoseconds & 0xffffffffn), 16);
  block.writeUInt32LE(data.length, 20);
  block.writeUInt32LE(data.length, 24);
  block.set(data, 28);
  if (options > 0) {
    const at = 28 + padded(data.length);
    block.writeUInt16LE(1, at);
    block.writeUInt16LE(text.length, at + 2);
    block.set(text, at + 4);
  }
  block.writeUInt32LE(length, length - 4);
  return block;
}

/**
 * Reads the packets of a capture file, pcapng or the older pcap. Packets that were truncated by the capture stay
 * truncated.
 * @throws CaptureError if the bytes are not in either format.
 */
export async function* readPackets(file: AsyncIterable<Uint8Array>): AsyncGenerator<CapturedPacket> {
  const input = new Input(file);
  const magic = await input.take(4);
  if (!magic) return;
  const number = magic.readUInt32LE(0);
  if (number === SECTION_HEADER) yield* readBlocks(input);
  else if (PCAP_MAGICS.has(number) || PCAP_MAGICS.has(magic.readUInt32BE(0))) yield* readPcap(input, magic);
  else throw new CaptureError('this is not a capture: it is not pcapng, pcap or PDUs');
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LARGEST_BLOCK = 64 * 1024 * 1024;
/** The magic numbers for microseconds and for nanoseconds. */
const PCAP_MAGICS: ReadonlySet<number> = new Set([0xa1b2c3d4, 0xa1b23c4d]);

interface Interface {
  readonly linkType: number;
  /** Units of time stamps per second. */
  readonly resolution: number;
}

async function* readBlocks(input: Input): AsyncGenerator<CapturedPacket> {
  let littleEndian = true;
  let interfaces: Interface[] = [];
  // The type of the first block has already been read.
  let type: number | undefined = SECTION_HEADER;
  while (type !== undefined) {
    let head = await input.expect(4);
    if (type === SECTION_HEADER) {
      const magic = await input.expect(4);
      littleEndian = magic.readUInt32LE(0) === BYTE_ORDER_MAGIC;
      if (!littleEndian && magic.readUInt32BE(0) !== BYTE_ORDER_MAGIC)
        throw new CaptureError('the section has no byte order');
      interfaces = [];
      head = Buffer.concat([head, magic]);
    }
    const length = littleEndian ? head.readUInt32LE(0) : head.readUInt32BE(0);
    const read = head.length + 4;
    if (length < read + 4 || length > LARGEST_BLOCK || length % 4 !== 0)
      throw new CaptureError(`a block of ${length} bytes`);
    const body = await input.expect(length - read);
    const view = new DataView(body.buffer, body.byteOffset, body.length - 4);
    if (type === INTERFACE_DESCRIPTION) interfaces.push(interfaceOf(view, littleEndian));
    const packet =
      type === ENHANCED_PACKET
        ? enhancedPacket(view, littleEndian, interfaces)
        : type === SIMPLE_PACKET
          ? simplePacket(view, littleEndian, interfaces)
          : undefined;
    if (packet) yield packet;
    const next = await input.take(4);
    type = next && (littleEndian ? next.readUInt32LE(0) : next.readUInt32BE(0));
  }
}

function interfaceOf(view: DataView, littleEndian: boolean): Interface {
  if (view.byteLength < 8) throw new CaptureError('an interface description is cut short');
  let resolution = 1e6;
  for (let at = 8; at + 4 <= view.byteLength; ) {
    const [code, length] = [view.getUint16(at, littleEndian), view.getUint16(at + 2, littleEndian)];
    if (code === 0) break;
    if (code === 9 && length === 1 && at + 5 <= view.byteLength) {
      const value = view.getUint8(at + 4);
      resolution = value & 0x80 ? 2 ** (value & 0x7f) : 10 ** value;
    }
    at += 4 + padded(length);
  }
  return { linkType: view.getUint16(0, littleEndian), resolution };
}

function enhancedPacket(view: DataView, littleEndian: boolean, interfaces: readonly Interface[]): CapturedPacket {
  if (view.byteLength < 20) throw new CaptureError('a packet is cut short');
  const from = interfaces[view.getUint32(0, littleEndian)];
  if (!from) throw new CaptureError('a packet is from an interface that was not described');
  const units = view.getUint32(4, littleEndian) * 0x1_0000_0000 + view.getUint32(8, littleEndian);
  const length = view.getUint32(12, littleEndian);
  if (20 + length > view.byteLength) throw new CaptureError('a packet is longer than its block');
  return { time: (units / from.resolution) * 1000, linkType: from.linkType, data: bytesOf(view, 20, length) };
}

function simplePacket(view: DataView, littleEndian: boolean, [from]: readonly Interface[]): CapturedPacket {
  if (!from || view.byteLength < 4) throw new CaptureError('a packet is from an interface that was not described');
  const length = Math.min(view.getUint32(0, littleEndian), view.byteLength - 4);
  return { time: 0, linkType: from.linkType, data: bytesOf(view, 4, length) };
}

async function* readPcap(input: Input, magic: Buffer): AsyncGenerator<CapturedPacket> {
  const littleEndian = PCAP_MAGICS.has(magic.readUInt32LE(0));
  const nanoseconds = (littleEndian ? magic.readUInt32LE(0) : magic.readUInt32BE(0)) === 0xa1b23c4d;
  const number = (bytes: Buffer, at: number) => (littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const header = await input.expect(20);
  const linkType = number(header, 16) & 0xffff;
  for (let record = await input.take(16); record; record = await input.take(16)) {
    const length = number(record, 8);
    if (length > LARGEST_BLOCK) throw new CaptureError(`a packet of ${length} bytes`);
    const time = number(record, 0) * 1000 + number(record, 4) / (nanoseconds ? 1e6 : 1e3);
    yield { time, linkType, data: await input.expect(length) };
  }
}

function bytesOf(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

/** Rounds a length up to a multiple of four. */
function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Reads a stream of chunks of any size by numbers of bytes. */
class Input {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array[] = [];
  #length = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next `count` bytes; undefined at the end. @throws CaptureError if fewer bytes are left. */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.#length < count) {
      const { done, value } = await this.#chunks.next();
      if (done) break;
      this.#held.push(value);
      this.#length += value.length;
    }
    if (this.#length === 0 && count > 0) return undefined;
    if (this.#length < count) throw new CaptureError('the file is cut short');
    const all = this.#held.length === 1 ? (this.#held[0] as Uint8Array) : Buffer.concat(this.#held);
    this.#held = all.length > count ? [all.subarray(count)] : [];
    this.#length -= count;
    return Buffer.from(all.buffer, all.byteOffset, count);
  }

  async expect(count: number): Promise<Buffer> {
    const bytes = await this.take(count);
    if (!bytes) throw new CaptureError('the file is cut short');
    return bytes;
  }
}
