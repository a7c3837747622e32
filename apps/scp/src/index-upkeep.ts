// Work on the index behind a running archive: the comparison with the files, and attributes that entries lack.

import type { Logger } from '@x/cli/logger';
import type { Reconciliation } from './instances/index-comparison.ts';
import type { InstanceArchive } from './instances/instance-archive.ts';

/** Compares the index with the files, then completes its entries. Never rejects: errors are logged. */
export async function bringIndexUpToDate(instances: InstanceArchive, logger: Logger): Promise<void> {
  if (await compareIndex(instances, logger)) await completeIndex(instances, logger);
}

/** Returns whether the comparison has passed. */
async function compareIndex(instances: InstanceArchive, logger: Logger): Promise<boolean> {
  if (!instances.index.isComplete)
    logger.warn('the index may lack instances; queries are refused until it has been compared with the files');
  const timer = setInterval(() => {
    const { compared, studies } = instances.comparison;
    const line = { event: 'comparison', compared, studies };
    logger.info(line, `the files of ${compared} of ${studies} studies have been compared with the index`);
  }, PROGRESS_INTERVAL).unref();
  try {
    logReconciliation(await instances.compare(), logger);
    const { studies } = instances.comparison;
    const line = { event: 'comparison', compared: studies, studies };
    if (studies > 0) logger.info(line, `the index agrees with the files of ${studies} studies`);
    return true;
  } catch (error) {
    if ((error as Error).name === 'AbortError') return false;
    const { index } = instances;
    const meanwhile = index.isComplete ? 'queries are answered from the index as it is' : 'queries are refused';
    logger.error(
      { err: error, event: 'comparison' },
      `the index could not be compared with the files, ${meanwhile}: ${(error as Error).message}`,
    );
    return false;
  } finally {
    clearInterval(timer);
  }
}

/** In milliseconds. */
const PROGRESS_INTERVAL = 10_000;

function logReconciliation({ added, removed, unreadable }: Reconciliation, logger: Logger): void {
  if (added > 0) logger.info(`${added} instances that were not in the index were entered`);
  if (removed > 0) logger.warn(`${removed} instances whose files are missing were removed from the index`);
  for (const { study, series, sopInstance, file, why } of unreadable)
    logger.warn(
      { study, series, sopInstance, file },
      `the file ${file === undefined ? `of ${sopInstance} is not a valid instance` : `${JSON.stringify(file)} is not entered`}: ${why}`,
    );
}

async function completeIndex(instances: InstanceArchive, logger: Logger): Promise<void> {
  try {
    const { lacking } = instances.index;
    const isOutdated = (await instances.index.outdated()).length > 0;
    const names = [...lacking, ...(isOutdated ? ['attributes that an earlier version could not read'] : [])].join(', ');
    if (names === '') return;
    logger.info(`the index is being completed with ${names}; queries for them are slower until then`);
    if (await instances.completeIndex()) logger.info(`the index has been completed with ${names}`);
  } catch (error) {
    logger.error({ err: error }, `the index could not be completed: ${(error as Error).message}`);
  }
}
