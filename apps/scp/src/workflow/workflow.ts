// The parts of the workflow services that live as long as the archive: the database of their state, the delivery of event
// reports, the worklist, storage commitment, work items, the virtual printer.

import type { Logger } from '@x/cli/logger';
import { uidName } from '@x/dimse';
import type { PrintProvider } from '@x/dimse/print';
import { EventDelivery, type StorageCommitmentProvider, type UnifiedProcedureStepProvider } from '@x/dimse/workflow';
import type { UpperLayerConnection } from '@x/net';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import { type Observer, type WatchOwnConnection, watchOwnConnections } from '../observer.ts';
import type { Options } from '../options.ts';
import { checkNotified, namedPeer } from '../peers.ts';
import type { Films } from '../printer/films.ts';
import { openSharedPrinting } from '../printer/shared-printing.ts';
import { folderPrinting, openVirtualPrinter } from '../printer/virtual-printer.ts';
import { openWorklist, type Worklist } from '../worklist/worklist.ts';
import { addCommitmentNeed } from './commitment-need.ts';
import { startRetention } from './retention.ts';
import { openStorageCommitment } from './storage-commitment-service.ts';
import { takeOverRegularly } from './take-over.ts';
import { openWorkItems } from './unified-procedure-step-service.ts';
import { type SqlEventQueue, sqlEventQueue } from './workflow-database/sql-event-queue.ts';
import {
  type SqlPerformedProcedureStepStore,
  sqlPerformedProcedureStepStore,
} from './workflow-database/sql-performed-procedure-step-store.ts';
import {
  openSharedWorkflowDatabase,
  openWorkflowDatabase,
  type WorkflowDatabase,
  type WorkflowSharing,
} from './workflow-database/workflow-database.ts';

export interface Workflow extends AsyncDisposable {
  readonly database: WorkflowDatabase;
  /** Reports events to peers that --peer names; reports that wait are kept across restarts. */
  readonly delivery: EventDelivery;
  /** Event reports that wait to be delivered. */
  readonly events: SqlEventQueue;
  readonly performedSteps: SqlPerformedProcedureStepStore;
  /** If --worklist is given. */
  readonly worklist: Worklist | undefined;
  readonly commitment: StorageCommitmentProvider;
  readonly workItems: UnifiedProcedureStepProvider;
  readonly printer: PrintProvider;
  /** The films that it has printed. */
  readonly films: Films;
  /**
   * Settles with whether this start is one of the whole service: subscribers of work items are then told. False if other
   * processes that share the database were at work.
   */
  wasDown(signal: AbortSignal): Promise<boolean>;
  /** Removes what ended long ago, from now on. Call it once, when the archive listens. */
  startRetention(): void;
}

/**
 * Opens the workflow database, in the data folder or shared with other processes, and the worklist, and continues the work
 * that waits in them. A shared database stays open when the workflow is closed.
 * @throws DatabaseError; UsageError if the folder of the worklist cannot be read
 */
export async function openWorkflow(
  options: Options,
  instances: InstanceArchive,
  logger: Logger,
  observers: readonly Observer[] = [],
  sharing?: WorkflowSharing,
): Promise<Workflow> {
  checkNotified(options);
  const database = sharing
    ? await openSharedWorkflowDatabase(sharing, fullLog(logger))
    : await openWorkflowDatabase(options.data, fullLog(logger));
  try {
    const performedSteps = sqlPerformedProcedureStepStore(database);
    const worklist =
      options.worklist === undefined
        ? undefined
        : await openWorklist(options.worklist, performedSteps, logger, sharing !== undefined);
    const events = sqlEventQueue(database);
    const delivery = createDelivery(events, options, logger, watchOwnConnections(observers, logger));
    addCommitmentNeed(instances, database);
    const commitment = await openStorageCommitment(options, instances, { database, events, delivery }, logger);
    const workItems = openWorkItems(options, database, delivery, logger);
    let retention: AsyncDisposable | undefined;
    const printing = sharing
      ? await openSharedPrinting(sharing.database, sharing.claims)
      : folderPrinting(options.data, logger);
    const printer = openVirtualPrinter(options, printing, logger);
    const takingOver = sharing && takeOverRegularly(commitment, printer);
    return {
      database,
      delivery,
      events,
      performedSteps,
      worklist,
      commitment,
      workItems,
      printer,
      films: printing.films,
      startRetention() {
        retention = startRetention(options, { workItems, performedSteps, worklist }, logger, sharing?.database);
      },
      wasDown: async (signal) => sharing?.claims.wasDown(signal) ?? true,
      async [Symbol.asyncDispose]() {
        takingOver?.[Symbol.dispose]();
        await printer.close();
        await retention?.[Symbol.asyncDispose]();
        await worklist?.[Symbol.asyncDispose]();
        await commitment.close();
        await delivery.close();
        await database[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

/** Logs refusals because of a limit, at most one in a minute: a peer may cause many. */
function fullLog(logger: Logger): (why: string) => void {
  let quietUntil = 0;
  return (why) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + 60_000;
    logger.warn({ event: 'limit', why }, `a request was rejected (0213H): ${why}`);
  };
}

function createDelivery(
  queue: SqlEventQueue,
  options: Options,
  logger: Logger,
  watch: WatchOwnConnection,
): EventDelivery {
  // By AE title: each peer receives one event at a time.
  const latest = new Map<string, string>();
  return new EventDelivery({
    queue,
    resolvePeer: (aeTitle) => {
      latest.delete(aeTitle);
      const peer = namedPeer(options, aeTitle);
      const onConnection = (connection: UpperLayerConnection) => {
        latest.set(aeTitle, connection.id);
        watch(connection);
      };
      return peer && { ...peer, onConnection };
    },
    onFailure({ error, report, isGivenUp }) {
      const { peer, sopClass, sopInstance, eventType } = report;
      const what = `event ${eventType} of ${uidName(sopClass) ?? sopClass}`;
      const line = { event: 'delivery', association: latest.get(peer), peer, sopInstance };
      const end = isGivenUp ? 'given up' : 'it will be retried';
      logger.warn(line, `${what} could not be delivered to ${peer}, ${end}: ${(error as Error).message}`);
    },
  });
}
