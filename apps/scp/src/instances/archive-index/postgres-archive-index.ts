// The index in a PostgreSQL database that several processes share. It opens without a scan, and is complete at once.

import type { UntypedDataSet } from '@x/dimse';
import { type Kysely, sql } from 'kysely';
import { DatabaseError } from '../../data-folder/sql-database.ts';
import type { SharedDatabase } from '../../shared-database/shared-database.ts';
import type { InstanceKey, SweptIndex } from '../instance-store.ts';
import type {
  AddOptions,
  ArchiveIndex,
  DeletionList,
  EntityCounts,
  FileNames,
  IndexedInstance,
  NewInstance,
  SeriesKey,
} from './archive-index.ts';
import { EntitySearch } from './entity-search.ts';
import { IndexReading } from './index-reading.ts';
import { INDEXED_ATTRIBUTES } from './indexed-attributes.ts';
import { type LocatedRow, located } from './located-instances.ts';
import { continueOrder, postgresArrivalOrder } from './postgres-arrival-order.ts';
import { PostgresInstanceWriter, repeated } from './postgres-instance-writer.ts';
import { PostgresRemovals } from './postgres-removals.ts';
import { postgresRowReader } from './postgres-row-reader.ts';
import { attributeNames, NEW_GENERATION, POSTGRES_MIGRATIONS, type PostgresTables } from './postgres-schema.ts';
import type { Tables } from './schema.ts';
import { POSTGRESQL } from './sql-dialect.ts';

export interface PostgresIndexOptions {
  /** Called when an instance is the first one of its study with another patient. */
  readonly onSecondPatient?: (instance: IndexedInstance) => void;
  /** Milliseconds after its entry until a file is removed. Default: one hour. */
  readonly grace?: number;
}

/**
 * Opens the index in a database, which is migrated if necessary. Closing the index does not close the database.
 * @throws DatabaseError if it was made by another version that indexes other attributes
 */
export async function openPostgresArchiveIndex(
  shared: SharedDatabase,
  options: PostgresIndexOptions = {},
): Promise<ArchiveIndex & SweptIndex> {
  const tables = await shared.open<PostgresTables>({ name: 'index', migrations: POSTGRES_MIGRATIONS });
  const { rows } = await sql<{ name: string }>`select name from indexed_attribute`.execute(tables);
  const own = new Set(attributeNames());
  const other = rows.find(({ name }) => !own.has(name));
  if (other || rows.length < own.size) {
    const what = other ? `indexes ${other.name}` : 'indexes fewer attributes';
    const message = `the index in ${shared.place} was made by a version that ${what}: use that version, or another schema`;
    throw new DatabaseError(message, { isInUse: false });
  }
  await continueOrder(tables);
  return new PostgresArchiveIndex(shared, tables, options);
}

class PostgresArchiveIndex extends IndexReading implements ArchiveIndex, SweptIndex {
  readonly names: FileNames;
  readonly deletions: DeletionList;
  readonly arrivals: ArchiveIndex['arrivals'];
  /** The entry is the acknowledgement: an index that several processes share cannot lack any. */
  readonly isComplete = true;
  readonly lacking: readonly string[] = [];
  readonly #shared: SharedDatabase;
  readonly #tables: Kysely<PostgresTables>;
  readonly #writer: PostgresInstanceWriter;
  readonly #removals: PostgresRemovals;
  readonly #listening: Disposable;

  constructor(
    shared: SharedDatabase,
    tables: Kysely<PostgresTables>,
    { onSecondPatient, grace = GRACE }: PostgresIndexOptions,
  ) {
    const common = tables as unknown as Kysely<Tables>;
    const completion = { isFilled: () => true, hasTexts: () => false, lackingAttributes: () => undefined };
    const search = new EntitySearch({
      ...{ dialect: POSTGRESQL, reader: postgresRowReader(tables), tables: common, completion },
      attributes: INDEXED_ATTRIBUTES,
    });
    super({ dialect: POSTGRESQL, tables: common, search });
    this.#shared = shared;
    this.#tables = tables;
    this.arrivals = postgresArrivalOrder(tables);
    this.names = fileNames(tables);
    this.#writer = new PostgresInstanceWriter(shared, tables, onSecondPatient);
    this.#listening = shared.listen(REMOVED, () => this.#writer.forget());
    this.#removals = new PostgresRemovals({
      ...{ tables, grace },
      repeated: (work) => repeated(shared, tables, work),
      onRemoved: async (transaction) => {
        this.#writer.forget();
        await shared.notify(REMOVED, '', transaction);
      },
    });
    this.deletions = this.#removals;
  }

  add(
    instance: IndexedInstance,
    attributes: UntypedDataSet,
    options?: AddOptions,
  ): Promise<IndexedInstance | undefined> {
    return this.#writer.add(instance, attributes, options);
  }

  async addAll(instances: readonly NewInstance[]): Promise<void> {
    const entering = await Promise.allSettled(
      instances.map(({ instance, attributes }) => this.add(instance, attributes)),
    );
    const failed = entering.find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
  }

  async sync(): Promise<void> {}

  remove(instance: InstanceKey): Promise<void> {
    return this.#removals.removeEntry(instance);
  }

  async sopInstancesOf({ study, series }: SeriesKey): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{ uid: string }>`select sop_instance_uid as uid from study
      join series on series.study = study.id join instance on instance.series = series.id
      where study_instance_uid = ${study} and series_instance_uid = ${series}`.execute(this.#tables);
    return new Set(rows.map(({ uid }) => uid));
  }

  async clear(): Promise<void> {
    await this.#shared.transaction(this.#tables, async (transaction) => {
      await sql`truncate instance, series, study, patient`.execute(transaction);
      await sql`update arrival_order set generation = ${NEW_GENERATION}`.execute(transaction);
      await this.#shared.notify(REMOVED, '', transaction);
    });
    this.#writer.forget();
  }

  async setComplete(): Promise<void> {}

  async complete(): Promise<void> {}

  async outdated(): Promise<readonly IndexedInstance[]> {
    return [];
  }

  async renew(): Promise<void> {}

  async entered(keys: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{ file: string }>`select file from instance where file = any(${keys}::text[])
      union select file from file_removal where file = any(${keys}::text[])`.execute(this.#tables);
    return new Set(rows.map(({ file }) => file));
  }

  async known(sopInstances: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await sql<{ uid: string }>`select distinct sop_instance_uid as uid from instance
      where sop_instance_uid = any(${sopInstances}::text[])`.execute(this.#tables);
    return new Set(rows.map(({ uid }) => uid));
  }

  async counts(): Promise<EntityCounts> {
    const [studies, series, instances] = await Promise.all(
      ['study', 'series', 'instance'].map((table) => this.#count(table)),
    );
    return { studies: studies ?? 0, series: series ?? 0, instances: instances ?? 0 };
  }

  /** The number of rows up to `MOST_COUNTED`; above it, the estimate of the database. */
  async #count(table: string): Promise<number> {
    const { rows } = await sql<{ counted: number; estimate: number }>`select
        (select count(*) from (select from ${sql.table(table)} limit ${sql.lit(MOST_COUNTED + 1)}) as those) as counted,
        (select reltuples::bigint from pg_class where oid = ${table}::regclass) as estimate`.execute(this.#tables);
    const { counted = 0, estimate = 0 } = rows[0] ?? {};
    return counted <= MOST_COUNTED ? counted : Math.max(counted, estimate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listening[Symbol.dispose]();
  }
}

function fileNames(tables: Kysely<PostgresTables>): FileNames {
  const select = (where: ReturnType<typeof sql>) =>
    sql<LocatedRow<InstanceKey>>`select study_instance_uid as study, series_instance_uid as series,
      sop_instance_uid as "sopInstance", file from instance join series on series.id = instance.series
      join study on study.id = series.study where ${where}`.execute(tables);
  return {
    async find({ study, series, sopInstance }) {
      const [row] = (
        await select(sql`sop_instance_uid = ${sopInstance} and study_instance_uid = ${study}
          and series_instance_uid = ${series}`)
      ).rows;
      return row && located<InstanceKey>(row);
    },
    async ownerOf(file) {
      const [row] = (await select(sql`file = ${file}`)).rows;
      return row && located<InstanceKey>(row);
    },
    async ofSeries({ study, series }) {
      const { rows } = await select(sql`file is not null and study_instance_uid = ${study}
        and series_instance_uid = ${series}`);
      return new Map(rows.map(({ sopInstance, file }) => [sopInstance, file ?? '']));
    },
  };
}

/** The channel that tells when entries have been removed. */
const REMOVED = 'index.removed';
/** Rows that are counted one by one. */
const MOST_COUNTED = 10_000;
/** Longer than retrievals last. In milliseconds. */
const GRACE = 3_600_000;
