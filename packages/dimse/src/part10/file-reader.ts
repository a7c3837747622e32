// Reads a file at given positions. Opening, the first read and closing are synchronous while the disk is fast.

import { close, closeSync, constants, fstat, fstatSync, open, openSync, read, readSync, readv } from 'node:fs';
import { promisify } from 'node:util';
import { isDiskSlow, timed } from './disk-speed.ts';
import { pathBytes, withPath } from './path-bytes.ts';

/** Opening a pipe waits for its writer otherwise. Windows does not have the flag. */
const NEVER_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A file that is read at given positions. Every method throws the error of the system. */
export class FileReader {
  #descriptor: number | undefined;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /**
   * @param path May have characters of `pathOfBytes`.
   * @param isFollowing Whether a symbolic link is followed; otherwise the error has the code ELOOP.
   */
  static async open(path: string, isFollowing = true): Promise<FileReader> {
    const flags = isFollowing ? NEVER_WAITING : NEVER_WAITING | (constants.O_NOFOLLOW ?? 0);
    const name = pathBytes(path);
    try {
      return new FileReader(isDiskSlow() ? await openOf(name, flags) : timed(() => openSync(name, flags)));
    } catch (error) {
      throw withPath(error, path);
    }
  }

  /** Why it must not be read: a pipe may wait for ever, a device may never end. Undefined for a regular file. */
  irregularity(): string | undefined {
    const stats = fstatSync(this.#open());
    if (stats.isFile()) return undefined;
    return stats.isDirectory() ? 'it is a folder' : 'it is not a regular file';
  }

  /** Reads the beginning of the file. Resolves with the number of bytes read. */
  async begin(buffer: Uint8Array): Promise<number> {
    const descriptor = this.#open();
    if (!isDiskSlow()) return timed(() => readSync(descriptor, buffer, 0, buffer.length, 0));
    return (await readOf(descriptor, buffer, 0, buffer.length, 0)).bytesRead;
  }

  /** Reads at a position in another thread. Resolves with the number of bytes read. */
  async read(buffers: readonly Uint8Array[], position: number): Promise<number> {
    return (await readvOf(this.#open(), buffers, position)).bytesRead;
  }

  /** The length of the file in bytes. */
  async length(): Promise<number> {
    return (await fstatOf(this.#open())).size;
  }

  /** Closes the file. Further calls do nothing. */
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
