// Instances as DICOM files in folders: see file-places.ts for their paths.

import { constants, lstatSync } from 'node:fs';
import { access, readdir, rm } from 'node:fs/promises';
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
} from '@x/dimse';
import { FileWriter, SERIES_INSTANCE_UID, STUDY_INSTANCE_UID, uid } from '@x/dimse/data-set';
import { makeFolders } from '../data-folder/make-folders.ts';
import { INDEXED_TAGS } from './archive-index/indexed-attributes.ts';
import { type Coercion, coercedData } from './coercion.ts';
import type { FileNaming } from './file-naming.ts';
import { FilePlaces, SUFFIX, SymbolicLinkError, type Taken, UNKNOWN_SERIES, UNKNOWN_STUDY } from './file-places.ts';
import { entriesOf, filesBelow, foldersIn, sorted } from './folder-listing.ts';
import type {
  Grow,
  InstanceDescription,
  InstanceKey,
  KeptInstance,
  KeptSeries,
  ListedInstanceStore,
} from './instance-store.ts';
import { arrivedData, receiveAtOnce } from './keep-at-once.ts';
import { type ReceivedInstance, receive } from './received-instance.ts';
import { storageError } from './storage-error.ts';

export interface FolderOptions {
  /** Whether `keep` waits until the file is on disk. */
  readonly fsync: boolean;
  /** The tags of the attributes that `keep` extracts. Default: those of the index. */
  readonly tags?: ReadonlySet<number>;
  /** Chooses the names of files. Default: the default layout. */
  readonly naming?: FileNaming | undefined;
  /** Changes instances before they are kept. */
  readonly coercion?: Coercion | undefined;
}

/** Opens the store in a data folder, which is created if necessary. Removes the remains of interrupted transfers. */
export async function openFolderInstanceStore(
  dataFolder: string,
  options: FolderOptions,
): Promise<ListedInstanceStore> {
  const places = new FilePlaces(dataFolder, options);
  const incoming = join(dataFolder, 'incoming');
  await makeFolders(places.instances, options);
  await makeFolders(incoming, options);
  if (options.naming?.hasTemplate) await makeFolders(places.named, options);
  await access(incoming, constants.W_OK);
  for (const name of await readdir(incoming)) await rm(join(incoming, name), { recursive: true });
  return new FolderInstanceStore(places, incoming, options);
}

class FolderInstanceStore implements ListedInstanceStore {
  readonly #places: FilePlaces;
  readonly #incoming: string;
  readonly #fsync: boolean;
  readonly #tags: ReadonlySet<number>;
  readonly #naming: FileNaming | undefined;
  readonly #coercion: Coercion | undefined;
  #received = 0;

  constructor(places: FilePlaces, incoming: string, { fsync, tags = INDEXED_TAGS, naming, coercion }: FolderOptions) {
    this.#places = places;
    this.#incoming = incoming;
    this.#fsync = fsync;
    this.#tags = tags;
    this.#naming = naming;
    this.#coercion = coercion;
  }

  keep(instance: InstanceDescription, data: IncomingData, grow?: Grow): KeptInstance | Promise<KeptInstance> {
    try {
      this.#check(instance);
    } catch (error) {
      return Promise.reject(error);
    }
    const writer = this.#newFile();
    const arrived = data.atHand?.();
    return arrived
      ? this.#keepArrived(instance, arrived, writer, grow)
      : this.#keepArriving(instance, receive(instance, data, writer, this.#tags), writer, grow);
  }

  /** The fast course: see `keep-at-once.ts`. */
  #keepArrived(
    instance: InstanceDescription,
    arrived: readonly Uint8Array[],
    writer: FileWriter,
    grow: Grow | undefined,
  ): KeptInstance | Promise<KeptInstance> {
    let received: ReceivedInstance | undefined;
    try {
      received = receiveAtOnce(instance, arrived, writer, this.#tags);
      if (received && !this.#fsync && !this.#naming?.isInUse && !this.#coercion?.isInUse) {
        writer.finishAtOnce();
        const key = { study: received.study, series: received.series, sopInstance: instance.sopInstance };
        if (this.#places.takeAtOnce(writer, this.#places.of(key))) return kept(received, key, { placed: 'new' });
      }
    } catch (error) {
      return this.#keepArriving(instance, Promise.reject(error), writer, grow);
    }
    const receiving = received ?? receive(instance, arrivedData(arrived), writer, this.#tags);
    return this.#keepArriving(instance, receiving, writer, grow);
  }

  /** The general course. */
  async #keepArriving(
    instance: InstanceDescription,
    receiving: ReceivedInstance | Promise<ReceivedInstance>,
    writer: FileWriter,
    grow: Grow | undefined,
  ): Promise<KeptInstance> {
    try {
      const received = await receiving;
      await writer.finish({ fsync: this.#fsync });
      const coerced = this.#coercion?.isInUse && (await this.#keepCoerced(instance, received, writer, grow));
      if (!coerced) return await this.#keep(instance, received, writer);
      await writer.discard();
      return coerced;
    } catch (error) {
      await writer.discard();
      // If somebody has removed the folder, only this instance is lost: its data have been taken.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') await makeFolders(this.#incoming).catch(() => {});
      throw storageError(error);
    }
  }

  #newFile(): FileWriter {
    return new FileWriter(join(this.#incoming, `${process.pid}-${++this.#received}.part`));
  }

  /** Keeps an instance as it is to be changed; undefined if it is not to be. */
  async #keepCoerced(
    instance: InstanceDescription,
    received: ReceivedInstance,
    { path }: FileWriter,
    grow: Grow | undefined,
  ): Promise<KeptInstance | undefined> {
    const plan = await this.#coercion?.planFor(instance, received.attributes, () => openInstance(path));
    if (!plan) return undefined;
    const writer = this.#newFile();
    try {
      await using file = await openInstance(path);
      const coerced = await receive(instance, coercedData(file, plan), writer, this.#tags);
      if (coerced.length > received.length) grow?.(coerced.length - received.length);
      await writer.finish({ fsync: this.#fsync });
      const { deviations } = received;
      const changed = { ...coerced, ...(deviations && { deviations }) };
      return { ...(await this.#keep(instance, changed, writer)), coerced: plan.tags };
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  /** Gives a complete file its place. */
  async #keep(
    { sopInstance }: InstanceDescription,
    received: ReceivedInstance,
    writer: FileWriter,
  ): Promise<KeptInstance> {
    const { study, series, attributes } = received;
    const file = await this.#naming?.choose({ study, series, sopInstance }, attributes, (key) => this.#identify(key));
    const key = { study, series, sopInstance, ...(file !== undefined && { file }) };
    return kept(received, key, await this.#place(writer, key));
  }

  async open(instance: InstanceKey, buffer?: Uint8Array): Promise<DicomFile> {
    return openInstance(await this.#places.settledPath(instance), buffer);
  }

  async *series(): AsyncGenerator<KeptSeries> {
    for await (const study of sorted(foldersIn(this.#places.instances, UNKNOWN_STUDY)))
      for await (const series of sorted(foldersIn(join(this.#places.instances, study), UNKNOWN_SERIES))) {
        const sopInstances: string[] = [];
        for await (const { name } of entriesOf(join(this.#places.instances, study, series))) {
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

  named(): AsyncIterable<readonly string[]> {
    return filesBelow(this.#places.named, SUFFIX);
  }

  async countStudies(): Promise<number> {
    let count = 0;
    for await (const _ of foldersIn(this.#places.instances, UNKNOWN_STUDY)) count++;
    for await (const entry of entriesOf(this.#places.named)) if (entry.isDirectory()) count++;
    return count;
  }

  async isEmpty(): Promise<boolean> {
    for await (const study of foldersIn(this.#places.instances, UNKNOWN_STUDY))
      for await (const _ of foldersIn(join(this.#places.instances, study), UNKNOWN_SERIES)) return false;
    for await (const _ of this.named()) return false;
    return true;
  }

  has(instance: InstanceKey): boolean {
    return lstatSync(this.#places.of(instance).path, { throwIfNoEntry: false }) !== undefined;
  }

  async remove(instance: InstanceKey): Promise<void> {
    await rm(this.#places.of(instance).path, { force: true });
  }

  async removed(instances: readonly InstanceKey[]): Promise<void> {
    await this.#places.removed(instances.map((instance) => this.#places.of(instance)));
  }

  #place(writer: FileWriter, key: InstanceKey): Promise<Taken> {
    return this.#places.take(writer, this.#places.of(key), (path) => isWhole(path, key.sopInstance));
  }

  /** The instance of an existing file; undefined if the file is not complete. @throws the system's error */
  async #identify(key: InstanceKey): Promise<InstanceKey | 'damaged' | undefined> {
    if (!this.has(key)) return undefined;
    try {
      await using file = await this.open(key);
      await file.checkDataSet();
      return (await keyOfFile(file)) ?? { study: '', series: '', sopInstance: '' };
    } catch (error) {
      if (isDamage(error)) return 'damaged';
      throw error;
    }
  }

  /** @throws DimseError if an instance is not taken, before its data are read */
  #check({ sopInstance }: InstanceDescription): void {
    if (!isUid(sopInstance))
      throw new DimseError(Status.InvalidSopInstance, { errorComment: 'the SOP Instance UID is not a UID' });
    try {
      this.#places.check();
    } catch (error) {
      throw storageError(error);
    }
  }
}

const MOST_SORTED = 5000;

function kept(received: ReceivedInstance, key: InstanceKey, { placed, onDisk }: Taken): KeptInstance {
  return {
    ...{ ...received, ...key, isDuplicate: placed === 'duplicate', isReplacement: placed === 'replacement' },
    ...(onDisk && { onDisk }),
  };
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
    if (isDamage(error)) return false;
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof NotDicomError || error instanceof DataSetError || error instanceof SymbolicLinkError;
}

/** The identity that a file has by its data set; undefined if it has no instance. @throws DataSetError */
export async function keyOfFile(file: DicomFile): Promise<InstanceKey | undefined> {
  const { StudyInstanceUID, SeriesInstanceUID } = await file.attributes([STUDY_INSTANCE_UID, SERIES_INSTANCE_UID]);
  const [study, series] = [uid(StudyInstanceUID) ?? '', uid(SeriesInstanceUID) ?? ''];
  const { sopInstance = '' } = file;
  const isValid = isUid(sopInstance) && [study, series].every((each) => each === '' || isUid(each));
  return isValid ? { study, series, sopInstance } : undefined;
}
