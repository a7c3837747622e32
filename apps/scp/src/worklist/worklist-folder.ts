// Reads the worklist items in a folder, and follows its changes.

import { type Dirent, type FSWatcher, watch } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Logger } from '@x/cli/logger';
import type { DataSet } from '@x/dimse';
import { isWorklistFile, readWorklistFile } from './worklist-files.ts';

/** An item and the AE title it is for. */
export interface FolderItem {
  /** The subfolder it is in: the called AE title that the item is for. Absent if it is for all. */
  readonly calledAeTitle?: string;
  readonly dataSet: DataSet;
}

export interface WorklistFolderOptions {
  readonly logger: Logger;
  /** Is called with the items each time they have changed. The next change waits until it has settled. */
  readonly changed: (items: readonly FolderItem[]) => void | Promise<void>;
}

/**
 * Reads a folder and its subfolders, and reads them again when the system reports a change and every half minute, because
 * not all file systems report changes. A file without items is left out, and logged once for each of its states.
 * @throws the system's error if the folder cannot be read
 */
export async function watchWorklistFolder(path: string, options: WorklistFolderOptions): Promise<WorklistFolder> {
  const folder = new WorklistFolder(path, options);
  await folder.open();
  return folder;
}

const SETTLING = 100;
const INTERVAL = 30_000;
const MAXIMUM_ITEMS = 100_000;
const READ_AT_ONCE = 8;

interface ReadFile {
  /** Changes whenever the file does. */
  readonly state: string;
  readonly items: readonly FolderItem[];
}

export class WorklistFolder implements AsyncDisposable {
  readonly #path: string;
  readonly #options: WorklistFolderOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #files: ReadonlyMap<string, ReadFile> = new Map();
  #scanning: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isRead = false;
  #isUnwatched = false;
  #isSettling = false;
  #isClosed = false;

  constructor(path: string, options: WorklistFolderOptions) {
    this.#path = path;
    this.#options = options;
  }

  async open(): Promise<void> {
    await readdir(this.#path);
    await this.#scan();
    this.#scanIn(INTERVAL);
  }

  /** Settles when the current scan has ended. */
  async scanned(): Promise<void> {
    await this.#scanning;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    await this.scanned();
  }

  /** Milliseconds after a reported change, because a file takes a moment to be written. */
  #settle(): void {
    if (this.#isSettling || this.#isClosed) return;
    this.#isSettling = true;
    this.#scanIn(SETTLING);
  }

  #scanIn(milliseconds: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isSettling = false;
      this.#scanning = this.#scanning
        .then(() => this.#scan())
        .catch((error) => this.#warn(this.#path, `the worklist was not changed: ${(error as Error).message}`))
        .then(() => {
          if (!this.#isSettling) this.#scanIn(INTERVAL);
        });
    }, milliseconds);
    this.#timer.unref();
  }

  async #scan(): Promise<void> {
    this.#watch(this.#path);
    const top = await readdir(this.#path, { withFileTypes: true });
    const paths = filesIn(this.#path, top);
    for (const { name } of top.filter((entry) => entry.isDirectory())) {
      const path = join(this.#path, name);
      this.#watch(path);
      // Changes of files that no longer exist are reported too.
      paths.push(...filesIn(path, await readdir(path, { withFileTypes: true }).catch(() => []), name));
    }
    const before = this.#files;
    const files = new Map<string, ReadFile>();
    for (let at = 0; at < paths.length && !this.#isClosed; at += READ_AT_ONCE)
      await Promise.all(
        paths.slice(at, at + READ_AT_ONCE).map(async ({ path, calledAeTitle }) => {
          const file = await this.#read(path, calledAeTitle, before.get(path));
          if (file) files.set(path, file);
        }),
      );
    if (this.#isClosed) return;
    const isSame = files.size === before.size && [...files].every(([path, file]) => before.get(path) === file);
    this.#files = files;
    if (!isSame || !this.#isRead) await this.#options.changed(this.#items());
    this.#isRead = true;
  }

  async #read(path: string, calledAeTitle: string | undefined, before?: ReadFile): Promise<ReadFile | undefined> {
    let state = '';
    try {
      const { mtimeMs, ctimeMs, size, ino } = await stat(path);
      state = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (before?.state === state) return before;
      await this.#checkInside(path);
      const faults: string[] = [];
      const items = await readWorklistFile(path, ({ message }) => faults.push(message));
      if (faults.length > 0) this.#warn(path, `elements that cannot be read are left out: ${faults.join('; ')}`);
      return {
        state,
        items: items.map((dataSet) => ({ dataSet, ...(calledAeTitle !== undefined && { calledAeTitle }) })),
      };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      // A file without a state, such as a link to itself, is logged once for each error.
      if (state === '') state = message;
      if (before?.state === state) return before;
      this.#warn(path, `not a worklist item: ${message}`);
      return { state, items: [] };
    }
  }

  /**
   * A link must not lead out of the folder: people who may put items there need not be allowed to read everything that the
   * archive can read. Links inside it are used by container platforms to replace all files at once.
   */
  async #checkInside(path: string): Promise<void> {
    const [top, target] = await Promise.all([realpath(this.#path), realpath(path)]);
    if (!target.startsWith(top.endsWith(sep) ? top : `${top}${sep}`))
      throw new Error('it is a link to a file outside the folder');
  }

  #items(): FolderItem[] {
    const items = [...this.#files].sort(([one], [other]) => (one < other ? -1 : 1)).flatMap(([, file]) => file.items);
    if (items.length > MAXIMUM_ITEMS)
      this.#warn(this.#path, `${items.length} worklist items: only the first ${MAXIMUM_ITEMS} are used`);
    return items.slice(0, MAXIMUM_ITEMS);
  }

  #watch(path: string): void {
    if (this.#watchers.has(path) || this.#isClosed) return;
    try {
      const watcher = watch(path, () => this.#settle());
      this.#watchers.set(path, watcher);
      const forget = () => {
        watcher.close();
        this.#watchers.delete(path);
      };
      watcher.once('error', forget);
      // The folder itself may have been replaced: the next scan watches the new one.
      watcher.on('change', (event) => {
        if (event === 'rename') forget();
      });
    } catch (error) {
      if (!this.#isUnwatched)
        this.#warn(path, `the folder cannot be watched, so changes are seen late: ${(error as Error).message}`);
      this.#isUnwatched = true;
    }
  }

  #warn(path: string, words: string): void {
    this.#options.logger.warn({ event: 'worklist', path }, `${path}: ${words}`);
  }
}

interface CandidateFile {
  readonly path: string;
  readonly calledAeTitle: string | undefined;
}

function filesIn(folder: string, entries: readonly Dirent[], calledAeTitle?: string): CandidateFile[] {
  return entries
    .filter((entry) => !entry.isDirectory() && isWorklistFile(entry.name))
    .map(({ name }) => ({ path: join(folder, name), calledAeTitle }));
}
