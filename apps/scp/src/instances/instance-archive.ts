// The instances of the archive: their files and the index, kept consistent.

import { constants } from 'node:fs';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSet, DicomFile, IncomingData } from '@x/dimse';
import { makeFolders } from '../data-folder/make-folders.ts';
import { DatabaseError } from '../data-folder/sql-database.ts';
import type { ArchiveIndex, IndexedInstance } from './archive-index/archive-index.ts';
import { INDEXED_ATTRIBUTES, type IndexedAttribute, tagsOf } from './archive-index/indexed-attributes.ts';
import { explainIndexError, openSqlArchiveIndex, type SqlIndexOptions } from './archive-index/sql-archive-index.ts';
import { openFolderInstanceStore } from './folder-instance-store.ts';
import type { InstanceDescription, InstanceKey, InstanceStore, KeptInstance } from './instance-store.ts';
import { storageError } from './storage-error.ts';

export interface InstanceArchiveOptions {
  /** Whether an instance is on disk, not only written, when it has been kept. */
  readonly fsync: boolean;
  /** Whether the index is rebuilt from the files. */
  readonly reindex: boolean;
  /** The attributes to index. Default: all that this version knows. */
  readonly attributes?: readonly IndexedAttribute[];
}

export interface UnreadableFile extends InstanceKey {
  readonly why: string;
}

/** The differences between files and index that were found at the start. */
export interface Reconciliation {
  readonly added: number;
  readonly removed: number;
  /** Files that are not valid instances. */
  readonly unreadable: readonly UnreadableFile[];
}

/** Opens the archive in a data folder, which is created if necessary. If files and index differ, the index is corrected. */
export async function openInstanceArchive(
  dataFolder: string,
  { fsync, reindex, attributes = INDEXED_ATTRIBUTES }: InstanceArchiveOptions,
): Promise<InstanceArchive> {
  await makeFolders(dataFolder, { fsync });
  await access(dataFolder, constants.W_OK);
  const path = join(dataFolder, 'index.db');
  // The index first: it is locked if another process uses the folder.
  const indexOptions: SqlIndexOptions = {
    ...{ fsync, attributes },
    read: (instance, wanted) => readAttributes(store, instance, tagsOf(wanted)),
  };
  const index = await (reindex ? openEmptyIndex(path, indexOptions) : openSqlArchiveIndex(path, indexOptions));
  let store: InstanceStore;
  try {
    const tags = tagsOf(attributes);
    store = await openFolderInstanceStore(dataFolder, { fsync, tags });
    return new InstanceArchive(store, index, tags, await reconcile(store, index, tags));
  } catch (error) {
    await index[Symbol.asyncDispose]();
    // Damage inside the database only shows when it is read.
    throw explainIndexError(error, path);
  }
}

export class InstanceArchive implements AsyncDisposable {
  readonly index: ArchiveIndex;
  /** The corrections made when it was opened. */
  readonly reconciliation: Reconciliation;
  readonly #store: InstanceStore;
  readonly #tags: ReadonlySet<number>;
  readonly #closed = new AbortController();
  #completion: Promise<void> | undefined;

  constructor(store: InstanceStore, index: ArchiveIndex, tags: ReadonlySet<number>, reconciliation: Reconciliation) {
    this.#store = store;
    this.#tags = tags;
    this.index = index;
    this.reconciliation = reconciliation;
  }

  /**
   * Adds to the index what an earlier version did not index, in the background of other requests. Settles when all is
   * added, or when the archive is closed; the next start continues. @throws what the index throws.
   */
  completeIndex(): Promise<void> {
    this.#completion ??= this.index.complete(this.#closed.signal);
    return this.#completion;
  }

  /**
   * Takes an instance as its data arrive. When it settles, the instance is safe and can be found.
   * @throws DimseError with the status to answer; the error that interrupted the data
   */
  async keep(instance: InstanceDescription, data: IncomingData): Promise<KeptInstance> {
    const kept = await this.#store.keep(instance, data);
    const { study, series, length } = kept;
    const key = { study, series, sopInstance: instance.sopInstance };
    try {
      if (kept.isReplacement) await this.index.remove(key);
      // A duplicate may be encoded differently, so the kept file is entered.
      if (!kept.isDuplicate) await this.index.add({ ...instance, ...key, length }, kept.attributes);
      else if (await this.#isEntered(key)) await this.index.sync();
      else await this.#enterFile(key);
    } catch (error) {
      // The file stays: another request may have been answered for it. It is entered with the next one, or at the next start.
      throw storageError(error);
    }
    return kept;
  }

  async #enterFile(key: InstanceKey): Promise<void> {
    const why = await enter(this.#store, this.index, key, this.#tags);
    if (why !== undefined) throw new Error(`the existing file cannot be entered: ${why}`);
  }

  async #isEntered({ study, series, sopInstance }: InstanceKey): Promise<boolean> {
    const located = await this.index.locate(sopInstance);
    return located.some((one) => one.study === study && one.series === series);
  }

  /**
   * Opens the file of an instance.
   * @throws Error if its length differs from the stored one; the system's error
   */
  async open(instance: InstanceKey & Partial<IndexedInstance>, buffer?: Uint8Array): Promise<DicomFile> {
    const { length: entered } = instance;
    const file = await this.#store.open(instance, buffer);
    const { length } = file.dataSet;
    // A deflated data set may be padded.
    if (typeof entered !== 'number' || length === entered || length === entered + 1) return file;
    await file.close();
    throw new Error(`its file has ${length} bytes of data, ${entered} were stored`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#completion?.catch(() => {});
    await this.index[Symbol.asyncDispose]();
  }
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

async function reconcile(
  store: InstanceStore,
  index: ArchiveIndex,
  tags: ReadonlySet<number>,
): Promise<Reconciliation> {
  const unreadable: UnreadableFile[] = [];
  const seen = new Set<string>();
  let [added, removed] = [0, 0];
  for await (const { study, series, sopInstances } of store.series()) {
    seen.add(`${study}/${series}`);
    const indexed = await index.sopInstancesOf({ study, series });
    const missing = sopInstances.filter((sopInstance) => !indexed.has(sopInstance));
    for (let at = 0; at < missing.length; at += OPENED_AT_ONCE)
      await Promise.all(
        missing.slice(at, at + OPENED_AT_ONCE).map(async (sopInstance) => {
          const key = { study, series, sopInstance };
          const why = await enter(store, index, key, tags);
          if (why === undefined) added++;
          else unreadable.push({ ...key, why });
        }),
      );
    const kept = new Set(sopInstances);
    for (const sopInstance of indexed) {
      if (kept.has(sopInstance)) continue;
      await index.remove({ study, series, sopInstance });
      removed++;
    }
  }
  for await (const key of index.series()) {
    if (seen.has(`${key.study}/${key.series}`)) continue;
    for (const sopInstance of await index.sopInstancesOf(key)) {
      await index.remove({ ...key, sopInstance });
      removed++;
    }
  }
  return { added, removed, unreadable };
}

const OPENED_AT_ONCE = 8;

/** Enters an existing file into the index, or returns why it is not a valid instance. @throws the error of the index */
async function enter(
  store: InstanceStore,
  index: ArchiveIndex,
  key: InstanceKey,
  tags: ReadonlySet<number>,
): Promise<string | undefined> {
  let instance: IndexedInstance;
  let attributes: DataSet;
  try {
    await using file = await store.open(key);
    const { sopClass, sopInstance, transferSyntax, dataSet } = file;
    if (sopClass === undefined) return 'it has no SOP class';
    if (sopInstance !== key.sopInstance) return `it has the instance ${sopInstance}`;
    instance = { ...key, sopClass, transferSyntax, length: dataSet.length };
    await file.checkDataSet();
    attributes = await file.attributes(tags);
  } catch (error) {
    // A file that cannot be read must not prevent the others from being entered.
    return (error as Error).message;
  }
  await index.add(instance, attributes);
  return undefined;
}

/** Attributes of a file; none if it cannot be read. */
async function readAttributes(store: InstanceStore, key: InstanceKey, tags: ReadonlySet<number>): Promise<DataSet> {
  try {
    await using file = await store.open(key);
    return await file.attributes(tags);
  } catch {
    // A damaged file is reported when it is requested.
    return {};
  }
}
