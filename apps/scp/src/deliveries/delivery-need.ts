// Studies that wait for forwarding, hooks or notifications are needed, whether the archive runs or not.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import type { SharedDatabase } from '../shared-database/shared-database.ts';
import { positionsOf, unreadBy } from './arrival-positions.ts';
import type { DeliveryDatabase } from './delivery-database/delivery-database.ts';
import { openDeliveryDatabase } from './delivery-database/embedded-delivery-database.ts';
import { openSharedDeliveryDatabase } from './delivery-database/shared-delivery-database.ts';
import { SqlForwardQueue } from './delivery-database/sql-forward-queue.ts';
import { QuietStudies } from './quiet-studies.ts';

/** The name by which the hooks and notifications of studies read what arrives. Names of destinations of --forward lack colons. */
export const STUDIES = 'studies:';
/** The destinations of notifications begin with this. */
export const NOTIFY = 'notify: ';

export interface DeliveryNeedParts {
  readonly instances: InstanceArchive;
  readonly queue: SqlForwardQueue;
  readonly studies: QuietStudies;
  readonly database: DeliveryDatabase;
}

/** Why a study is needed for deliveries, in words that follow “the study is needed”; undefined if it is not. */
export async function deliveryNeed(parts: DeliveryNeedParts, study: string): Promise<string | undefined> {
  const { instances, queue, studies, database } = parts;
  // In the order in which they follow each other, so that nothing passes unseen from one to the next.
  const reader = await unreadBy(await positionsOf(database), instances.index.arrivals, study);
  if (await studies.has(study)) return `${wordsFor(STUDIES)} when no instance has arrived for a while`;
  const destination = await queue.destinationOf(study);
  if (destination !== undefined) return wordsFor(destination);
  return reader === undefined ? undefined : wordsFor(reader);
}

function wordsFor(destination: string): string {
  if (destination === STUDIES) return 'for hooks and notifications of studies';
  if (destination.startsWith(NOTIFY)) return `for the notification of ${destination.slice(NOTIFY.length)}`;
  return destination.includes(':') ? `for the hook ${destination}` : `for forwarding to ${destination}`;
}

/** The same for an archive whose options deliver nothing now: only what waits in its queue is needed. */
export async function queuedNeed(folder: string, study: string): Promise<string | undefined> {
  if (!isIn(folder)) return undefined;
  await using database = await openDeliveryDatabase(folder, true);
  const destination = await (await queueIn(database)).destinationOf(study);
  return destination === undefined ? undefined : wordsFor(destination);
}

const isIn = (folder: string) => existsSync(join(folder, 'deliveries.db'));

function queueIn(database: DeliveryDatabase): Promise<SqlForwardQueue> {
  return SqlForwardQueue.open(database, { maximumEntriesOf: () => Number.POSITIVE_INFINITY });
}

/** Adds what waits in a shared database to the needs of an archive that does not run. */
export async function addSharedDeliveryNeed(
  instances: InstanceArchive,
  shared: SharedDatabase,
): Promise<AsyncDisposable> {
  return addNeed(instances, await openSharedDeliveryDatabase({ database: shared }));
}

async function addNeed(instances: InstanceArchive, database: DeliveryDatabase): Promise<AsyncDisposable> {
  const queue = await queueIn(database);
  const studies = new QuietStudies(database);
  instances.needs.add((study) => deliveryNeed({ instances, queue, studies, database }, study));
  return database;
}

/** Adds what waits in the folder of an archive that does not run to its needs. Does nothing if it has no deliveries. */
export async function addDeliveryNeed(instances: InstanceArchive): Promise<AsyncDisposable> {
  const { folder } = instances;
  if (folder === undefined || !isIn(folder)) return { [Symbol.asyncDispose]: async () => {} };
  return addNeed(instances, await openDeliveryDatabase(folder, true));
}
