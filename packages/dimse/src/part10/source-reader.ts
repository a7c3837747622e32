// Reads a DICOM file from a source of bytes, such as an object in an object store.

import type { PositionedSource } from '@x/net';
import type { ByteReader } from './file-reader.ts';

/** A source of bytes that is closed when it is not read any more. */
export interface ClosablePositionedSource extends PositionedSource {
  /** Called once. */
  close?(): Promise<void>;
}

export class SourceReader implements ByteReader {
  readonly #source: ClosablePositionedSource;
  #closing: Promise<void> | undefined;

  constructor(source: ClosablePositionedSource) {
    this.#source = source;
  }

  irregularity(): undefined {
    return undefined;
  }

  /** Fills the buffer, unless the source is shorter: a source may give fewer bytes at once. */
  async begin(buffer: Uint8Array): Promise<number> {
    let length = 0;
    for (let read = -1; length < buffer.length && read !== 0; length += read)
      read = await this.#source.readv([buffer.subarray(length)], length);
    return length;
  }

  read(buffers: readonly Uint8Array[], position: number): Promise<number> {
    return this.#source.readv(buffers, position);
  }

  length(): number {
    return this.#source.length;
  }

  close(): Promise<void> {
    this.#closing ??= this.#source.close?.() ?? Promise.resolve();
    return this.#closing;
  }
}
