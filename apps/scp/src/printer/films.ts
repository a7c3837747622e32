// The films that were printed: files in a folder.

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readRegularFile } from '@x/cli/regular-file';
import type { FilmOfJob } from '@x/dimse/print';
import { makeFolders } from '../data-folder/make-folders.ts';
import { writeWhole } from '../data-folder/write-whole.ts';

/** Keeps films: the request for each as JSON, and its picture as PNG. */
export interface Films {
  /** Keeps a film. Returns where, for the log. @param picture Draws it, when the request is kept. */
  add(film: FilmOfJob, request: string, picture: () => Promise<Uint8Array>): Promise<string>;
  /** The names of the latest films, the newest first. */
  latest(most: number): Promise<readonly string[]>;
  /** The picture of a film; undefined if there is none of this name. */
  picture(name: string): Promise<Uint8Array | undefined>;
}

/** Films in a folder of this process. */
export function folderFilms(folder: string): Films {
  let count = 0;
  const names = async (): Promise<readonly string[]> => {
    // Nothing has been printed yet if there is no folder.
    const all = await readdir(folder).catch(() => []);
    return all.filter((name) => name.endsWith('.png'));
  };
  return {
    async add(_film, request, picture) {
      const started = `${new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, '')}-${process.pid}`;
      let name: string;
      // If the clock was set back, an earlier process may have used the name.
      do name = `${started}-${++count}`;
      while (existsSync(join(folder, `${name}.json`)));
      const path = join(folder, `${name}.png`);
      await makeFolders(folder, { fsync: true });
      // The picture is written last: if it exists, the film is complete.
      await writeWhole(join(folder, `${name}.json`), request);
      await writeWhole(path, await picture());
      return path;
    },
    latest: async (most) => [...(await names())].sort().reverse().slice(0, most),
    async picture(name) {
      // The name must be one in the folder.
      return (await names()).includes(name) ? readRegularFile(join(folder, name), MOST_BYTES) : undefined;
    },
  };
}

/** Of a picture that is read. */
const MOST_BYTES = 64 * 1024 * 1024;
