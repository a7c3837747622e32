// The places of the archives of tests: each in its data folder, or, if ARCHIVE_TEST_WORLD is `shared`, in a schema and under a
// prefix of its own in the database and the object store of the run. Tests of files in the folder are skipped there.

import { randomUUID } from 'node:crypto';
import { createLogger } from '@x/cli/logger';
import { testStore } from '@x/testing/services';
import { afterAll } from 'vitest';
import {
  type InstanceArchive,
  type InstanceArchiveOptions,
  openInstanceArchive,
} from '../src/instances/instance-archive.ts';
import { openInstances, openSharedParts } from '../src/shared-parts.ts';

/** Whether the archives of this run are in the shared world. */
export const isSharedWorld: boolean = process.env.ARCHIVE_TEST_WORLD === 'shared';

// Asking for the services starts them.
const services = isSharedWorld ? { ...(await import('./test-database.ts')), store: await testStore() } : undefined;
const places = new Map<
  string,
  { readonly schema: { readonly url: string } & AsyncDisposable; readonly store: string }
>();
if (isSharedWorld)
  afterAll(async () => {
    for (const { schema } of places.values()) await schema[Symbol.asyncDispose]();
  });

/** The options of `dimse-scp` for an archive. The same folder gives the same archive. */
export function keptIn(folder: string): readonly string[] {
  if (!isSharedWorld) return ['--data', folder];
  const { index, store } = placeOf(folder);
  return ['--data', folder, '--index', index, '--store', store];
}

/** The option of `dimse-scp forward` for an archive, which needs its database alone. */
export function databaseOf(folder: string): readonly string[] {
  return isSharedWorld ? ['--index', placeOf(folder).index] : ['--data', folder];
}

/** Opens the archive of a folder in the process of the test. */
export async function openArchive(folder: string, options: InstanceArchiveOptions): Promise<InstanceArchive> {
  if (!isSharedWorld) return openInstanceArchive(folder, options);
  const { fsync, coercion } = options;
  const parts = await openSharedParts({ ...placeOf(folder), fsync }, coercion);
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  const archive = await openInstances({ ...options, data: folder }, parts, logger);
  const close = archive[Symbol.asyncDispose].bind(archive);
  return Object.assign(archive, {
    async [Symbol.asyncDispose]() {
      await close();
      await parts?.[Symbol.asyncDispose]();
    },
  });
}

/** Executes a statement in the schema of an archive of the shared world. */
export async function inDatabaseOf(folder: string, statement: string): Promise<void> {
  const schema = new URL(placeOf(folder).index).searchParams.get('schema');
  await services?.inTestDatabase(`set search_path to ${schema}; ${statement}`);
}

function placeOf(folder: string): { readonly index: string; readonly store: string } {
  if (services?.TEST_SERVER === undefined || services.store === undefined)
    throw new Error('the shared world needs PostgreSQL and OpenStack Swift');
  const place = places.get(folder) ?? {
    schema: services.testSchema(),
    store: services.store.replace('?', `/test/${randomUUID()}?`),
  };
  places.set(folder, place);
  return { index: place.schema.url, store: place.store };
}
