// The state of workflows that outlives the process: a database in the data folder, or the one that several processes share.

import { join } from 'node:path';
import { DimseError, Status } from '@x/dimse';
import { nextTurn } from '@x/dimse/data-set';
import { type Kysely, sql } from 'kysely';
import { makeFolders } from '../../data-folder/make-folders.ts';
import { isDatabaseFull, openSqlDatabase } from '../../data-folder/sql-database.ts';
import type { Claims } from '../../shared-database/claims.ts';
import type { SharedDatabase } from '../../shared-database/shared-database.ts';
import { isUnavailable } from '../../shared-database/shared-database-error.ts';
import { MIGRATIONS, type Tables } from './schema.ts';
import { SHARED_MIGRATIONS } from './shared-schema.ts';

/**
 * Opens `workflow.db` in a data folder; both are created if necessary. Only this process can use it while it is open.
 * @throws DatabaseError if it is in use or damaged
 */
export async function openWorkflowDatabase(dataFolder: string, onFull?: OnFull): Promise<WorkflowDatabase> {
  await makeFolders(dataFolder);
  const { tables, close } = await openSqlDatabase<Tables>(join(dataFolder, 'workflow.db'), {
    name: 'the workflow database',
    remedy: 'restore it, or move it away to start with an empty one',
    // Unlike the index it cannot be rebuilt, and changes are rare.
    durable: 'at commit',
    migrations: MIGRATIONS,
  });
  return new WorkflowDatabase({ tables, close, ...(onFull && { onFull }) });
}

/** Opens the workflow tables of a shared database, which stays open when they are closed. @throws DatabaseError */
export async function openSharedWorkflowDatabase(sharing: WorkflowSharing, onFull?: OnFull): Promise<WorkflowDatabase> {
  const tables = await sharing.database.open<Tables>({ name: 'workflow', migrations: SHARED_MIGRATIONS });
  return new WorkflowDatabase({ tables, sharing, ...(onFull && { onFull }) });
}

/** Opens the workflow tables of a shared database for reading, without claims. @throws DatabaseError */
export async function readSharedWorkflowDatabase(database: SharedDatabase): Promise<WorkflowDatabase> {
  return new WorkflowDatabase({
    tables: await database.open<Tables>({ name: 'workflow', migrations: SHARED_MIGRATIONS }),
  });
}

/** Told why a change was refused because of a limit. */
export type OnFull = (why: string) => void;

/** The database that several processes share, and the claims of this one. */
export interface WorkflowSharing {
  readonly database: SharedDatabase;
  readonly claims: Claims;
}

export class WorkflowDatabase implements AsyncDisposable {
  /** For reading, and for single changes. */
  readonly tables: Kysely<Tables>;
  /** If other processes use it, too. */
  readonly sharing: WorkflowSharing | undefined;
  readonly #close: (() => void) | undefined;
  readonly #onFull: OnFull | undefined;

  constructor(parts: {
    readonly tables: Kysely<Tables>;
    readonly sharing?: WorkflowSharing;
    readonly close?: () => void;
    readonly onFull?: OnFull;
  }) {
    this.tables = parts.tables;
    this.sharing = parts.sharing;
    this.#close = parts.close;
    this.#onFull = parts.onFull;
  }

  /**
   * Makes all changes of `work` or none, in one transaction. An embedded database is not changed by anything else meanwhile; in a shared
   * one, `work` may be done again after a conflict, and rows that it has read may change unless it has locked them.
   * @throws the error of `work`; DimseError 0213H if the disk is full or a shared database cannot be used now
   */
  async change<T>(work: (tables: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#refusing(() =>
      this.sharing
        ? this.sharing.database.transaction(this.tables, work)
        : this.tables.connection().execute((tables) => inTransaction(tables, work)),
    );
  }

  /** Reads, or makes a single change. @throws as `change` does */
  async use<T>(work: (tables: Kysely<Tables>) => Promise<T>): Promise<T> {
    return this.#refusing(() => work(this.tables));
  }

  /** Locks the rows that a query of a transaction finds until its end. */
  locked<Query extends { forUpdate(): Query }>(query: Query): Query {
    return this.sharing ? query.forUpdate() : query;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close?.();
  }

  async #refusing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal instanceof DimseError && refusal.status === Status.ResourceLimitation)
        this.#onFull?.(refusal.errorComment ?? '');
      throw refusal;
    }
  }
}

function refusalOf(error: unknown): unknown {
  const refused = (errorComment: string) => new DimseError(Status.ResourceLimitation, { errorComment, cause: error });
  if (isDatabaseFull(error)) return refused('no space is left');
  return isUnavailable(error) ? refused('the database cannot be used now') : error;
}

async function inTransaction<T>(tables: Kysely<Tables>, work: (tables: Kysely<Tables>) => Promise<T>): Promise<T> {
  await sql`begin immediate`.execute(tables);
  try {
    const result = await work(tables);
    // Writing megabytes and syncing them take about as long, and everything else waits for each.
    await nextTurn();
    await sql`commit`.execute(tables);
    return result;
  } catch (error) {
    // A full disk has already ended the transaction. The original error is thrown.
    await sql`rollback`.execute(tables).catch(() => {});
    throw error;
  }
}
