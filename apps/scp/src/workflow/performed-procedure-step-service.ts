// The Modality Performed Procedure Step service: steps are kept across restarts, the worklist is updated, and peers of
// --notify are notified.

import type { Logger } from '@x/cli/logger';
import type { Service } from '@x/dimse';
import { PerformedProcedureStepProvider } from '@x/dimse/workflow';
import type { Options } from '../options.ts';
import type { Workflow } from './workflow.ts';
import { scheduledStepsOf } from './workflow-database/sql-performed-procedure-step-store.ts';

export function performedProcedureStepService(
  options: Options,
  { performedSteps: store, delivery, worklist }: Workflow,
  logger: Logger,
): Service {
  const provider = new PerformedProcedureStepProvider({
    store,
    delivery,
    peersToNotify: () => options.notify ?? [],
    async onChange(sopInstance, step, { session }) {
      const status = String(step.PerformedProcedureStepStatus);
      const line = { event: 'performed', association: session.association.id, sopInstance, status };
      logger.info(line, `performed procedure step ${sopInstance}: ${status}`);
      try {
        await worklist?.update(scheduledStepsOf(step));
      } catch (error) {
        // The step is kept; the worklist is updated with its next change.
        logger.error(
          { ...line, err: error },
          `the worklist could not be updated for ${sopInstance}: ${(error as Error).message}`,
        );
      }
    },
    onFailure: ({ error, peer, sopInstance, session }) =>
      logger.error(
        { event: 'delivery', association: session?.association.id, peer, sopInstance },
        `${peer} is not notified of ${sopInstance}: ${(error as Error).message}`,
      ),
  });
  return provider.service;
}
