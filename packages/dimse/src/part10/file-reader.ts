// Reads a file at given positions. Opening, the first read, the length and closing are synchronous while the disk is fast.

import type { constants } from 'node:fs';
import { fs, fsInThread } from '../node-modules.ts';
import { isDiskSlow, timed } from './disk-speed.ts';
import { pathBytes, withPath } from './path-bytes.ts';

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
    const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 }: Flags = fs().constants;
    // Opening a pipe waits for its writer otherwise.
    const flags = O_RDONLY | O_NONBLOCK | (isFollowing ? 0 : O_NOFOLLOW);
    const name = pathBytes(path);
    try {
      return new FileReader(
        isDiskSlow() ? await fsInThread().open(name, flags) : timed(() => fs().openSync(name, flags)),
      );
    } catch (error) {
      throw withPath(error, path);
    }
  }

  /** Why it must not be read: a pipe may wait for ever, a device may never end. Undefined for a regular file. */
  irregularity(): string | undefined {
    const stats = fs().fstatSync(this.#open());
    if (stats.isFile()) return undefined;
    return stats.isDirectory() ? 'it is a folder' : 'it is not a regular file';
  }

  /** Reads the beginning of the file. Resolves with the number of bytes read. */
  async begin(buffer: Uint8Array): Promise<number> {
    const descriptor = this.#open();
    if (!isDiskSlow()) return timed(() => fs().readSync(descriptor, buffer, 0, buffer.length, 0));
    return (await fsInThread().read(descriptor, buffer, 0, buffer.length, 0)).bytesRead;
  }

  /** Reads at a position in another thread. Resolves with the number of bytes read. */
  async read(buffers: readonly Uint8Array[], position: number): Promise<number> {
    return (await fsInThread().readv(this.#open(), buffers, position)).bytesRead;
  }

  /** The length of the file in bytes. */
  async length(): Promise<number> {
    const descriptor = this.#open();
    if (!isDiskSlow()) return timed(() => fs().fstatSync(descriptor)).size;
    return (await fsInThread().fstat(descriptor)).size;
  }

  /** Closes the file. Further calls do nothing. */
  async close(): Promise<void> {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor === undefined) return;
    if (isDiskSlow()) await fsInThread().close(descriptor);
    else timed(() => fs().closeSync(descriptor));
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new Error('the file is closed');
    return this.#descriptor;
  }
}

/** Windows has only the first one. */
type Flags = Pick<typeof constants, 'O_RDONLY'> & Partial<Pick<typeof constants, 'O_NONBLOCK' | 'O_NOFOLLOW'>>;
