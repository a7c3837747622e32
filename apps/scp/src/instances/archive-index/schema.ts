// The tables of the index, and how they came to be as they are.

import { type Generated, type Kysely, type Migration, sql } from 'kysely';

export interface Tables {
  readonly patient: {
    id: Generated<number>;
    /** What makes a patient the same one: identifier and issuer, or else name and date of birth. */
    patient_key: string;
    patient_id: string;
    /** In lower case, all component groups. */
    patient_name: string;
    /** The level's attributes as JSON. */
    attributes: string;
  };
  readonly study: {
    id: Generated<number>;
    patient: number;
    study_instance_uid: string;
    /** YYYYMMDD */
    study_date: string;
    accession_number: string;
    attributes: string;
  };
  readonly series: {
    id: Generated<number>;
    study: number;
    series_instance_uid: string;
    modality: string;
    attributes: string;
  };
  readonly instance: {
    id: Generated<number>;
    series: number;
    sop_instance_uid: string;
    sop_class_uid: string;
    transfer_syntax_uid: string;
    /** Bytes of the data set; unknown of what was entered before there was this column. */
    length: number | null;
    attributes: string;
  };
}

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-instances': {
    async up(database: Kysely<unknown>) {
      const id = sql`integer primary key`;
      const text = (name: string) => sql`${sql.ref(name)} text not null`;
      const create = (table: string, columns: readonly unknown[]) =>
        sql`create table ${sql.table(table)} (id ${id}, ${sql.join(columns)})`.execute(database);
      await create('patient', [
        sql`patient_key text not null unique`,
        text('patient_id'),
        text('patient_name'),
        text('attributes'),
      ]);
      await create('study', [
        sql`patient integer not null references patient (id)`,
        sql`study_instance_uid text not null unique`,
        text('study_date'),
        text('accession_number'),
        text('attributes'),
      ]);
      await create('series', [
        sql`study integer not null references study (id)`,
        text('series_instance_uid'),
        text('modality'),
        text('attributes'),
        sql`unique (study, series_instance_uid)`,
      ]);
      await create('instance', [
        sql`series integer not null references series (id)`,
        text('sop_instance_uid'),
        text('sop_class_uid'),
        text('transfer_syntax_uid'),
        text('attributes'),
        sql`unique (series, sop_instance_uid)`,
      ]);
      const indexes: readonly (readonly [table: string, column: string])[] = [
        ['patient', 'patient_id'],
        ['study', 'patient'],
        ['study', 'study_date'],
        ['study', 'accession_number'],
        ['series', 'series_instance_uid'],
        ['instance', 'sop_instance_uid'],
      ];
      for (const [table, column] of indexes)
        await sql`create index ${sql.ref(`${table}_${column}`)} on ${sql.table(table)} (${sql.ref(column)})`.execute(
          database,
        );
    },
  },
  '002-lengths': {
    async up(database: Kysely<unknown>) {
      await sql`alter table instance add column length integer`.execute(database);
    },
  },
};
