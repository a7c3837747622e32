// Lists folders of an instance store. A folder that the system has at hand is read at once, another one in another thread.

import { type Dir, type Dirent, opendirSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { isUid } from '@x/dimse';
import { isDiskSlow, nextTurn, timed } from '@x/dimse/data-set';

/** The entries of a folder, in no particular order; none if it does not exist. @throws the other errors of the system */
export async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  const dir = await opened(folder);
  if (!dir) return;
  try {
    for (let count = 1; ; count++) {
      // Reading fills a buffer, from which further entries are taken.
      const entry = isDiskSlow() ? await dir.read() : timed(() => dir.readSync());
      if (!entry) return;
      yield entry;
      if (count % AT_ONCE === 0) await nextTurn();
    }
  } finally {
    dir.closeSync();
  }
}

/**
 * Names in the order of their characters, so that new entries go to the end of an index. Sorting all of them at
 * once would hold up the event loop, so pieces of the list are sorted and then merged.
 */
export async function* sorted(names: AsyncIterable<string>): AsyncGenerator<string> {
  const pieces: string[][] = [];
  let piece: string[] = [];
  for await (const name of names) {
    if (piece.push(name) < SORTED_AT_ONCE) continue;
    pieces.push(piece.sort().reverse());
    piece = [];
  }
  pieces.push(piece.sort().reverse());
  for (;;) {
    let first: string[] | undefined;
    for (const each of pieces) {
      const name = each.at(-1);
      if (name !== undefined && (first === undefined || name < (first.at(-1) as string))) first = each;
    }
    const name = first?.pop();
    if (name === undefined) return;
    yield name;
  }
}

/**
 * The paths of the files below a folder whose names end so, relative to it and with `/` between the parts, by folder. Links are not
 * followed.
 */
export async function* filesBelow(root: string, suffix: string): AsyncGenerator<readonly string[]> {
  // The folders of one path, each with those that are still to be visited: memory does not grow with the files.
  const levels: AsyncIterator<string>[] = [foldersOf(root)];
  const path: string[] = [];
  try {
    yield* filesOf(root, '', suffix);
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const { value: name, done } = await level.next();
      if (done) {
        levels.pop();
        path.pop();
        continue;
      }
      const folder = join(root, ...path, name);
      yield* filesOf(folder, `${[...path, name].join('/')}/`, suffix);
      if (levels.length >= DEEPEST) continue;
      path.push(name);
      levels.push(foldersOf(folder));
    }
  } finally {
    for (const level of levels) await level.return?.();
  }
}

/** The names of templates have fewer parts. */
const DEEPEST = 16;

async function* foldersOf(folder: string): AsyncGenerator<string> {
  for await (const entry of entriesOf(folder)) if (entry.isDirectory()) yield entry.name;
}

async function* filesOf(folder: string, prefix: string, suffix: string): AsyncGenerator<readonly string[]> {
  let files: string[] = [];
  for await (const entry of entriesOf(folder)) {
    if (!entry.isFile() || !entry.name.endsWith(suffix)) continue;
    if (files.push(prefix + entry.name) < FILES_AT_ONCE) continue;
    yield files;
    files = [];
  }
  if (files.length > 0) yield files;
}

/** The folders that are named by UIDs, or as this one. Somebody else has made others: their names must not get into answers. */
export async function* foldersIn(folder: string, unknown: string): AsyncGenerator<string> {
  for await (const entry of entriesOf(folder))
    if (entry.isDirectory() && (isUid(entry.name) || entry.name === unknown)) yield entry.name;
}

const FILES_AT_ONCE = 500;
const SORTED_AT_ONCE = 5000;

async function opened(folder: string): Promise<Dir | undefined> {
  try {
    const options = { bufferSize: AT_ONCE };
    return isDiskSlow() ? await opendir(folder, options) : timed(() => opendirSync(folder, options));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Entries that are read between two turns of the event loop. */
const AT_ONCE = 500;
