// The state of workflows that outlives the process: a database in the data folder.

import { join } from 'node:path';
import { DimseError, Status } from '@x/dimse';
import { nextTurn } from '@x/dimse/data-set';
import { type Kysely, sql } from 'kysely';
import { makeFolders } from '../../data-folder/make-folders.ts';
import { isDatabaseFull, openSqlDatabase, type SqlDatabase } from '../../data-folder/sql-database.ts';
import { MIGRATIONS, type Tables } from './schema.ts';

/**
 * Opens `workflow.db` in a data folder; both are created if necessary. Only this process can use it while it is open.
 * @throws DatabaseError if it is in use or damaged
 */
export async function openWorkflowDatabase(dataFolder: string, onFull?: OnFull): Promise<WorkflowDatabase> {
  await makeFolders(dataFolder);
  return new WorkflowDatabase(
    await openSqlDatabase<Tables>(join(dataFolder, 'workflow.db'), {
      name: 'the workflow database',
      remedy: 'restore it, or move it away to start with an empty one',
      // Unlike the index it cannot be rebuilt, and changes are rare.
      durable: 'at commit',
      migrations: MIGRATIONS,
    }),
    onFull,
  );
}

/** Told why a change was refused because of a limit. */
export type OnFull = (why: string) => void;

export class WorkflowDatabase implements AsyncDisposable {
  /** For reading, and for single changes. */
  readonly tables: Kysely<Tables>;
  readonly #close: () => void;
  readonly #onFull: OnFull | undefined;

  constructor({ tables, close }: SqlDatabase<Tables>, onFull?: OnFull) {
    this.tables = tables;
    this.#close = close;
    this.#onFull = onFull;
  }

  /**
   * Makes all changes of `work` or none, in one transaction.
   * @throws the error of `work`; DimseError 0213H if the disk is full
   */
  async change<T>(work: (tables: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      return await this.tables.connection().execute((tables) => inTransaction(tables, work));
    } catch (error) {
      const refusal = isDatabaseFull(error)
        ? new DimseError(Status.ResourceLimitation, { errorComment: 'no space is left', cause: error })
        : error;
      if (refusal instanceof DimseError && refusal.status === Status.ResourceLimitation)
        this.#onFull?.(refusal.errorComment ?? '');
      throw refusal;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }
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
