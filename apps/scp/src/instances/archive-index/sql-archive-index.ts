// The index as an embedded SQL database.

import { setImmediate } from 'node:timers/promises';
import { type DataSet, matchesIdentifier } from '@x/dimse';
import { type Kysely, sql } from 'kysely';
import {
  explainDatabaseError,
  newerVersion,
  openSqlDatabase,
  type SqlDatabase,
} from '../../data-folder/sql-database.ts';
import type { InstanceKey } from '../instance-store.ts';
import type { ArchiveIndex, ArchiveQuery, IndexedInstance, Level, SeriesKey } from './archive-index.ts';
import { bringUpToDate, unknownNames } from './attribute-list.ts';
import { Completion, type CompletionSource } from './completion.ts';
import { INDEXED_ATTRIBUTES, type IndexedAttribute, levelsDownTo } from './indexed-attributes.ts';
import { InstanceWriter } from './instance-writer.ts';
import { computedColumn, narrowing, undecidedKeys } from './narrowing.ts';
import { MIGRATIONS, TABLES, type Tables } from './schema.ts';

export interface SqlIndexOptions {
  /** Whether an entry is on disk, not only written, when `add` settles. */
  readonly fsync: boolean;
  /** Default: all that this version knows. */
  readonly attributes?: readonly IndexedAttribute[];
  /** Reads attributes of an instance's file, to complete entries that lack them; those it does not give stay absent. */
  readonly read?: CompletionSource['read'];
}

/**
 * Opens the index, which is created and brought up to date if necessary. Only this process can use it while it is open.
 * @throws DatabaseError if it is in use, damaged, or made by a newer version.
 */
export async function openSqlArchiveIndex(path: string, options: SqlIndexOptions): Promise<ArchiveIndex> {
  const { fsync, attributes = INDEXED_ATTRIBUTES, read = async () => ({}) } = options;
  const opened = await openSqlDatabase<Tables>(path, { ...INDEX, fsync });
  try {
    const [unknown] = unknownNames(opened.database, attributes);
    if (unknown !== undefined) throw newerVersion(unknown, path, INDEX);
    return new SqlArchiveIndex(opened, attributes, read);
  } catch (error) {
    opened.close();
    throw explainIndexError(error, path);
  }
}

/** A DatabaseError if the error says that the index is damaged; otherwise the error itself. */
export function explainIndexError(error: unknown, path: string): unknown {
  return explainDatabaseError(error, path, INDEX);
}

const INDEX = {
  name: 'the index',
  remedy: 'start once with --reindex to rebuild it from the files',
  migrations: MIGRATIONS,
};

class SqlArchiveIndex implements ArchiveIndex {
  readonly #tables: Kysely<Tables>;
  readonly #attributes: readonly IndexedAttribute[];
  readonly #writer: InstanceWriter;
  readonly #completion: Completion;
  readonly #close: () => void;

  constructor(
    { database, tables, close }: SqlDatabase<Tables>,
    attributes: readonly IndexedAttribute[],
    read: CompletionSource['read'],
  ) {
    this.#tables = tables;
    this.#attributes = attributes;
    this.#completion = new Completion(database, bringUpToDate(database, attributes), {
      read,
      instanceOf: async (level, id) => (await this.#instancesBelow(level, id).next()).value ?? undefined,
    });
    this.#writer = new InstanceWriter(database, attributes);
    this.#close = close;
  }

  get lacking(): readonly string[] {
    return this.#completion.lacking;
  }

  async complete(signal: AbortSignal): Promise<void> {
    await this.#completion.run(signal);
  }

  async add(instance: IndexedInstance, attributes: DataSet): Promise<void> {
    this.#writer.add(instance, attributes);
  }

  async remove(instance: InstanceKey): Promise<void> {
    this.#writer.remove(instance);
  }

  async clear(): Promise<void> {
    this.#writer.clear();
  }

  async *find(query: ArchiveQuery, signal?: AbortSignal): AsyncGenerator<DataSet> {
    for await (const { entity } of this.#entities(query, signal)) yield entity;
  }

  async *instances(query: ArchiveQuery, signal?: AbortSignal): AsyncGenerator<IndexedInstance> {
    for await (const { id } of this.#entities(query, signal)) yield* this.#instancesBelow(query.level, id, signal);
  }

  async locate(sopInstance: string): Promise<readonly IndexedInstance[]> {
    return this.#locations().where('instance.sop_instance_uid', '=', sopInstance).execute();
  }

  async *series(): AsyncGenerator<SeriesKey> {
    yield* this.#pages((after) =>
      this.#tables
        .selectFrom('series')
        .innerJoin('study', 'study.id', 'series.study')
        .select(['series.id', 'study.study_instance_uid as study', 'series.series_instance_uid as series'])
        .where('series.id', '>', after)
        .orderBy('series.id')
        .limit(PAGE)
        .execute(),
    );
  }

  async sopInstancesOf({ study, series }: SeriesKey): Promise<ReadonlySet<string>> {
    const rows = await this.#locations()
      .where('study.study_instance_uid', '=', study)
      .where('series.series_instance_uid', '=', series)
      .execute();
    return new Set(rows.map(({ sopInstance }) => sopInstance));
  }

  async recentStudies(most: number): Promise<readonly DataSet[]> {
    const rows = await this.#tables
      .selectFrom('study')
      .innerJoin('patient', 'patient.id', 'study.patient')
      .select(['study.study_instance_uid as uid', 'study.attributes as study', 'patient.attributes as patient'])
      .select(({ selectFrom }) =>
        selectFrom('instance')
          .innerJoin('series', 'series.id', 'instance.series')
          .whereRef('series.study', '=', 'study.id')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .as('count'),
      )
      .orderBy('study.id', 'desc')
      .limit(most)
      .execute();
    return rows.map(({ uid, study, patient, count }) => ({
      ...(JSON.parse(patient) as DataSet),
      ...(JSON.parse(study) as DataSet),
      StudyInstanceUID: uid,
      NumberOfStudyRelatedInstances: count ?? 0,
    }));
  }

  async counts() {
    const count = async (table: 'study' | 'series' | 'instance') => {
      const row = await this.#tables
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return row.count;
    };
    return { studies: await count('study'), series: await count('series'), instances: await count('instance') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  async *#entities(
    query: ArchiveQuery,
    signal?: AbortSignal,
  ): AsyncGenerator<{ readonly id: number; readonly entity: DataSet }> {
    const { level, identifier } = query;
    // Only the columns that are filled in all rows can leave rows out.
    const usable = this.#attributes.filter((attribute) => this.#completion.isFilled(attribute));
    const undecided = undecidedKeys(usable, identifier);
    const levels = levelsDownTo(level);
    const requested = this.#attributes.filter((each) => each.keyword in identifier && levels.includes(each.level));
    for await (const row of this.#pages((after) => this.#page(query, usable, requested, after), signal)) {
      const { id, patient, study, series, instance, ...values } = row;
      const entity: Record<string, unknown> = {};
      for (const attributes of [patient, study, series, instance])
        if (attributes) Object.assign(entity, JSON.parse(attributes));
      for (const { keyword, computed } of requested)
        if (computed) entity[keyword] = 'valuesOf' in computed ? JSON.parse(`${values[keyword]}`) : values[keyword];
      Object.assign(entity, await this.#completion.lackingAttributes(level, id, identifier));
      if (matchesIdentifier(entity, undecided, query)) yield { id, entity };
    }
  }

  async #page(
    query: ArchiveQuery,
    usable: readonly IndexedAttribute[],
    requested: readonly IndexedAttribute[],
    after: number,
  ): Promise<EntityRow[]> {
    const levels = levelsDownTo(query.level);
    const id = sql.ref(`${TABLES[query.level]}.id`);
    const columns = levels.map((level) => sql`${sql.ref(`${TABLES[level]}.attributes`)} as ${sql.ref(TABLES[level])}`);
    for (const { level, keyword, computed } of requested)
      if (computed) columns.push(sql`${computedColumn(this.#attributes, level, computed)} as ${sql.ref(keyword)}`);
    const joins = levels.slice(1).map((level, above) => {
      const [table, parent] = [TABLES[level], TABLES[levels[above] as Level]];
      return sql`join ${sql.table(table)} on ${sql.ref(`${table}.${parent}`)} = ${sql.ref(`${parent}.id`)}`;
    });
    const conditions = [sql`${id} > ${after}`, ...narrowing(usable, query)];
    const { rows } = await sql<EntityRow>`select ${id} as id, ${sql.join(columns)}
      from patient ${sql.join(joins, sql` `)} where ${sql.join(conditions, sql` and `)}
      order by ${id} limit ${sql.lit(PAGE)}`.execute(this.#tables);
    return rows;
  }

  async *#instancesBelow(level: Level, id: number, signal?: AbortSignal): AsyncGenerator<IndexedInstance> {
    const page = (after: number) =>
      this.#locations()
        .select('instance.id')
        .where(sql.ref(level === 'PATIENT' ? 'study.patient' : `${TABLES[level]}.id`), '=', id)
        .where('instance.id', '>', after)
        .orderBy('instance.id')
        .limit(PAGE)
        .execute();
    const rows = this.#pages(page, signal);
    for await (const { id: _, ...instance } of rows) yield instance;
  }

  #locations() {
    return this.#tables
      .selectFrom('instance')
      .innerJoin('series', 'series.id', 'instance.series')
      .innerJoin('study', 'study.id', 'series.study')
      .select([
        'study.study_instance_uid as study',
        'series.series_instance_uid as series',
        'instance.sop_instance_uid as sopInstance',
        'instance.sop_class_uid as sopClass',
        'instance.transfer_syntax_uid as transferSyntax',
        'instance.length',
      ]);
  }

  /** Rows in pages: neither memory nor the time between two turns of the event loop grows with their number. */
  async *#pages<Row extends { id: number }>(
    page: (after: number) => Promise<Row[]>,
    signal?: AbortSignal,
  ): AsyncGenerator<Row> {
    for (let after = -1; ; ) {
      const rows = await page(after);
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = last.id;
      // The database is synchronous: without this, other requests would wait until the last page.
      await setImmediate(undefined, { ...(signal && { signal }) });
    }
  }
}

const PAGE = 200;

interface EntityRow {
  readonly id: number;
  readonly patient: string;
  readonly study?: string;
  readonly series?: string;
  readonly instance?: string;
  /** The computed attributes. */
  readonly [keyword: string]: unknown;
}
