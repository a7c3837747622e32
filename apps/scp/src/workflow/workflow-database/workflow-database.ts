// The state of workflows that outlives the process: a database in the data folder.

import { join } from 'node:path';
import { createDataSetCodec, type DataSet, type DataSetInput, DimseError, Status, TransferSyntax } from '@x/dimse';
import { type DicomJsonModel, fromDicomJsonInTurns, nextTurn } from '@x/dimse/data-set';
import { type Kysely, sql } from 'kysely';
import { makeFolders } from '../../data-folder/make-folders.ts';
import { isDatabaseFull, openSqlDatabase, type SqlDatabase } from '../../data-folder/sql-database.ts';
import { type KeptDataSet, MIGRATIONS, type Tables } from './schema.ts';

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

/**
 * Limits the rows of a table, or those of one peer. Counts them once and after removals, because counting takes longer the
 * more there are.
 */
export class RowLimit {
  readonly #table: LimitedTable;
  readonly #maximum: number;
  readonly #peer: string | undefined;
  #count: number | undefined;
  /** Whether every row that was counted has been added. */
  #isExact = false;

  constructor(table: LimitedTable, maximum: number, peer?: string) {
    this.#table = table;
    this.#maximum = maximum;
    this.#peer = peer;
  }

  /** The number of rows, by the last count and the rows added since. */
  async count(tables: Kysely<Tables>): Promise<number> {
    if (this.#count !== undefined) return this.#count;
    const own = sql`where ${sql.ref(LIMITED[this.#table].peer)} = ${this.#peer}`;
    const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(this.#table)}
      ${this.#peer === undefined ? sql`` : own}`.execute(tables);
    const count = rows[0]?.count ?? 0;
    this.#count = count;
    this.#isExact = true;
    return count;
  }

  /** Counts a row that is about to be added. @throws DimseError (0213H) if the table is full */
  async take(tables: Kysely<Tables>): Promise<void> {
    let count = await this.count(tables);
    if (count >= this.#maximum && !this.#isExact) {
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
  readonly #table: LimitedTable;
  readonly #maximum: number;
  readonly #limits = new Map<string, RowLimit>();

  constructor(table: LimitedTable, maximum: number) {
    this.#table = table;
    this.#maximum = maximum;
  }

  /** Counts a row of a peer that is about to be added. @throws DimseError (0213H) if the peer has too many */
  async take(tables: Kysely<Tables>, peer: string): Promise<void> {
    if (this.#limits.size >= MOST_PEERS) this.#limits.clear();
    const limit = this.#limits.get(peer) ?? new RowLimit(this.#table, this.#maximum, peer);
    this.#limits.set(peer, limit);
    await limit.take(tables);
  }

  /** To be called when rows were removed. */
  recount(): void {
    this.#limits.clear();
  }
}

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

/** Removes rows by `removeSome`, which removes a few and gives their number, with a turn of the event loop in between. */
export async function inBatches(removeSome: () => Promise<number>): Promise<number> {
  let removed = 0;
  for (;;) {
    const count = await removeSome();
    removed += count;
    if (count === 0) return removed;
    await nextTurn();
  }
}

/**
 * The rows in groups of `LENGTH_AT_ONCE` together, or of one longer row, with a turn of the event loop after each group:
 * attributes of megabytes take milliseconds to read or to remove.
 */
export async function* groupsByLength<Row extends { readonly length: number }>(
  rows: readonly Row[],
): AsyncGenerator<readonly Row[]> {
  let [group, length]: [Row[], number] = [[], 0];
  for (const row of rows) {
    if (group.length > 0 && length + row.length > LENGTH_AT_ONCE) {
      yield group;
      await nextTurn();
      [group, length] = [[], 0];
    }
    group.push(row);
    length += row.length;
  }
  if (group.length > 0) yield group;
}

/** In bytes of attributes. */
const LENGTH_AT_ONCE = 4 * 1024 * 1024;

/** The number of rows that are removed in one transaction. */
export const ROWS_AT_ONCE = 100;

/** The maximum length of the attributes of a performed procedure step or work item, in encoded bytes. */
export const MAXIMUM_ATTRIBUTES_LENGTH = 8 * 1024 * 1024;

/** The attributes as a database keeps them. @throws DimseError (0213H) if they are too long */
export async function keptAttributes(attributes: DataSetInput): Promise<Uint8Array> {
  const kept = await keptDataSet(attributes);
  if (kept.length > MAXIMUM_ATTRIBUTES_LENGTH)
    throw new DimseError(Status.ResourceLimitation, {
      errorComment: `${kept.length} bytes, at most ${MAXIMUM_ATTRIBUTES_LENGTH} are kept`,
    });
  return kept;
}

/** A data set as a database keeps it, of any length: encoded, because that takes turns, and in UTF-8. */
export async function keptDataSet(dataSet: DataSetInput): Promise<Uint8Array> {
  const isNamed = dataSet.SpecificCharacterSet !== undefined;
  const text = isNamed ? { ...dataSet, SpecificCharacterSet: 'ISO_IR 192' } : dataSet;
  return CODEC.encodeInTurns?.(text, SYNTAX) ?? CODEC.encode(text, SYNTAX);
}

/** The data set that a database keeps. */
export async function dataSetOf(kept: KeptDataSet): Promise<DataSet> {
  if (typeof kept === 'string') return fromDicomJsonInTurns(JSON.parse(kept) as DicomJsonModel);
  // The library gives an ArrayBuffer.
  const bytes = new Uint8Array(kept);
  return CODEC.decodeInTurns?.(bytes, SYNTAX) ?? CODEC.decode(bytes, SYNTAX);
}

const SYNTAX = TransferSyntax.ExplicitVRLittleEndian;
// An item may name a character set that does not have all its characters.
const CODEC = createDataSetCodec({ replacement: '?' });
