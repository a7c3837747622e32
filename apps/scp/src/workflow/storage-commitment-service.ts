// The Storage Commitment service: the archive commits to instances whose files are complete (PS3.4 Annex J).

import type { Logger } from '@x/cli/logger';
import { CommitmentFailure, DimseError, Status } from '@x/dimse';
import {
  type EventDelivery,
  type ProviderFailure,
  type ReferencedInstance,
  StorageCommitmentProvider,
} from '@x/dimse/workflow';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import { isObjectStoreUnavailable } from '../instances/object-store/object-store-error.ts';
import type { Options } from '../options.ts';
import { isUnavailable } from '../shared-database/shared-database-error.ts';
import { sqlCommitmentStore } from './workflow-database/sql-commitment-store.ts';
import type { SqlEventQueue } from './workflow-database/sql-event-queue.ts';
import type { WorkflowDatabase } from './workflow-database/workflow-database.ts';

/** The database in which requests wait, and the way of their reports. */
export interface CommitmentParts {
  readonly database: WorkflowDatabase;
  readonly events: SqlEventQueue;
  readonly delivery: EventDelivery;
}

/** Continues the requests that were accepted before a restart. */
export async function openStorageCommitment(
  { aet }: Options,
  instances: InstanceArchive,
  { database, events, delivery }: CommitmentParts,
  logger: Logger,
): Promise<StorageCommitmentProvider> {
  let retry: NodeJS.Timeout | undefined;
  const missing = new MissingLog(logger);
  const provider: StorageCommitmentProvider = new StorageCommitmentProvider({
    delivery,
    store: sqlCommitmentStore(database, { events }),
    retrieveAeTitle: aet,
    async holds(instance, signal, session) {
      const held = await reasonAgainst(instance, instances, signal);
      if (held === true) return true;
      missing.add(instance, held, session);
      return held.reason;
    },
    onReport({ peer, transactionUid }, { committed, failed }, session) {
      missing.end(session);
      const line = {
        event: 'commitment',
        association: session?.association.id,
        peer,
        transactionUid,
        committed,
        failed,
      };
      logger.info(line, `storage commitment for ${peer}: ${committed} instances, not for ${failed}`);
    },
    onFailure({ error, peer, transactionUid, session }) {
      missing.end(session);
      const line = { event: 'commitment', association: session?.association.id, peer, transactionUid };
      logger.error(line, `the report of ${transactionUid} is delayed: ${(error as Error).message}`);
      // One retry is for all requests that have failed.
      if (retry) return;
      retry = setTimeout(() => {
        retry = undefined;
        provider.resume().catch((again) => logger.error(line, `${(again as Error).message}`));
      }, RETRY_AFTER).unref();
    },
  });
  await provider.resume();
  return provider;
}

/** Milliseconds. */
const RETRY_AFTER = 60_000;

/** Logs the instances to which the archive does not commit: the first ones of each association, because they may be many. */
class MissingLog {
  readonly #logger: Logger;
  /** The number of instances by session; `undefined` stands for requests from before a restart. */
  readonly #counts = new Map<Session, number>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add({ sopInstance }: ReferencedInstance, { reason, words }: Refusal, session: Session): void {
    const count = (this.#counts.get(session) ?? 0) + 1;
    this.#counts.set(session, count);
    if (count > MOST_LINES) return;
    const line = { event: 'commitment', association: session?.association.id, sopInstance, reason };
    this.#logger.warn(line, `no commitment for ${sopInstance}: ${words}`);
  }

  /** To be called with each report, and if a request could not be reported. */
  end(session: Session): void {
    const more = (this.#counts.get(session) ?? 0) - MOST_LINES;
    this.#counts.delete(session);
    if (more <= 0) return;
    const line = { event: 'commitment', association: session?.association.id, more };
    this.#logger.warn(line, `no commitment for ${more} more instances`);
  }
}

type Session = ProviderFailure['session'];

interface Refusal {
  readonly reason: number;
  readonly words: string;
}

/** The most instances that are logged one by one before a report. */
const MOST_LINES = 10;

/**
 * Returns why the archive does not commit to an instance; true if it does: the SOP class is the requested one, and the file
 * can be read to its end and is as long as the stored instance.
 */
async function reasonAgainst(
  { sopClass, sopInstance }: ReferencedInstance,
  instances: InstanceArchive,
  signal: AbortSignal,
): Promise<true | Refusal> {
  let refusal: Refusal = { reason: CommitmentFailure.NoSuchObjectInstance, words: 'it is not in the archive' };
  let located = await unlessUnavailable(() => instances.index.locate(sopInstance));
  if (located.length === 0 && !instances.index.isComplete) {
    await instances.whenComplete(signal);
    located = await unlessUnavailable(() => instances.index.locate(sopInstance));
  }
  for (const found of located) {
    if (found.sopClass !== sopClass) {
      refusal = { reason: CommitmentFailure.ClassInstanceConflict, words: `its SOP class is ${found.sopClass}` };
      continue;
    }
    try {
      await using file = await unlessUnavailable(async () => instances.open(found));
      await unlessUnavailable(() => file.checkDataSet());
      if (file.sopClass === sopClass && file.sopInstance === sopInstance) return true;
      const words = `its file has another instance, ${file.sopInstance}`;
      refusal = { reason: CommitmentFailure.ClassInstanceConflict, words };
    } catch (error) {
      if (error instanceof DimseError && error.status === Status.ResourceLimitation) throw error;
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      refusal = isGone
        ? { reason: CommitmentFailure.NoSuchObjectInstance, words: 'its file is missing' }
        : { reason: CommitmentFailure.ProcessingFailure, words: (error as Error).message };
    }
  }
  return refusal;
}

/** @throws DimseError 0213H if what several processes share cannot be used now: an instance that is safe may seem to be lost */
async function unlessUnavailable<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isAway = isUnavailable(error) || isObjectStoreUnavailable(error);
    throw isAway ? new DimseError(Status.ResourceLimitation, { cause: error }) : error;
  }
}
