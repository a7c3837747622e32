// The instances of the archive: their files and the index, kept consistent.

import { constants, existsSync } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DicomFile, IncomingData } from '@x/dimse';
import { makeFolders } from '../data-folder/make-folders.ts';
import { DatabaseError } from '../data-folder/sql-database.ts';
import type { ArchiveIndex, DeletionScope, IndexedInstance } from './archive-index/archive-index.ts';
import { openEmptyIndex } from './archive-index/empty-index.ts';
import { INDEXED_ATTRIBUTES, type IndexedAttribute, tagsOf } from './archive-index/indexed-attributes.ts';
import { explainIndexError, openSqlArchiveIndex, type SqlIndexOptions } from './archive-index/sql-archive-index.ts';
import type { Coercion } from './coercion.ts';
import { type Deleted, Deletion, type DeletionOptions, StudyNeededError } from './deletion.ts';
import { type ArchiveParts, complete, enterFiles, readAgain } from './entering-files.ts';
import type { FileNameTemplate } from './file-name-template.ts';
import { FileNaming } from './file-naming.ts';
import { openFolderInstanceStore } from './folder-instance-store.ts';
import { type ComparisonProgress, IndexComparison, type Reconciliation } from './index-comparison.ts';
import { InstanceLocks } from './instance-locks.ts';
import type { InstanceDescription, InstanceKey, KeptInstance, ListedInstanceStore } from './instance-store.ts';
import { hasLength, keepInstance } from './keep-instance.ts';
import type { NoticeListener } from './notices.ts';
import { type QuotaOptions, StorageQuota } from './storage-quota.ts';
import { StudyNeeds } from './study-needs.ts';

export interface InstanceArchiveOptions {
  /** Whether an instance is on disk, not only written, when it has been kept. */
  readonly fsync: boolean;
  /** Whether the index is rebuilt from the files. */
  readonly reindex: boolean;
  /** The attributes to index. Default: all that this version knows. */
  readonly attributes?: readonly IndexedAttribute[];
  /** Receives what is unusual about instances that are kept. */
  readonly notice?: NoticeListener;
  /** Default: as many bytes as the disk has. */
  readonly quotaOptions?: QuotaOptions | undefined;
  /** Names the files of instances that arrive. Default: by their UIDs. */
  readonly fileName?: FileNameTemplate | undefined;
  /** Changes instances before they are kept. Default: they are kept unchanged. */
  readonly coercion?: Coercion | undefined;
}

/** Opens the archive in a data folder, which is created if necessary. Call `compare` then. */
export async function openInstanceArchive(
  dataFolder: string,
  {
    fsync,
    reindex,
    attributes = INDEXED_ATTRIBUTES,
    notice = () => {},
    quotaOptions,
    fileName,
    coercion,
  }: InstanceArchiveOptions,
): Promise<InstanceArchive> {
  await makeFolders(dataFolder, { fsync });
  await access(dataFolder, constants.W_OK);
  const path = join(dataFolder, 'index.db');
  // The index first: it is locked if another process uses the folder.
  const indexOptions: SqlIndexOptions = {
    ...{ fsync, attributes },
    read: async (instance, wanted) => (await readAgain(store, instance, tagsOf(wanted)))?.attributes ?? {},
    onSecondPatient: (instance) => notice({ kind: 'second patient', instance }),
  };
  const index = await (reindex ? openEmptyIndex(path, indexOptions) : openSqlArchiveIndex(path, indexOptions));
  let store: ListedInstanceStore;
  try {
    const tags = tagsOf(attributes);
    const naming = new FileNaming(index.names, fileName, existsSync(join(dataFolder, 'named')));
    store = await openFolderInstanceStore(dataFolder, { fsync, tags, naming, coercion });
    const locks = new InstanceLocks();
    const own = { folder: dataFolder, path, locks, needs: new StudyNeeds((study) => archive.quota?.used(study)) };
    const onEntered = (study: string, bytes: number) => archive.quota?.entered(study, bytes);
    const parts = { ...own, store, index, tags, notice, onEntered, naming };
    const comparison = new IndexComparison({
      ...{ store, index },
      enterFiles: (keys, buffers) => enterFiles(parts, keys, buffers),
    });
    if (await store.isEmpty()) {
      if (!(await isEmpty(index.series()))) throw allMissing(dataFolder);
      await index.setComplete(true);
    }
    const deletion = new Deletion(parts);
    const finishedDeletions = await deletion.finish();
    const archive: InstanceArchive = new InstanceArchive(parts, {
      ...{ keep: keepInstance, deletion, finishedDeletions, quotaOptions, comparison },
      indexLength: async () => (await stat(path)).size,
    });
    return archive;
  } catch (error) {
    await index[Symbol.asyncDispose]();
    // Damage inside the database only shows when it is read.
    throw explainIndexError(error, path);
  }
}

/** The work of an archive on its parts. */
export interface InstanceArchiveWork {
  readonly keep: typeof keepInstance;
  readonly deletion: Deletion;
  /** Studies. */
  readonly finishedDeletions: readonly string[];
  readonly quotaOptions?: QuotaOptions | undefined;
  /** Of the files with the index; absent if the index is what counts. */
  readonly comparison?: IndexComparison;
  /** Bytes of the index. */
  readonly indexLength: () => Promise<number>;
  /** Work that is repeated while the archive is open. */
  readonly upkeep?: AsyncDisposable;
}

export class InstanceArchive implements AsyncDisposable {
  readonly index: ArchiveIndex;
  /** The studies whose deletion was finished when it was opened. */
  readonly finishedDeletions: readonly string[];
  /** If the archive has one. */
  readonly quota: StorageQuota | undefined;
  readonly #parts: ArchiveParts;
  readonly #work: InstanceArchiveWork;
  readonly #closed = new AbortController();
  #reconciliation: Promise<Reconciliation> | undefined;
  #completion: Promise<boolean> | undefined;

  constructor(parts: ArchiveParts, work: InstanceArchiveWork) {
    this.#parts = parts;
    this.#work = work;
    this.finishedDeletions = work.finishedDeletions;
    this.index = parts.index;
    const { quotaOptions } = work;
    this.quota = quotaOptions && new StorageQuota(quotaOptions, (study, options) => this.delete({ study }, options));
    void this.quota?.count(parts.index, this.#closed.signal);
  }

  /**
   * Compares files and index in the background of requests, and corrects the index. Further calls give the same promise.
   * @throws AbortError if the archive is closed; DatabaseError if the index is damaged; the error of the system
   */
  compare(): Promise<Reconciliation> {
    this.#reconciliation ??= this.#compare().catch((error) => {
      throw explainIndexError(error, this.#parts.path);
    });
    return this.#reconciliation;
  }

  async #compare(): Promise<Reconciliation> {
    // It enters instances, which must not be counted twice.
    await this.quota?.counting;
    return this.#work.comparison?.run(this.#closed.signal) ?? NOTHING_TO_CORRECT;
  }

  get comparison(): ComparisonProgress {
    return this.#work.comparison?.progress ?? NOTHING_TO_COMPARE;
  }

  /** Why the index cannot answer queries yet, as an Error Comment; undefined if it can. */
  get incompleteness(): string | undefined {
    if (this.index.isComplete) return undefined;
    const { state, compared, studies } = this.comparison;
    return state === 'failed'
      ? 'index incomplete: comparing it with the files failed'
      : `index incomplete: ${compared} of ${studies} studies compared`;
  }

  /** Waits until the index can answer queries. @throws the reason of the signal; Error if the comparison fails */
  async whenComplete(signal: AbortSignal): Promise<void> {
    if (this.index.isComplete) return;
    await new Promise<void>((resolve, reject) => {
      const leave = () => reject(signal.reason);
      signal.throwIfAborted();
      signal.addEventListener('abort', leave, { once: true });
      const ended = this.compare()
        .then(() => {})
        .finally(() => signal.removeEventListener('abort', leave));
      ended.then(resolve, reject);
    });
  }

  /**
   * Adds to the index what an earlier version did not index, and describes again what it may have described incompletely,
   * in the background of other requests. Settles with true when all is done, or with false when the archive is closed; the
   * next start continues. @throws what the index throws.
   */
  completeIndex(): Promise<boolean> {
    const { signal } = this.#closed;
    this.#completion ??= complete(this.#parts, signal);
    return this.#completion;
  }

  /**
   * Takes an instance as its data arrive. When it settles, the instance is safe and can be found.
   * @throws DimseError with the status to answer; the error that interrupted the data
   */
  keep(instance: InstanceDescription, data: IncomingData): KeptInstance | Promise<KeptInstance> {
    if (this.quota) return this.#keepWithin(this.quota, instance, data);
    const { sopInstance } = instance;
    const removal = this.#parts.locks.enter(sopInstance);
    let keeping: KeptInstance | Promise<KeptInstance>;
    try {
      keeping = removal
        ? removal.then(() => this.#work.keep(this.#parts, instance, data))
        : this.#work.keep(this.#parts, instance, data);
    } catch (error) {
      this.#leave(sopInstance);
      throw error;
    }
    if (keeping instanceof Promise) return keeping.finally(() => this.#leave(sopInstance));
    this.#leave(sopInstance);
    return keeping;
  }

  async #keepWithin(quota: StorageQuota, instance: InstanceDescription, data: IncomingData): Promise<KeptInstance> {
    let isEntered = false;
    // It is locked when its data are complete, because it may itself be deleted to make room for them.
    const admitted = quota.admit(data, () => {
      isEntered = true;
      return this.#parts.locks.enter(instance.sopInstance);
    });
    try {
      return await this.#work.keep(this.#parts, instance, admitted.data, admitted.grow);
    } finally {
      if (isEntered) this.#leave(instance.sopInstance);
      admitted.end();
    }
  }

  #leave(sopInstance: string): void {
    const { locks, naming } = this.#parts;
    if (locks.leave(sopInstance)) naming?.release(sopInstance);
  }

  /** See `RetrievableInstance.openedAhead`. */
  get openedAhead(): number | undefined {
    return this.#parts.store.openedAhead;
  }

  /** The data folder; undefined if several processes share the archive. */
  get folder(): string | undefined {
    return this.#parts.folder;
  }

  /** Bytes of the index. */
  indexLength(): Promise<number> {
    return this.#work.indexLength();
  }

  /** The studies that must not be deleted now. */
  get needs(): StudyNeeds {
    return this.#parts.needs;
  }

  /** Deletes instances: see `Deletion.delete`. @throws StudyNeededError; the error of the index or the system */
  async delete(scope: DeletionScope, options?: DeletionOptions): Promise<Deleted> {
    // Files without entries would stay, and be entered later.
    if (this.incompleteness !== undefined) throw new StudyNeededError(`${this.incompleteness}: try again later`);
    await this.quota?.counting;
    const deleted = await this.#work.deletion.delete(scope, options);
    const isWhole = scope.series === undefined && scope.sopInstance === undefined;
    this.quota?.deleted(scope.study, deleted.bytes, isWhole);
    return deleted;
  }

  /**
   * Opens the file of an instance.
   * @throws Error if its length differs from the stored one; the system's error
   */
  async open(instance: InstanceKey & Partial<IndexedInstance>, buffer?: Uint8Array): Promise<DicomFile> {
    const file = await this.#parts.store.open(instance, buffer);
    if (hasLength(file, instance.length)) return file;
    await file.close();
    throw new Error(`its file has ${file.dataSet.length} bytes of data, ${instance.length} were stored`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.quota?.counting?.catch(() => {});
    await this.#reconciliation?.catch(() => {});
    await this.#completion?.catch(() => {});
    await this.#work.upkeep?.[Symbol.asyncDispose]();
    await this.#work.deletion.idle();
    await this.index[Symbol.asyncDispose]();
  }
}

/** The file system of the instances is not mounted, for instance. Removing all rows would lose what only the index has. */
function allMissing(dataFolder: string): DatabaseError {
  const folder = join(dataFolder, 'instances');
  const message = `the index has instances, but ${folder} has none: mount it, or use --reindex if they were removed on purpose`;
  return new DatabaseError(message, { isInUse: false });
}

const NOTHING_TO_COMPARE: ComparisonProgress = { state: 'passed', compared: 0, studies: 0 };
const NOTHING_TO_CORRECT: Reconciliation = { added: 0, removed: 0, unreadable: [] };

async function isEmpty(values: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of values) return false;
  return true;
}
