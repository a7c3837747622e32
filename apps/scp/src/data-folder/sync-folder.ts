// Syncs folders, so that a crash of the machine does not lose their new entries.

import { closeSync, fdatasync, fsync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { CodedError } from '@x/pdu/internal';
import { SharedSync } from './shared-sync.ts';

/**
 * A sync has failed. The system may have dropped the data that it could not write and may report success next time, so the
 * same sync is never tried again.
 */
export class SyncError extends CodedError {
  static override readonly name: string = 'SyncError';
  readonly code = 'SYNC_FAILED';

  constructor(path: string, cause: unknown) {
    super(`${path} could not be synced to disk: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Waits until the entries of a folder are on disk. Windows and some network file systems cannot sync a folder: there, it
 * does nothing. @throws SyncError; the system's error if the folder cannot be opened
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    await withDescriptor(folder, 'r', fsyncOf);
  } catch (error) {
    const { code = '', syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'open') throw error;
    if (!UNSUPPORTED.has(code)) throw new SyncError(folder, error);
  }
}

const UNSUPPORTED = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS']);

/**
 * Syncs folders for many instances at the same time: those that ask for the same folder share its syncs. After a failure
 * every request fails, because it is not known what has been lost; the next start finds out.
 */
export class DiskSyncs {
  /** Only the folders that are being synced. */
  readonly #shared = new Map<string, SharedSync>();
  #failure: unknown;

  /** @throws the error of a sync that has failed before */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Settles when the entries that the folder has now are on disk. @throws as `syncFolder` */
  async folder(path: string): Promise<void> {
    let shared = this.#shared.get(path);
    if (!shared) {
      shared = new SharedSync(() => this.#remembering(() => syncFolder(path)));
      this.#shared.set(path, shared);
    }
    try {
      await shared.request();
    } finally {
      if (shared.isIdle && this.#shared.get(path) === shared) this.#shared.delete(path);
    }
  }

  /** Settles when a file that somebody else has written is on disk. @throws SyncError; the system's error */
  async file(path: string): Promise<void> {
    await this.#remembering(() => syncFile(path));
  }

  async #remembering(sync: () => Promise<void>): Promise<void> {
    this.check();
    try {
      await sync();
    } catch (error) {
      if (error instanceof SyncError) this.#failure ??= error;
      throw error;
    }
    this.check();
  }
}

async function syncFile(path: string): Promise<void> {
  try {
    // Windows only syncs files that are open for writing.
    await withDescriptor(path, process.platform === 'win32' ? 'r+' : 'r', fdatasyncOf);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === 'open' ? error : new SyncError(path, error);
  }
}

/** Opening and closing take less time than handing them to another thread. */
async function withDescriptor(path: string, flags: string, sync: (descriptor: number) => Promise<void>): Promise<void> {
  const descriptor = openSync(path, flags);
  try {
    await sync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const fsyncOf = promisify(fsync);
const fdatasyncOf = promisify(fdatasync);
