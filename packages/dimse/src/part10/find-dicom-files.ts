// Finds the DICOM files among files and folders.

import { join } from 'node:path';
import { fsPromises } from '../node-modules.ts';
import { type DicomFile, NotDicomError, openUnchecked } from './dicom-file.ts';
import { pathBytes, pathOfBytes, withPath } from './path-bytes.ts';

/** The place where a file was found. */
export interface FoundPath {
  /** A name that is not UTF-8 has the characters of `pathOfBytes`. */
  readonly path: string;
  /** Equal for two paths of the same file, such as a link and its target. Undefined if the path cannot be read. */
  readonly identity?: string;
}

/** An open file, or the reason why a path is not a DICOM file. */
export type FoundFile =
  | (FoundPath & { readonly file: DicomFile; readonly error?: undefined })
  | (FoundPath & { readonly file?: undefined; readonly error: Error });

/**
 * Opens files, and the files in folders at any depth, in the order of their names. A few are opened ahead; each is closed
 * when the next one is requested. A path that cannot be opened is given with its error: NotDicomError, or the error of the
 * system. A file that is reached by two paths is given twice, with the same `identity`.
 */
export async function* findDicomFiles(paths: Iterable<string>): AsyncGenerator<FoundFile, void, undefined> {
  const candidates = walkAll(paths);
  const ahead: Promise<FoundFile>[] = [];
  const open = async () => {
    const { done, value } = await candidates.next();
    if (!done) ahead.push('error' in value ? Promise.resolve(value) : openFound(value));
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
async function openFound(found: FoundPath): Promise<FoundFile> {
  try {
    return { ...found, file: await openUnchecked(found.path) };
  } catch (error) {
    return { ...found, error: error as Error };
  }
}

/** A file that may be a DICOM file, or a path that cannot be read. */
type Candidate = FoundPath | (FoundPath & { readonly error: Error });

async function* walkAll(paths: Iterable<string>): AsyncGenerator<Candidate, void, undefined> {
  for (const path of paths) yield* walk(path, new Set());
}

async function* walk(path: string, above: ReadonlySet<string>): AsyncGenerator<Candidate, void, undefined> {
  try {
    const name = pathBytes(path);
    // Numbers of files may not fit into a double.
    const entry = await fsPromises().stat(name, { bigint: true });
    const identity = `${entry.dev}:${entry.ino}`;
    if (!entry.isDirectory()) {
      // Opening a pipe would wait for its other end.
      const fault = entry.isFile() ? {} : { error: new NotDicomError(path, 'it is not a regular file') };
      yield { path, identity, ...fault };
      return;
    }
    // A link to a parent folder would be followed forever.
    if (above.has(identity)) return;
    const names = (await fsPromises().readdir(name, { encoding: 'buffer' })).map(pathOfBytes).sort();
    for (const each of names) yield* walk(join(path, each), new Set([...above, identity]));
  } catch (error) {
    yield { path, error: withPath(error, path) as Error };
  }
}
