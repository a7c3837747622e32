// Finds the DICOM files among files and folders.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DicomFile, NotDicomError, openDicomFile } from './dicom-file.ts';

/** An open file, or the reason why a path is not a DICOM file. */
export type FoundFile =
  | { readonly path: string; readonly file: DicomFile; readonly error?: undefined }
  | { readonly path: string; readonly file?: undefined; readonly error: Error };

/**
 * Opens files, and the files in folders at any depth, in the order of their names. A few are opened ahead; each is closed
 * when the next one is requested. A path that cannot be opened is given with its error: NotDicomError, or the error of the
 * system.
 */
export async function* findDicomFiles(paths: Iterable<string>): AsyncGenerator<FoundFile, void, undefined> {
  const candidates = walkAll(paths);
  const ahead: Promise<FoundFile>[] = [];
  const open = async () => {
    const { done, value } = await candidates.next();
    if (!done) ahead.push('error' in value ? Promise.resolve(value) : openFound(value.path));
  };
  try {
    for (let count = 0; count < OPENED_AHEAD; count++) await open();
    for (let found = await ahead.shift(); found; found = await ahead.shift()) {
      await open();
      yield found;
      await found.file?.close();
    }
  } finally {
    for (const { file } of await Promise.all(ahead)) await file?.close();
  }
}

const OPENED_AHEAD = 8;

/** Never rejects. */
async function openFound(path: string): Promise<FoundFile> {
  try {
    return { path, file: await openDicomFile(path) };
  } catch (error) {
    return { path, error: error as Error };
  }
}

/** A file that may be a DICOM file, or a path that cannot be read. */
type Candidate = { readonly path: string } | { readonly path: string; readonly error: Error };

async function* walkAll(paths: Iterable<string>): AsyncGenerator<Candidate, void, undefined> {
  for (const path of paths) yield* walk(path, new Set());
}

async function* walk(path: string, above: ReadonlySet<string>): AsyncGenerator<Candidate, void, undefined> {
  try {
    const entry = await stat(path);
    if (!entry.isDirectory()) {
      // Opening a pipe would wait for its other end.
      yield entry.isFile() ? { path } : { path, error: new NotDicomError(path, 'it is not a regular file') };
      return;
    }
    // A link to a parent folder would be followed forever.
    const identity = `${entry.dev}:${entry.ino}`;
    if (above.has(identity)) return;
    const names = (await readdir(path)).sort();
    for (const name of names) yield* walk(join(path, name), new Set([...above, identity]));
  } catch (error) {
    yield { path, error: error as Error };
  }
}
