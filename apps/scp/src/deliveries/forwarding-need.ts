// Studies that wait for forwarding are needed, also if the archive does not run.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import { openDeliveryDatabase } from './delivery-database/delivery-database.ts';
import { SqlForwardQueue } from './delivery-database/sql-forward-queue.ts';

/** Adds the queue in the folder of an archive that does not run to its needs. Does nothing if it has no queue. */
export async function addForwardingNeed(instances: InstanceArchive): Promise<Disposable> {
  const { folder } = instances;
  if (!existsSync(join(folder, 'deliveries.db'))) return { [Symbol.dispose]: () => {} };
  const database = await openDeliveryDatabase(folder, true);
  const queue = new SqlForwardQueue(database, { maximumEntriesOf: () => Number.POSITIVE_INFINITY });
  instances.needs.add((study) => (queue.hasStudy(study) ? 'for forwarding' : undefined));
  return database;
}
