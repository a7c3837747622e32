// Re-encodes uncompressed data sets as streams: Implicit, Explicit, Big Endian and Deflated (PS3.5 §10.1, Annex A).

import type { Transform } from 'node:stream';
import { aNumber, checkOptions, type OptionRules } from '@x/pdu/internal';
import { stream, zlib } from '../node-modules.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { nextTurn } from '../turns.ts';
import { DataSetError } from './data-set-error.ts';
import { DATA_SET_TRANSFER_SYNTAXES } from './dataset.ts';
import { encodingOf, isUncompressed, type SyntaxEncoding } from './encodings.ts';
import { createInflateFor, WRAPPER_LENGTH } from './inflation.ts';
import { Reencoder } from './reencoder.ts';

/** The bytes of a data set, in memory or as chunks of any size. */
export type DataSetChunks = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Options of `reencode`. */
export interface ReencodeOptions {
  /** The maximum length in bytes of a deflated data set after it is inflated. Default: 1 GiB. */
  readonly maximumInflatedLength?: number;
}

/** Whether `reencode` converts data sets from one transfer syntax to another. */
export function canReencode(from: string, to: string): boolean {
  return isUncompressed(from) && DATA_SET_TRANSFER_SYNTAXES.includes(to);
}

/** The transfer syntaxes in which `reencode` gives a data set, in order of preference. */
export function reencodingTargets(from: string): readonly string[] {
  return isUncompressed(from) ? DATA_SET_TRANSFER_SYNTAXES.filter((to) => to !== from) : [];
}

/**
 * The transfer syntaxes to propose beside that of an uncompressed data set: Implicit VR (PS3.5 §10.1), and Explicit VR, because
 * some peers take nothing else.
 */
export function proposedBeside(from: string): readonly string[] {
  return isUncompressed(from) ? LITTLE_ENDIAN.filter((to) => to !== from) : [];
}

/**
 * Re-encodes a data set in another transfer syntax of the standard without compression. It is never in memory as a whole.
 * Decoding gives the same values on both sides, but for private elements in Implicit VR, whose value representation is not
 * encoded.
 *
 * Sequences and items get undefined lengths, because their length would have to be known before they are written. Group
 * lengths are left out. Elements that are not in the dictionary become UN if they were in Implicit VR. Values of more
 * than 65,534 bytes become UN if their value representation has a length of 16 bits (PS3.5 §6.2.2). UN is copied. Values of odd
 * length are padded. If both transfer syntaxes differ in compression by deflating alone, the bytes are kept.
 * @throws OptionError; DataSetError if the transfer syntaxes cannot be converted, or the data set is malformed or incomplete: then some
 * of it may have been given already.
 */
export async function* reencode(
  data: DataSetChunks,
  from: string,
  to: string,
  options: ReencodeOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  checkOptions(REENCODE_OPTIONS, options);
  if (!canReencode(from, to)) throw new DataSetError(`data sets cannot be re-encoded from ${from} to ${to}`);
  const [source, target] = [encodingOf(from), encodingOf(to)];
  const plain = source.isDeflated ? inflatedChunks(chunksOf(data), options) : chunksOf(data);
  const encoded = isSame(source, target) ? plain : reencoded(plain, source, target);
  yield* target.isDeflated ? deflatedChunks(encoded) : encoded;
}

function isSame(one: SyntaxEncoding, other: SyntaxEncoding): boolean {
  return (
    one.isExplicit === other.isExplicit &&
    one.littleEndian === other.littleEndian &&
    one.hasBigEndianPixelData === other.hasBigEndianPixelData
  );
}

/** Chunks of bounded length, with a turn of the event loop between those of bytes in memory. */
export async function* chunksOf(data: DataSetChunks): AsyncGenerator<Uint8Array, void, undefined> {
  if (!(data instanceof Uint8Array)) {
    for await (const chunk of data)
      if (chunk.length > 0) yield* chunk.length > CHUNK_LENGTH ? chunksOf(chunk) : [chunk];
    return;
  }
  for (let at = 0; at < data.length; at += CHUNK_LENGTH) {
    if (at > 0) await nextTurn();
    yield data.subarray(at, at + CHUNK_LENGTH);
  }
}

async function* reencoded(
  chunks: AsyncIterable<Uint8Array>,
  from: SyntaxEncoding,
  to: SyntaxEncoding,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reencoder = new Reencoder(from, to);
  for await (const chunk of chunks) yield* reencoder.push(chunk);
  yield* reencoder.end();
}

/** Inflates as fast as the result is taken. */
export async function* inflatedChunks(
  chunks: AsyncIterable<Uint8Array>,
  { maximumInflatedLength = MAXIMUM_INFLATED_LENGTH }: ReencodeOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = chunks[Symbol.asyncIterator]();
  let beginning = new Uint8Array(0);
  while (beginning.length < WRAPPER_LENGTH) {
    const { done, value } = await source.next();
    if (done) break;
    beginning = Buffer.concat([beginning, value]);
  }
  let length = 0;
  for await (const chunk of through(resumed(beginning, source), createInflateFor(beginning), 'inflated')) {
    length += chunk.length;
    if (length > maximumInflatedLength)
      throw new DataSetError(`has more than ${maximumInflatedLength} bytes after it is inflated`, {
        limit: 'maximumInflatedLength',
      });
    yield chunk;
  }
}

async function* resumed(beginning: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield beginning;
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}

/** Deflates, and pads the result to an even length (PS3.5 §A.5). */
export async function* deflatedChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let length = 0;
  for await (const chunk of through(chunks, zlib().createDeflateRaw(), 'deflated')) {
    length += chunk.length;
    yield chunk;
  }
  if (length % 2 === 1) yield new Uint8Array(1);
}

async function* through(
  chunks: AsyncIterable<Uint8Array>,
  transform: Transform,
  what: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { pipeline, Readable } = stream();
  let failure: unknown;
  const source = Readable.from(
    (async function* () {
      try {
        yield* chunks;
      } catch (error) {
        failure = error;
        throw error;
      }
    })(),
  );
  pipeline(source, transform, () => {});
  try {
    for await (const chunk of transform) yield chunk as Uint8Array;
  } catch (cause) {
    if (failure !== undefined) throw failure;
    throw new DataSetError(`the data set cannot be ${what}: ${(cause as Error).message}`, { cause });
  }
}

const LITTLE_ENDIAN: readonly string[] = [TransferSyntax.ImplicitVRLittleEndian, TransferSyntax.ExplicitVRLittleEndian];
export const REENCODE_RULES: OptionRules<ReencodeOptions> = { maximumInflatedLength: aNumber };
const REENCODE_OPTIONS = { of: 'reencode', rules: REENCODE_RULES };

const CHUNK_LENGTH = 64 * 1024;
const MAXIMUM_INFLATED_LENGTH = 1024 * 1024 * 1024;
