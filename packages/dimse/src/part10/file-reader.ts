// Reads a file at given positions. Opening, the first read, the length and closing are synchronous while the disk is fast.

import type { constants } from 'node:fs';
import { fs, fsInThread } from '../node-modules.ts';
import { isDiskSlow, timed } from './disk-speed.ts';
import { pathBytes, withPath } from './path-bytes.ts';

/** The bytes of a `DicomFile`. Without the methods that answer at once, it is read as a slow disk is. */
export type ByteReader = Pick<FileReader, 'irregularity' | 'begin' | 'read' | 'length' | 'close'> &
  Partial<Pick<FileReader, 'readAtOnce' | 'closeAtOnce'>>;

/** A file that is read at given positions. Every method throws the error of the system. */
export class FileReader {
  #descriptor: number | undefined;
  #size: number | undefined;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /**
   * @param path May have characters of `pathOfBytes`.
   * @param isFollowing Whether a symbolic link is followed; otherwise the error has the code ELOOP.
   */
  static async open(path: string, isFollowing = true): Promise<FileReader> {
    if (!isDiskSlow()) return FileReader.openAtOnce(path, isFollowing);
    try {
      return new FileReader(await fsInThread().open(pathBytes(path), flagsFor(isFollowing)));
    } catch (error) {
      throw withPath(error, path);
    }
  }

  /** The same, synchronously: for a disk that is fast. */
  static openAtOnce(path: string, isFollowing: boolean): FileReader {
    try {
      return new FileReader(timed(() => fs().openSync(pathBytes(path), flagsFor(isFollowing))));
    } catch (error) {
      throw withPath(error, path);
    }
  }

  /** Why it must not be read: a pipe may wait for ever, a device may never end. Undefined for a regular file. */
  irregularity(): string | undefined {
    const stats = fs().fstatSync(this.#open());
    this.#size = stats.size;
    if (stats.isFile()) return undefined;
    return stats.isDirectory() ? 'it is a folder' : 'it is not a regular file';
  }

  /** Reads the beginning of the file. Resolves with the number of bytes read. */
  async begin(buffer: Uint8Array): Promise<number> {
    if (!isDiskSlow()) return this.readAtOnce([buffer], 0);
    return (await fsInThread().read(this.#open(), buffer, 0, buffer.length, 0)).bytesRead;
  }

  /** Reads at a position in another thread. Resolves with the number of bytes read. */
  async read(buffers: readonly Uint8Array[], position: number): Promise<number> {
    return (await fsInThread().readv(this.#open(), buffers, position)).bytesRead;
  }

  /** Reads at a position synchronously: for a disk that is fast. Returns the number of bytes read. */
  readAtOnce(buffers: readonly Uint8Array[], position: number): number {
    const descriptor = this.#open();
    const [only] = buffers;
    if (buffers.length === 1 && only) return timed(() => fs().readSync(descriptor, only, 0, only.length, position));
    return timed(() => fs().readvSync(descriptor, buffers, position));
  }

  /** The length of the file in bytes, as it was when `irregularity` was called if it was. */
  length(): number {
    const descriptor = this.#open();
    this.#size ??= timed(() => fs().fstatSync(descriptor)).size;
    return this.#size;
  }

  /** Closes the file. Further calls do nothing. */
  async close(): Promise<void> {
    if (!isDiskSlow()) {
      this.closeAtOnce();
      return;
    }
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) await fsInThread().close(descriptor);
  }

  /** The same, synchronously. */
  closeAtOnce(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) timed(() => fs().closeSync(descriptor));
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new Error('the file is closed');
    return this.#descriptor;
  }
}

function flagsFor(isFollowing: boolean): number {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 }: Flags = fs().constants;
  // Opening a pipe waits for its writer otherwise.
  return O_RDONLY | O_NONBLOCK | (isFollowing ? 0 : O_NOFOLLOW);
}

/** Windows has only the first one. */
type Flags = Pick<typeof constants, 'O_RDONLY'> & Partial<Pick<typeof constants, 'O_NONBLOCK' | 'O_NOFOLLOW'>>;
