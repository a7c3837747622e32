// A file written as its bytes arrive, in few large writes and with bounded memory.

import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { CollectedBytes } from '../collected-bytes.ts';
import { fs, fsInThread } from '../node-modules.ts';
import { isDiskSlow, timed } from './disk-speed.ts';

/**
 * Writes a new file. Buffers are collected and written in pieces of at least 1 MiB; `write` waits while more than 2 MiB are
 * pending. While the disk is fast, the first 4 MiB are written at once. A longer file is written in another thread, while
 * its next bytes arrive. The file is complete once `finish` has resolved; `discard` removes it. The caller must not change
 * the buffers until they are written.
 */
export class FileWriter {
  /** Path of the file. */
  readonly path: string;
  #descriptor: number | undefined;
  readonly #waiting = new CollectedBytes({ smallestView: SMALLEST_VIEW });
  #writing: Promise<void> | undefined;
  #failure: unknown;
  /** Bytes that were written at once. */
  #writtenAtOnce = 0;
  #isCreated = false;
  #isFinished = false;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Writes the buffers now, if the disk is fast and nothing is pending. Otherwise returns false, and nothing has changed.
   * @throws the error of the system: discard the file then.
   */
  writeAtOnce(buffers: readonly Uint8Array[]): boolean {
    if (isDiskSlow() || this.#writing || this.#waiting.length > 0 || this.#failure) return false;
    timed(() => this.#writeNow(buffers));
    return true;
  }

  /** Closes the file, which is complete then: `finish` for a file that was written at once, without a promise. */
  finishAtOnce(): void {
    const descriptor = this.#descriptor as number;
    this.#descriptor = undefined;
    this.#isFinished = true;
    timed(() => fs().closeSync(descriptor));
  }

  /** Takes buffers. Resolves when there is room for more. @throws the error of the system: EEXIST, ENOSPC, … */
  async write(buffers: readonly Uint8Array[]): Promise<void> {
    for (const buffer of buffers) this.#waiting.push(buffer);
    if (!this.#writing && this.#waiting.length >= WRITE_LENGTH) this.#startWriting();
    if (this.#writing && this.#waiting.length >= WAITING_LIMIT) await this.#writing;
    if (this.#failure) throw this.#failure;
  }

  /**
   * Writes the pending buffers and closes the file; with `fsync`, after the data are on the disk. @throws the error of
   * the system.
   */
  async finish(options: { readonly fsync?: boolean } = {}): Promise<void> {
    checkOptions(FINISH_OPTIONS, options);
    if (this.#isFinished) return;
    // The end of one write may begin the next one.
    while (this.#writing) await this.#writing;
    while (!this.#failure && (this.#waiting.length > 0 || this.#descriptor === undefined)) {
      this.#startWriting();
      while (this.#writing) await this.#writing;
    }
    if (this.#failure) throw this.#failure;
    const descriptor = this.#descriptor as number;
    // Closed only here, even if the file is discarded meanwhile: its descriptor may belong to another file afterwards.
    this.#descriptor = undefined;
    try {
      if (options.fsync) await fsInThread().fdatasync(descriptor);
    } finally {
      if (isDiskSlow()) await fsInThread().close(descriptor);
      else timed(() => fs().closeSync(descriptor));
    }
    if (this.#failure) throw this.#failure;
  }

  /**
   * Gives the finished file a name in the same file system. If the name is taken, keeps the existing file, removes this one
   * and returns false. The calls are synchronous, because they take less time than handing them to another thread.
   * @throws the error of the system.
   */
  moveTo(path: string): boolean {
    try {
      fs().linkSync(this.path, path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const hasLinks = code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS';
      if (hasLinks && code !== 'EEXIST') throw error;
      // In a file system without links, no other code of this process runs between the check and the renaming.
      if (!hasLinks && !fs().existsSync(path)) {
        fs().renameSync(this.path, path);
        return true;
      }
      fs().unlinkSync(this.path);
      return false;
    }
    fs().unlinkSync(this.path);
    return true;
  }

  /** Closes and removes the file if it exists. Never rejects. */
  async discard(): Promise<void> {
    this.#failure ??= new Error('discarded');
    await this.#writing;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined)
      await fsInThread()
        .close(descriptor)
        .catch(() => {});
    if (this.#isCreated)
      await fsInThread()
        .unlink(this.path)
        .catch(() => {});
  }

  #startWriting(): void {
    if (!isDiskSlow() && this.#writtenAtOnce < WRITTEN_AT_ONCE) {
      try {
        this.#writtenAtOnce += this.#waiting.length;
        timed(() => this.#writeNow(this.#waiting.take()));
      } catch (error) {
        this.#failure ??= error;
      }
      return;
    }
    this.#writing = this.#writeWaiting()
      .catch((error) => {
        this.#failure ??= error;
      })
      .then(() => {
        this.#writing = undefined;
        if (!this.#failure && this.#waiting.length >= WRITE_LENGTH) this.#startWriting();
      });
  }

  #writeNow(buffers: readonly Uint8Array[]): void {
    this.#descriptor ??= fs().openSync(this.path, NEVER_OVER_ANOTHER);
    this.#isCreated = true;
    for (let rest = buffers; rest.length > 0; )
      rest = after(rest, fs().writevSync(this.#descriptor, rest.slice(0, MAXIMUM_BUFFERS)));
  }

  async #writeWaiting(): Promise<void> {
    this.#descriptor ??= await fsInThread().open(this.path, NEVER_OVER_ANOTHER);
    this.#isCreated = true;
    for (let buffers = this.#waiting.take(); buffers.length > 0; ) {
      const { bytesWritten } = await fsInThread().writev(this.#descriptor, buffers.slice(0, MAXIMUM_BUFFERS));
      buffers = after(buffers, bytesWritten);
    }
  }
}

const WRITE_LENGTH = 1024 * 1024;
/** In bytes. Handing over a short file would take longer than writing it; a long one keeps the network waiting. */
const WRITTEN_AT_ONCE = 4 * 1024 * 1024;
const SMALLEST_VIEW = 2048;
const WAITING_LIMIT = 2 * 1024 * 1024;
// The maximum number of buffers of one writev on Linux.
const MAXIMUM_BUFFERS = 1024;
const NEVER_OVER_ANOTHER = 'wx';

function after(buffers: readonly Uint8Array[], written: number): Uint8Array[] {
  let left = written;
  let index = 0;
  while (index < buffers.length && left >= (buffers[index] as Uint8Array).length)
    left -= (buffers[index++] as Uint8Array).length;
  const rest = buffers.slice(index);
  if (left > 0 && rest[0]) rest[0] = rest[0].subarray(left);
  return rest;
}

const FINISH_OPTIONS: OptionTable<{ readonly fsync?: boolean }> = {
  of: 'finish',
  rules: { fsync: aValueOf('boolean') },
};
