// Removes work items and performed procedure steps some time after their end.

import type { Logger } from '@x/cli/logger';
import type { UnifiedProcedureStepProvider } from '@x/dimse/workflow';
import type { Options } from '../options.ts';
import type { SharedDatabase } from '../shared-database/shared-database.ts';
import { everyHour, type Sweeps, steadyTime } from '../sweeps.ts';
import type { Worklist } from '../worklist/worklist.ts';
import type { SqlPerformedProcedureStepStore } from './workflow-database/sql-performed-procedure-step-store.ts';

export interface Kept {
  readonly workItems: Pick<UnifiedProcedureStepProvider, 'removeFinished'>;
  readonly performedSteps: Pick<SqlPerformedProcedureStepStore, 'removeFinished'>;
  readonly worklist: Pick<Worklist, 'studies'> | undefined;
}

/**
 * Removes what ended long enough ago, soon and every hour, until it is disposed of. Errors of the stores are logged. Of the
 * processes that share a database, one does it at a time.
 */
export function startRetention(
  { keepFinished }: Pick<Options, 'keepFinished'>,
  kept: Kept,
  logger: Logger,
  shared?: SharedDatabase,
): Sweeps {
  if (keepFinished === 0) return { firstSweep: Promise.resolve(), async [Symbol.asyncDispose]() {} };
  const time = steadyTime();
  const once = () => sweep(keepFinished, kept, logger, time);
  return everyHour(async () => {
    try {
      await (shared ? shared.once('retention of workflows', once) : once());
    } catch (error) {
      logger.error({ event: 'retention' }, `ended items could not be removed: ${(error as Error).message}`);
    }
  });
}

async function sweep(
  keepFinished: number,
  { workItems, performedSteps, worklist }: Kept,
  logger: Logger,
  time: () => number,
): Promise<void> {
  const now = time();
  // A deletion lock keeps a work item for as long again, in case it is never released (PS3.4 §CC.2.3.3).
  const items =
    (await workItems.removeFinished(now - keepFinished)) +
    (await workItems.removeFinished(now - 2 * keepFinished, { evenLocked: true }));
  // The worklist takes the status of its items from the steps.
  const steps = await performedSteps.removeFinished(now - keepFinished, worklist?.studies);
  if (items + steps === 0) return;
  const line = { event: 'retention', workItems: items, performedSteps: steps };
  logger.info(line, `${items} work items and ${steps} performed procedure steps that ended long ago were removed`);
}
