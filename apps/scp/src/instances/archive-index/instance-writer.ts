// Writes entries of the index with statements that are prepared once.

import type { DataSet } from '@x/dimse';
import type Database from 'libsql';
import type { InstanceKey } from '../instance-store.ts';
import type { IndexedInstance, Level } from './archive-index.ts';
import { COLUMN_KINDS, type ColumnKind } from './column-kinds.ts';
import { patientKeyOf, sourceOf } from './entry-identity.ts';
import { attributesAt, type IndexedAttribute, uniqueKey } from './indexed-attributes.ts';
import { ANY_SOURCE, columnOf, TABLES } from './schema.ts';

/** An instance to enter. */
export interface Entry {
  readonly instance: IndexedInstance;
  readonly attributes: DataSet;
  /** Why it could not be entered. */
  error?: unknown;
  /** Whether it has been entered and is as safe as the index promises, or has an error. */
  isDone?: boolean;
}

/**
 * The only writer of the index. Each call is one transaction.
 *
 * The rows of patients, studies and series have the attributes of one of their instances: the one that is the first in the
 * order of `sourceOf`. A study has a row for each of its patients. So the index does not depend on the order of the calls.
 */
export class InstanceWriter {
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #inserts: Readonly<Record<Level, Insert>>;
  readonly #update: Statement;
  readonly #markCurrent: Statement;
  readonly #selectInstance: Statement;
  readonly #selectPatient: Statement;
  readonly #selectStudies: Statement;
  readonly #selectSeries: Statement;
  readonly #deleteInstance: Statement;
  readonly #deleteSeries: Statement;
  readonly #deleteStudy: Statement;
  readonly #deletePatient: Statement;
  readonly #deleteAll: readonly Statement[];
  readonly #forgetSources: readonly Statement[];
  readonly #onSecondPatient: (instance: IndexedInstance) => void;
  /** Rows of the last series: instances of a series usually arrive together. */
  readonly #knownSeries = new Map<string, KnownSeries>();

  /** @param onSecondPatient Called when an instance is the first one of its study with another patient. */
  constructor(
    database: Database.Database,
    attributes: readonly IndexedAttribute[],
    onSecondPatient: (instance: IndexedInstance) => void = () => {},
  ) {
    this.#onSecondPatient = onSecondPatient;
    const prepare = (statement: string) => database.prepare<unknown[]>(statement);
    this.#begin = prepare('begin immediate');
    this.#commit = prepare('commit');
    this.#rollback = prepare('rollback');
    const insert = (level: Level, unique: readonly string[], ...own: readonly string[]): Insert => {
      const kept = attributes.filter((each) => each.level === level && !each.computed);
      const columns = kept.filter(({ column }) => column);
      const names = [...own, ...columns.map(({ keyword }) => columnOf(keyword)), 'attributes'];
      const places = names.map(() => '?').join(', ');
      const conflict = level === 'IMAGE' ? 'do nothing' : `(${unique.join(', ')}) ${takeOver(TABLES[level], names)}`;
      const statement = `insert into ${TABLES[level]} (${names.join(', ')}) values (${places}) on conflict ${conflict}`;
      return { statement: prepare(statement), kept, columns, names };
    };
    this.#inserts = {
      PATIENT: insert('PATIENT', ['patient_key'], 'source', 'patient_key'),
      STUDY: insert('STUDY', ['patient', 'study_instance_uid'], 'source', 'patient'),
      SERIES: insert('SERIES', ['study', 'series_instance_uid'], 'source', 'study'),
      IMAGE: insert('IMAGE', [], 'is_current', 'series', 'transfer_syntax_uid', 'length'),
    };
    const assignments = this.#inserts.IMAGE.names.map((name) => `${name} = ?`).join(', ');
    this.#update = prepare(`update instance set ${assignments} where id = ?`);
    this.#markCurrent = prepare('update instance set is_current = 1 where id = ?');
    this.#selectInstance = prepare(`select id, is_current from instance where sop_instance_uid = ? and series in (
      select series.id from series join study on study.id = series.study
      where study_instance_uid = ? and series_instance_uid = ?)`);
    this.#selectPatient = prepare('select id from patient where patient_key = ?');
    this.#selectStudies = prepare('select id, patient from study where study_instance_uid = ?');
    this.#selectSeries = prepare('select id from series where study = ? and series_instance_uid = ?');
    this.#deleteInstance = prepare(`delete from instance where sop_instance_uid = ? and series in (
      select series.id from series join study on study.id = series.study
      where study_instance_uid = ? and series_instance_uid = ?)`);
    this.#deleteSeries = prepare(`delete from series where series_instance_uid = ?
      and study in (select id from study where study_instance_uid = ?)
      and not exists (select 1 from instance where instance.series = series.id)`);
    this.#deleteStudy = prepare(`delete from study where study_instance_uid = ?
      and not exists (select 1 from series where series.study = study.id) returning patient as id`);
    this.#deletePatient = prepare(
      'delete from patient where id = ? and not exists (select 1 from study where study.patient = patient.id)',
    );
    this.#forgetSources = [
      `update series set source = '${ANY_SOURCE}' where source = ? and series_instance_uid = ?`,
      `update study set source = '${ANY_SOURCE}' where source = ? and study_instance_uid = ?`,
      `update patient set source = '${ANY_SOURCE}' where source = ?
        and id in (select patient from study where study_instance_uid = ?)`,
    ].map(prepare);
    this.#deleteAll = ['instance', 'series', 'study', 'patient'].map((table) => prepare(`delete from ${table}`));
  }

  /** Enters instances, and sets the errors of those that fail. */
  add(entries: readonly Entry[]): void {
    const enterAll = () => {
      for (const { instance, attributes } of entries) this.#enter(instance, attributes);
    };
    // A statement by itself is a transaction.
    const isOneStatement =
      entries.length <= 1 &&
      entries.every(
        ({ instance, attributes }) => this.#knownRow(instance, patientKeyOf(instance, attributes)) !== undefined,
      );
    try {
      if (isOneStatement) enterAll();
      else this.#transaction(enterAll);
    } catch (error) {
      const [only, ...others] = entries;
      // Together none was entered. Alone, only those that have a fault fail.
      if (others.length > 0) for (const entry of entries) this.add([entry]);
      else if (only) only.error = error;
    }
  }

  /** Replaces an entry that is not current. @param attributes If absent, the entry stays and counts as current. */
  renew(instance: IndexedInstance, attributes: DataSet | undefined): void {
    this.#transaction(() => {
      const existing = this.#existing(instance);
      if (existing === undefined || existing.is_current === 1) return;
      if (!attributes) this.#markCurrent.run(existing.id);
      else {
        const series = this.#seriesRow(instance, attributes, patientKeyOf(instance, attributes));
        this.#update.run(...this.#imageValues(series, instance, attributes), existing.id);
        this.#removeEmpty(instance);
      }
    });
  }

  remove(instance: InstanceKey): void {
    const { study, series, sopInstance } = instance;
    this.#knownSeries.clear();
    this.#transaction(() => {
      // Another instance gives the attributes, as soon as one is entered.
      const source = sourceOf(instance);
      const [ofSeries, ofStudy, ofPatient] = this.#forgetSources;
      ofSeries?.run(source, series);
      ofStudy?.run(source, study);
      ofPatient?.run(source, study);
      this.#deleteInstance.run(sopInstance, study, series);
      this.#removeEmpty(instance);
    });
  }

  #removeEmpty({ study, series }: InstanceKey): void {
    this.#knownSeries.clear();
    this.#deleteSeries.run(series, study);
    for (const { id } of this.#deleteStudy.all(study) as Row[]) this.#deletePatient.run(id);
  }

  clear(): void {
    this.#knownSeries.clear();
    this.#transaction(() => {
      for (const statement of this.#deleteAll) statement.run();
    });
  }

  #transaction(changes: () => void): void {
    this.#begin.run();
    try {
      changes();
      this.#commit.run();
    } catch (error) {
      this.#knownSeries.clear();
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    try {
      this.#rollback.run();
    } catch {
      // A full disk has already ended the transaction. The original error is thrown.
    }
  }

  #enter(instance: IndexedInstance, attributes: DataSet): void {
    const patientKey = patientKeyOf(instance, attributes);
    const known = this.#knownRow(instance, patientKey);
    if (known !== undefined) this.#insert(known, instance, attributes);
    else if (this.#existing(instance) === undefined)
      this.#insert(this.#seriesRow(instance, attributes, patientKey), instance, attributes);
  }

  /** The row of the instance's series, unless its attributes may have to come from this instance. */
  #knownRow(instance: IndexedInstance, patientKey: string): number | undefined {
    const known = this.#knownSeries.get(seriesKey(instance, patientKey));
    return known && known.source <= sourceOf(instance) ? known.row : undefined;
  }

  #existing({ study, series, sopInstance }: InstanceKey): InstanceRow | undefined {
    return this.#selectInstance.all(sopInstance, study, series)[0] as InstanceRow | undefined;
  }

  #insert(series: number, instance: IndexedInstance, attributes: DataSet): void {
    this.#inserts.IMAGE.statement.run(...this.#imageValues(series, instance, attributes));
  }

  #imageValues(series: number, instance: IndexedInstance, attributes: DataSet): unknown[] {
    const { sopInstance, sopClass, transferSyntax, length } = instance;
    const own = { ...attributes, SOPInstanceUID: sopInstance, SOPClassUID: sopClass };
    return this.#values('IMAGE', [1, series, transferSyntax, length], own, sopInstance);
  }

  #seriesRow(instance: IndexedInstance, attributes: DataSet, patientKey: string): number {
    const { study, series } = instance;
    const source = sourceOf(instance);
    // A study without a UID may have instances of several patients, so it belongs to a patient without attributes.
    this.#insertRow('PATIENT', [source, patientKey], study === '' ? {} : attributes);
    const patientRow = onlyId(this.#selectPatient.all(patientKey));
    const before = this.#selectStudies.all(study) as StudyRow[];
    this.#insertRow('STUDY', [source, patientRow], attributes, study);
    const studies = this.#selectStudies.all(study) as StudyRow[];
    const studyRow = (studies.find(({ patient }) => patient === patientRow) as StudyRow).id;
    if (before.length > 0 && studies.length > before.length) this.#onSecondPatient(instance);
    this.#insertRow('SERIES', [source, studyRow], attributes, series);
    const row = onlyId(this.#selectSeries.all(studyRow, series));
    if (this.#knownSeries.size >= KNOWN_SERIES) this.#knownSeries.clear();
    this.#knownSeries.set(seriesKey(instance, patientKey), { row, source });
    return row;
  }

  #insertRow(level: Level, own: readonly unknown[], attributes: DataSet, unique?: string): void {
    this.#inserts[level].statement.run(...this.#values(level, own, attributes, unique));
  }

  /** @param unique The value of the level's unique key, which the data set may have differently or not at all. */
  #values(level: Level, own: readonly unknown[], attributes: DataSet, unique?: string): unknown[] {
    const { kept, columns } = this.#inserts[level];
    const values = columns.map(({ keyword, column }) =>
      unique !== undefined && keyword === uniqueKey(level) ? unique : columnValue(column, attributes[keyword]),
    );
    return [...own, ...values, JSON.stringify(attributesAt(level, kept, attributes))];
  }
}

/** The update of a row whose attributes come from an instance that follows the new one. */
function takeOver(table: string, names: readonly string[]): string {
  const assignments = names.map((name) => `${name} = excluded.${name}`).join(', ');
  return `do update set ${assignments} where excluded.source < ${table}.source`;
}

/** The value of an attribute as its column has it. */
export function columnValue(column: ColumnKind = 'text', value: unknown): string {
  return COLUMN_KINDS[column].value(value);
}

interface Insert {
  readonly statement: Statement;
  /** The attributes that the level keeps. */
  readonly kept: readonly IndexedAttribute[];
  /** Those that have a column. */
  readonly columns: readonly IndexedAttribute[];
  /** The columns that the statement sets. */
  readonly names: readonly string[];
}

interface KnownSeries {
  readonly row: number;
  /** The attributes come from this instance or one before it. */
  readonly source: string;
}

interface Row {
  readonly id: number;
}

interface StudyRow extends Row {
  readonly patient: number;
}

interface InstanceRow extends Row {
  readonly is_current: number;
}

type Statement = Database.Statement<unknown[]>;

const KNOWN_SERIES = 1000;

function seriesKey({ study, series }: InstanceKey, patientKey: string): string {
  return `${study} ${series} ${patientKey}`;
}

/** The id in the only row. `get` would leave the statement open, so `all` is used. */
function onlyId(rows: readonly unknown[]): number {
  return (rows[0] as Row).id;
}
