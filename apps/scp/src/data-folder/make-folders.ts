// Creates folders with their parents. Node's own `recursive` option loops for ever or reports another error if the system
// refuses, for example below /proc or on a read-only file system.

import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { syncFolder } from './sync-folder.ts';

export interface MakeFoldersOptions {
  /** Whether the folders are on disk when the call settles. Default: false. */
  readonly fsync?: boolean;
}

/** Creates a folder and its missing parents; an existing folder is fine. @throws the system's error */
export async function makeFolders(path: string, options: MakeFoldersOptions = {}): Promise<void> {
  try {
    await makeFolder(path, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolders(dirname(path), options);
    await makeFolder(path, options);
  }
}

async function makeFolder(path: string, { fsync = false }: MakeFoldersOptions): Promise<void> {
  let isNew = true;
  try {
    await mkdir(path);
  } catch (error) {
    // The system may refuse an existing folder with another code: EROFS, EACCES.
    if (!(await isFolder(path))) throw error;
    isNew = false;
  }
  if (!fsync) return;
  try {
    await syncFolder(dirname(resolve(path)));
  } catch (error) {
    // An earlier process may have created the folder and crashed before it was synced. But the parent of an existing folder
    // need not be readable.
    if (isNew || (error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
