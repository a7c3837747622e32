// Finds the DICOM files among files and folders.

import { join } from 'node:path';
import { fs, fsPromises } from '../node-modules.ts';
import { nextTurn } from '../turns.ts';
import { type DicomFile, HEAD_LENGTH, openUnchecked } from './dicom-file.ts';
import { isDiskSlow, timed } from './disk-speed.ts';
import { NotDicomError } from './not-dicom-error.ts';
import { pathBytes, pathOfBytes, withPath } from './path-bytes.ts';

/** The place where a file was found. */
export interface FoundPath {
  /** A name that is not UTF-8 has the characters of `pathOfBytes`. */
  readonly path: string;
  /** Equal for two paths of the same file, such as a link and its target. Undefined if the path cannot be read. */
  readonly identity?: string;
}

/** An open `file`, or the `error`: the reason why a path is not a DICOM file. */
export type FoundFile =
  | (FoundPath & { readonly file: DicomFile; readonly error?: undefined })
  | (FoundPath & { readonly file?: undefined; readonly error: Error });

/**
 * Opens files, and the files in folders at any depth, in the order of their names. A few are opened ahead; each is closed
 * when the next one is requested, and must not be read any more, because its memory is used for others. A path that cannot be opened is given with its error: NotDicomError, or the error of the
 * system. A file that is reached by two paths is given twice, with the same `identity`.
 */
export async function* findDicomFiles(paths: Iterable<string>): AsyncGenerator<FoundFile, void, undefined> {
  const candidates = walkAll(paths);
  const ahead: Promise<Opened>[] = [];
  const free: Uint8Array[] = [];
  const open = async () => {
    const { done, value } = await candidates.next();
    if (done) return;
    const buffer = free.pop() ?? Buffer.allocUnsafeSlow(HEAD_LENGTH);
    ahead.push(openFound(value, buffer));
  };
  try {
    for (let count = 0; count < OPENED_AHEAD; count++) await open();
    for (let opened = await ahead.shift(), count = 1; opened; opened = await ahead.shift(), count++) {
      // While the disk is fast, nothing else here would let signals and sockets have their turn.
      if (count % FILES_PER_TURN === 0) await nextTurn();
      await open();
      const { found, buffer } = opened;
      yield found;
      await found.file?.close();
      free.push(buffer);
    }
  } finally {
    for (const { found } of await Promise.all(ahead)) await found.file?.close();
  }
}

const OPENED_AHEAD = 8;
// A fraction of a millisecond each.
const FILES_PER_TURN = 16;

/** A file, and the memory that the beginning of it was read into. */
interface Opened {
  readonly found: FoundFile;
  readonly buffer: Uint8Array;
}

/** Never rejects. */
async function openFound(candidate: Candidate, buffer: Uint8Array): Promise<Opened> {
  if ('error' in candidate) return { found: candidate, buffer };
  try {
    return { found: { ...candidate, file: await openUnchecked(candidate.path, { buffer }) }, buffer };
  } catch (error) {
    return { found: { ...candidate, error: error as Error }, buffer };
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
    const options = { bigint: true } as const;
    const entry = isDiskSlow() ? await fsPromises().stat(name, options) : timed(() => fs().statSync(name, options));
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
