// Decodes a byte stream, in chunks of any size, to PDUs: PS3.8 §9.3.1.

import { anything, aValueOf, checkOptions, type OptionTable } from './check-options.ts';
import { concatenate, readUint32 } from './items.ts';
import { decodePData, decodeWholePData } from './p-data.ts';
import { checkLength, decodePdu, PDU_HEADER_LENGTH, type Pdu, type PduType, pduTypeOf } from './pdu.ts';
import { checkRequestForm } from './request-form.ts';
import { quoted } from './wire-text.ts';

/** The longest PDUs that a decoder accepts, in bytes after the length field. */
export interface PduDecoderOptions {
  /** Longest P-DATA-TF PDU: the maximum length that was announced to the peer. Positive. */
  readonly maxLength: number;
  /** Longest A-ASSOCIATE-RQ or -AC PDU. Default 1 MiB. */
  readonly maxAssociationLength?: number;
  /**
   * Whether each fault in the form of an A-ASSOCIATE-RQ is an error, as in PS3.8 §9.3.2: missing, repeated and misplaced
   * items, even context IDs, padding, bytes behind a value. Default false: those that can be read over are.
   */
  readonly strict?: boolean;
}

const DECODER_OPTIONS: OptionTable<PduDecoderOptions> = {
  of: 'PduDecoder',
  rules: { maxLength: anything, maxAssociationLength: anything, strict: aValueOf('boolean') },
};

/**
 * Decodes the bytes of one direction of a connection to PDUs. The time is linear in the number of bytes, and the memory
 * is bounded by the longest PDU allowed, whatever the size of the chunks: chunks of 2 KiB and more are kept as views,
 * smaller ones are copied together. The length is checked as soon as the header is complete.
 */
export class PduDecoder {
  readonly #limits: { readonly data: number; readonly association: number };
  readonly #isStrict: boolean;
  readonly #header = new Uint8Array(PDU_HEADER_LENGTH);
  #headerLength = 0;
  #left = 0;
  #body: Uint8Array[] = [];
  #block = NONE;
  #blockStart = 0;
  #blockEnd = 0;

  /** @throws OptionError; RangeError if a maximum is not a positive integer. */
  constructor(options: PduDecoderOptions) {
    const { maxLength, maxAssociationLength = 1024 * 1024, strict = false } = checkOptions(DECODER_OPTIONS, options);
    for (const value of [maxLength, maxAssociationLength])
      if (!Number.isInteger(value) || value <= 0)
        throw new RangeError(`${quoted(value)} is not a positive number of bytes`);
    this.#isStrict = strict;
    this.#limits = { data: maxLength, association: maxAssociationLength };
  }

  /** Whether the decoder holds part of a PDU: then the stream must not end here. */
  get isInsidePdu(): boolean {
    return this.#headerLength > 0;
  }

  /** The bytes that complete the PDU of which the decoder holds a part. Without `type`, the `bytes` complete its header. */
  get missing(): { readonly type?: PduType; readonly bytes: number } | undefined {
    if (!this.isInsidePdu) return undefined;
    return this.#headerLength < PDU_HEADER_LENGTH
      ? { bytes: PDU_HEADER_LENGTH - this.#headerLength }
      : { type: pduTypeOf(this.#header[0] as number), bytes: this.#left };
  }

  /**
   * Takes a chunk. The PDUs that it completes are decoded one by one during the iteration, which must be finished before
   * the next chunk is pushed. The chunk then belongs to the decoder, because fragments are views into it.
   * @throws PduError from the iteration if the bytes are not an acceptable PDU. The decoder cannot be used afterwards.
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

  /** Whether no byte of the PDU's body has arrived yet. */
  get #isUntouched(): boolean {
    return this.#body.length === 0 && this.#blockStart === this.#blockEnd;
  }

  #takeHeader(chunk: Uint8Array, at: number): number {
    while (at < chunk.length && this.#headerLength < PDU_HEADER_LENGTH) {
      this.#header[this.#headerLength++] = chunk[at++] as number;
      // A peer that does not speak DICOM is recognized by its first byte.
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
    if (pduTypeOf(type) === 'P-DATA-TF') return decodePData(body);
    const whole = concatenate(body);
    const pdu = decodePdu(type, whole);
    if (this.#isStrict && pdu.type === 'A-ASSOCIATE-RQ') checkRequestForm(pdu, whole);
    return pdu;
  }
}

const P_DATA_TF = 0x04;
// For smaller chunks a view costs more, in objects and in memory that it retains, than a copy.
const SMALLEST_VIEW = 2 * 1024;
const BLOCK_LENGTH = 64 * 1024;
const NONE = new Uint8Array(0);
