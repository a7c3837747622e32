// The bytes of a file as a stream.

import type { PositionedSource } from '@x/net';

/** Blocks of 64 KiB, each of which is a new array. */
export async function* chunksOf(source: PositionedSource): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < source.length; ) {
    // The receiver may keep a chunk for a while.
    const block = new Uint8Array(Math.min(CHUNK, source.length - at));
    const read = await source.readv([block], at);
    if (read === 0) return;
    yield block.subarray(0, read);
    at += read;
  }
}

const CHUNK = 64 * 1024;
