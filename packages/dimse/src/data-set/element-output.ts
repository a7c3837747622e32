// The bytes of a data set that is being written: headers, lengths and plain values (PS3.5 §7.1, §7.5).

import { DataSetError } from './data-set-error.ts';
import { impliedVr } from './data-set-values.ts';
import { type NumberWriter, numberIn, numberWriters } from './number-values.ts';
import { SEQUENCE_END, UNDEFINED_LENGTH } from './tags.ts';
import type { ValueRepresentation } from './value-representations.ts';

/** Bytes that grow as elements are written. */
export class ElementOutput {
  readonly #isExplicit: boolean;
  readonly #littleEndian: boolean;
  bytes: Uint8Array;
  #view: DataView;
  /** The number of bytes that have been written. */
  length = 0;

  constructor(isExplicit: boolean, littleEndian: boolean) {
    this.#isExplicit = isExplicit;
    this.#littleEndian = littleEndian;
    const bytes = spare ?? new Uint8Array(SPARE_LENGTH);
    // Another data set may be written before this one is finished.
    spare = undefined;
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  /** The bytes that have been written. Nothing more can be written. */
  finish(): Uint8Array {
    const { bytes, length } = this;
    if (bytes.length > SPARE_LENGTH) return bytes.subarray(0, length);
    // Memory of its own for each short data set takes longer to make and to collect than to write the data set.
    const { buffer, byteOffset } = Buffer.from(bytes.subarray(0, length));
    spare = bytes;
    return new Uint8Array(buffer, byteOffset, length);
  }

  /** Sets a length of 32 bits that was left open. */
  setLength(at: number, length: number): void {
    this.#view.setUint32(at, length, this.#littleEndian);
  }

  /** Writes the header of an element, without its length. Returns the offset of the element. */
  begin(tag: number, vr: ValueRepresentation): number {
    const start = this.length;
    const header = this.#headerLength(vr);
    this.room(header);
    this.#u16(tag >>> 16);
    this.#u16(tag & 0xffff);
    if (this.#isExplicit) {
      this.bytes[this.length++] = vr.name.charCodeAt(0);
      this.bytes[this.length++] = vr.name.charCodeAt(1);
      // The memory has been used before, and the two bytes before a long length are reserved.
      if (vr.isLong) this.#u16(0);
    }
    this.length = start + header;
    return start;
  }

  #headerLength(vr: ValueRepresentation): number {
    return this.#isExplicit && vr.isLong ? 12 : 8;
  }

  /** Ends the element that begins at `start`: pads its value and sets its length. */
  end(tag: number, vr: ValueRepresentation, start: number): void {
    // In implicit VR, only undefined length shows that an unknown element is a sequence.
    if (vr.kind === 'sequence' && !this.#isExplicit && impliedVr(tag) !== 'SQ') {
      this.itemHeader(SEQUENCE_END, 0);
      this.#view.setUint32(start + 4, UNDEFINED_LENGTH, this.#littleEndian);
      return;
    }
    if (this.length % 2 === 1) {
      this.room(1);
      this.bytes[this.length++] = vr.padding;
    }
    const header = this.#headerLength(vr);
    const length = this.length - start - header;
    if (!this.#isExplicit || vr.isLong) this.#view.setUint32(start + header - 4, length, this.#littleEndian);
    else if (length <= 0xffff) this.#view.setUint16(start + 6, length, this.#littleEndian);
    else this.#asUnknown(tag, vr, start, length);
  }

  /** A value too long for the length field of its value representation is written as UN (§6.2.2). */
  #asUnknown(tag: number, vr: ValueRepresentation, start: number, length: number): void {
    // Numbers in UN values are little endian, so long values in big endian cannot be written as UN.
    if (!this.#littleEndian && vr.wordSize > 1) throw new DataSetError(`has ${length} bytes, too many`, { tag });
    this.room(4);
    this.bytes.copyWithin(start + 12, start + 8, start + 8 + length);
    this.bytes.set([0x55, 0x4e, 0, 0], start + 4);
    this.#view.setUint32(start + 8, length, this.#littleEndian);
    this.length += 4;
  }

  number(tag: number, vr: ValueRepresentation, value: unknown): void {
    const number = numberIn(tag, vr, value);
    this.room(vr.wordSize);
    (numberWriters[vr.name] as NumberWriter)(this.#view, this.length, number, this.#littleEndian);
    this.length += vr.wordSize;
  }

  /** Writes text. Returns whether all of it is in the default repertoire; otherwise nothing is written. */
  ascii(text: string): boolean {
    this.room(text.length);
    const start = this.length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7e || code === 0x1b) return false;
      this.bytes[start + index] = code;
    }
    this.length = start + text.length;
    return true;
  }

  itemHeader(tag: number, length: number): void {
    this.room(8);
    this.#u16(tag >>> 16);
    this.#u16(tag & 0xffff);
    this.#view.setUint32(this.length, length, this.#littleEndian);
    this.length += 4;
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  #u16(value: number): void {
    this.#view.setUint16(this.length, value, this.#littleEndian);
    this.length += 2;
  }

  room(length: number): void {
    const needed = this.length + length;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const SPARE_LENGTH = 1024;
/** Memory for the next data set. */
let spare: Uint8Array | undefined;
