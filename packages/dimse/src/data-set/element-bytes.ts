// The bytes of a data set, from which values are read (PS3.5 §6.2, §7.3).

/** Bytes in the forms that values are read from. */
export class ElementBytes {
  /** Values are views of these bytes, also if they came in another kind of array. */
  readonly bytes: Uint8Array;
  readonly buffer: Buffer;
  readonly view: DataView;
  /** The byte order of the element that is being read. */
  littleEndian = true;

  constructor(bytes: Uint8Array) {
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
