// Takes an index back to a version before a migration, for tests.

import type Database from 'libsql';

/** Undoes the migrations from '004-patients-of-studies' on. The studies of several patients must have been removed. */
export function makeEarlier(database: Database.Database): void {
  database.pragma('foreign_keys = OFF');
  const columns = database.prepare("select name from pragma_table_info('study') where name <> 'source'").pluck().all();
  const texts = columns.slice(3).map((name) => `${name} text`);
  database.exec(`
    alter table patient drop column source;
    alter table series drop column source;
    drop index instance_outdated;
    alter table instance drop column is_current;
    create table old_study (id integer primary key, patient integer not null references patient (id),
      study_instance_uid text not null unique, ${texts.join(', ')});
    insert into old_study (${columns.join(', ')}) select ${columns.join(', ')} from study;
    drop table study;
    alter table old_study rename to study;
    create index study_patient on study (patient);
    create index study_study_date on study (study_date);
    create index study_accession_number on study (accession_number);
    drop trigger instance_removed;
    drop trigger instance_entered;
    drop index instance_file;
    drop index instance_named;
    alter table instance drop column file;
    drop table patient_text;
    drop table study_text;
    drop table series_text;
    drop table instance_text;
    delete from indexed_attribute where name in ('patient_text', 'study_text', 'series_text', 'instance_text');
    drop table arrival_order;
    drop table completeness;
    drop table file_removal;
    delete from kysely_migration where name >= '004'`);
}
