// What the workflow services share: the database of their state, and the delivery of event reports.

import type { Logger } from '@x/cli/logger';
import { EventDelivery, uidName } from '@x/dimse';
import type { Options } from './options.ts';
import { namedPeer } from './peers.ts';
import { sqlEventQueue } from './workflow-database/sql-event-queue.ts';
import { openWorkflowDatabase, type WorkflowDatabase } from './workflow-database/workflow-database.ts';

export interface Workflow extends AsyncDisposable {
  readonly database: WorkflowDatabase;
  /** Tells peers that --peer names; what is not delivered outlives the process. */
  readonly delivery: EventDelivery;
}

/** Opens the workflow database in the data folder, and goes on with the deliveries in it. @throws DatabaseError. */
export async function openWorkflow(options: Options, logger: Logger): Promise<Workflow> {
  const database = await openWorkflowDatabase(options.data);
  const delivery = new EventDelivery({
    queue: sqlEventQueue(database),
    resolvePeer: (aeTitle) => namedPeer(options, aeTitle),
    failed(error, { peer, sopClass, sopInstance, eventType }, isGivenUp) {
      const what = `event ${eventType} of ${uidName(sopClass) ?? sopClass}`;
      const line = { event: 'delivery', peer, sopInstance };
      const end = isGivenUp ? 'given up' : 'it is tried again later';
      logger.warn(line, `${what} could not be told to ${peer}, ${end}: ${(error as Error).message}`);
    },
  });
  return {
    database,
    delivery,
    async [Symbol.asyncDispose]() {
      await delivery.close();
      await database[Symbol.asyncDispose]();
    },
  };
}
