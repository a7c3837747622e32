// Lists folders of an instance store. A folder that the system has at hand is read at once, another one in another thread.

import { type Dir, type Dirent, opendirSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
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
