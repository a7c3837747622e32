// Encodes bytes of a connection as TCP/IP packets, as capture files contain them, and decodes such packets.

import { isIPv6 } from 'node:net';
import { LinkType } from './pcapng.ts';

/** One end of a connection. */
export interface Endpoint {
  /** IP address. */
  readonly address: string;
  /** TCP port. */
  readonly port: number;
}

/** A TCP segment of a connection. */
export interface Segment {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

export const TcpFlag = { Fin: 1, Syn: 2, Rst: 4, Psh: 8, Ack: 16 } as const;

/** Most bytes of payload in a packet: its length field has 16 bits. */
export const LARGEST_PAYLOAD = 65_000;

/** Encodes the segment as an IP packet with checksums. */
export function encodeSegment(segment: Segment): Uint8Array {
  const { from, to } = segment;
  const isV6 = isIPv6(from.address) || isIPv6(to.address);
  const [source, destination] = [addressBytes(from.address, isV6), addressBytes(to.address, isV6)];
  const tcp = tcpSegment(segment);
  const header = isV6 ? ipv6Header(source, destination, tcp.length) : ipv4Header(source, destination, tcp.length);
  tcp.writeUInt16BE(checksum([source, destination, lengthAndProtocol(tcp.length), tcp]), 16);
  return Buffer.concat([header, tcp]);
}

/** Decodes the TCP segment in a packet; undefined if the packet has no TCP segment. */
export function decodeSegment(linkType: number, packet: Uint8Array): Segment | undefined {
  const ip = ipPacket(linkType, packet);
  if (!ip || ip.length < 20) return undefined;
  const version = (ip[0] as number) >> 4;
  const view = new DataView(ip.buffer, ip.byteOffset, ip.length);
  if (version === 4) {
    const headerLength = ((ip[0] as number) & 15) * 4;
    // Only the first fragment has a TCP header.
    if (ip[9] !== TCP || (view.getUint16(6) & 0x1fff) !== 0) return undefined;
    const end = Math.min(ip.length, view.getUint16(2) || ip.length);
    return tcpOf(ip.subarray(headerLength, end), dotted(ip.subarray(12, 16)), dotted(ip.subarray(16, 20)));
  }
  if (version !== 6 || ip.length < 40 || ip[6] !== TCP) return undefined;
  const end = Math.min(ip.length, 40 + (view.getUint16(4) || ip.length));
  return tcpOf(ip.subarray(40, end), coloned(ip.subarray(8, 24)), coloned(ip.subarray(24, 40)));
}

const TCP = 6;

function tcpSegment({ from, to, sequence, acknowledgement, flags, payload }: Segment): Buffer {
  const tcp = Buffer.alloc(20 + payload.length);
  tcp.writeUInt16BE(from.port, 0);
  tcp.writeUInt16BE(to.port, 2);
  tcp.writeUInt32BE(sequence >>> 0, 4);
  tcp.writeUInt32BE(acknowledgement >>> 0, 8);
  tcp.writeUInt8(5 << 4, 12);
  tcp.writeUInt8(flags, 13);
  tcp.writeUInt16BE(0xffff, 14);
  tcp.set(payload, 20);
  return tcp;
}

function ipv4Header(source: Uint8Array, destination: Uint8Array, length: number): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + length, 2);
  header.writeUInt16BE(0x4000, 6);
  header.writeUInt8(64, 8);
  header.writeUInt8(TCP, 9);
  header.set(source, 12);
  header.set(destination, 16);
  header.writeUInt16BE(checksum([header]), 10);
  return header;
}

function ipv6Header(source: Uint8Array, destination: Uint8Array, length: number): Buffer {
  const header = Buffer.alloc(40);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(length, 4);
  header.writeUInt8(TCP, 6);
  header.writeUInt8(64, 7);
  header.set(source, 8);
  header.set(destination, 24);
  return header;
}

function lengthAndProtocol(length: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(TCP, 4);
  return bytes;
}

/** The checksum of RFC 1071. Each part except the last must have an even length. */
function checksum(parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts)
    for (let at = 0; at < part.length; at += 2) {
      sum += ((part[at] as number) << 8) | (part[at + 1] ?? 0);
      if (sum > 0xffff_0000) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
    }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}

function addressBytes(address: string, isV6: boolean): Uint8Array {
  if (!isIPv6(address)) {
    const dotted = Uint8Array.from(address.split('.').map(Number));
    return isV6 ? Buffer.concat([Buffer.from('00000000000000000000ffff', 'hex'), dotted]) : dotted;
  }
  const [plain = ''] = address.split('%');
  const mixed = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  const hex = (high: string | undefined, low: string | undefined) => ((Number(high) << 8) | Number(low)).toString(16);
  const text = mixed ? `${mixed[1]}${hex(mixed[2], mixed[3])}:${hex(mixed[4], mixed[5])}` : plain;
  const [before = '', after] = text.split('::');
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const [head, tail] = [groups(before), groups(after)];
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length;
  const bytes = Buffer.alloc(16);
  [...head, ...Array<string>(zeros).fill('0'), ...tail].forEach((group, index) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * index);
  });
  return bytes;
}

/** The IP packet within the frame of the link. */
function ipPacket(linkType: number, frame: Uint8Array): Uint8Array | undefined {
  if (linkType === LinkType.Raw || linkType === LinkType.Ipv4 || linkType === LinkType.Ipv6) return frame;
  if (linkType === LinkType.Null || linkType === LinkType.Loop) return frame.subarray(4);
  if (linkType === LinkType.LinuxCooked) return frame.subarray(16);
  if (linkType === LinkType.LinuxCooked2) return frame.subarray(20);
  if (linkType !== LinkType.Ethernet || frame.length < 14) return undefined;
  let at = 12;
  let type = ((frame[at] as number) << 8) | (frame[at + 1] as number);
  // Skips VLAN tags.
  while ((type === 0x8100 || type === 0x88a8) && frame.length >= at + 6) {
    at += 4;
    type = ((frame[at] as number) << 8) | (frame[at + 1] as number);
  }
  return type === 0x0800 || type === 0x86dd ? frame.subarray(at + 2) : undefined;
}

function tcpOf(bytes: Uint8Array, source: string, destination: string): Segment | undefined {
  if (bytes.length < 20) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    from: { address: source, port: view.getUint16(0) },
    to: { address: destination, port: view.getUint16(2) },
    sequence: view.getUint32(4),
    acknowledgement: view.getUint32(8),
    flags: view.getUint8(13),
    payload: bytes.subarray((view.getUint8(12) >> 4) * 4),
  };
}

function dotted(bytes: Uint8Array): string {
  return bytes.join('.');
}

function coloned(bytes: Uint8Array): string {
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2)
    groups.push((((bytes[at] as number) << 8) | (bytes[at + 1] as number)).toString(16));
  return groups.join(':').replace(/(?:^|:)0(?::0)+(?::|$)/, '::');
}
