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
export async function openWorkflowDatabase(dataFolder: string): Promise<WorkflowDatabase> {
  await makeFolders(dataFolder);
  return new WorkflowDatabase(
    await openSqlDatabase<Tables>(join(dataFolder, 'workflow.db'), {
      name: 'the workflow database',
      remedy: 'restore it, or move it away to start with an empty one',
      // Unlike the index it cannot be rebuilt, and changes are rare.
      durable: 'at commit',
      migrations: MIGRATIONS,
    }),
  );
}

export class WorkflowDatabase implements AsyncDisposable {
  /** For reading, and for single changes. */
  readonly tables: Kysely<Tables>;
  readonly #close: () => void;

  constructor({ tables, close }: SqlDatabase<Tables>) {
    this.tables = tables;
    this.#close = close;
  }

  /**
   * Makes all changes of `work` or none, in one transaction.
   * @throws the error of `work`; DimseError 0213H if the disk is full
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

/** Limits the rows of a table. Counts them once and after removals, because counting takes longer the more there are. */
export class RowLimit {
  readonly #table: LimitedTable;
  readonly #maximum: number;
  #count: number | undefined;
  /** Whether every row that was counted has been added. */
  #isExact = false;

  constructor(table: LimitedTable, maximum: number) {
    this.#table = table;
    this.#maximum = maximum;
  }

  /** The number of rows, by the last count and the rows added since. */
  async count(tables: Kysely<Tables>): Promise<number> {
    if (this.#count !== undefined) return this.#count;
    const { count } = await tables
      .selectFrom(this.#table)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
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
    if (count >= this.#maximum) throw new DimseError(Status.ResourceLimitation);
    this.#count = count + 1;
    this.#isExact = false;
  }

  /** To be called when rows were removed. */
  recount(): void {
    this.#count = undefined;
  }
}

type LimitedTable = 'work_item' | 'work_item_subscription' | 'performed_procedure_step' | 'event_report';

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
