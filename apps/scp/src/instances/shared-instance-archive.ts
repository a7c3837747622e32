// The instances of an archive that several processes share: an index in a database, and a store in which each attempt to keep
// an instance has an object of its own. The row of the index decides which object is the instance. Nothing is compared at
// the start: an object without a row is not an instance, and is swept when it is old.

import type { SharedDatabase } from '../shared-database/shared-database.ts';
import { every, everyHour } from '../sweeps.ts';
import { INDEXED_TAGS } from './archive-index/indexed-attributes.ts';
import { openPostgresArchiveIndex } from './archive-index/postgres-archive-index.ts';
import { Deletion } from './deletion.ts';
import type { ArchiveParts } from './entering-files.ts';
import { InstanceArchive } from './instance-archive.ts';
import { InstanceLocks } from './instance-locks.ts';
import type { SharedInstanceStore, Sweep } from './instance-store.ts';
import { keepSharedInstance } from './keep-shared-instance.ts';
import type { NoticeListener } from './notices.ts';
import { StudyNeeds } from './study-needs.ts';

export interface SharedInstanceArchiveOptions {
  /** It stays open when the archive is closed, as the store does. */
  readonly database: SharedDatabase;
  readonly store: SharedInstanceStore;
  /** Receives what is unusual about instances that are kept. */
  readonly notice?: NoticeListener;
  /** Milliseconds from the deletion of an instance until its object is removed. Default: one hour. */
  readonly grace?: number;
  /** Whether this process removes and sweeps objects, in turn with others. Default: true. */
  readonly hasUpkeep?: boolean;
  /** Told why objects could not be removed; they are tried again. */
  readonly onRemovalFailed?: (error: Error) => void;
  /** Told of each sweep. */
  readonly onSwept?: (sweep: Sweep) => void;
}

/** Opens the archive, whose tables are created and migrated if necessary. @throws DatabaseError */
export async function openSharedInstanceArchive({
  database,
  store,
  notice = () => {},
  grace,
  hasUpkeep = true,
  onRemovalFailed = () => {},
  onSwept = () => {},
}: SharedInstanceArchiveOptions): Promise<InstanceArchive> {
  const index = await openPostgresArchiveIndex(database, {
    onSecondPatient: (instance) => notice({ kind: 'second patient', instance }),
    ...(grace !== undefined && { grace }),
  });
  const parts: ArchiveParts = {
    ...{ path: database.place, store, index, tags: INDEXED_TAGS, notice, onEntered: () => {} },
    ...{ locks: new InstanceLocks(), needs: new StudyNeeds() },
  };
  const deletion = new Deletion(parts);
  return new InstanceArchive(parts, {
    ...{ deletion, finishedDeletions: [], indexLength: () => database.length() },
    keep: (_, instance, data, grow) => keepSharedInstance({ ...parts, store }, instance, data, grow),
    ...(hasUpkeep && {
      upkeep: startUpkeep({
        database,
        remove: async () => void (await deletion.finish()),
        sweep: async (signal) => onSwept(await store.sweep(index, { signal })),
        onRemovalFailed,
      }),
    }),
  });
}

/** Removes the objects of deleted instances soon and regularly, and sweeps orphans, each in one process at a time. */
function startUpkeep({
  database,
  remove,
  sweep,
  onRemovalFailed,
}: {
  readonly database: SharedDatabase;
  readonly remove: () => Promise<void>;
  readonly sweep: (signal: AbortSignal) => Promise<void>;
  readonly onRemovalFailed: (error: Error) => void;
}): AsyncDisposable {
  const ending = new AbortController();
  const once = async (name: string, work: (signal: AbortSignal) => Promise<void>) => {
    try {
      await database.once(name, work, ending.signal);
    } catch (error) {
      if (!ending.signal.aborted) onRemovalFailed(error as Error);
    }
  };
  const removing = every(REMOVAL_INTERVAL, () => once('removal of objects', remove));
  const sweeping = everyHour(() => once('sweep of objects', sweep));
  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      await removing[Symbol.asyncDispose]();
      await sweeping[Symbol.asyncDispose]();
    },
  };
}

/** Milliseconds. */
const REMOVAL_INTERVAL = 600_000;
