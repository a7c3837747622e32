// The PROXY protocol, versions 1 and 2: how a load balancer says who is behind a connection that it made.

import type { Duplex } from 'node:stream';
import { TimeoutError } from '../errors.ts';
import { startTimer } from '../timeouts.ts';

/** Who is behind a connection. */
export interface ProxiedPeer {
  readonly address: string;
  readonly port: number;
}

/** What a header says. `peer` is absent where the proxy speaks for itself: a health check. */
export interface ProxyHeader {
  readonly peer?: ProxiedPeer;
  /** Bytes of the header; what follows them is the connection's own. */
  readonly length: number;
}

/** A trusted proxy sent something that is no PROXY protocol header. */
export class ProxyProtocolError extends Error {
  override readonly name = 'ProxyProtocolError';
}

/**
 * The header at the beginning of the bytes, or undefined while it is not whole.
 * @throws ProxyProtocolError as soon as the bytes cannot be the beginning of one.
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  if (startsAlike(bytes, SIGNATURE)) return bytes.length < V2_HEADER_LENGTH ? undefined : parseVersion2(bytes);
  if (startsAlike(bytes, PREFIX)) return parseVersion1(bytes);
  throw new ProxyProtocolError('a PROXY protocol header is due, and something else came');
}

/**
 * Takes the header off a socket that nobody has read from; what follows it stays there to be read.
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
    // Nothing came: whoever it was had nothing to say.
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

/** Whether they are the same as far as both go. */
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
  const isAddress = family === 'TCP4' ? /^[\d.]{7,15}$/ : /^[\da-fA-F:.]{2,45}$/;
  if (
    !/^TCP[46]$/.test(family ?? '') ||
    !isAddress.test(address ?? '') ||
    !/^\d{1,5}$/.test(port ?? '') ||
    number > 65535
  )
    throw new ProxyProtocolError('the PROXY protocol line does not name who is behind it');
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
  // The longest run of zeros is left out, as RFC 5952 writes addresses.
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
