// Opens the index to be made again from the files.

import { rm } from 'node:fs/promises';
import { DatabaseError } from '../../data-folder/sql-database.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { openSqlArchiveIndex, type SqlIndexOptions } from './sql-archive-index.ts';

/** Empties the index, so that it stays locked by this process. A damaged index is deleted and created again. */
export async function openEmptyIndex(path: string, options: SqlIndexOptions): Promise<ArchiveIndex> {
  let index: ArchiveIndex | undefined;
  try {
    index = await openSqlArchiveIndex(path, options);
    await index.clear();
    return index;
  } catch (error) {
    await index?.[Symbol.asyncDispose]();
    if (error instanceof DatabaseError && error.isInUse) throw error;
    for (const suffix of ['', '-wal', '-shm']) await rm(path + suffix, { force: true });
    return openSqlArchiveIndex(path, options);
  }
}
