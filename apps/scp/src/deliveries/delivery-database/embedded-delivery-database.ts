// The database of deliveries in the data folder of an archive.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'libsql';
import { DatabaseError, openSqlDatabase } from '../../data-folder/sql-database.ts';
import { wakeIn } from './database-clock.ts';
import type { DeliveryDatabase, DeliveryQueries } from './delivery-database.ts';
import { MIGRATIONS } from './embedded-schema.ts';

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
  const queries = queriesOf(database);
  let last: Promise<unknown> = Promise.resolve();
  // A statement that is not part of a transaction must not come between its statements.
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };
  const version = async () =>
    (await queries.rows<{ data_version: number }>('pragma data_version'))[0]?.data_version ?? 0;
  let seen = await version();
  return {
    claims: undefined,
    clock: SYSTEM_CLOCK,
    rows: (statement, ...values) => inTurn(() => queries.rows(statement, ...values)),
    run: (statement, ...values) => inTurn(() => queries.run(statement, ...values)),
    change: (work) => inTurn(() => inTransaction(queries, work)),
    async isChangedByOthers() {
      const before = seen;
      seen = await inTurn(version);
      return seen !== before;
    },
    // The file tells them.
    async tellOthers() {},
    sync,
    async [Symbol.asyncDispose]() {
      await inTurn(async () => close());
    },
  };
}

/** Statements are prepared once. */
function queriesOf(database: Database.Database): DeliveryQueries {
  const prepared = new Map<string, Database.Statement<unknown[]>>();
  const statementOf = (text: string) => {
    const known = prepared.get(text);
    if (known) return known;
    const made = database.prepare<unknown[]>(text);
    prepared.set(text, made);
    return made;
  };
  return {
    rows: async <Row>(text: string, ...values: readonly unknown[]) => statementOf(text).all(...values) as Row[],
    run: async (text, ...values) => statementOf(text).run(...values).changes,
  };
}

async function inTransaction<T>(queries: DeliveryQueries, work: (queries: DeliveryQueries) => Promise<T>): Promise<T> {
  await queries.run('begin immediate');
  try {
    const result = await work(queries);
    await queries.run('commit');
    return result;
  } catch (error) {
    // A full disk has already ended the transaction. The original error is thrown.
    await queries.run('rollback').catch(() => {});
    throw error;
  }
}

const SYSTEM_CLOCK = { now: () => Date.now(), wake: wakeIn };
