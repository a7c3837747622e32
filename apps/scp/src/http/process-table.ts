// The processes of an archive, each with the address of its page: a table of the database that they share.

import { type Kysely, type Migration, sql } from 'kysely';
import type { SharedDatabase } from '../shared-database/shared-database.ts';

/** A process with pages. */
export interface ArchiveProcess {
  /** The machine and the DICOM port, such as `pacs1:11112`. */
  readonly name: string;
  /** The address of its page. */
  readonly url: string;
}

/** The processes that the live page names. */
export interface Processes {
  readonly own: ArchiveProcess;
  /** The others, by name. */
  readonly others: readonly ArchiveProcess[];
}

export interface ProcessTableOptions {
  /** Milliseconds from one sign of life to the next. Default 5 s. */
  readonly interval?: number;
  /** Milliseconds without a sign of life after which a process is taken for dead. Default 30 s. */
  readonly lifetime?: number;
}

/**
 * Shows this process to the others, and knows them, until it is disposed of. While the database does not answer, it knows
 * those of before.
 */
export class ProcessTable implements Processes, AsyncDisposable {
  readonly own: ArchiveProcess;
  readonly #id: string;
  readonly #tables: Kysely<Tables>;
  readonly #lifetime: number;
  readonly #timer: NodeJS.Timeout;
  #others: readonly ArchiveProcess[] = [];
  #looking: Promise<void> | undefined;

  private constructor(
    tables: Kysely<Tables>,
    id: string,
    own: ArchiveProcess,
    { interval = 5_000, lifetime = 30_000 }: ProcessTableOptions,
  ) {
    this.#tables = tables;
    this.#id = id;
    this.own = own;
    this.#lifetime = lifetime;
    this.#timer = setInterval(() => void this.look(), interval).unref();
  }

  /** @param id of this process, unique among all and new at each start */
  static async open(
    database: SharedDatabase,
    id: string,
    own: ArchiveProcess,
    options: ProcessTableOptions = {},
  ): Promise<ProcessTable> {
    const tables = await database.open<Tables>({ name: 'process', migrations: MIGRATIONS });
    const table = new ProcessTable(tables, id, own, options);
    await table.look();
    return table;
  }

  get others(): readonly ArchiveProcess[] {
    return this.#others;
  }

  /** Gives a sign of life, forgets the dead, and reads the others. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { name, url } = this.own;
    try {
      await this.#tables
        .insertInto('process')
        .values({ id: this.#id, name, url, seen: sql`now()` })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen: sql`now()` }))
        .execute();
      const dead = sql<Date>`now() - ${this.#lifetime}::double precision * interval '1 millisecond'`;
      await this.#tables.deleteFrom('process').where('seen', '<', dead).execute();
      this.#others = await this.#tables
        .selectFrom('process')
        .select(['name', 'url'])
        .where('id', '!=', this.#id)
        .orderBy('name')
        .orderBy('id')
        .limit(MOST_PROCESSES)
        .execute();
    } catch {
      // The health of the database is told elsewhere.
    }
  }

  /** The others do not wait until this process is taken for dead. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await this.#tables
      .deleteFrom('process')
      .where('id', '=', this.#id)
      .execute()
      .catch(() => {});
  }
}

/** More are not named on a page. */
const MOST_PROCESSES = 100;

interface Tables {
  readonly process: { readonly id: string; readonly name: string; readonly url: string; readonly seen: unknown };
}

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-initial': {
    async up(database: Kysely<unknown>) {
      await sql`create table process (
        id text primary key, name text not null, url text not null, seen timestamptz not null)`.execute(database);
    },
  },
};
