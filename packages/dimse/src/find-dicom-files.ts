// The DICOM files among files and folders, one open at a time.

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DicomFile, openDicomFile } from './dicom-file.ts';

/** A file, open, or why it cannot be taken for a DICOM file. */
export type FoundFile =
  | { readonly path: string; readonly file: DicomFile; readonly error?: undefined }
  | { readonly path: string; readonly file?: undefined; readonly error: Error };

/**
 * Opens files, and those in folders and their folders, in the order of their names. Each file is closed when the next
 * one is asked for. What cannot be opened is given with its error: NotDicomError, or the system's.
 */
export async function* findDicomFiles(paths: Iterable<string>): AsyncGenerator<FoundFile, void, undefined> {
  for (const path of paths) yield* walk(path, new Set());
}

async function* walk(path: string, above: ReadonlySet<string>): AsyncGenerator<FoundFile, void, undefined> {
  try {
    const entry = await stat(path);
    if (!entry.isDirectory()) {
      yield* visit(path);
      return;
    }
    // A link to a folder above would lead round and round.
    const identity = `${entry.dev}:${entry.ino}`;
    if (above.has(identity)) return;
    const names = (await readdir(path)).sort();
    for (const name of names) yield* walk(join(path, name), new Set([...above, identity]));
  } catch (error) {
    yield { path, error: error as Error };
  }
}

async function* visit(path: string): AsyncGenerator<FoundFile, void, undefined> {
  let file: DicomFile;
  try {
    file = await openDicomFile(path);
  } catch (error) {
    yield { path, error: error as Error };
    return;
  }
  try {
    yield { path, file };
  } finally {
    await file.close();
  }
}
