// The state of workflows that has to outlive the process: a database of its own in the data folder.

import { join } from 'node:path';
import { DimseError, Status } from '@x/dimse';
import { type Kysely, sql } from 'kysely';
import { makeFolders } from '../../data-folder/make-folders.ts';
import { isDatabaseFull, openSqlDatabase, type SqlDatabase } from '../../data-folder/sql-database.ts';
import { MIGRATIONS, type Tables } from './schema.ts';

/**
 * Opens `workflow.db` in a data folder; both are made if need be. It is this process's alone while it is open.
 * @throws DatabaseError when it is in use or damaged.
 */
export async function openWorkflowDatabase(dataFolder: string): Promise<WorkflowDatabase> {
  await makeFolders(dataFolder);
  return new WorkflowDatabase(
    await openSqlDatabase<Tables>(join(dataFolder, 'workflow.db'), {
      name: 'the workflow database',
      remedy: 'restore it, or move it away to begin with an empty one',
      // Unlike the index it cannot be made anew, and changes are few.
      fsync: true,
      migrations: MIGRATIONS,
    }),
  );
}

export class WorkflowDatabase implements AsyncDisposable {
  /** For what reads, and single changes. */
  readonly tables: Kysely<Tables>;
  readonly #close: () => void;

  constructor({ tables, close }: SqlDatabase<Tables>) {
    this.tables = tables;
    this.#close = close;
  }

  /**
   * Changes that are made together or not at all, with nothing in between.
   * @throws what `work` throws; DimseError 0213H when the disk is full.
   */
  async change<T>(work: (tables: Kysely<Tables>) => Promise<T>): Promise<T> {
    try {
      return await this.tables.connection().execute((tables) => inTransaction(tables, work));
    } catch (error) {
      if (!isDatabaseFull(error)) throw error;
      throw new DimseError(Status.ResourceLimitation, { errorComment: 'no space is left', cause: error });
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
    await sql`commit`.execute(tables);
    return result;
  } catch (error) {
    // A full disk has ended the transaction already; what went wrong is told all the same.
    await sql`rollback`.execute(tables).catch(() => {});
    throw error;
  }
}
