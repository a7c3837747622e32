// Finds the DICOM files among files and folders.

import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { fs, fsPromises } from '../node-modules.ts';
import { nextTurn } from '../turns.ts';
import type { DicomFile } from './dicom-file.ts';
import { isDiskSlow, timed } from './disk-speed.ts';
import { NotDicomError } from './not-dicom-error.ts';
import { HEAD_LENGTH, openAtOnce, openUnchecked } from './open-dicom-file.ts';
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
 * when the next one is requested, unless it is held (see `HeldFiles`), and must not be read any more, because its memory is
 * used for others. A path that cannot be opened is given with its error: NotDicomError, or the error of the system. A file
 * that is reached by two paths is given twice, with the same `identity`.
 */
export async function* findDicomFiles(paths: Iterable<string>): AsyncGenerator<FoundFile, void, undefined> {
  const walk = new Walk(paths);
  const ahead: (Opened | Promise<Opened>)[] = [];
  const free: Uint8Array[] = [];
  const open = (candidate: Candidate | undefined) => {
    if (candidate) ahead.push(openFound(candidate, free.pop() ?? Buffer.allocUnsafeSlow(HEAD_LENGTH)));
  };
  // A promise only if something has to be waited for.
  const openNext = (): Promise<void> | undefined => {
    const next = walk.next();
    if (next instanceof Promise) return next.then(open);
    open(next);
    return undefined;
  };
  try {
    for (let count = 0; count < OPENED_AHEAD; count++) await openNext();
    for (let next = ahead.shift(), count = 1; next; next = ahead.shift(), count++) {
      const { found, buffer } = next instanceof Promise ? await next : next;
      // While the disk is fast, nothing else here would let signals and sockets have their turn.
      if (count % FILES_PER_TURN === 0) await nextTurn();
      const opening = openNext();
      if (opening) await opening;
      try {
        yield found;
      } finally {
        const closing = found.file?.isKept === false ? found.file.closeAtOnce() : undefined;
        if (closing) await closing;
      }
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

/** Never throws and never rejects. */
function openFound(candidate: Candidate, buffer: Uint8Array): Opened | Promise<Opened> {
  if ('error' in candidate) return { found: candidate, buffer };
  const failed = (error: unknown) => ({ found: { ...candidate, error: error as Error }, buffer });
  const opened = (file: DicomFile) => ({ found: { ...candidate, file }, buffer });
  if (isDiskSlow()) return openUnchecked(candidate.path, { buffer }).then(opened, failed);
  try {
    return opened(openAtOnce(candidate.path, { buffer }));
  } catch (error) {
    return failed(error);
  }
}

/** A file that may be a DICOM file, or a path that cannot be read. */
type Candidate = FoundPath | (FoundPath & { readonly error: Error });

/** Names that have not been looked at: those that were given, or those in a folder. */
interface Level {
  readonly names: Iterator<string>;
  /** Undefined for paths that were given. */
  readonly folder: string | undefined;
  /** The identities of the folder and of those above it. */
  readonly above: ReadonlySet<string>;
}

class Walk {
  readonly #levels: Level[];

  constructor(paths: Iterable<string>) {
    this.#levels = [{ names: paths[Symbol.iterator](), folder: undefined, above: new Set() }];
  }

  /** The next candidate; undefined at the end. A promise if a folder has to be read, or the disk is slow. Never rejects. */
  next(): Candidate | undefined | Promise<Candidate | undefined> {
    for (;;) {
      const level = this.#levels.at(-1);
      if (!level) return undefined;
      const { done, value } = level.names.next();
      if (done) {
        this.#levels.pop();
        continue;
      }
      const path = level.folder === undefined ? value : join(level.folder, value);
      try {
        const name = pathBytes(path);
        // Numbers of files may not fit into a double.
        const options = { bigint: true } as const;
        if (isDiskSlow())
          return fsPromises()
            .stat(name, options)
            .then(
              (entry) => this.#classified(path, entry, level) ?? this.next(),
              (error) => unreadable(path, error),
            );
        const entry = timed(() => fs().statSync(name, options));
        const candidate = this.#classified(path, entry, level);
        if (candidate) return candidate;
      } catch (error) {
        return unreadable(path, error);
      }
    }
  }

  /** The file, or what comes first in a folder; undefined for a folder that was entered before. */
  #classified(path: string, entry: BigIntStats, { above }: Level): ReturnType<Walk['next']> {
    const identity = `${entry.dev}:${entry.ino}`;
    if (entry.isFile()) return { path, identity };
    // Opening a pipe would wait for its other end.
    if (!entry.isDirectory()) return { path, identity, error: new NotDicomError(path, 'it is not a regular file') };
    // A link to a parent folder would be followed forever.
    return above.has(identity) ? undefined : this.#enter(path, new Set([...above, identity]));
  }

  async #enter(folder: string, above: ReadonlySet<string>): Promise<Candidate | undefined> {
    try {
      const names = (await fsPromises().readdir(pathBytes(folder), { encoding: 'buffer' })).map(pathOfBytes).sort();
      this.#levels.push({ names: names[Symbol.iterator](), folder, above });
    } catch (error) {
      return unreadable(folder, error);
    }
    return this.next();
  }
}

function unreadable(path: string, error: unknown): Candidate {
  return { path, error: withPath(error, path) as Error };
}
