// The Unified Procedure Step service: work items are kept across restarts; events go to associated and named peers.

import type { Logger } from '@x/cli/logger';
import { type EventDelivery, UnifiedProcedureStepProvider } from '@x/dimse/workflow';
import type { Options } from '../options.ts';
import { namedPeer } from '../peers.ts';
import { sqlWorkItemStore } from './workflow-database/sql-work-item-store.ts';
import type { WorkflowDatabase } from './workflow-database/workflow-database.ts';

export function openWorkItems(
  options: Options,
  database: WorkflowDatabase,
  delivery: EventDelivery,
  logger: Logger,
): UnifiedProcedureStepProvider {
  return new UnifiedProcedureStepProvider({
    store: sqlWorkItemStore(database),
    delivery,
    knowsPeer: (aeTitle) => namedPeer(options, aeTitle) !== undefined,
    onChange: (sopInstance, { state }, { session }) => {
      const line = { event: 'work-item', association: session.association.id, sopInstance, state };
      logger.info(line, `work item ${sopInstance} is ${state}`);
    },
    onFailure: ({ error, peer, sopInstance }) =>
      logger.error(
        { event: 'delivery', peer, sopInstance },
        `${peer} is not notified of ${sopInstance}: ${(error as Error).message}`,
      ),
  });
}
