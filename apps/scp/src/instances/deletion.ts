// Deletes instances: first their entries, with a durable list of their files, then the files. A start finishes the list.

import { nextTurn } from '@x/dimse/data-set';
import type { ArchiveIndex, DeletionScope, IndexedInstance } from './archive-index/archive-index.ts';
import type { InstanceLocks } from './instance-locks.ts';
import type { InstanceKey, InstanceStore } from './instance-store.ts';
import type { StudyNeeds } from './study-needs.ts';

/** The result of a deletion. */
export interface Deleted {
  readonly instances: number;
  /** Of their data sets. */
  readonly bytes: number;
}

export interface DeletionOptions {
  /** Whether to delete a study that is needed. Default: false. */
  readonly isForced?: boolean;
  /** The last entry that the scope may have: if another has arrived since, nothing is deleted. */
  readonly onlyUpTo?: number;
  /** Called when the entries have been deleted, which is final, and before the files are. */
  readonly onDecided?: (deleted: Deleted) => void;
}

/** A study must be kept for now. */
export class StudyNeededError extends Error {
  override readonly name = 'StudyNeededError';
}

/** Deletes the instances of one archive, one deletion after the other. */
export class Deletion {
  readonly #index: ArchiveIndex;
  readonly #store: InstanceStore;
  readonly #locks: InstanceLocks;
  readonly #needs: StudyNeeds;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    readonly index: ArchiveIndex;
    readonly store: InstanceStore;
    readonly locks: InstanceLocks;
    readonly needs: StudyNeeds;
  }) {
    this.#index = parts.index;
    this.#store = parts.store;
    this.#locks = parts.locks;
    this.#needs = parts.needs;
  }

  /**
   * Deletes the instances that the scope has now; those that arrive meanwhile stay. When it settles, entries and files are
   * gone, on disk too. If the process ends in between, the next start removes the files that are left.
   * @throws StudyNeededError; the error of the index or the system
   */
  delete(scope: DeletionScope, options: DeletionOptions = {}): Promise<Deleted> {
    return this.#inTurn(() => this.#delete(scope, options));
  }

  /** Removes the files that an earlier process was to remove. Returns their studies. */
  finish(): Promise<readonly string[]> {
    return this.#inTurn(() => this.#removeFiles());
  }

  /** Settles when no deletion is running. */
  async idle(): Promise<void> {
    await this.#last.catch(() => {});
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const running = this.#last.then(work, work);
    this.#last = running.catch(() => {});
    return running;
  }

  async #delete(scope: DeletionScope, { isForced = false, onlyUpTo, onDecided }: DeletionOptions): Promise<Deleted> {
    const why = isForced ? undefined : await this.#needs.of(scope.study);
    if (why !== undefined) throw new StudyNeededError(`the study ${scope.study} is needed ${why}`);
    const last = await this.#index.deletions.lastOf(scope);
    if (onlyUpTo !== undefined && last > onlyUpTo)
      throw new StudyNeededError(`the study ${scope.study} is needed for an instance that has just arrived`);
    let [instances, bytes] = [0, 0];
    for (;;) {
      const taken: readonly IndexedInstance[] = await this.#index.deletions.listForRemoval(
        scope,
        last,
        ENTRIES_AT_ONCE,
      );
      if (taken.length === 0) break;
      instances += taken.length;
      for (const { length } of taken) bytes += length ?? 0;
      await nextTurn();
    }
    const deleted = { instances, bytes };
    if (instances > 0) onDecided?.(deleted);
    // No file is removed before the machine would remember that its entry is gone.
    await this.#index.sync();
    await this.#removeFiles();
    return deleted;
  }

  async #removeFiles(): Promise<readonly string[]> {
    const studies = new Set<string>();
    for (;;) {
      const files = await this.#index.deletions.filesToRemove(FILES_AT_ONCE);
      if (files.length === 0) return [...studies];
      for (const file of files) {
        studies.add(file.study);
        await this.#locks.removing(file.sopInstance, () => this.#removeFile(file));
      }
      // Their folders are on disk before the list forgets them.
      await this.#store.removed(files);
      await this.#index.deletions.filesRemoved(files);
    }
  }

  /** An instance that has arrived again keeps its file. */
  async #removeFile(file: InstanceKey): Promise<void> {
    const entries = await this.#index.locate(file.sopInstance);
    if (entries.some((entry) => entry.study === file.study && entry.series === file.series && entry.file === file.file))
      return;
    await this.#store.remove(file);
  }
}

/** Entries in one transaction. */
const ENTRIES_AT_ONCE = 200;
const FILES_AT_ONCE = 64;
