// Tells at the start if the system's limit of file descriptors is too low for the associations that options allow.

import { readFileSync } from 'node:fs';
import type { Logger } from '@x/cli/logger';

/** An association has a connection and, while it stores or retrieves, a file. Databases, logs and libraries have some too. */
export function warnIfFewDescriptors(maxAssociations: number, logger: Logger): void {
  const limit = descriptorLimit();
  const needed = 2 * maxAssociations + 100;
  if (limit >= needed) return;
  logger.warn(
    `the limit of ${limit} file descriptors is too low for ${maxAssociations} associations: raise it to ${needed} (ulimit -n), or lower --max-associations`,
  );
}

/** Node.js raises it to the hard limit at its start. Infinity if the system does not say. */
function descriptorLimit(): number {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === undefined ? Number.POSITIVE_INFINITY : Number(limit);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
