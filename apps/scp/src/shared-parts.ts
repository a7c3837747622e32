// The parts of an archive that several processes share: --index and --store.

import type { Logger } from '@x/cli/logger';
import { UsageError } from '@x/cli/program';
import { DatabaseError } from './data-folder/sql-database.ts';
import type { Coercion } from './instances/coercion.ts';
import {
  type InstanceArchive,
  type InstanceArchiveOptions,
  openInstanceArchive,
} from './instances/instance-archive.ts';
import { isObjectStoreUnavailable } from './instances/object-store/object-store-error.ts';
import type { ObjectInstanceStore } from './instances/object-store/s3-instance-store.ts';
import { sharedStudyUses } from './instances/shared-study-uses.ts';
import { Opened } from './opened.ts';
import type { Options } from './options.ts';
import type { Claims } from './shared-database/claims.ts';
import type { SharedDatabase } from './shared-database/shared-database.ts';
import { isUnavailable } from './shared-database/shared-database-error.ts';

export interface SharedParts extends AsyncDisposable {
  readonly database: SharedDatabase;
  readonly claims: Claims;
  readonly store: ObjectInstanceStore;
}

type SharingOptions = Pick<Options, 'index' | 'store' | 'storeMemory' | 'fsync'> &
  Partial<Pick<Options, 'data' | 'reindex' | 'quota' | 'evict' | 'fileName' | 'areas'>>;

/** Whether several processes share the archive. @throws UsageError if the options cannot be used together */
export function isShared(options: SharingOptions): options is SharingOptions & { index: string; store: string } {
  const { index, store, data, storeMemory } = options;
  if (index === undefined && store === undefined) {
    if (storeMemory !== undefined) throw new UsageError('--store-memory is only used with --store');
    if (data === undefined)
      throw new UsageError('--data is required: the folder for everything that the archive keeps');
    return false;
  }
  if (index === undefined || store === undefined)
    throw new UsageError('--index and --store are used together: several processes share both');
  if (storeMemory !== undefined && storeMemory < LEAST_STORE_MEMORY)
    throw new UsageError('--store-memory must be at least 10MiB: two parts of an upload');
  for (const [name, isGiven] of Object.entries({
    '--reindex': options.reindex === true,
    '--quota': options.quota !== undefined,
    '--evict': options.evict !== undefined,
    '--file-name': options.fileName !== undefined,
    areas: (options.areas ?? []).length > 0,
  }))
    if (isGiven) throw new UsageError(`${name} cannot be used with --index and --store: ${WHY_NOT[name]}`);
  return true;
}

const LEAST_STORE_MEMORY = 10 * 1024 * 1024;

const WHY_NOT: Readonly<Record<string, string>> = {
  '--reindex': 'the index is not made from the objects',
  '--quota': 'several processes do not count the bytes together; limit the bucket instead',
  '--evict': 'it needs --quota',
  '--file-name': 'each object has a key of its own',
  areas: 'start a process for each of them, with a schema and a prefix of its own',
};

/** Opens them, if the options name them. @throws UsageError; DatabaseError; ObjectStoreError if the bucket cannot be used */
export async function openSharedParts(options: SharingOptions, coercion?: Coercion): Promise<SharedParts | undefined> {
  if (!isShared(options)) return undefined;
  // An archive with a folder does not need to load them.
  const { openSharedDatabase } = await import('./shared-database/shared-database.ts');
  const { openClaims } = await import('./shared-database/claims.ts');
  const { openS3InstanceStore } = await import('./instances/object-store/s3-instance-store.ts');
  const { parseDatabaseAddress } = await import('./shared-database/database-address.ts');
  // A mistake in the address is told before the store is asked.
  parseDatabaseAddress(options.index);
  const opened = new Opened();
  try {
    const { storeMemory } = options;
    const memory = storeMemory === undefined ? {} : { uploadMemory: storeMemory };
    const store = opened.use(await openS3InstanceStore(options.store, { coercion, ...memory }));
    await store.check();
    const database = opened.use(await openSharedDatabase(options.index, { fsync: options.fsync }));
    const claims = opened.use(await openClaims(database));
    return { database, claims, store, [Symbol.asyncDispose]: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** Whether the database or the store did not answer, so that a later start may succeed. */
export function isServiceAway(error: unknown): boolean {
  return isObjectStoreUnavailable(error) || (error instanceof DatabaseError && isUnavailable(error.cause));
}

/** Opens the instances of an archive, in its folder or in what it shares with other processes. */
export async function openInstances(
  { data, ...options }: InstanceArchiveOptions & { readonly data: string },
  shared: SharedParts | undefined,
  logger: Logger,
): Promise<InstanceArchive> {
  if (!shared) return openInstanceArchive(data, options);
  const { openSharedInstanceArchive } = await import('./instances/shared-instance-archive.ts');
  const { database, claims, store } = shared;
  const instances = await openSharedInstanceArchive({
    ...{ database, store },
    ...(options.notice && { notice: options.notice }),
    onRemovalFailed: ({ message }) =>
      logger.warn({ event: 'removal' }, `objects could not be removed, and are tried again: ${message}`),
    onSwept(sweep) {
      const { removed, left, aborted } = sweep;
      if (removed + left + aborted === 0) return;
      const words = `${removed} objects without an instance and ${aborted} parts of uploads were removed, ${left} were left`;
      logger.info({ event: 'sweep', ...sweep }, words);
    },
  });
  instances.needs.shareUses(sharedStudyUses(claims));
  return instances;
}
