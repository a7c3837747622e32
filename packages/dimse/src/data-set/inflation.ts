// Inflates deflated data sets (PS3.5 §A.5). A zlib wrapper (RFC 1950) is tolerated: see `leniency.ts`.

import type { Inflate, InflateRaw, ZlibOptions } from 'node:zlib';
import { lazily } from '@x/pdu/internal';
import { util, zlib } from '../node-modules.ts';
import { DataSetError } from './data-set-error.ts';

/** The number of bytes at the beginning that tell whether there is a wrapper. */
export const WRAPPER_LENGTH = 2;

/**
 * Whether deflated bytes begin with a zlib wrapper. A stream without wrapper begins with such bytes only if it has a
 * stored block whose padding bits are not zero, which is not written by known software.
 */
export function hasZlibWrapper([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x8f) === 0x08 && (second & 0x20) === 0 && (first * 0x100 + second) % 31 === 0;
}

/** A stream that inflates bytes which begin like these. */
export function createInflateFor(beginning: Uint8Array): Inflate | InflateRaw {
  return hasZlibWrapper(beginning) ? zlib().createInflate() : zlib().createInflateRaw();
}

/** Inflates a whole data set. @throws DataSetError. */
export function inflated(bytes: Uint8Array, maximumLength: number, options: ZlibOptions = {}): Uint8Array {
  const inflating = hasZlibWrapper(bytes) ? zlib().inflateSync : zlib().inflateRawSync;
  try {
    return inflating(bytes, { ...options, maxOutputLength: maximumLength });
  } catch (cause) {
    throw notInflated(cause, maximumLength);
  }
}

/** Inflates a whole data set in another thread. @throws DataSetError. */
export async function inflatedInThread(bytes: Uint8Array, maximumLength: number): Promise<Uint8Array> {
  const inflating = hasZlibWrapper(bytes) ? inflateInThread() : inflateRawInThread();
  try {
    return await inflating(bytes, {
      maxOutputLength: maximumLength,
      chunkSize: INFLATED_CHUNK,
    });
  } catch (cause) {
    throw notInflated(cause, maximumLength);
  }
}

type Inflating = (bytes: Uint8Array, options: ZlibOptions) => Promise<Uint8Array>;

const INFLATED_CHUNK = 256 * 1024;
const inflateInThread = lazily<Inflating>(() => util().promisify(zlib().inflate));
const inflateRawInThread = lazily<Inflating>(() => util().promisify(zlib().inflateRaw));

function notInflated(cause: unknown, maximumLength: number): DataSetError {
  if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
    return new DataSetError(`the data set cannot be inflated: it has more than ${maximumLength} bytes`, {
      limit: 'maximumInflatedLength',
      cause,
    });
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DataSetError(`the data set cannot be inflated: ${why}`, { cause });
}
