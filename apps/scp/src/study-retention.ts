// Deletes studies some time after their last instance arrived, if --keep-studies says so, with the log and the audit log.

import type { Logger } from '@x/cli/logger';
import type { AuditLog } from './audit/audit-log.ts';
import type { InstanceArchive } from './instances/instance-archive.ts';
import { deleteOldStudies } from './instances/study-age.ts';
import type { Options } from './options.ts';
import type { SharedDatabase } from './shared-database/shared-database.ts';
import { everyHour, type Sweeps, steadyTime } from './sweeps.ts';

/** An archive or an area. Its options are read again for each sweep. */
export interface RetainedArchive {
  readonly options: Pick<Options, 'aet' | 'keepStudies'>;
  readonly instances: InstanceArchive;
  /** If other processes look for old studies too, one does so at a time. */
  readonly database?: SharedDatabase | undefined;
}

/** Looks for old studies soon and every hour. Errors are logged. @param time Milliseconds since 1970, for tests. */
export function startStudyRetention(
  archives: readonly RetainedArchive[],
  audit: Pick<AuditLog, 'deleted'> | undefined,
  logger: Logger,
  time: () => number = steadyTime(),
): Sweeps {
  const ending = new AbortController();
  const sweep = async () => {
    for (const archive of archives) await deleteOld(archive, { audit, logger, time, signal: ending.signal });
  };
  const sweeps = everyHour(sweep);
  return {
    firstSweep: sweeps.firstSweep,
    [Symbol.asyncDispose]: () => {
      ending.abort();
      return sweeps[Symbol.asyncDispose]();
    },
  };
}

interface Surroundings {
  readonly audit: Pick<AuditLog, 'deleted'> | undefined;
  readonly logger: Logger;
  readonly time: () => number;
  readonly signal: AbortSignal;
}

/** Never rejects. */
async function deleteOld(
  { options, instances, database }: RetainedArchive,
  { audit, logger, time, signal }: Surroundings,
): Promise<void> {
  const { aet, keepStudies } = options;
  if (keepStudies === undefined) return;
  const sweep = async (signal: AbortSignal) => {
    await instances.whenComplete(signal);
    await deleteOldStudies(instances, {
      ...{ before: time() - keepStudies, signal },
      onDecided(study, { instances: count, bytes }) {
        logger.info(
          { event: 'deleted', area: aet, study, instances: count, bytes },
          `study ${study} of ${aet} is deleted: its last instance arrived longer ago than --keep-studies says`,
        );
        audit?.deleted({ study, instances: count, aeTitle: aet });
      },
    });
  };
  try {
    await (database ? database.once('retention of studies', sweep, signal) : sweep(signal));
  } catch (error) {
    if (signal.aborted) return;
    logger.error({ event: 'retention', err: error }, `old studies could not be deleted: ${(error as Error).message}`);
  }
}
