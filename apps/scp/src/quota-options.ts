// The quota of the archive or an area, with the log and the audit log of what it deletes.

import type { Logger } from '@x/cli/logger';
import type { AuditLog } from './audit/audit-log.ts';
import type { QuotaOptions } from './instances/storage-quota.ts';
import type { Options } from './options.ts';

export function quotaOptions(
  { aet, quota, evict }: Pick<Options, 'aet' | 'quota' | 'evict'>,
  logger: Logger,
  audit: AuditLog | undefined,
): QuotaOptions | undefined {
  if (quota === undefined) return undefined;
  return {
    maximumBytes: quota,
    isEvicting: evict === 'oldest',
    onEvicted(study, { instances, bytes }) {
      logger.warn(
        { event: 'deleted', area: aet, study, instances, bytes },
        `the quota of ${aet} is full: study ${study} is deleted, ${instances} instances, ${bytes} bytes`,
      );
      audit?.deleted({ study, instances, aeTitle: aet });
    },
  };
}
