// The files of instances among files and folders: each is given once, and those that are not instances are told apart.

import { type DicomFile, type FoundFile, findDicomFiles, NotDicomError, SopClass } from '@x/dimse';
import { referencedFiles } from './dicomdir.ts';

/** A file of an instance, which is open until the next one is requested; or the reason why a path is not one. */
export type InstanceFile =
  | { readonly path: string; readonly file: DicomFile; readonly skipped?: undefined; readonly error?: undefined }
  /** Not an instance, or a file that was given before. */
  | { readonly path: string; readonly file?: undefined; readonly skipped: string; readonly error?: undefined }
  /** It cannot be read, or a DICOMDIR references it and it does not exist. */
  | { readonly path: string; readonly file?: undefined; readonly skipped?: undefined; readonly error: Error };

/**
 * Finds the instances. A DICOMDIR that is named stands for the files that it references; one in a folder that is walked is
 * skipped. A file that is reached by several paths, for example by a link, is given once.
 */
export async function* instanceFiles(paths: readonly string[]): AsyncGenerator<InstanceFile, void, undefined> {
  const named = new Set(paths);
  const seen = new Map<string, string>();
  for await (const found of findDicomFiles(paths)) {
    const { path, file } = found;
    const instance = classified(found, seen);
    let isExpanded = false;
    if (isDicomdir(file) && instance.skipped === DICOMDIR && named.has(path))
      for await (const referenced of referencedBy(file, seen)) {
        isExpanded = true;
        yield referenced;
      }
    if (!isExpanded) yield instance;
  }
}

async function* referencedBy(
  directory: DicomFile,
  seen: Map<string, string>,
): AsyncGenerator<InstanceFile, void, undefined> {
  try {
    for await (const { path, fault } of referencedFiles(directory)) {
      if (fault === undefined) for await (const found of findDicomFiles([path])) yield classified(found, seen);
      else
        yield {
          path,
          error: new Error(`${directory.path} references this file, but ${fault}`),
        };
    }
  } catch (error) {
    yield { path: directory.path, error: error as Error };
  }
}

function classified({ path, identity, file, error }: FoundFile, seen: Map<string, string>): InstanceFile {
  const before = identity === undefined ? undefined : seen.get(identity);
  if (before !== undefined) return { path, skipped: `it is the same file as ${before}` };
  if (identity !== undefined) seen.set(identity, path);
  if (error instanceof NotDicomError) return { path, skipped: error.message };
  if (error) return { path, error };
  return isDicomdir(file) ? { path, skipped: DICOMDIR } : { path, file };
}

function isDicomdir(file: DicomFile | undefined): file is DicomFile {
  return file?.sopClass === SopClass.MediaStorageDirectoryStorage;
}

const DICOMDIR = 'it is a DICOMDIR, not an instance';
