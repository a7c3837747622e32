// Modality Performed Procedure Step, as the archive provides it: steps are kept across restarts, the worklist follows
// them, and peers that want to know are told.

import type { Logger } from '@x/cli/logger';
import { performedProcedureStepProvider, type Service } from '@x/dimse';
import type { Options } from './options.ts';
import type { Workflow } from './workflow.ts';
import { scheduledStepsOf } from './workflow-database/sql-performed-procedure-step-store.ts';

export function performedProcedureStepService(
  { notify: peers = [] }: Options,
  { performedSteps: store, delivery, worklist }: Workflow,
  logger: Logger,
): Service {
  return performedProcedureStepProvider({
    store,
    async changed(sopInstance, step) {
      const status = String(step.PerformedProcedureStepStatus);
      logger.info({ event: 'performed', sopInstance, status }, `performed procedure step ${sopInstance}: ${status}`);
      try {
        await worklist?.update(scheduledStepsOf(step));
      } catch (error) {
        // The step is kept all the same; the worklist follows with its next change.
        logger.error({ err: error }, `the worklist could not follow ${sopInstance}: ${(error as Error).message}`);
      }
    },
    notify: {
      delivery,
      peers: () => peers,
      failed: (error, peer, sopInstance) =>
        logger.error(
          { event: 'delivery', peer, sopInstance },
          `${peer} is not told of ${sopInstance}: ${(error as Error).message}`,
        ),
    },
  });
}
