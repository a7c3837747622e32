// The headers of elements and items in the bytes of a data set (PS3.5 §7.1, §7.5).

import { DataSetError } from './data-set-error.ts';
import { implicitVr, type Scope } from './data-set-scope.ts';
import { isValueRepresentation, valueRepresentation } from './value-representations.ts';

/** Bytes that are read from the beginning to the end. A `limit` is the end of the innermost item or sequence. */
export class ElementBytes {
  /** Values are views of these bytes, also if they came in another kind of array. */
  readonly bytes: Uint8Array;
  readonly buffer: Buffer;
  readonly view: DataView;
  readonly littleEndian: boolean;
  /** The offset of the next byte. */
  at = 0;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.littleEndian = littleEndian;
  }

  /** The value representation and the length of an element. */
  header(tag: number, limit: number, scope: Scope, offset: number): { readonly vr: string; readonly length: number } {
    const vr = scope.isExplicit ? this.#explicitVr(tag, limit, offset) : implicitVr(tag, scope.isSigned);
    if (scope.isExplicit && !valueRepresentation(vr).isLong)
      return { vr, length: this.#shortLength(limit, tag, offset) };
    if (scope.isExplicit) this.#skip(2, limit, tag, offset);
    return { vr, length: this.length(limit, tag, offset) };
  }

  #explicitVr(tag: number, limit: number, offset: number): string {
    const at = this.at;
    this.#skip(2, limit, tag, offset);
    const vr = this.buffer.toString('latin1', at, at + 2);
    if (isValueRepresentation(vr) || /^[A-Z]{2}$/.test(vr)) return vr;
    throw new DataSetError('has no value representation', { tag, offset });
  }

  /** The tag of an element or item. `sequence` is its sequence, for errors. */
  tag(limit: number, sequence?: number): number {
    const offset = this.at;
    if (limit - offset < 8)
      throw new DataSetError(`${limit - offset} bytes are left, an element needs 8`, {
        offset,
        ...(sequence !== undefined && { tag: sequence }),
      });
    this.at += 4;
    return (
      this.view.getUint16(offset, this.littleEndian) * 0x10000 + this.view.getUint16(offset + 2, this.littleEndian)
    );
  }

  /** A length of 32 bits. */
  length(limit: number, tag: number, offset: number): number {
    this.#skip(4, limit, tag, offset);
    return this.view.getUint32(this.at - 4, this.littleEndian);
  }

  #shortLength(limit: number, tag: number, offset: number): number {
    this.#skip(2, limit, tag, offset);
    return this.view.getUint16(this.at - 2, this.littleEndian);
  }

  #skip(length: number, limit: number, tag: number, offset: number): void {
    if (limit - this.at < length) throw new DataSetError('is cut short', { tag, offset });
    this.at += length;
  }
}
