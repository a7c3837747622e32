// The database of waiting deliveries in the data folder, which keeps them across restarts.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'libsql';
import { DatabaseError, openSqlDatabase } from '../../data-folder/sql-database.ts';
import { MIGRATIONS } from './schema.ts';

export interface DeliveryDatabase extends Disposable {
  prepare(statement: string): Database.Statement<unknown[]>;
  /** Makes all changes of `work` or none. */
  change<T>(work: () => T): T;
  /** A number that changes when another process has changed the database. */
  foreignChanges(): number;
  /** Settles when all changes that were committed before are on disk. */
  sync(): Promise<void>;
}

/**
 * Opens `deliveries.db` in a data folder. The archive and the commands of operators can use it at the same time.
 * @param isExisting Whether it must exist already.
 * @throws DatabaseError if it is damaged, or does not exist
 */
export async function openDeliveryDatabase(dataFolder: string, isExisting = false): Promise<DeliveryDatabase> {
  const path = join(dataFolder, 'deliveries.db');
  if (isExisting && !existsSync(path))
    throw new DatabaseError(`${path} does not exist: the archive in this folder has forwarded nothing yet`, {
      isInUse: false,
    });
  const { database, sync, close } = await openSqlDatabase(path, {
    name: 'the database of deliveries',
    remedy: 'restore it, or move it away to start with an empty one',
    durable: 'at sync',
    isShared: true,
    migrations: MIGRATIONS,
  });
  const prepare = (statement: string) => database.prepare<unknown[]>(statement);
  const [begin, commit, rollback] = [prepare('begin immediate'), prepare('commit'), prepare('rollback')];
  const version = prepare('pragma data_version');
  return {
    prepare,
    change(work) {
      begin.run();
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        try {
          rollback.run();
        } catch {
          // A full disk has already ended the transaction. The original error is thrown.
        }
        throw error;
      }
    },
    foreignChanges: () => (version.all()[0] as { data_version: number }).data_version,
    sync,
    [Symbol.dispose]: close,
  };
}
