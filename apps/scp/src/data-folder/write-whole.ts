// Writes small files that are either complete or absent, also after a crash of the machine.

import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.ts';

/** Writes a file by way of a temporary one beside it. When it settles, the file is on disk. @throws the system's error */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.part`;
  try {
    {
      await using file = await open(temporary, 'w');
      await file.writeFile(content);
      await file.datasync();
    }
    await rename(temporary, path);
  } catch (error) {
    // A full disk must not keep the remains.
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}
