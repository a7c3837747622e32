// The places where dimse-scp delete deletes: an archive that runs, its data folder, or the database and the store that several
// archives share.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createLogger } from '@x/cli/logger';
import { UsageError } from '@x/cli/program';
import { type AuditLog, openAuditLog } from './audit/audit-log.ts';
import { askArchive } from './data-folder/control-socket.ts';
import { DatabaseError } from './data-folder/sql-database.ts';
import { deleteByRequest } from './deletion-requests.ts';
import { addDeliveryNeed, addSharedDeliveryNeed } from './deliveries/delivery-need.ts';
import { type InstanceArchive, openInstanceArchive } from './instances/instance-archive.ts';
import { sharedStudyUses } from './instances/shared-study-uses.ts';
import { Opened } from './opened.ts';
import { addCommitmentNeed } from './workflow/commitment-need.ts';
import { openWorkflowDatabase, readSharedWorkflowDatabase } from './workflow/workflow-database/workflow-database.ts';

export interface DeletionPlaceOptions {
  readonly data?: string;
  readonly index?: string;
  readonly store?: string;
  readonly aet: string;
  readonly auditLog?: string;
}

export interface DeletionPlace extends AsyncDisposable {
  /** For messages. */
  readonly name: string;
  ask(request: Record<string, unknown>): Promise<Readonly<Record<string, unknown>>>;
}

/** @throws UsageError; ControlError with the words of the archive; DatabaseError */
export async function openDeletionPlace(options: DeletionPlaceOptions): Promise<DeletionPlace> {
  const { data, index, store } = options;
  if (index !== undefined || store !== undefined) {
    if (index === undefined || store === undefined)
      throw new UsageError('--index and --store are used together: the archives share both');
    return inSharedArchive(index, store, options);
  }
  if (data === undefined)
    throw new UsageError(
      '--data is required: the data folder of the archive; or --index and --store, if several share it',
    );
  return (await inRunningArchive(data)) ?? inFolder(data, options);
}

async function inRunningArchive(data: string): Promise<DeletionPlace | undefined> {
  if (!(await askArchive(data, { command: 'ping' }))) return undefined;
  return {
    name: data,
    async ask(request) {
      const answer = await askArchive(data, request);
      if (!answer) throw new UsageError('the archive has stopped: try again');
      return answer;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function inFolder(data: string, options: DeletionPlaceOptions): Promise<DeletionPlace> {
  // Opening a folder that is not that of an archive would make it one.
  if (!existsSync(join(data, 'index.db')))
    throw new UsageError(`${data} is not the data folder of an archive: it does not have index.db`);
  const opened = new Opened();
  try {
    const audit = opened.use(await openAudit(options));
    const instances = opened.use(await openInstanceArchive(data, { fsync: true, reindex: false }));
    await instances.compare();
    addCommitmentNeed(instances, opened.use(await openWorkflowDatabase(data, () => {})));
    opened.use(await addDeliveryNeed(instances));
    return asking(data, instances, options.aet, audit, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function inSharedArchive(index: string, store: string, options: DeletionPlaceOptions): Promise<DeletionPlace> {
  const { openSharedDatabase } = await import('./shared-database/shared-database.ts');
  const { openS3InstanceStore } = await import('./instances/object-store/s3-instance-store.ts');
  const { readClaims } = await import('./shared-database/claims.ts');
  const { openSharedInstanceArchive } = await import('./instances/shared-instance-archive.ts');
  const opened = new Opened();
  try {
    const audit = opened.use(await openAudit(options));
    const objects = opened.use(await openS3InstanceStore(store));
    const database = opened.use(await openSharedDatabase(index));
    if (!(await database.has('index')))
      throw new DatabaseError(`no archive has used the database ${database.place} yet`, { isInUse: false });
    const instances = opened.use(await openSharedInstanceArchive({ database, store: objects, hasUpkeep: false }));
    instances.needs.shareUses(sharedStudyUses(await readClaims(database)));
    addCommitmentNeed(instances, await readSharedWorkflowDatabase(database));
    opened.use(await addSharedDeliveryNeed(instances, database));
    return asking(database.place, instances, options.aet, audit, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function openAudit(options: DeletionPlaceOptions): Promise<AuditLog | undefined> {
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  return openAuditLog({ auditPatients: false, ...options }, logger);
}

function asking(
  name: string,
  instances: InstanceArchive,
  aeTitle: string,
  audit: AuditLog | undefined,
  opened: Opened,
): DeletionPlace {
  const requests = deleteByRequest(instances, aeTitle, audit);
  return {
    name,
    ask: async ({ command, ...request }) =>
      requests[command as keyof typeof requests](request) as Promise<Readonly<Record<string, unknown>>>,
    [Symbol.asyncDispose]: () => opened.close(),
  };
}
