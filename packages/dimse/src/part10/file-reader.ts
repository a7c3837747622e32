// A file that is read at places: opened, begun and closed at once where the disk is fast.

import { close, closeSync, fstat, open, openSync, read, readSync, readv } from 'node:fs';
import { promisify } from 'node:util';
import { isDiskSlow, timed } from './disk-speed.ts';

/** Every method throws the system's error. */
export class FileReader {
  #descriptor: number | undefined;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  static async open(path: string): Promise<FileReader> {
    return new FileReader(isDiskSlow() ? await openOf(path, 'r') : timed(() => openSync(path, 'r')));
  }

  /** Reads the beginning of the file. Gives how many bytes were read. */
  async begin(buffer: Uint8Array): Promise<number> {
    const descriptor = this.#open();
    if (!isDiskSlow()) return timed(() => readSync(descriptor, buffer, 0, buffer.length, 0));
    return (await readOf(descriptor, buffer, 0, buffer.length, 0)).bytesRead;
  }

  /** Reads at a place, beside whatever else there is to do. Gives how many bytes were read. */
  async read(buffers: readonly Uint8Array[], position: number): Promise<number> {
    return (await readvOf(this.#open(), buffers, position)).bytesRead;
  }

  /** Bytes. */
  async length(): Promise<number> {
    return (await fstatOf(this.#open())).size;
  }

  /** Closes the file, once. */
  async close(): Promise<void> {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined) return;
    if (isDiskSlow()) await closeOf(descriptor);
    else timed(() => closeSync(descriptor));
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new Error('the file is closed');
    return this.#descriptor;
  }
}

const openOf = promisify(open);
const closeOf = promisify(close);
const fstatOf = promisify(fstat);
const readOf = promisify(read);
const readvOf = promisify(readv);
