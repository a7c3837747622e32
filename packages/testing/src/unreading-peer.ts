// The tools of tests for peers that write and do not read.

import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** The control headers of fragments that are the last ones of their command or data set (PS3.8 Annex E). */
export const LAST_COMMAND = 3;
export const LAST_DATA = 2;

/** One P-DATA-TF PDU with one fragment (PS3.8 §9.3.5). */
export function pDataPdu(bytes: Uint8Array, controlHeader: number, contextId = 1): Buffer {
  const header = Buffer.from([4, 0, 0, 0, 0, 0, 0, 0, 0, 0, contextId, controlHeader]);
  header.writeUInt32BE(bytes.length + 6, 2);
  header.writeUInt32BE(bytes.length + 2, 6);
  return Buffer.concat([header, bytes]);
}

/**
 * Writes the same bytes again and again until nothing moves for 200 turns of the event loop, or `most` bytes are written.
 * Returns the number of bytes that the transport took.
 * @param progress A number that changes as long as the other end works.
 */
export async function flood(
  transport: Duplex,
  bytes: Uint8Array,
  most: number,
  progress: () => number,
): Promise<number> {
  let written = 0;
  for (let calm = 0, before = -1; calm < 200; ) {
    if (transport.writable && transport.writableLength < bytes.length && written < most) {
      transport.write(bytes);
      written += bytes.length;
    }
    await nextTurn();
    const now = progress() - transport.writableLength + written;
    calm = now === before ? calm + 1 : 0;
    before = now;
  }
  return written - transport.writableLength;
}
