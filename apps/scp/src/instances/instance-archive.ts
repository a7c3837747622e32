// The instances of the archive: their files and the index, kept consistent.

import { constants, existsSync } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DicomFile, IncomingData } from '@x/dimse';
import { makeFolders } from '../data-folder/make-folders.ts';
import { DatabaseError } from '../data-folder/sql-database.ts';
import type { ArchiveIndex, DeletionScope, IndexedInstance } from './archive-index/archive-index.ts';
import { INDEXED_ATTRIBUTES, type IndexedAttribute, tagsOf } from './archive-index/indexed-attributes.ts';
import { explainIndexError, openSqlArchiveIndex, type SqlIndexOptions } from './archive-index/sql-archive-index.ts';
import { type Deleted, Deletion, type DeletionOptions, StudyNeededError } from './deletion.ts';
import { type ArchiveParts, complete, enter, enterFile, readAgain } from './entering-files.ts';
import type { FileNameTemplate } from './file-name-template.ts';
import { FileNaming } from './file-naming.ts';
import { openFolderInstanceStore } from './folder-instance-store.ts';
import { type ComparisonProgress, IndexComparison, type Reconciliation } from './index-comparison.ts';
import { InstanceLocks } from './instance-locks.ts';
import type { InstanceDescription, InstanceKey, InstanceStore, KeptInstance } from './instance-store.ts';
import type { NoticeListener } from './notices.ts';
import { storageError } from './storage-error.ts';
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
  let store: InstanceStore;
  try {
    const tags = tagsOf(attributes);
    const naming = new FileNaming(index.names, fileName, existsSync(join(dataFolder, 'named')));
    store = await openFolderInstanceStore(dataFolder, { fsync, tags, naming });
    const locks = new InstanceLocks();
    const own = { folder: dataFolder, path, locks, needs: new StudyNeeds() };
    const onEntered = (study: string, bytes: number) => archive.quota?.entered(study, bytes);
    const parts = { ...own, store, index, tags, notice, onEntered, naming };
    if ((await isEmpty(store.series())) && (await isEmpty(store.named()))) {
      if (!(await isEmpty(index.series()))) throw allMissing(dataFolder);
      await index.setComplete(true);
    }
    const deletion = new Deletion(parts);
    const archive: InstanceArchive = new InstanceArchive(parts, deletion, await deletion.finish(), quotaOptions);
    await archive.quota?.load(index);
    return archive;
  } catch (error) {
    await index[Symbol.asyncDispose]();
    // Damage inside the database only shows when it is read.
    throw explainIndexError(error, path);
  }
}

export class InstanceArchive implements AsyncDisposable {
  readonly index: ArchiveIndex;
  /** The studies whose deletion was finished when it was opened. */
  readonly finishedDeletions: readonly string[];
  /** If the archive has one. */
  readonly quota: StorageQuota | undefined;
  readonly #deletion: Deletion;
  readonly #parts: ArchiveParts;
  readonly #closed = new AbortController();
  readonly #comparison: IndexComparison;
  #reconciliation: Promise<Reconciliation> | undefined;
  #completion: Promise<boolean> | undefined;

  constructor(
    parts: ArchiveParts,
    deletion: Deletion,
    finishedDeletions: readonly string[],
    quotaOptions: QuotaOptions | undefined,
  ) {
    this.quota = quotaOptions && new StorageQuota(quotaOptions, (study, options) => this.delete({ study }, options));
    this.#parts = parts;
    this.#deletion = deletion;
    this.finishedDeletions = finishedDeletions;
    this.index = parts.index;
    const { store, index } = parts;
    this.#comparison = new IndexComparison({
      store,
      index,
      enterFile: (key, buffer) => enterFile(parts, key, { buffer }),
    });
  }

  /**
   * Compares files and index in the background of requests, and corrects the index. Further calls give the same promise.
   * @throws AbortError if the archive is closed; DatabaseError if the index is damaged; the error of the system
   */
  compare(): Promise<Reconciliation> {
    this.#reconciliation ??= this.#comparison.run(this.#closed.signal).catch((error) => {
      throw explainIndexError(error, this.#parts.path);
    });
    return this.#reconciliation;
  }

  get comparison(): ComparisonProgress {
    return this.#comparison.progress;
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
  async keep(instance: InstanceDescription, data: IncomingData): Promise<KeptInstance> {
    const { locks, naming } = this.#parts;
    let isEntered = false;
    const lock = () => {
      isEntered = true;
      return locks.enter(instance.sopInstance);
    };
    // With a quota, an instance is locked when its data are complete, because it may itself be deleted to make room for them.
    const admitted = this.quota?.admit(data, lock);
    try {
      const removal = admitted ? undefined : lock();
      if (removal) await removal;
      return await this.#keep(instance, admitted?.data ?? data);
    } finally {
      if (isEntered && locks.leave(instance.sopInstance)) naming.release(instance.sopInstance);
      admitted?.end();
    }
  }

  /** The data folder. */
  get folder(): string {
    return this.#parts.folder;
  }

  /** The studies that must not be deleted now. */
  get needs(): StudyNeeds {
    return this.#parts.needs;
  }

  /** Deletes instances: see `Deletion.delete`. @throws StudyNeededError; the error of the index or the system */
  async delete(scope: DeletionScope, options?: DeletionOptions): Promise<Deleted> {
    // Files without entries would stay, and be entered later.
    if (this.incompleteness !== undefined) throw new StudyNeededError(`${this.incompleteness}: try again later`);
    const deleted = await this.#deletion.delete(scope, options);
    const isWhole = scope.series === undefined && scope.sopInstance === undefined;
    this.quota?.deleted(scope.study, deleted.bytes, isWhole);
    return deleted;
  }

  async #keep(instance: InstanceDescription, data: IncomingData): Promise<KeptInstance> {
    const kept = await this.#parts.store.keep(instance, data);
    const { study, series, file, length, attributes, faults = [], deviations } = kept;
    const key = { study, series, sopInstance: instance.sopInstance, ...(file !== undefined && { file }) };
    try {
      // A duplicate may be encoded differently, so the kept file is entered. A new file may have an entry: an earlier file was
      // damaged, or was removed while the archive ran.
      if (!kept.isDuplicate)
        await enter(this.#parts, { instance: { ...instance, ...key, length }, attributes, faults }, true);
      else if (await this.#isEntered(key)) await this.index.sync();
      else await this.#enterFile(key);
    } catch (error) {
      // The file stays: another request may have been answered for it. It is entered with the next one, or at the next start.
      throw storageError(error);
    }
    if (deviations && !kept.isDuplicate)
      this.#parts.notice({ kind: 'deviations', instance: key, sourceAeTitle: instance.sourceAeTitle, deviations });
    return kept;
  }

  async #enterFile(key: InstanceKey): Promise<void> {
    const why = await enterFile(this.#parts, key, { isReplacing: true });
    if (why !== undefined) throw new Error(`the existing file cannot be entered: ${why}`);
  }

  /** Whether an instance has an entry that describes its file. After a crash, the entry may be that of an earlier file. */
  async #isEntered({ study, series, sopInstance }: InstanceKey): Promise<boolean> {
    const located = await this.index.locate(sopInstance);
    const entry = located.find((one) => one.study === study && one.series === series);
    if (!entry) return false;
    await using file = await this.#parts.store.open(entry);
    return hasLength(file, entry.length) && file.transferSyntax === entry.transferSyntax;
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
    await this.#reconciliation?.catch(() => {});
    await this.#completion?.catch(() => {});
    await this.#deletion.idle();
    await this.index[Symbol.asyncDispose]();
  }
}

/** Whether the data set of a file is as long as its entry says, if it says so. */
function hasLength({ dataSet: { length } }: DicomFile, entered: number | null | undefined): boolean {
  // A deflated data set may be padded.
  return typeof entered !== 'number' || length === entered || length === entered + 1;
}

/** Empties the index, so that it stays locked by this process. A damaged index is deleted and created again. */
async function openEmptyIndex(path: string, options: SqlIndexOptions): Promise<ArchiveIndex> {
  let index: ArchiveIndex | undefined;
  try {
    index = await openSqlArchiveIndex(path, options);
    await index.clear();
    return index;
  } catch (error) {
    await index?.[Symbol.asyncDispose]();
    if (error instanceof DatabaseError && error.isInUse) throw error;
    for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true });
    return openSqlArchiveIndex(path, options);
  }
}

/** The file system of the instances is not mounted, for instance. Removing all rows would lose what only the index has. */
function allMissing(dataFolder: string): DatabaseError {
  const folder = join(dataFolder, 'instances');
  const message = `the index has instances, but ${folder} has none: mount it, or use --reindex if they were removed on purpose`;
  return new DatabaseError(message, { isInUse: false });
}

async function isEmpty(values: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _ of values) return false;
  return true;
}
