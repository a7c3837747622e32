// P-DATA-TF: PS3.8 §9.3.5 and Annex E. Written by hand for speed: every byte of every image passes through here.

import { PduError } from './errors.ts';
import { readUint32 } from './items.ts';

/** Carries message fragments (PS3.8 §9.3.5). */
export interface PDataTf {
  readonly type: 'P-DATA-TF';
  /** At least one. */
  readonly values: readonly PresentationDataValue[];
}

/** A Presentation Data Value: a fragment of a message (PS3.8 Annex E.2). */
export interface PresentationDataValue {
  /** The id of the accepted presentation context. */
  readonly contextId: number;
  /** Whether the fragment belongs to a command set or to a data set. */
  readonly kind: 'command' | 'data';
  /** Whether it is the last fragment of the command or of the data set. */
  readonly last: boolean;
  /**
   * The fragment's bytes: consecutive views, several if it arrived in several chunks. They are not copied when received
   * or sent; they belong to the owner of the chunk.
   */
  readonly fragments: readonly Uint8Array[];
}

/** Bytes in front of the fragment of a P-DATA-TF PDU with one value: PDU header, value length, context ID, control header. */
export const P_DATA_HEADER_LENGTH = 12;

/** Bytes of a PDU's length that are not available to the fragment: value length, context ID, control header. */
export const PDV_OVERHEAD = 6;

/**
 * Most presentation data values in one PDU: a bound, because each value costs more memory and time than its bytes. The values
 * of one PDU are taken without a turn of the event loop.
 */
export const MAXIMUM_VALUES = 4096;

/** Longest PDU that is sent if the peer's maximum length is unlimited (0) or larger: 1 MiB. */
export const LARGEST_FRAGMENTING_LENGTH = 1024 * 1024;

/**
 * The number of fragment bytes that fit in a PDU of the peer's maximum length; 0 means unlimited and is treated as 1 MiB.
 * The number is even, because some peers reject fragments of odd length.
 * @throws RangeError if the maximum leaves no room for two bytes.
 */
export function fragmentCapacity(maximumLength: number): number {
  const length = maximumLength === 0 ? LARGEST_FRAGMENTING_LENGTH : Math.min(maximumLength, LARGEST_FRAGMENTING_LENGTH);
  const capacity = (length - PDV_OVERHEAD) & ~1;
  if (capacity < 2) throw new RangeError(`a maximum length of ${maximumLength} bytes leaves no room for a fragment`);
  return capacity;
}

/** Splits a command or data set into PDUs of at most the peer's maximum length; the fragments are views. */
export function* fragment(
  contextId: number,
  kind: 'command' | 'data',
  bytes: Uint8Array,
  maximumLength: number,
): Iterable<PDataTf> {
  const capacity = fragmentCapacity(maximumLength);
  let start = 0;
  do {
    const end = Math.min(start + capacity, bytes.length);
    const last = end === bytes.length;
    yield { type: 'P-DATA-TF', values: [{ contextId, kind, last, fragments: [bytes.subarray(start, end)] }] };
    start = end;
  } while (start < bytes.length);
}

/** Writes the 12 bytes in front of a fragment of `length` bytes that is alone in its PDU. */
export function writePDataHeader(
  target: Uint8Array,
  offset: number,
  value: {
    readonly contextId: number;
    readonly kind: 'command' | 'data';
    readonly last: boolean;
    readonly length: number;
  },
): void {
  target[offset] = 0x04;
  target[offset + 1] = 0;
  writeUint32(target, offset + 2, value.length + PDV_OVERHEAD);
  writePdvHeader(target, offset + 6, value, value.length);
}

/** The buffers of the PDU in the order to write them: headers, and the fragments themselves. */
export function encodePData({ values }: PDataTf): Uint8Array[] {
  const buffers: Uint8Array[] = [];
  let bodyLength = 0;
  for (const value of values) {
    let length = 0;
    for (const fragment of value.fragments) length += fragment.length;
    // The PDU's header is in front of the first value.
    const header = new Uint8Array(buffers.length === 0 ? P_DATA_HEADER_LENGTH : PDV_OVERHEAD);
    writePdvHeader(header, header.length - PDV_OVERHEAD, value, length);
    bodyLength += length + PDV_OVERHEAD;
    buffers.push(header);
    for (const fragment of value.fragments) buffers.push(fragment);
  }
  const first = buffers[0];
  if (!first) throw new PduError('invalid-parameter-value', 'needs at least one value', ['P-DATA-TF']);
  first[0] = 0x04;
  writeUint32(first, 2, bodyLength);
  return buffers;
}

/**
 * Reads the values from a PDU body that is in one piece: the usual case, which allocates only the values.
 */
export function decodeWholePData(bytes: Uint8Array, start: number, end: number): PDataTf {
  const values: PresentationDataValue[] = [];
  for (let at = start; at < end; ) {
    const length = end - at < PDV_OVERHEAD ? 0 : readUint32(bytes, at);
    // The general reader below finds the fault and throws.
    if (length < 2 || length > end - at - 4 || values.length === MAXIMUM_VALUES)
      return decodePData([bytes.subarray(start, end)]);
    const control = bytes[at + 5] as number;
    const fragment = bytes.subarray(at + PDV_OVERHEAD, at + 4 + length);
    values.push({
      contextId: bytes[at + 4] as number,
      kind: control & COMMAND ? 'command' : 'data',
      last: (control & LAST) !== 0,
      fragments: fragment.length > 0 ? [fragment] : [],
    });
    at += 4 + length;
  }
  return { type: 'P-DATA-TF', values };
}

/** Reads the values from a PDU body in consecutive chunks, without copying the chunks together. */
export function decodePData(chunks: readonly Uint8Array[]): PDataTf {
  const path = ['P-DATA-TF'];
  const values: PresentationDataValue[] = [];
  const body = new Chunks(chunks);
  while (body.left > 0) {
    const offset = body.offset;
    if (body.left < PDV_OVERHEAD)
      throw new PduError(
        'invalid-parameter-value',
        `a presentation data value needs ${PDV_OVERHEAD} bytes, ${body.left} are left`,
        path,
        offset,
      );
    const length = body.uint32();
    if (length < 2 || length > body.left)
      throw new PduError(
        'invalid-parameter-value',
        `a presentation data value declares ${length} bytes, ${length < 2 ? 'it needs 2' : `${body.left} are left`}`,
        path,
        offset,
      );
    if (values.length === MAXIMUM_VALUES)
      throw new PduError(
        'invalid-parameter-value',
        `more than ${MAXIMUM_VALUES} presentation data values`,
        path,
        offset,
      );
    const contextId = body.uint8();
    const control = body.uint8();
    const fragments = body.views(length - 2);
    values.push({
      contextId,
      kind: control & COMMAND ? 'command' : 'data',
      last: (control & LAST) !== 0,
      fragments,
    });
  }
  if (values.length === 0) throw new PduError('invalid-parameter-value', 'has no presentation data value', path, 0);
  return { type: 'P-DATA-TF', values };
}

// PS3.8 Annex E.2: the message control header.
const COMMAND = 0x01;
const LAST = 0x02;

function writePdvHeader(
  target: Uint8Array,
  offset: number,
  value: Pick<PresentationDataValue, 'contextId' | 'kind' | 'last'>,
  length: number,
): void {
  writeUint32(target, offset, length + 2);
  target[offset + 4] = value.contextId;
  target[offset + 5] = (value.kind === 'command' ? COMMAND : 0) | (value.last ? LAST : 0);
}

function writeUint32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
}

/** A reader over consecutive chunks that returns views. */
class Chunks {
  readonly #chunks: readonly Uint8Array[];
  #index = 0;
  #at = 0;
  /** Bytes read. */
  offset = 0;
  /** Bytes not read yet. */
  left: number;

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = chunks;
    this.left = chunks.reduce((sum, { length }) => sum + length, 0);
  }

  uint8(): number {
    let chunk = this.#chunks[this.#index] as Uint8Array;
    while (this.#at === chunk.length) {
      chunk = this.#chunks[++this.#index] as Uint8Array;
      this.#at = 0;
    }
    this.offset++;
    this.left--;
    return chunk[this.#at++] as number;
  }

  uint32(): number {
    return readUint32(Uint8Array.of(this.uint8(), this.uint8(), this.uint8(), this.uint8()), 0);
  }

  views(length: number): Uint8Array[] {
    const views: Uint8Array[] = [];
    this.offset += length;
    this.left -= length;
    while (length > 0) {
      const chunk = this.#chunks[this.#index] as Uint8Array;
      const size = Math.min(length, chunk.length - this.#at);
      if (size > 0) views.push(chunk.subarray(this.#at, this.#at + size));
      length -= size;
      this.#at += size;
      if (this.#at === chunk.length && this.#index < this.#chunks.length - 1) {
        this.#index++;
        this.#at = 0;
      }
    }
    return views;
  }
}
