// The index as an SQL database in a file of its own.

import { setImmediate } from 'node:timers/promises';
import { type DataSet, matchesIdentifier } from '@x/dimse';
import { type Kysely, sql } from 'kysely';
import { explainDatabaseError, openSqlDatabase, type SqlDatabase } from '../../data-folder/sql-database.ts';
import type { InstanceKey } from '../instance-store.ts';
import type { ArchiveIndex, ArchiveQuery, IndexedInstance, Level, SeriesKey } from './archive-index.ts';
import { COMPUTED_ATTRIBUTES, levelsDownTo } from './indexed-attributes.ts';
import { InstanceWriter } from './instance-writer.ts';
import { narrowing, withoutDecided } from './narrowing.ts';
import { MIGRATIONS, type Tables } from './schema.ts';

export interface SqlIndexOptions {
  /** Whether an entry is on disk, not only written, when `add` settles. */
  readonly fsync: boolean;
}

/**
 * Opens the index, which is made if need be, and brought up to date. It is this process's alone while it is open.
 * @throws DatabaseError when it is in use, or no index.
 */
export async function openSqlArchiveIndex(path: string, { fsync }: SqlIndexOptions): Promise<ArchiveIndex> {
  return new SqlArchiveIndex(await openSqlDatabase(path, { ...INDEX, fsync }));
}

/** A DatabaseError where the error tells that the index is damaged; or the error itself. */
export function explainIndexError(error: unknown, path: string): unknown {
  return explainDatabaseError(error, path, INDEX);
}

const INDEX = { name: 'the index', remedy: 'start once with --reindex to make it anew', migrations: MIGRATIONS };

class SqlArchiveIndex implements ArchiveIndex {
  readonly #tables: Kysely<Tables>;
  readonly #writer: InstanceWriter;
  readonly #close: () => void;

  constructor({ database, tables, close }: SqlDatabase<Tables>) {
    this.#tables = tables;
    this.#writer = new InstanceWriter(database);
    this.#close = close;
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
    const undecided = withoutDecided(query.identifier);
    const computed = levelsDownTo(query.level)
      .flatMap((level) => COMPUTED_ATTRIBUTES[level])
      .filter((keyword) => keyword in query.identifier);
    for await (const row of this.#pages((after) => this.#page(query, computed, after), signal)) {
      const { id, patient, study, series, instance, ...values } = row;
      const entity: Record<string, unknown> = {};
      for (const attributes of [patient, study, series, instance])
        if (attributes) Object.assign(entity, JSON.parse(attributes));
      for (const [keyword, value] of Object.entries(values))
        entity[keyword] = typeof value === 'string' && value.startsWith('[') ? JSON.parse(value) : value;
      if (matchesIdentifier(entity, undecided, query)) yield { id, entity };
    }
  }

  #page(query: ArchiveQuery, computed: readonly string[], after: number): Promise<EntityRow[]> {
    const depth = levelsDownTo(query.level).length;
    let select = this.#tables.selectFrom('patient').select('patient.attributes as patient');
    // Each level joins its table; the types of tables not joined are of no use here.
    type Joined = typeof select;
    const join = (table: string, above: string) => {
      select = (select as never as { innerJoin(...args: string[]): { select(...args: string[]): Joined } })
        .innerJoin(table, `${table}.${above}`, `${above}.id`)
        .select(`${table}.attributes as ${table}`);
    };
    if (depth > 1) join('study', 'patient');
    if (depth > 2) join('series', 'study');
    if (depth > 3) join('instance', 'series');
    const id = `${TABLES[query.level]}.id`;
    return select
      .select(sql<number>`${sql.ref(id)}`.as('id'))
      .select(computed.map((keyword) => COMPUTATIONS[keyword as keyof typeof COMPUTATIONS].as(keyword)))
      .where((builder) => builder.and(narrowing(builder as never, query) as never))
      .where(sql<boolean>`${sql.ref(id)} > ${after}`)
      .orderBy(sql.ref(id))
      .limit(PAGE)
      .execute() as Promise<unknown> as Promise<EntityRow[]>;
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
      // The database answers at once: without this, nobody else would be served before the last page.
      await setImmediate(undefined, { ...(signal && { signal }) });
    }
  }
}

const PAGE = 200;

const TABLES: Readonly<Record<Level, keyof Tables>> = {
  PATIENT: 'patient',
  STUDY: 'study',
  SERIES: 'series',
  IMAGE: 'instance',
};

interface EntityRow {
  readonly id: number;
  readonly patient: string;
  readonly study?: string;
  readonly series?: string;
  readonly instance?: string;
}

const COMPUTATIONS = {
  NumberOfPatientRelatedStudies: sql`(select count(*) from study s where s.patient = patient.id)`,
  NumberOfPatientRelatedSeries: sql`(select count(*) from series e join study s on e.study = s.id where s.patient = patient.id)`,
  NumberOfPatientRelatedInstances: sql`(select count(*) from instance i join series e on i.series = e.id join study s on e.study = s.id where s.patient = patient.id)`,
  ModalitiesInStudy: sql`(select json_group_array(distinct e.modality) from series e where e.study = study.id and e.modality <> '')`,
  SOPClassesInStudy: sql`(select json_group_array(distinct i.sop_class_uid) from instance i join series e on i.series = e.id where e.study = study.id)`,
  NumberOfStudyRelatedSeries: sql`(select count(*) from series e where e.study = study.id)`,
  NumberOfStudyRelatedInstances: sql`(select count(*) from instance i join series e on i.series = e.id where e.study = study.id)`,
  NumberOfSeriesRelatedInstances: sql`(select count(*) from instance i where i.series = series.id)`,
  AvailableTransferSyntaxUID: sql`instance.transfer_syntax_uid`,
} as const;
