// Instances as DICOM files in folders: instances/<study>/<series>/<instance>.dcm.

import { constants, lstatSync, renameSync, rmSync } from 'node:fs';
import { access, lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DataSetError,
  type DicomFile,
  DimseError,
  type IncomingData,
  isUid,
  NotDicomError,
  openDicomFile,
  Status,
  writeInstance,
} from '@x/dimse';
import { FileWriter } from '@x/dimse/data-set';
import { CodedError } from '@x/pdu/internal';
import { makeFolders } from '../data-folder/make-folders.ts';
import { DiskSyncs } from '../data-folder/sync-folder.ts';
import { INDEXED_TAGS } from './archive-index/indexed-attributes.ts';
import { describeInstance } from './archive-index/instance-description.ts';
import { entriesOf, sorted } from './folder-listing.ts';
import type { InstanceDescription, InstanceKey, InstanceStore, KeptInstance, KeptSeries } from './instance-store.ts';
import { storageError } from './storage-error.ts';

export interface FolderOptions {
  /** Whether `keep` waits until the file is on disk. */
  readonly fsync: boolean;
  /** The tags of the attributes that `keep` extracts. Default: those of the index. */
  readonly tags?: ReadonlySet<number>;
}

/** Opens the store in a data folder, which is created if necessary. Removes the remains of interrupted transfers. */
export async function openFolderInstanceStore(dataFolder: string, options: FolderOptions): Promise<InstanceStore> {
  const instances = join(dataFolder, 'instances');
  const incoming = join(dataFolder, 'incoming');
  await makeFolders(instances, options);
  await makeFolders(incoming, options);
  await access(incoming, constants.W_OK);
  for (const name of await readdir(incoming)) await rm(join(incoming, name), { recursive: true });
  return new FolderInstanceStore(instances, incoming, options);
}

class FolderInstanceStore implements InstanceStore {
  readonly #instances: string;
  readonly #incoming: string;
  /** Absent without fsync. */
  readonly #syncs: DiskSyncs | undefined;
  readonly #tags: ReadonlySet<number>;
  /** Folders that exist and, with fsync, are on disk. */
  readonly #madeFolders = new Set<string>();
  #received = 0;

  constructor(instances: string, incoming: string, { fsync, tags = INDEXED_TAGS }: FolderOptions) {
    this.#instances = instances;
    this.#incoming = incoming;
    this.#syncs = fsync ? new DiskSyncs() : undefined;
    this.#tags = tags;
  }

  async keep(instance: InstanceDescription, data: IncomingData): Promise<KeptInstance> {
    const { sopInstance } = instance;
    if (!isUid(sopInstance))
      throw new DimseError(Status.InvalidSopInstance, { errorComment: 'the SOP Instance UID is not a UID' });
    this.#refuseAfterFailure();
    const writer = new FileWriter(join(this.#incoming, `${process.pid}-${++this.#received}.part`));
    try {
      const received = await receive(instance, data, writer, this.#tags);
      await writer.finish({ fsync: this.#syncs !== undefined });
      const placed = await this.#place(writer, this.#folderOf(received), sopInstance);
      return { ...received, sopInstance, isDuplicate: placed === 'duplicate', isReplacement: placed === 'replacement' };
    } catch (error) {
      await writer.discard();
      // If somebody has removed the folder, only this instance is lost: its data have been taken.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') await makeFolders(this.#incoming).catch(() => {});
      throw storageError(error);
    }
  }

  async open(instance: InstanceKey, buffer?: Uint8Array): Promise<DicomFile> {
    return openInstance(this.#pathOf(instance), buffer);
  }

  async *series(): AsyncGenerator<KeptSeries> {
    for await (const study of sorted(foldersIn(this.#instances, UNKNOWN_STUDY)))
      for await (const series of sorted(foldersIn(join(this.#instances, study), UNKNOWN_SERIES))) {
        const sopInstances: string[] = [];
        for await (const { name } of entriesOf(join(this.#instances, study, series))) {
          if (!name.endsWith(SUFFIX)) continue;
          const sopInstance = name.slice(0, -SUFFIX.length);
          if (isUid(sopInstance)) sopInstances.push(sopInstance);
        }
        // Those of a large series are entered in the order of the folder.
        if (sopInstances.length <= MOST_SORTED) sopInstances.sort();
        yield {
          study: study === UNKNOWN_STUDY ? '' : study,
          series: series === UNKNOWN_SERIES ? '' : series,
          sopInstances,
        };
      }
  }

  async countStudies(): Promise<number> {
    let count = 0;
    for await (const _ of foldersIn(this.#instances, UNKNOWN_STUDY)) count++;
    return count;
  }

  has(instance: InstanceKey): boolean {
    return lstatSync(this.#pathOf(instance), { throwIfNoEntry: false }) !== undefined;
  }

  async remove(instance: InstanceKey): Promise<void> {
    await rm(this.#pathOf(instance), { force: true });
  }

  async removed(instances: readonly InstanceKey[]): Promise<void> {
    for (const folder of new Set(instances.map((instance) => this.#folderOf(instance)))) {
      await this.#syncs?.folder(folder).catch(ignoreMissing);
      for (const each of [folder, join(folder, '..')]) {
        this.#madeFolders.delete(folder);
        // A folder that is not empty stays.
        if (!(await rmdir(each).then(() => true, ignoreKept))) break;
        await this.#syncs?.folder(join(each, '..')).catch(ignoreMissing);
      }
    }
  }

  #folderOf({ study, series }: Omit<InstanceKey, 'sopInstance'>): string {
    return join(this.#instances, study || UNKNOWN_STUDY, series || UNKNOWN_SERIES);
  }

  #pathOf(instance: InstanceKey): string {
    return join(this.#folderOf(instance), `${instance.sopInstance}${SUFFIX}`);
  }

  /** Gives a complete file its name, unless a complete file of that name exists: the first one is kept. */
  async #place(writer: FileWriter, folder: string, sopInstance: string): Promise<'new' | 'duplicate' | 'replacement'> {
    const isRemembered = this.#madeFolders.has(folder);
    if (!isRemembered) await this.#makeFolder(folder);
    const path = join(folder, `${sopInstance}.dcm`);
    let placed: 'new' | 'duplicate' | 'replacement';
    try {
      const isReplacement =
        lstatSync(path, { throwIfNoEntry: false }) !== undefined && !(await isWhole(path, sopInstance));
      if (isReplacement) renameSync(writer.path, path);
      placed = isReplacement ? 'replacement' : writer.moveTo(path) ? 'new' : 'duplicate';
    } catch (error) {
      // The folder was removed since it was created. If the file itself was removed, trying again does not help.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !isRemembered) throw error;
      this.#madeFolders.delete(folder);
      return this.#place(writer, folder, sopInstance);
    }
    await this.#sync(folder, path, placed);
    return placed;
  }

  async #makeFolder(folder: string): Promise<void> {
    for (const each of [join(folder, '..'), folder]) {
      await makeFolders(each);
      if ((await lstat(each)).isSymbolicLink()) throw new SymbolicLinkError(`the folder ${each}`);
    }
  }

  /** Waits until a file that was placed is on disk with its name. If that fails, a new file is removed. */
  async #sync(folder: string, path: string, placed: 'new' | 'duplicate' | 'replacement'): Promise<void> {
    const isRemembered = this.#madeFolders.has(folder);
    if (!isRemembered && this.#madeFolders.size >= REMEMBERED_FOLDERS) this.#madeFolders.clear();
    try {
      if (this.#syncs) {
        // An earlier process may have written the existing file without syncing it.
        if (placed === 'duplicate') await this.#syncs.file(path);
        // The parents also if the folder exists: another request may have created it a moment ago.
        const folders = isRemembered ? [folder] : [folder, join(folder, '..'), this.#instances];
        await Promise.all(folders.map((each) => this.#syncs?.folder(each)));
      }
      this.#madeFolders.add(folder);
    } catch (error) {
      if (placed === 'new') rmSync(path, { force: true });
      throw error;
    }
  }

  #refuseAfterFailure(): void {
    try {
      this.#syncs?.check();
    } catch (error) {
      throw storageError(error);
    }
  }
}

/** Another deletion, or a person, may have removed a folder. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** Returns false for a folder that has other files. */
function ignoreKept(error: NodeJS.ErrnoException): boolean {
  if (error.code === 'ENOENT') return true;
  if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
  throw error;
}

/** The folders of instances whose data set has no Study or Series Instance UID. */
export const UNKNOWN_STUDY = 'unknown-study';
export const UNKNOWN_SERIES = 'unknown-series';

const SUFFIX = '.dcm';
const MOST_SORTED = 5000;
const REMEMBERED_FOLDERS = 10_000;
const STUDY_INSTANCE_UID = 0x0020000d;
const SERIES_INSTANCE_UID = 0x0020000e;

async function receive(
  instance: InstanceDescription,
  data: IncomingData,
  writer: FileWriter,
  extracted: ReadonlySet<number>,
): Promise<Pick<KeptInstance, 'study' | 'series' | 'attributes' | 'faults' | 'deviations' | 'length'>> {
  const options = { wanted: [STUDY_INSTANCE_UID, SERIES_INSTANCE_UID], extracted };
  const { length, uids, extract, warnings } = await writeInstance(writer, instance, data, options);
  const study = folderName('Study Instance UID', uids.get(STUDY_INSTANCE_UID));
  const series = folderName('Series Instance UID', uids.get(SERIES_INSTANCE_UID));
  const described = describeInstance({ ...instance, study, series, length }, extract);
  const { attributes, faults } = described;
  return {
    study,
    series,
    attributes,
    ...(faults.length > 0 && { faults }),
    ...(warnings.length > 0 && { deviations: warnings }),
    length: described.instance.length ?? length,
  };
}

/** Below `instances`, links are neither read nor written through: they could lead anywhere. */
class SymbolicLinkError extends CodedError {
  static override readonly name: string = 'SymbolicLinkError';
  readonly code = 'SYMBOLIC_LINK';

  constructor(what: string) {
    super(`${what} is a symbolic link`);
  }
}

async function openInstance(path: string, buffer?: Uint8Array): Promise<DicomFile> {
  try {
    return await openDicomFile(path, { followLink: false, ...(buffer && { buffer }) });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ELOOP' ? new SymbolicLinkError('the file') : error;
  }
}

/** Whether a file has the complete instance: a crash of the machine may have left only a part. */
async function isWhole(path: string, sopInstance: string): Promise<boolean> {
  try {
    await using file = await openInstance(path);
    await file.checkDataSet();
    return file.sopInstance === sopInstance;
  } catch (error) {
    if (error instanceof NotDicomError || error instanceof DataSetError || error instanceof SymbolicLinkError)
      return false;
    throw error;
  }
}

/** The folders that are named by UIDs, or as this one. Somebody else has made others: their names must not get into answers. */
async function* foldersIn(folder: string, unknown: string): AsyncGenerator<string> {
  for await (const entry of entriesOf(folder))
    if (entry.isDirectory() && (isUid(entry.name) || entry.name === unknown)) yield entry.name;
}

function folderName(name: string, uid: string | undefined): string {
  if (uid === undefined) return '';
  if (!isUid(uid)) throw new DimseError(Status.CannotUnderstand, { errorComment: `the ${name} is not a UID` });
  return uid;
}
