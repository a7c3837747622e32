// The tables of an index in PostgreSQL, and their migrations.

import { type Generated, type Kysely, type Migration, sql } from 'kysely';
import { INDEXED_ATTRIBUTES } from './indexed-attributes.ts';
import { columnOf, TABLES, type Tables } from './schema.ts';
import { INDEXED_CHARACTERS } from './sql-dialect.ts';

/** Those of an embedded index, but for what only it needs, with the columns that several writers need. */
export interface PostgresTables extends Pick<Tables, 'patient' | 'study' | 'series'> {
  readonly instance: Omit<Tables['instance'], 'is_current'> & {
    /** Identifies study and series, so that an instance is unique whichever patient it names: see `seriesKeyOf`. */
    series_key: number;
    /** Its place in the order of arrival: see postgres-arrival-order.ts. */
    arrival: number;
    /** When it was entered. */
    entered: Generated<Date>;
  };
  readonly file_removal: Tables['file_removal'] & {
    /** Files are removed some time after this, because other processes may still read them. */
    listed: Generated<Date>;
  };
  /** One row. */
  readonly arrival_order: {
    generation: string;
    /** Added to the number of a transaction: a database that was restored elsewhere numbers transactions from the start. */
    shift: number;
  };
  readonly indexed_attribute: { name: string };
}

export const POSTGRES_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-instances': {
    async up(database: Kysely<unknown>) {
      const execute = (statement: ReturnType<typeof sql>) => statement.execute(database);
      await execute(sql`create table patient (${ID}, patient_key ${TEXT} unique, ${ENTITY},
        patient_id ${TEXT}, patient_name ${TEXT})`);
      await execute(sql`create table study (${ID}, patient bigint not null references patient, ${ENTITY},
        study_instance_uid ${TEXT}, study_date ${TEXT}, accession_number ${TEXT}, unique (patient, study_instance_uid))`);
      await execute(sql`create table series (${ID}, study bigint not null references study, ${ENTITY},
        series_instance_uid ${TEXT}, modality ${TEXT}, unique (study, series_instance_uid))`);
      await execute(sql`create table instance (${ID}, series bigint not null references series, series_key bigint not null,
        length bigint, arrival bigint not null, entered timestamptz not null default now(), sop_instance_uid ${TEXT},
        sop_class_uid ${TEXT}, transfer_syntax_uid ${TEXT}, file text collate "C", attributes ${TEXT},
        unique (sop_instance_uid, series_key))`);
      await execute(sql`create table file_removal (study_instance_uid ${TEXT}, series_instance_uid ${TEXT},
        sop_instance_uid ${TEXT}, file text collate "C" not null default '', listed timestamptz not null default now(),
        primary key (sop_instance_uid, study_instance_uid, series_instance_uid, file))`);
      await execute(sql`create table arrival_order (generation text not null, shift bigint not null)`);
      await execute(sql`insert into arrival_order values (${NEW_GENERATION}, 0)`);
      await execute(sql`create table indexed_attribute (name text primary key)`);
      await execute(sql`insert into indexed_attribute select unnest(${attributeNames()}::text[])`);
      for (const [table, columns] of INDEXES)
        await execute(sql`create index on ${sql.table(table)} (${sql.raw(columns)})`);
      await execute(sql`create unique index on instance (file) where file is not null`);
      await execute(sql`create index on file_removal (listed)`);
      await execute(sql`create index on file_removal (file)`);
      await indexPatterns(database);
    },
  },
};

/** Names this content of the index, in contrast to one that is made again. */
export const NEW_GENERATION = sql`gen_random_uuid()::text`;

/** The attributes of this version as the database records them, to refuse those of another one. */
export function attributeNames(): readonly string[] {
  return INDEXED_ATTRIBUTES.filter(({ computed }) => !computed).map(
    ({ level, keyword, column }) =>
      `${level} ${keyword}${column ? ` ${TABLES[level]}.${columnOf(keyword)} ${column}` : ''}`,
  );
}

const ID = sql`id bigint generated always as identity primary key`;
// Texts are ordered by their bytes in every database.
const TEXT = sql`text collate "C" not null`;
const ENTITY = sql`attributes ${TEXT}, source ${TEXT}`;
const INDEXES: readonly (readonly [table: string, columns: string])[] = [
  ['patient', `left(patient_id, ${INDEXED_CHARACTERS})`],
  ['study', 'study_instance_uid'],
  ['study', 'study_date'],
  ['study', `left(accession_number, ${INDEXED_CHARACTERS})`],
  ['series', 'series_instance_uid'],
  ['instance', 'series, sop_instance_uid'],
  ['instance', 'arrival, id'],
];

/** Names are found by their parts if the database has the extension for it, or lets this user add it; otherwise by a scan. */
async function indexPatterns(database: Kysely<unknown>): Promise<void> {
  await sql`savepoint trigrams`.execute(database);
  try {
    // Two schemas may be migrated at once.
    await sql`select pg_advisory_xact_lock(hashtextextended('dimse-scp pg_trgm', 0))`.execute(database);
    await sql`create extension if not exists pg_trgm with schema public`.execute(database);
    const { rows } = await sql<{ schema: string }>`select nspname as schema from pg_extension
      join pg_namespace on pg_namespace.oid = extnamespace where extname = 'pg_trgm'`.execute(database);
    const operators = sql.id(rows[0]?.schema ?? 'public', 'gin_trgm_ops');
    await sql`create index on patient using gin (patient_name ${operators})`.execute(database);
    await sql`release savepoint trigrams`.execute(database);
  } catch {
    await sql`rollback to savepoint trigrams`.execute(database);
  }
}
