// Unified Procedure Step, as the archive provides it: durable, with events to peers that are associated or named.

import type { Logger } from '@x/cli/logger';
import { type Service, UnifiedProcedureStepProvider } from '@x/dimse';
import type { Options } from './options.ts';
import { namedPeer } from './peers.ts';
import type { Workflow } from './workflow.ts';
import { sqlWorkItemStore } from './workflow-database/sql-work-item-store.ts';

export function unifiedProcedureStepService(
  options: Options,
  { database, delivery }: Workflow,
  logger: Logger,
): Service {
  const provider = new UnifiedProcedureStepProvider({
    store: sqlWorkItemStore(database),
    delivery,
    knowsPeer: (aeTitle) => namedPeer(options, aeTitle) !== undefined,
    changed: (sopInstance, { state }) => {
      logger.info({ event: 'work-item', sopInstance, state }, `work item ${sopInstance} is ${state}`);
    },
  });
  return provider.service;
}
