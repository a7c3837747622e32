// The data of a request in the transfer syntax of the presentation context that carries it.

import type { DataSource } from '@x/net';
import { DataSetError } from '../data-set/data-set-error.ts';
import { reencode } from '../data-set/reencode.ts';

/** The same data if the transfer syntaxes are the same, else a stream of re-encoded data. */
export function convertedData(data: DataSource, from: string | undefined, to: string): DataSource {
  return from === undefined || from === to ? data : reencode(chunksOfSource(data), from, to);
}

/** The data of any source as chunks. */
export async function* chunksOfSource(data: DataSource): AsyncGenerator<Uint8Array, void, undefined> {
  if (data instanceof Uint8Array) yield data;
  else if (!('readv' in data)) yield* data;
  else {
    for (let at = 0; at < data.length; ) {
      const block = Buffer.allocUnsafe(Math.min(BLOCK_LENGTH, data.length - at));
      const length = await data.readv([block], at);
      if (length === 0) throw new DataSetError(`is cut short: ${at} of ${data.length} bytes could be read`);
      yield block.subarray(0, length);
      at += length;
    }
  }
}

const BLOCK_LENGTH = 256 * 1024;
