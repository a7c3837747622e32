// The PostgreSQL database that all processes of an archive share, with one pool of connections per process.
//
//   const shared = await openSharedDatabase('postgres://dimse@host/archive?schema=radiology');
//   const tables = await shared.open<Tables>({ name: 'workflow', migrations });
//   await shared.transaction(tables, async (transaction) => { … ; await shared.notify('events', '', transaction); });
//   using listening = shared.listen('events', () => look());
//   if (!(await shared.once('retention', (signal) => sweep(signal), signal))) return; // another process does it
//
// Statements outside of `transaction` are transactions of their own. Errors of statements are those of `pg`, or a
// SharedDatabaseLostError: `isUnavailable` tells which of them mean that the same request may succeed later. A transaction
// whose outcome is not known ends in an OutcomeUnknownError. Numbers (bigint, count, sum) are numbers. Time is the
// database's: use `now()`. A statement whose text is used often is prepared by itself; keep texts few, for instance with
// `= any(${array})` rather than one place per value.

import { unlessAborted } from '@x/net/internal';
import { Kysely, PostgresDialect, type QueryExecutorProvider, sql, type Transaction } from 'kysely';
import type { Client } from 'pg';
import { DatabaseError } from '../data-folder/sql-database.ts';
import { parseDatabaseAddress } from './database-address.ts';
import { DatabaseConnections, lostIfConnection } from './database-connections.ts';
import { lockName, type MigratedPart, migrate } from './migrations.ts';
import { channelName, type NotificationListener, Notifications } from './notifications.ts';
import { isConflict, leavesOutcomeUnknown, OutcomeUnknownError } from './shared-database-error.ts';

export interface SharedDatabase extends AsyncDisposable {
  /** Its address for logs and errors, without user and password. */
  readonly place: string;
  /** The schema of all tables. */
  readonly schema: string;
  /**
   * The tables of a part of the archive, migrated by one process at a time. Closing the database closes them.
   * @throws DatabaseError if a newer version has migrated them
   */
  open<Tables>(part: MigratedPart): Promise<Kysely<Tables>>;
  /** Whether any process has opened the part of this name. */
  has(part: MigratedPart['name']): Promise<boolean>;
  /**
   * Does the work in a transaction with READ COMMITTED, and repeats it, up to `TRIES` times in all, if other transactions were
   * in its way. All statements of the work must use the transaction that it is given.
   * @throws OutcomeUnknownError if the connection was lost during COMMIT; what the work throws
   */
  transaction<Tables, Result>(
    tables: Kysely<Tables>,
    work: (transaction: Transaction<Tables>) => Promise<Result>,
  ): Promise<Result>;
  /**
   * Does a task unless another process, or this one, does it now. Returns whether it was done here. The task's signal
   * aborts with the given one, and when the lock is lost with its connection. @throws what the task throws
   */
  once(name: string, task: (signal: AbortSignal) => Promise<void>, signal?: AbortSignal): Promise<boolean>;
  /**
   * Calls the listener at each notification of any process, and with undefined each time the channel begins to be listened
   * to, at first and after a lost connection: some may have been missed then. Must not throw.
   */
  listen(channel: string, listener: NotificationListener): Disposable;
  /** Notifies the listeners of all processes, with a transaction when it is committed. */
  notify(channel: string, payload?: string, transaction?: QueryExecutorProvider): Promise<void>;
  /** Settles if the database answers. @throws the reason of the signal; an error that `isUnavailable` knows */
  check(signal?: AbortSignal): Promise<void>;
  /** Bytes of all tables of the schema, with their indexes. */
  length(): Promise<number>;
}

export interface SharedDatabaseOptions {
  /** Whether what is committed must outlive a crash of the server. Default: true. */
  readonly fsync?: boolean;
}

/**
 * Opens the database of an address: see `parseDatabaseAddress`. Its schema is created with the first part.
 * @throws UsageError if the address is not valid; DatabaseError if the database cannot be used
 */
export async function openSharedDatabase(
  url: string,
  { fsync = true }: SharedDatabaseOptions = {},
): Promise<SharedDatabase> {
  const address = parseDatabaseAddress(url);
  const connections = new DatabaseConnections(address, { fsync });
  const pool = await connections.pool(address.connections);
  const database = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  const notifications = new Notifications(connections);
  const { schema, place } = address;
  const shared: SharedDatabase = {
    place,
    schema,
    async open<Tables>(part: MigratedPart) {
      // A migration of many rows takes long, and other processes wait for it.
      await using migrating = new Kysely<unknown>({
        dialect: new PostgresDialect({ pool: await connections.pool(1, 0) }),
      });
      await migrate(migrating, address, part);
      return database as Kysely<Tables>;
    },
    async has(part) {
      const { rows } = await sql<{ isThere: boolean }>`
        select to_regclass(${`${schema}.${part}_migration`}) is not null as "isThere"`.execute(database);
      return rows[0]?.isThere === true;
    },
    async transaction(tables, work) {
      for (let tries = 1; ; tries++)
        try {
          return await oneTransaction(tables, work);
        } catch (error) {
          if (tries >= TRIES || !isConflict(error)) throw error;
        }
    },
    once: (name, task, signal) => once(connections, name, task, signal),
    listen: (channel, listener) => notifications.listen(channel, listener),
    async notify(channel, payload = '', transaction = database) {
      await sql`select pg_notify(${channelName(schema, channel)}, ${payload})`.execute(transaction);
    },
    async check(signal) {
      await unlessAborted(sql`select 1`.execute(database), signal);
    },
    async length() {
      const { rows } = await sql<{
        length: number;
      }>`select coalesce(sum(pg_total_relation_size(pg_class.oid)), 0) as length
        from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = ${schema} and relkind in ('r', 'p')`.execute(database);
      return rows[0]?.length ?? 0;
    },
    async [Symbol.asyncDispose]() {
      await notifications[Symbol.asyncDispose]();
      await database.destroy();
    },
  };
  try {
    await shared.check();
    return shared;
  } catch (error) {
    await shared[Symbol.asyncDispose]();
    const message = `the database ${place} cannot be used: ${(error as Error).message}`;
    throw new DatabaseError(message, { isInUse: false, cause: error });
  }
}

async function oneTransaction<Tables, Result>(
  tables: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<Result>,
): Promise<Result> {
  let isCommitting = false;
  try {
    return await tables
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (transaction) => {
        const result = await work(transaction);
        isCommitting = true;
        return result;
      });
  } catch (error) {
    if (!isCommitting || !leavesOutcomeUnknown(error)) throw error;
    throw new OutcomeUnknownError(`it is not known whether a transaction was committed: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The lock is held by a connection of its own, because the task may last. */
async function once(
  connections: DatabaseConnections,
  name: string,
  task: (signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<boolean> {
  signal?.throwIfAborted();
  const lost = new AbortController();
  const { client, close } = await connections.connect(() => lost.abort(new Error(`the lock of ${name} was lost`)));
  try {
    if (!(await isLocked(client, lockName(connections.address.schema, name)))) return false;
    await task(signal ? AbortSignal.any([signal, lost.signal]) : lost.signal);
    return true;
  } finally {
    await close();
  }
}

async function isLocked(client: Client, name: string): Promise<boolean> {
  try {
    const statement = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as mine';
    const { rows } = await client.query<{ mine: boolean }>(statement, [name]);
    return rows[0]?.mine === true;
  } catch (error) {
    throw lostIfConnection(error);
  }
}

/** Of a transaction. */
const TRIES = 5;
