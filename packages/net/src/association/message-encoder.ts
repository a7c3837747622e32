// Encodes a message as P-DATA-TF PDUs, in batches of bounded size (PS3.8 Annexes E and F).

import { fragment, type PDataTf, type Pdu, PduDecoder } from '@x/pdu';
import { fragmentCapacity, P_DATA_HEADER_LENGTH, writePDataHeader } from '@x/pdu/internal';

/**
 * Bytes that can be read at any position, like those of a file: the fastest way to send a data set. `FileHandle` has a
 * suitable `readv`.
 */
export interface PositionedSource {
  /** Total number of bytes. */
  readonly length: number;
  /** Fills the buffers with the bytes from a position on. Settles with the number of bytes read, which may be fewer. */
  readv(buffers: readonly Uint8Array[], position: number): Promise<number>;
}

/** The source of the bytes of a data set. Only a Uint8Array is held in memory as a whole. */
export type DataSource = Uint8Array | AsyncIterable<Uint8Array> | PositionedSource;

/** A DIMSE message as it is sent: the encoded command set, followed by the data set if it has one. */
export interface OutgoingMessage {
  /** The encoded command set (PS3.7 §6.3), not empty. */
  readonly command: Uint8Array;
  /** The encoded data set. Absent if the message has none. */
  readonly data?: DataSource;
}

/** Whether the whole message is in memory, so that encoding does not wait for a source. */
export function isInMemory({ data }: OutgoingMessage): boolean {
  return data === undefined || data instanceof Uint8Array;
}

/** Some of the PDUs of a message, encoded. */
export interface Batch {
  readonly buffers: readonly Uint8Array[];
  /** The same PDUs as values, for listeners of 'pdu'. */
  describe(): Iterable<Pdu>;
  /** To be called when the transport has taken the buffers, which may then be filled again. */
  sent(): void;
}

/** Blocks for reuse: one is filled while a second is being sent and a third waits. */
export class BlockPool {
  readonly #blocks: Uint8Array[] = [];
  readonly #canReuse: boolean;

  /** `canReuse` tells whether a block that was sent may be filled again. */
  constructor(canReuse: boolean) {
    this.#canReuse = canReuse;
  }

  take(length: number): Uint8Array {
    if (length > SMALLEST_POOLED || !this.#canReuse) {
      const index = this.#blocks.findIndex((block) => block.length >= length);
      if (index >= 0) return this.#blocks.splice(index, 1)[0] as Uint8Array;
    }
    return Buffer.allocUnsafeSlow(this.#canReuse && length > SMALLEST_POOLED ? Math.max(length, BLOCK_LENGTH) : length);
  }

  giveBack(block: Uint8Array): void {
    if (this.#canReuse && block.length >= BLOCK_LENGTH && this.#blocks.length < 3) this.#blocks.push(block);
  }
}

/**
 * Cuts a message into PDUs of at most the peer's maximum length, one batch at a time; the caller requests the next
 * batch while the previous one is being sent. The first batch holds the command and the beginning of the data: if the
 * source fails at once, nothing has been sent.
 */
export async function* encodeMessage(
  contextId: number,
  { command, data }: OutgoingMessage,
  peerMaximumLength: number,
  pool: BlockPool,
): AsyncGenerator<Batch, void, undefined> {
  const commands = encodeWhole(contextId, 'command', command, peerMaximumLength);
  if (data === undefined) yield batchOf(commands);
  else if (data instanceof Uint8Array) {
    const whole = encodeAtOnce(contextId, { command, data }, peerMaximumLength);
    if (whole) yield batchOf(whole);
    else yield* encodeBytes(contextId, commands, data, peerMaximumLength);
  } else if (Symbol.asyncIterator in data) yield* encodeStream(contextId, commands, data, peerMaximumLength);
  else yield* encodePositioned(contextId, commands, data, peerMaximumLength, pool);
}

/** The buffers of a message that is in memory and takes one batch; undefined for others. */
export function encodeAtOnce(
  contextId: number,
  { command, data }: OutgoingMessage,
  peerMaximumLength: number,
): readonly Uint8Array[] | undefined {
  if (data !== undefined && !(data instanceof Uint8Array)) return undefined;
  const capacity = fragmentCapacity(peerMaximumLength);
  const length = data?.length ?? 0;
  if (length < SMALL_MESSAGE && length <= capacity && command.length <= capacity)
    return [encodeSmall(contextId, command, data)];
  const fragments = Math.ceil(command.length / capacity) + Math.ceil(length / capacity);
  if (2 * fragments > buffersPerBatch(peerMaximumLength)) return undefined;
  const commands = encodeWhole(contextId, 'command', command, peerMaximumLength);
  if (data === undefined) return commands;
  const buffers = [...commands, ...encodeWhole(contextId, 'data', data, peerMaximumLength)];
  return length < SMALL_MESSAGE ? [Buffer.concat(buffers)] : buffers;
}

/** A command and data that take one PDU each, in one buffer. */
function encodeSmall(contextId: number, command: Uint8Array, data: Uint8Array | undefined): Uint8Array {
  const end = P_DATA_HEADER_LENGTH + command.length;
  const bytes = Buffer.allocUnsafe(end + (data ? P_DATA_HEADER_LENGTH + data.length : 0));
  writePDataHeader(bytes, 0, { contextId, kind: 'command', last: true, length: command.length });
  bytes.set(command, P_DATA_HEADER_LENGTH);
  if (!data) return bytes;
  writePDataHeader(bytes, end, { contextId, kind: 'data', last: true, length: data.length });
  bytes.set(data, end + P_DATA_HEADER_LENGTH);
  return bytes;
}

/**
 * Bytes of a block that is filled and sent at once: 1 MiB of PDUs of a usual length, with the headers that come on top of their
 * maximum length and with a command. Without room for these, one PDU less would fit.
 */
const BLOCK_LENGTH = 1024 * 1024 + 1024;
/** Bytes of a stream that are sent at once. */
const STREAM_BATCH_LENGTH = 512 * 1024;
/** Bytes of a batch at most. */
export const LARGEST_WRITE = 4 * 1024 * 1024;
const SMALLEST_POOLED = 64 * 1024;
// Below this, one copied buffer is cheaper to write than a list of them.
const SMALL_MESSAGE = 32 * 1024;

function encodeWhole(
  contextId: number,
  kind: 'command' | 'data',
  bytes: Uint8Array,
  peerMaximumLength: number,
): Uint8Array[] {
  const buffers: Uint8Array[] = [];
  for (const { values } of fragment(contextId, kind, bytes, peerMaximumLength))
    for (const { last, fragments } of values) {
      const length = (fragments[0] as Uint8Array).length;
      buffers.push(header({ contextId, kind, last, length }), ...fragments);
    }
  return buffers;
}

function* encodeBytes(
  contextId: number,
  commands: readonly Uint8Array[],
  data: Uint8Array,
  peerMaximumLength: number,
): Generator<Batch> {
  // Command and data could share a PDU. It would save six bytes and not a system call, and was measured to be slower.
  const buffers = [...commands, ...encodeWhole(contextId, 'data', data, peerMaximumLength)];
  const perBatch = buffersPerBatch(peerMaximumLength);
  for (let start = 0; start < buffers.length; start += perBatch) yield batchOf(buffers.slice(start, start + perBatch));
}

/** Header and fragment take two buffers. Bytes in memory are the fastest in a few large writes. */
function buffersPerBatch(peerMaximumLength: number): number {
  return 2 * Math.max(1, Math.floor(LARGEST_WRITE / fragmentCapacity(peerMaximumLength)));
}

async function* encodeStream(
  contextId: number,
  commands: readonly Uint8Array[],
  data: AsyncIterable<Uint8Array>,
  peerMaximumLength: number,
): AsyncGenerator<Batch> {
  const capacity = fragmentCapacity(peerMaximumLength);
  let buffers = [...commands];
  let batchLength = 0;
  // Held back until it is known whether more bytes follow, because the last fragment is marked.
  let held: Uint8Array[] = [];
  let heldLength = 0;
  const flush = (last: boolean) => {
    buffers.push(header({ contextId, kind: 'data', last, length: heldLength }), ...held);
    batchLength += heldLength + P_DATA_HEADER_LENGTH;
    held = [];
    heldLength = 0;
  };
  for await (const chunk of data) {
    let start = 0;
    while (start < chunk.length) {
      if (heldLength === capacity) flush(false);
      const end = Math.min(chunk.length, start + capacity - heldLength);
      held.push(chunk.subarray(start, end));
      heldLength += end - start;
      start = end;
      if (batchLength >= STREAM_BATCH_LENGTH) {
        yield batchOf(buffers);
        buffers = [];
        batchLength = 0;
      }
    }
  }
  flush(true);
  yield batchOf(buffers);
}

async function* encodePositioned(
  contextId: number,
  commands: readonly Uint8Array[],
  source: PositionedSource,
  peerMaximumLength: number,
  pool: BlockPool,
): AsyncGenerator<Batch> {
  const capacity = fragmentCapacity(peerMaximumLength);
  const stride = capacity + P_DATA_HEADER_LENGTH;
  const perBlock = Math.max(1, Math.floor(BLOCK_LENGTH / stride));
  const count = Math.max(1, Math.ceil(source.length / capacity));
  const prefix = Buffer.concat(commands);

  const fill = async (first: number): Promise<{ readonly block: Uint8Array; readonly used: Uint8Array }> => {
    const end = Math.min(first + perBlock, count);
    const start = first === 0 ? prefix.length : 0;
    const bytes = Math.min(end * capacity, source.length) - first * capacity;
    const length = start + (end - first) * P_DATA_HEADER_LENGTH + bytes;
    const block = pool.take(length);
    if (first === 0) block.set(prefix);
    const gaps: Uint8Array[] = [];
    for (let index = first, at = start; index < end; index++, at += stride) {
      const size = Math.min(capacity, source.length - index * capacity);
      writePDataHeader(block, at, { contextId, kind: 'data', last: index === count - 1, length: size });
      gaps.push(block.subarray(at + P_DATA_HEADER_LENGTH, at + P_DATA_HEADER_LENGTH + size));
    }
    await readFully(source, gaps, first * capacity, bytes);
    return { block, used: block.subarray(0, length) };
  };

  let filled = fill(0);
  for (let first = 0; first < count; first += perBlock) {
    const { block, used } = await filled;
    if (first + perBlock < count) {
      filled = fill(first + perBlock);
      // Avoids an unhandled rejection until it is awaited in the next iteration.
      filled.catch(() => {});
    }
    yield batchOf([used], () => pool.giveBack(block));
  }
}

async function readFully(
  source: PositionedSource,
  gaps: readonly Uint8Array[],
  position: number,
  length: number,
): Promise<void> {
  let left = [...gaps];
  let done = 0;
  while (done < length) {
    const read = await source.readv(left, position + done);
    if (read === 0)
      throw new RangeError(`the source ended at byte ${position + done} of the ${source.length} it declared`);
    done += read;
    left = advance(left, read);
  }
}

function advance(buffers: readonly Uint8Array[], read: number): Uint8Array[] {
  let skip = read;
  let index = 0;
  while (index < buffers.length && skip >= (buffers[index] as Uint8Array).length)
    skip -= (buffers[index++] as Uint8Array).length;
  const rest = buffers.slice(index);
  if (skip > 0 && rest[0]) rest[0] = rest[0].subarray(skip);
  return rest;
}

function header(value: { contextId: number; kind: 'command' | 'data'; last: boolean; length: number }): Uint8Array {
  const bytes = new Uint8Array(P_DATA_HEADER_LENGTH);
  writePDataHeader(bytes, 0, value);
  return bytes;
}

function batchOf(buffers: readonly Uint8Array[], sent: () => void = () => {}): Batch {
  return { buffers, describe: () => decodeBatch(buffers), sent };
}

export function* decodeBatch(buffers: readonly Uint8Array[]): Iterable<PDataTf> {
  const decoder = new PduDecoder({ maxLength: 0xffffffff });
  for (const buffer of buffers) for (const pdu of decoder.push(buffer)) yield pdu as PDataTf;
}
