// The places of instances in the data folder, and the files that get them.
//
// The default layout is instances/<study>/<series>/<instance>.dcm; files that a template named are below `named`.

import { lstatSync, renameSync, rmSync } from 'node:fs';
import { lstat, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FileWriter } from '@x/dimse/data-set';
import { CodedError } from '@x/pdu/internal';
import { makeFolders } from '../data-folder/make-folders.ts';
import { DiskSyncs } from '../data-folder/sync-folder.ts';
import type { InstanceKey } from './instance-store.ts';

/** A path below a folder that exists. */
export interface Place {
  readonly root: string;
  readonly path: string;
}

/** The fate of a file that was to get a place. */
export type Placed = 'new' | 'duplicate' | 'replacement';

export interface Taken {
  readonly placed: Placed;
  /** Settles when the name of a new file is on disk; absent if there is nothing to wait for. If it fails, the file is removed. */
  readonly onDisk?: Promise<void>;
}

export class FilePlaces {
  readonly instances: string;
  readonly named: string;
  /** Absent without fsync. */
  readonly #syncs: DiskSyncs | undefined;
  /** Folders that exist and, with fsync, are on disk. */
  readonly #madeFolders = new Set<string>();
  /** By path, the files whose names are not on disk yet. */
  readonly #placing = new Map<string, Promise<void>>();

  constructor(dataFolder: string, { fsync }: { readonly fsync: boolean }) {
    this.instances = join(dataFolder, 'instances');
    this.named = join(dataFolder, 'named');
    this.#syncs = fsync ? new DiskSyncs() : undefined;
  }

  /** @throws the error of a sync that has failed before */
  check(): void {
    this.#syncs?.check();
  }

  of({ study, series, sopInstance, file }: InstanceKey): Place {
    if (file !== undefined) return { root: this.named, path: join(this.named, ...file.split('/')) };
    const name = `${sopInstance}${SUFFIX}`;
    return {
      root: this.instances,
      path: join(this.instances, study || UNKNOWN_STUDY, series || UNKNOWN_SERIES, name),
    };
  }

  /** The path of an instance, when a file that has just got it is on disk with its name, or has been removed. */
  settledPath(instance: InstanceKey): string | Promise<string> {
    const { path } = this.of(instance);
    return this.#placing.get(path)?.then(() => path) ?? path;
  }

  /**
   * Gives a complete file its place, unless a complete file of the instance has it: the first one is kept.
   * @param isWhole Whether an existing file is complete.
   */
  async take(writer: FileWriter, place: Place, isWhole: (path: string) => Promise<boolean>): Promise<Taken> {
    const { root, path } = place;
    const folder = dirname(path);
    const isRemembered = this.#madeFolders.has(folder);
    if (!isRemembered) for (const each of foldersTo(place)) await makeOwnFolder(each);
    let placed: Placed;
    try {
      const isFree = lstatSync(path, { throwIfNoEntry: false }) === undefined;
      const isReplacement = !isFree && !(await isWhole(path));
      // Only this process writes here. Its other code does not run between both calls: the first of two arrivals stays.
      if (isFree || isReplacement) renameSync(writer.path, path);
      placed = isFree ? 'new' : isReplacement ? 'replacement' : writer.moveTo(path) ? 'new' : 'duplicate';
    } catch (error) {
      // The folder was removed since it was created. If the file itself was removed, trying again does not help.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !isRemembered) throw error;
      this.#madeFolders.delete(folder);
      return this.take(writer, place, isWhole);
    }
    const hasOthers = root === this.instances && this.#madeFolders.has(folder);
    const syncing = this.#sync(place, placed);
    // Its entry may reach the disk first: if the power fails in between, the comparison of the next start removes the entry.
    // But it must not be the only trace of the folder, because the files as a whole would seem to be missing then.
    if (placed === 'new' && hasOthers && this.#syncs) {
      // The caller handles a failure, perhaps later.
      const settled = syncing
        .catch(() => {})
        .then(() => {
          if (this.#placing.get(path) === settled) this.#placing.delete(path);
        });
      this.#placing.set(path, settled);
      return { placed, onDisk: syncing };
    }
    await syncing;
    return { placed };
  }

  /**
   * The same as `take` for a place that is free, without a promise. Returns false if it has to wait, to make a folder, or to
   * look at an existing file; then nothing has changed.
   */
  takeAtOnce(writer: FileWriter, { path }: Place): boolean {
    if (this.#syncs || !this.#madeFolders.has(dirname(path))) return false;
    try {
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false;
      renameSync(writer.path, path);
      return true;
    } catch {
      return false;
    }
  }

  /** Removes the folders of these places that are empty, and makes sure that all removals are on disk. */
  async removed(places: readonly Place[]): Promise<void> {
    const folders = new Map(places.map((place) => [dirname(place.path), place]));
    for (const [folder, place] of folders) {
      await this.#syncs?.folder(folder).catch(ignoreMissing);
      for (const each of foldersTo(place).reverse()) {
        this.#madeFolders.delete(folder);
        // A folder that is not empty stays.
        if (!(await rmdir(each).then(() => true, ignoreKept))) break;
        await this.#syncs?.folder(dirname(each)).catch(ignoreMissing);
      }
    }
  }

  /** Waits until a file that was placed is on disk with its name. If that fails, a new file is removed. */
  async #sync(place: Place, placed: Placed): Promise<void> {
    const { root, path } = place;
    const folder = dirname(path);
    const isRemembered = this.#madeFolders.has(folder);
    if (!isRemembered && this.#madeFolders.size >= REMEMBERED_FOLDERS) this.#madeFolders.clear();
    try {
      if (this.#syncs) {
        // An earlier process may have written the existing file without syncing it.
        if (placed === 'duplicate') await this.#syncs.file(path);
        // The parents also if the folder exists: another request may have created it a moment ago.
        const folders = isRemembered ? [folder] : [root, ...foldersTo(place)];
        await Promise.all(folders.map((each) => this.#syncs?.folder(each)));
      }
      this.#madeFolders.add(folder);
    } catch (error) {
      if (placed === 'new') rmSync(path, { force: true });
      throw error;
    }
  }
}

/** Below the roots, links are neither read nor written through: they could lead anywhere. */
export class SymbolicLinkError extends CodedError {
  static override readonly name: string = 'SymbolicLinkError';
  readonly code = 'SYMBOLIC_LINK';

  constructor(what: string) {
    super(`${what} is a symbolic link`);
  }
}

/** The folders of instances whose data set has no Study or Series Instance UID. */
export const UNKNOWN_STUDY = 'unknown-study';
export const UNKNOWN_SERIES = 'unknown-series';

export const SUFFIX = '.dcm';
const REMEMBERED_FOLDERS = 10_000;

/** The folders between the root and the file, from the top. */
function foldersTo({ root, path }: Place): string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folder.length > root.length; folder = dirname(folder)) folders.unshift(folder);
  return folders;
}

async function makeOwnFolder(folder: string): Promise<void> {
  await makeFolders(folder);
  if ((await lstat(folder)).isSymbolicLink()) throw new SymbolicLinkError(`the folder ${folder}`);
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
