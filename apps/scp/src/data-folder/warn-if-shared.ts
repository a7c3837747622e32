// Tells if other users can read a data folder that was made with wider permissions than new ones get.

import { stat } from 'node:fs/promises';
import type { Logger } from '@x/cli/logger';

/** Permissions of existing folders are the operator's decision, so they are never changed. */
export async function warnIfShared(
  { data, umask }: { readonly data: string; readonly umask: number },
  logger: Logger,
): Promise<void> {
  const mode = (await stat(data).catch(() => undefined))?.mode ?? 0;
  // Windows has no such permissions.
  if ((mode & umask) === 0 || process.platform === 'win32') return;
  const octal = (mode & 0o777).toString(8);
  logger.warn(
    `the folder ${data} has mode ${octal}, so other users of this machine can look into it: use chmod, or --umask to allow it`,
  );
}
