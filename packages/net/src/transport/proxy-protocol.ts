// The PROXY protocol, versions 1 and 2: a load balancer names the peer behind a connection that it makes.

import type { Duplex } from 'node:stream';
import { CodedError } from '@x/pdu/internal';
import { TimeoutError } from '../errors.ts';
import { net } from '../node-modules.ts';
import { startTimer } from '../timeouts.ts';

/** The peer behind a connection of a proxy. */
export interface ProxiedPeer {
  /** IP address. */
  readonly address: string;
  /** TCP port. */
  readonly port: number;
}

/** The content of a header. `peer` is absent if the proxy connects for itself, as in a health check. */
export interface ProxyHeader {
  readonly peer?: ProxiedPeer;
  /** Length of the header in bytes. The data of the connection follows. */
  readonly length: number;
}

/** A trusted proxy sent bytes that are not a PROXY protocol header. */
export class ProxyProtocolError extends CodedError {
  static override readonly name: string = 'ProxyProtocolError';
  readonly code = 'PROXY_HEADER_INVALID';
}

/**
 * Parses the header at the start of the bytes. Returns undefined while it is incomplete.
 * @throws ProxyProtocolError as soon as the bytes cannot be the start of a header.
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  if (startsAlike(bytes, SIGNATURE)) return bytes.length < V2_HEADER_LENGTH ? undefined : parseVersion2(bytes);
  if (startsAlike(bytes, PREFIX)) return parseVersion1(bytes);
  throw new ProxyProtocolError('expected a PROXY protocol header, but received other bytes');
}

/**
 * Reads the header from a stream of which nothing has been read. The bytes after the header stay in the stream.
 * Resolves to undefined if the stream closes without any bytes.
 * @throws ProxyProtocolError; TimeoutError 'proxy'; the socket's error.
 */
export function readProxyHeader(stream: Duplex, timeout: number): Promise<ProxyHeader | undefined> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const settle = (header: ProxyHeader | undefined, error?: Error) => {
      stop();
      stream.removeListener('readable', read);
      stream.removeListener('error', failed);
      stream.removeListener('close', closed);
      stream.removeListener('end', closed);
      if (error) {
        reject(error);
        return;
      }
      if (header && bytes.length > header.length) stream.unshift(bytes.subarray(header.length));
      resolve(header);
    };
    const read = () => {
      const chunk: Buffer | null = stream.read();
      if (chunk === null) return;
      bytes = Buffer.concat([bytes, chunk]);
      try {
        const header = parseProxyHeader(bytes);
        if (header) settle(header);
      } catch (error) {
        settle(undefined, error as Error);
      }
    };
    const stop = startTimer(timeout, () =>
      settle(undefined, new TimeoutError('proxy', timeout, 'no PROXY protocol header came')),
    );
    const failed = (error: Error) => settle(undefined, error);
    // A peer that closes without sending data is treated as a health check.
    const closed = () =>
      settle(
        undefined,
        bytes.length > 0 ? new ProxyProtocolError('the PROXY protocol header is cut short') : undefined,
      );
    stream.on('readable', read);
    stream.once('error', failed);
    stream.once('close', closed);
    stream.once('end', closed);
  });
}

const PREFIX = Buffer.from('PROXY ');
const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const V1_LARGEST_LENGTH = 107;
const V2_HEADER_LENGTH = 16;
// Addresses take 36 bytes at most; the rest is extensions.
const V2_LARGEST_LENGTH = 4096;

/** Whether both are equal up to the length of the shorter one. */
function startsAlike(bytes: Uint8Array, beginning: Uint8Array): boolean {
  const length = Math.min(bytes.length, beginning.length);
  for (let index = 0; index < length; index++) if (bytes[index] !== beginning[index]) return false;
  return true;
}

function parseVersion1(bytes: Uint8Array): ProxyHeader | undefined {
  const line = Buffer.from(bytes.subarray(0, V1_LARGEST_LENGTH)).toString('latin1');
  const end = line.indexOf('\r\n');
  if (end < 0) {
    if (bytes.length >= V1_LARGEST_LENGTH || line.includes('\n'))
      throw new ProxyProtocolError('the PROXY protocol line does not end');
    return undefined;
  }
  const length = end + 2;
  const [, family, address, , port] = line.slice(0, end).split(' ');
  if (family === 'UNKNOWN') return { length };
  const number = Number(port);
  const { isIPv4, isIPv6 } = net();
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6;
  if (!/^TCP[46]$/.test(family ?? '') || !isAddress(address ?? '') || !/^\d{1,5}$/.test(port ?? '') || number > 65535)
    throw new ProxyProtocolError('the PROXY protocol line does not name a valid peer');
  return { length, peer: { address: address as string, port: number } };
}

function parseVersion2(bytes: Uint8Array): ProxyHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [versionAndCommand, familyAndProtocol] = [view.getUint8(12), view.getUint8(13)];
  const length = V2_HEADER_LENGTH + view.getUint16(14);
  if (versionAndCommand >> 4 !== 2 || (versionAndCommand & 15) > 1)
    throw new ProxyProtocolError('the PROXY protocol header has an unknown version or command');
  if (length > V2_LARGEST_LENGTH) throw new ProxyProtocolError(`a PROXY protocol header of ${length} bytes`);
  const isLocal = (versionAndCommand & 15) === 0;
  const family = familyAndProtocol >> 4;
  const addressLength = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (!isLocal && addressLength > 0 && length < V2_HEADER_LENGTH + 2 * addressLength + 4)
    throw new ProxyProtocolError('the PROXY protocol header is too short for its addresses');
  if (bytes.length < length) return undefined;
  if (isLocal || addressLength === 0) return { length };
  const source = bytes.subarray(V2_HEADER_LENGTH, V2_HEADER_LENGTH + addressLength);
  const port = view.getUint16(V2_HEADER_LENGTH + 2 * addressLength);
  return { length, peer: { address: addressLength === 4 ? source.join('.') : colonAddress(source), port } };
}

function colonAddress(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] as number) << 8) | (bytes[2 * index + 1] as number)).toString(16),
  );
  // RFC 5952: the longest run of zeros is left out.
  let [start, length] = [-1, 1];
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && groups[end] === '0') end++;
    if (end - at > length) [start, length] = [at, end - at];
    if (end > at) at = end;
  }
  if (start < 0) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}
