// The Storage Commitment service: the archive commits to instances whose files are complete (PS3.4 Annex J).

import type { Logger } from '@x/cli/logger';
import { CommitmentFailure } from '@x/dimse';
import { type EventDelivery, type ReferencedInstance, StorageCommitmentProvider } from '@x/dimse/workflow';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import type { Options } from '../options.ts';
import { sqlCommitmentStore } from './workflow-database/sql-commitment-store.ts';
import type { WorkflowDatabase } from './workflow-database/workflow-database.ts';

/** Continues the requests that were accepted before a restart. */
export async function openStorageCommitment(
  { aet }: Options,
  instances: InstanceArchive,
  database: WorkflowDatabase,
  delivery: EventDelivery,
  logger: Logger,
): Promise<StorageCommitmentProvider> {
  let retry: NodeJS.Timeout | undefined;
  const provider: StorageCommitmentProvider = new StorageCommitmentProvider({
    delivery,
    store: sqlCommitmentStore(database),
    retrieveAeTitle: aet,
    holds: (instance, _signal, session) =>
      reasonAgainst(instance, instances, logger.child({ event: 'commitment', association: session?.association.id })),
    onReport({ peer, transactionUid }, { committed, failed }, session) {
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

const RETRY_AFTER = 60_000;

/**
 * Returns why the archive does not commit to an instance; undefined if it does: the SOP class is the requested one, and the
 * file can be read to its end and is as long as the stored instance.
 */
async function reasonAgainst(
  { sopClass, sopInstance }: ReferencedInstance,
  instances: InstanceArchive,
  logger: Logger,
): Promise<true | number> {
  let reason: number = CommitmentFailure.NoSuchObjectInstance;
  let words = 'it is not in the archive';
  for (const found of await instances.index.locate(sopInstance)) {
    if (found.sopClass !== sopClass) {
      reason = CommitmentFailure.ClassInstanceConflict;
      words = `its SOP class is ${found.sopClass}`;
      continue;
    }
    try {
      await using file = await instances.open(found);
      await file.checkDataSet();
      if (file.sopClass === sopClass && file.sopInstance === sopInstance) return true;
      reason = CommitmentFailure.ClassInstanceConflict;
      words = `its file has another instance, ${file.sopInstance}`;
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      reason = isGone ? CommitmentFailure.NoSuchObjectInstance : CommitmentFailure.ProcessingFailure;
      words = isGone ? 'its file is missing' : (error as Error).message;
    }
  }
  logger.warn({ sopInstance, reason }, `no commitment for ${sopInstance}: ${words}`);
  return reason;
}
