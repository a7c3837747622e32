// Limits of the rows that a table keeps, in all and of one peer.

import { DimseError, Status } from '@x/dimse';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';
import type { WorkflowDatabase } from './workflow-database.ts';

/**
 * Limits the rows of a table, or those of one peer. Counts them once and after removals, because counting takes longer the
 * more there are. In a shared database, other processes add and remove rows: the limit is exact to within what they do in
 * `COUNT_AGE`.
 */
export class RowLimit {
  readonly #isShared: boolean;
  readonly #table: LimitedTable;
  readonly #maximum: number;
  readonly #peer: string | undefined;
  #count: number | undefined;
  /** By performance.now(). */
  #countedAt = 0;
  /** Whether every row that was counted has been added. */
  #isExact = false;

  constructor({ sharing }: Pick<WorkflowDatabase, 'sharing'>, table: LimitedTable, maximum: number, peer?: string) {
    this.#isShared = sharing !== undefined;
    this.#table = table;
    this.#maximum = maximum;
    this.#peer = peer;
  }

  /** The number of rows, by the last count and the rows added since. */
  async count(tables: Kysely<Tables>): Promise<number> {
    if (this.#isShared && performance.now() - this.#countedAt > COUNT_AGE) this.recount();
    if (this.#count !== undefined) return this.#count;
    const own = sql`where ${sql.ref(LIMITED[this.#table].peer)} = ${this.#peer}`;
    const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(this.#table)}
      ${this.#peer === undefined ? sql`` : own}`.execute(tables);
    const count = rows[0]?.count ?? 0;
    this.#count = count;
    this.#countedAt = performance.now();
    this.#isExact = true;
    return count;
  }

  /** Counts a row that is about to be added. @throws DimseError (0213H) if the table is full */
  async take(tables: Kysely<Tables>): Promise<void> {
    let count = await this.count(tables);
    if (count >= this.#maximum && (this.#isShared || !this.#isExact)) {
      this.recount();
      count = await this.count(tables);
    }
    if (count >= this.#maximum) {
      const rows = `${count} ${LIMITED[this.#table].rows}`;
      const errorComment = this.#peer === undefined ? `${rows} are kept` : `${this.#peer} has ${rows}`;
      throw new DimseError(Status.ResourceLimitation, { errorComment });
    }
    this.#count = count + 1;
    this.#isExact = false;
  }

  /** To be called when rows were removed. */
  recount(): void {
    this.#count = undefined;
  }
}

/** Limits the rows of each peer in a table. */
export class PeerRowLimit {
  readonly #database: Pick<WorkflowDatabase, 'sharing'>;
  readonly #table: LimitedTable;
  readonly #maximum: number;
  readonly #limits = new Map<string, RowLimit>();

  constructor(database: Pick<WorkflowDatabase, 'sharing'>, table: LimitedTable, maximum: number) {
    this.#database = database;
    this.#table = table;
    this.#maximum = maximum;
  }

  /** Counts a row of a peer that is about to be added. @throws DimseError (0213H) if the peer has too many */
  async take(tables: Kysely<Tables>, peer: string): Promise<void> {
    if (this.#limits.size >= MOST_PEERS) this.#limits.clear();
    const limit = this.#limits.get(peer) ?? new RowLimit(this.#database, this.#table, this.#maximum, peer);
    this.#limits.set(peer, limit);
    await limit.take(tables);
  }

  /** To be called when rows were removed. */
  recount(): void {
    this.#limits.clear();
  }
}

/** Milliseconds for which a count of a shared table is used. */
const COUNT_AGE = 10_000;

/** The most peers whose rows stay counted. */
const MOST_PEERS = 1000;

type LimitedTable = keyof typeof LIMITED;

/** The column with the AE title of the peer, and the name of the rows. */
const LIMITED = {
  work_item: { peer: 'creator', rows: 'work items' },
  work_item_subscription: { peer: 'peer', rows: 'subscriptions' },
  performed_procedure_step: { peer: 'creator', rows: 'performed procedure steps' },
  event_report: { peer: 'peer', rows: 'event reports' },
} as const;
