// From a byte stream to PDUs, however it is chunked: PS3.8 §9.3.1.

import { concatenate, readUint32 } from './items.ts';
import { decodePData, decodeWholePData } from './p-data.ts';
import { checkLength, decodePdu, PDU_HEADER_LENGTH, type Pdu, pduTypeOf } from './pdu.ts';

/** Bounds of what a decoder takes, in bytes of a PDU's length field. */
export interface PduDecoderOptions {
  /** Longest P-DATA-TF PDU, in bytes of its length field: what we announced as our maximum length. Positive. */
  readonly maxLength: number;
  /** Longest A-ASSOCIATE-RQ or -AC PDU, likewise. Default 1 MiB. */
  readonly maxAssociationLength?: number;
}

/**
 * Turns the bytes of one direction of a connection into PDUs. Time is linear in the bytes, and memory is bounded by
 * the longest PDU allowed, however small the chunks are: chunks from 2 KiB on are kept as views, smaller ones are
 * gathered. Lengths are checked when the header is there, before anything is kept.
 */
export class PduDecoder {
  readonly #limits: { readonly data: number; readonly association: number };
  readonly #header = new Uint8Array(PDU_HEADER_LENGTH);
  #headerLength = 0;
  #left = 0;
  #body: Uint8Array[] = [];
  #block = NONE;
  #blockStart = 0;
  #blockEnd = 0;

  /** @throws RangeError when a maximum is not a positive integer. */
  constructor({ maxLength, maxAssociationLength = 1024 * 1024 }: PduDecoderOptions) {
    for (const value of [maxLength, maxAssociationLength])
      if (!Number.isInteger(value) || value <= 0) throw new RangeError(`${value} is not a positive number of bytes`);
    this.#limits = { data: maxLength, association: maxAssociationLength };
  }

  /** Whether bytes of an unfinished PDU have been taken: the stream may not end here. */
  get isInsidePdu(): boolean {
    return this.#headerLength > 0;
  }

  /**
   * Takes a chunk. The PDUs it completes are decoded one by one as the result is iterated, and it must be iterated to
   * its end before the next chunk. The chunk belongs to the decoder from then on: fragments are views into it.
   * @throws PduError from the iteration, where the bytes are not an acceptable PDU. The decoder is of no use after that.
   */
  *push(chunk: Uint8Array): Generator<Pdu, void, undefined> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerLength < PDU_HEADER_LENGTH) {
        at = this.#takeHeader(chunk, at);
        if (this.#headerLength < PDU_HEADER_LENGTH) return;
      }
      const end = Math.min(at + this.#left, chunk.length);
      if (this.#header[0] === P_DATA_TF && end - at === this.#left && this.#isUntouched) {
        this.#headerLength = 0;
        this.#left = 0;
        yield decodeWholePData(chunk, at, end);
        at = end;
        continue;
      }
      this.#take(chunk, at, end);
      at = end;
      if (this.#left === 0) yield this.#finish();
    }
  }

  /** Whether nothing of the PDU's body has come yet. */
  get #isUntouched(): boolean {
    return this.#body.length === 0 && this.#blockStart === this.#blockEnd;
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    while (at < chunk.length && this.#headerLength < PDU_HEADER_LENGTH) {
      this.#header[this.#headerLength++] = chunk[at++] as number;
      // A peer that does not speak DICOM is found out by its first byte.
      if (this.#headerLength === 1) pduTypeOf(this.#header[0] as number);
    }
    if (this.#headerLength === PDU_HEADER_LENGTH) {
      this.#left = readUint32(this.#header, 2);
      checkLength(pduTypeOf(this.#header[0] as number), this.#left, this.#limits);
    }
    return at;
  }

  #take(chunk: Uint8Array, start: number, end: number): void {
    const whole = end - start === this.#left && this.#isUntouched;
    if (whole || end - start >= SMALLEST_VIEW) {
      this.#closeBlock();
      this.#body.push(chunk.subarray(start, end));
      this.#left -= end - start;
      return;
    }
    while (start < end) {
      if (this.#blockEnd === this.#block.length) {
        this.#closeBlock();
        this.#block = new Uint8Array(Math.min(this.#left, BLOCK_LENGTH));
        this.#blockStart = 0;
        this.#blockEnd = 0;
      }
      const size = Math.min(end - start, this.#block.length - this.#blockEnd);
      this.#block.set(chunk.subarray(start, start + size), this.#blockEnd);
      this.#blockEnd += size;
      this.#left -= size;
      start += size;
    }
  }

  #closeBlock(): void {
    if (this.#blockEnd > this.#blockStart) this.#body.push(this.#block.subarray(this.#blockStart, this.#blockEnd));
    this.#blockStart = this.#blockEnd;
  }

  #finish(): Pdu {
    this.#closeBlock();
    const type = this.#header[0] as number;
    const body = this.#body;
    this.#headerLength = 0;
    this.#body = [];
    this.#block = NONE;
    this.#blockStart = 0;
    this.#blockEnd = 0;
    return pduTypeOf(type) === 'P-DATA-TF' ? decodePData(body) : decodePdu(type, concatenate(body));
  }
}

const P_DATA_TF = 0x04;
// Below this a view costs more, in objects and in memory held by it, than copying.
const SMALLEST_VIEW = 2 * 1024;
const BLOCK_LENGTH = 64 * 1024;
const NONE = new Uint8Array(0);
