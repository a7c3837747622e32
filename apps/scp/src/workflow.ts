// What the workflow services share: the database of their state, the delivery of event reports, and the worklist.

import type { Logger } from '@x/cli/logger';
import { UsageError } from '@x/cli/program';
import { EventDelivery, uidName } from '@x/dimse';
import type { Options } from './options.ts';
import { namedPeer } from './peers.ts';
import { sqlEventQueue } from './workflow-database/sql-event-queue.ts';
import {
  type SqlPerformedProcedureStepStore,
  sqlPerformedProcedureStepStore,
} from './workflow-database/sql-performed-procedure-step-store.ts';
import { openWorkflowDatabase, type WorkflowDatabase } from './workflow-database/workflow-database.ts';
import { openWorklist, type Worklist } from './worklist.ts';

export interface Workflow extends AsyncDisposable {
  readonly database: WorkflowDatabase;
  /** Tells peers that --peer names; what is not delivered outlives the process. */
  readonly delivery: EventDelivery;
  readonly performedSteps: SqlPerformedProcedureStepStore;
  /** Where there is a folder for it. */
  readonly worklist: Worklist | undefined;
}

/**
 * Opens the workflow database in the data folder and the worklist, and goes on with the deliveries that are waiting.
 * @throws DatabaseError; UsageError when the folder of the worklist cannot be read.
 */
export async function openWorkflow(options: Options, logger: Logger): Promise<Workflow> {
  for (const title of options.notify ?? [])
    if (!namedPeer(options, title)) throw new UsageError(`--notify ${title} needs --peer ${title}=host:port`);
  const database = await openWorkflowDatabase(options.data);
  try {
    const performedSteps = sqlPerformedProcedureStepStore(database);
    const worklist =
      options.worklist === undefined ? undefined : await openWorklist(options.worklist, performedSteps, logger);
    const delivery = createDelivery(database, options, logger);
    return {
      database,
      delivery,
      performedSteps,
      worklist,
      async [Symbol.asyncDispose]() {
        await worklist?.[Symbol.asyncDispose]();
        await delivery.close();
        await database[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

function createDelivery(database: WorkflowDatabase, options: Options, logger: Logger): EventDelivery {
  return new EventDelivery({
    queue: sqlEventQueue(database),
    resolvePeer: (aeTitle) => namedPeer(options, aeTitle),
    failed(error, { peer, sopClass, sopInstance, eventType }, isGivenUp) {
      const what = `event ${eventType} of ${uidName(sopClass) ?? sopClass}`;
      const line = { event: 'delivery', peer, sopInstance };
      const end = isGivenUp ? 'given up' : 'it is tried again later';
      logger.warn(line, `${what} could not be told to ${peer}, ${end}: ${(error as Error).message}`);
    },
  });
}
