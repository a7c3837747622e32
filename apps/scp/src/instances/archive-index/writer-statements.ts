// The statements that write entries of the index, prepared once.

import type Database from 'libsql';
import type { Level } from './archive-index.ts';
import { attributesInText } from './entity-texts.ts';
import { type IndexedAttribute, keptKeywords } from './indexed-attributes.ts';
import { ANY_SOURCE, columnOf, NEW_GENERATION, TABLES } from './schema.ts';
import { TEXT_TABLES, textWriter, type WriteText } from './text-tables.ts';

export type WriterStatements = ReturnType<typeof writerStatements>;

export function writerStatements(database: Database.Database, attributes: readonly IndexedAttribute[]) {
  const prepare = (statement: string) => database.prepare<unknown[]>(statement);
  const insert = (level: Level, unique: readonly string[], ...own: readonly string[]): Insert => {
    const columns = attributes.filter((each) => each.level === level && !each.computed && each.column);
    const names = [...own, ...columns.map(({ keyword }) => columnOf(keyword)), 'attributes'];
    const places = names.map(() => '?').join(', ');
    // Another instance with the same file is an error.
    const conflict =
      level === 'IMAGE'
        ? '(series, sop_instance_uid) do nothing'
        : `(${unique.join(', ')}) ${takeOver(TABLES[level], names)}`;
    const statement = `insert into ${TABLES[level]} (${names.join(', ')}) values (${places}) on conflict ${conflict}`;
    return {
      ...{ statement: prepare(statement), keywords: keptKeywords(level, attributes), columns, names },
      ...{ inText: attributesInText(level, attributes), writeText: textWriter(database, level) },
    };
  };
  const moveSource = (level: Level) =>
    prepare(`update ${TABLES[level]} set source = ? where id = ? and source > ? and attributes = ?`);
  const inserts = {
    PATIENT: insert('PATIENT', ['patient_key'], 'source', 'patient_key'),
    STUDY: insert('STUDY', ['patient', 'study_instance_uid'], 'source', 'patient'),
    SERIES: insert('SERIES', ['study', 'series_instance_uid'], 'source', 'study'),
    IMAGE: insert('IMAGE', [], 'is_current', 'series', 'transfer_syntax_uid', 'length', 'file'),
  };
  const assignments = inserts.IMAGE.names.map((name) => `${name} = ?`).join(', ');
  return {
    begin: prepare('begin immediate'),
    commit: prepare('commit'),
    rollback: prepare('rollback'),
    inserts,
    update: prepare(`update instance set ${assignments} where id = ?`),
    markCurrent: prepare('update instance set is_current = 1 where id = ?'),
    selectInstanceOf: prepare('select id from instance where series = ? and sop_instance_uid = ?'),
    selectInstance: prepare(`select id, is_current, sop_class_uid as sopClass,
      transfer_syntax_uid as transferSyntax, length, file from instance where sop_instance_uid = ? and series in (
      select series.id from series join study on study.id = series.study
      where study_instance_uid = ? and series_instance_uid = ?)`),
    selectPatient: prepare('select id from patient where patient_key = ?'),
    selectStudies: prepare('select id, patient from study where study_instance_uid = ?'),
    selectSeries: prepare('select id from series where study = ? and series_instance_uid = ?'),
    deleteInstance: prepare(`delete from instance where sop_instance_uid = ? and series in (
      select series.id from series join study on study.id = series.study
      where study_instance_uid = ? and series_instance_uid = ?)`),
    deleteSeries: prepare(`delete from series where series_instance_uid = ?
      and study in (select id from study where study_instance_uid = ?)
      and not exists (select 1 from instance where instance.series = series.id)`),
    deleteStudy: prepare(`delete from study where study_instance_uid = ?
      and not exists (select 1 from series where series.study = study.id) returning patient as id`),
    deletePatient: prepare(
      'delete from patient where id = ? and not exists (select 1 from study where study.patient = patient.id)',
    ),
    forgetSources: [
      `update series set source = '${ANY_SOURCE}' where source = ? and series_instance_uid = ?`,
      `update study set source = '${ANY_SOURCE}' where source = ? and study_instance_uid = ?`,
      `update patient set source = '${ANY_SOURCE}' where source = ?
        and id in (select patient from study where study_instance_uid = ?)`,
    ].map(prepare),
    moveSources: { PATIENT: moveSource('PATIENT'), STUDY: moveSource('STUDY'), SERIES: moveSource('SERIES') },
    deleteAll: () => deleteAll(database),
  };
}

/** The database empties a table as a whole only if deletions of its rows have no trigger. */
function deleteAll(database: Database.Database): void {
  const [trigger] = database.prepare("select sql as text from sqlite_master where name = 'instance_removed'").all();
  database.exec(`
    update arrival_order set generation = ${NEW_GENERATION},
      highest_removed = max(highest_removed, (select coalesce(max(id), 0) from instance));
    drop trigger instance_removed;
    ${[...TEXT_TABLES, 'instance', 'series', 'study', 'patient'].map((table) => `delete from ${table};`).join(' ')}
    ${(trigger as { readonly text: string }).text}`);
}

/** The update of a row whose attributes come from an instance that follows the new one. */
function takeOver(table: string, names: readonly string[]): string {
  const assignments = names.map((name) => `${name} = excluded.${name}`).join(', ');
  return `do update set ${assignments} where excluded.source < ${table}.source`;
}

export interface Insert {
  readonly statement: Statement;
  /** Those of the attributes that the level keeps. */
  readonly keywords: ReadonlySet<string>;
  /** The attributes that have a column. */
  readonly columns: readonly IndexedAttribute[];
  /** The columns that the statement sets. */
  readonly names: readonly string[];
  /** The attributes whose values are in the text of an entity. */
  readonly inText: readonly IndexedAttribute[];
  readonly writeText: WriteText;
}

type Statement = Database.Statement<unknown[]>;
