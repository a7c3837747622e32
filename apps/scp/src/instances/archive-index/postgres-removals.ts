// Removes entries of an index that several processes share, and lists their files as to be removed.

import { type Kysely, sql, type Transaction } from 'kysely';
import type { InstanceKey } from '../instance-store.ts';
import type { DeletionList, DeletionScope, IndexedInstance, SeriesUsage } from './archive-index.ts';
import { sourceOf } from './entry-identity.ts';
import { type LocatedRow, located } from './located-instances.ts';
import type { PostgresTables } from './postgres-schema.ts';
import { ANY_SOURCE } from './schema.ts';

type Tables = Kysely<PostgresTables>;

/** The rows above some instances of a study. */
export interface Parents {
  readonly patients: readonly number[];
  readonly studies: readonly number[];
  readonly series: readonly number[];
}

/**
 * Locks the rows above instances of a study against other removals, not against new instances, and has them take their
 * attributes from other instances as soon as one is entered.
 */
export async function withoutSources(
  transaction: Transaction<PostgresTables>,
  study: string,
  instances: readonly InstanceKey[],
): Promise<Parents> {
  const ids = async (query: ReturnType<typeof sql>) =>
    (await query.execute(transaction)).rows.map((row) => (row as { id: number }).id);
  const patients = await ids(sql`select id from patient where id in
    (select patient from study where study_instance_uid = ${study}) order by id for no key update`);
  const studies = await ids(sql`select id from study where study_instance_uid = ${study}
    order by id for no key update`);
  const uids = [...new Set(instances.map(({ series }) => series))];
  const series = await ids(sql`select id from series where study = any(${studies}::bigint[])
    and series_instance_uid = any(${uids}::text[]) order by id for no key update`);
  const sources = instances.map(sourceOf);
  for (const [table, rows] of Object.entries({ patient: patients, study: studies, series }))
    await sql`update ${sql.table(table)} set source = ${ANY_SOURCE}
      where id = any(${rows}::bigint[]) and source = any(${sources}::text[])`.execute(transaction);
  return { patients, studies, series };
}

/**
 * Removes those of these rows that have become empty. If another transaction enters something below one meanwhile, the
 * database reports a violation of a foreign key, and the removal is to be repeated.
 */
export async function removeEmpty(transaction: Transaction<PostgresTables>, parents: Parents): Promise<void> {
  const { patients, studies, series } = parents;
  for (const [table, child, rows] of [
    ['series', 'instance', series],
    ['study', 'series', studies],
    ['patient', 'study', patients],
  ] as const)
    await sql`delete from ${sql.table(table)} where id = any(${rows}::bigint[]) and not exists
      (select from ${sql.table(child)} where ${sql.ref(`${child}.${table}`)} = ${sql.ref(`${table}.id`)})`.execute(
      transaction,
    );
}

/** Lists files as to be removed. */
export async function listFiles(tables: Tables, files: readonly InstanceKey[]): Promise<void> {
  if (files.length === 0) return;
  await sql`insert into file_removal (study_instance_uid, series_instance_uid, sop_instance_uid, file)
    select * from ${unnested(files)} on conflict do nothing`.execute(tables);
}

/** Takes files off the list. */
export async function unlistFiles(tables: Tables, files: readonly InstanceKey[]): Promise<void> {
  await sql`delete from file_removal using ${unnested(files)} as gone (study, series, instance, name)
    where study_instance_uid = gone.study and series_instance_uid = gone.series
      and sop_instance_uid = gone.instance and file = gone.name`.execute(tables);
}

function unnested(files: readonly InstanceKey[]) {
  const column = (name: 'study' | 'series' | 'sopInstance' | 'file') =>
    sql`${files.map((file) => file[name] ?? '')}::text[]`;
  return sql`unnest(${column('study')}, ${column('series')}, ${column('sopInstance')}, ${column('file')})`;
}

export interface PostgresRemovalsOptions {
  readonly tables: Tables;
  /** Runs a transaction, again if others were in its way. */
  readonly repeated: <Result>(work: (transaction: Transaction<PostgresTables>) => Promise<Result>) => Promise<Result>;
  /** Called in the transaction that removes entries. */
  readonly onRemoved: (transaction: Transaction<PostgresTables>) => Promise<void>;
  /** Milliseconds after its entry until a file is removed, so that retrievals that have begun can end. */
  readonly grace: number;
}

export class PostgresRemovals implements DeletionList {
  readonly #options: PostgresRemovalsOptions;

  constructor(options: PostgresRemovalsOptions) {
    this.#options = options;
  }

  async measure(scope: DeletionScope): Promise<{ readonly instances: number; readonly bytes: number }> {
    const { rows } = await sql<{ instances: number; bytes: number }>`select count(*) as instances,
      coalesce(sum(length), 0) as bytes ${inScope(scope)}`.execute(this.#options.tables);
    return rows[0] ?? { instances: 0, bytes: 0 };
  }

  async *usage(): AsyncGenerator<SeriesUsage> {
    for (let after = -1; ; ) {
      const { rows } = await sql<SeriesUsage & { id: number }>`select series.id as id, study_instance_uid as study,
          max(instance.id) as "lastEntry", coalesce(sum(length), 0) as bytes,
          floor(extract(epoch from max(entered)) * 1000) as "lastEntered"
        from (select id, study from series where id > ${after} order by id limit ${sql.lit(SERIES_AT_ONCE)}) as series
        join study on study.id = series.study left join instance on instance.series = series.id
        group by series.id, study_instance_uid order by series.id`.execute(this.#options.tables);
      for (const { id, ...series } of rows) {
        after = id;
        if (series.lastEntry !== null) yield series;
      }
      if (rows.length < SERIES_AT_ONCE) return;
    }
  }

  async lastOf(scope: DeletionScope): Promise<number> {
    const { rows } = await sql<{ id: number | null }>`select max(instance.id) as id ${inScope(scope)}`.execute(
      this.#options.tables,
    );
    return rows[0]?.id ?? -1;
  }

  async listForRemoval(scope: DeletionScope, last: number, most: number): Promise<readonly IndexedInstance[]> {
    return this.#options.repeated(async (transaction) => {
      const { rows } = await sql<LocatedRow & { id: number }>`select instance.id as id, study_instance_uid as study,
          series_instance_uid as series, sop_instance_uid as "sopInstance", sop_class_uid as "sopClass",
          transfer_syntax_uid as "transferSyntax", length, file ${inScope(scope)} and instance.id <= ${last}
        order by instance.id limit ${most}`.execute(transaction);
      return this.#removeRows(transaction, scope.study, rows);
    });
  }

  /** Removes an entry, without its file. */
  async removeEntry({ study, series, sopInstance }: InstanceKey): Promise<void> {
    await this.#options.repeated(async (transaction) => {
      const { rows } = await sql<LocatedRow & { id: number }>`select instance.id as id, study_instance_uid as study,
          series_instance_uid as series, sop_instance_uid as "sopInstance"
        ${inScope({ study, series, sopInstance })}`.execute(transaction);
      await this.#removeRows(transaction, study, rows, false);
    });
  }

  /** Removes rows unless another process has removed them, and returns their instances. */
  async #removeRows(
    transaction: Transaction<PostgresTables>,
    study: string,
    rows: readonly (LocatedRow & { readonly id: number })[],
    isFileRemoved = true,
  ): Promise<readonly IndexedInstance[]> {
    if (rows.length === 0) return [];
    const instances = rows.map(({ id: _, ...row }) => located(row));
    const parents = await withoutSources(transaction, study, instances);
    const ids = rows.map(({ id }) => id);
    const deleted = await sql<{ id: number; file: string | null }>`delete from instance
      where id = any(${ids}::bigint[]) returning id, file`.execute(transaction);
    // It may have got another file since it was read.
    const files = new Map(deleted.rows.map(({ id, file }) => [id, file]));
    const removed = rows
      .filter(({ id }) => files.has(id))
      .map(({ id, ...row }) => located({ ...row, file: files.get(id) ?? null }));
    if (isFileRemoved) await listFiles(transaction, removed);
    await removeEmpty(transaction, parents);
    await this.#options.onRemoved(transaction);
    return removed;
  }

  async filesToRemove(most: number): Promise<readonly InstanceKey[]> {
    const { tables, grace } = this.#options;
    const { rows } = await sql<LocatedRow<InstanceKey>>`select study_instance_uid as study,
        series_instance_uid as series, sop_instance_uid as "sopInstance", nullif(file, '') as file from file_removal
      where listed <= now() - ${grace} * interval '1 millisecond' order by listed limit ${most}`.execute(tables);
    return rows.map((row) => located<InstanceKey>(row));
  }

  async isToBeRemoved({ study, series, sopInstance, file = '' }: InstanceKey): Promise<boolean> {
    const { rows } = await sql`select 1 from file_removal where study_instance_uid = ${study}
      and series_instance_uid = ${series} and sop_instance_uid = ${sopInstance} and file = ${file}`.execute(
      this.#options.tables,
    );
    return rows.length > 0;
  }

  filesRemoved(files: readonly InstanceKey[]): Promise<void> {
    return unlistFiles(this.#options.tables, files);
  }
}

function inScope({ study, series, sopInstance }: DeletionScope) {
  return sql`from study join series on series.study = study.id join instance on instance.series = series.id
    where study_instance_uid = ${study}
      ${series === undefined ? sql`` : sql`and series_instance_uid = ${series}`}
      ${sopInstance === undefined ? sql`` : sql`and sop_instance_uid = ${sopInstance}`}`;
}

const SERIES_AT_ONCE = 100;
