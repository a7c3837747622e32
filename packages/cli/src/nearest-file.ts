// Suggestions for files that do not exist.

import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nearestWord } from './nearest-word.ts';

/** `; did you mean 'b.dcm'?` if the error is that a path does not exist and a similar name does; otherwise nothing. */
export function nearestFileHint(error: unknown): string {
  const { code, path } = error as NodeJS.ErrnoException;
  const near = code === 'ENOENT' && path !== undefined ? nearestFile(path) : undefined;
  return near === undefined ? '' : `; did you mean '${near}'?`;
}

/** The path with the first name that does not exist replaced by the most similar one beside it. */
function nearestFile(path: string): string | undefined {
  const folder = dirname(path);
  if (folder === path) return undefined;
  try {
    // The name may be there, as a link to a file that does not exist.
    const others = readdirSync(folder).filter((name) => name !== basename(path));
    const near = nearestWord(basename(path), others);
    return near === undefined ? undefined : folder === '.' && !path.startsWith('.') ? near : join(folder, near);
  } catch {
    return nearestFile(folder);
  }
}
