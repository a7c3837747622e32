// Writes entries of the index with statements that are prepared once.

import type { DataSet } from '@x/dimse';
import { texts } from '@x/dimse/data-set';
import type Database from 'libsql';
import type { InstanceKey } from '../instance-store.ts';
import type { IndexedInstance, Level } from './archive-index.ts';
import { COLUMN_KINDS, type ColumnKind } from './column-kinds.ts';
import { attributesAt, type IndexedAttribute, uniqueKey } from './indexed-attributes.ts';
import { columnOf, TABLES } from './schema.ts';
import { type StoredAttributes, storedAttributes } from './stored-attributes.ts';

/** An instance to enter. */
export interface Entry {
  readonly instance: IndexedInstance;
  readonly attributes: DataSet;
  /** Why it could not be entered. */
  error?: unknown;
  /** Whether it has been entered and is as safe as the index promises, or has an error. */
  isDone?: boolean;
}

/** The only writer of the index. Each call is one transaction. */
export class InstanceWriter {
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #inserts: Readonly<Record<Level, Insert>>;
  readonly #selectPatient: Statement;
  readonly #selectStudy: Statement;
  readonly #selectSeries: Statement;
  readonly #deleteInstance: Statement;
  readonly #deleteSeries: Statement;
  readonly #deleteStudy: Statement;
  readonly #deletePatient: Statement;
  readonly #deleteAll: readonly Statement[];
  /** Row ids of the last series: instances of a series usually arrive together. */
  readonly #knownSeries = new Map<string, number>();

  constructor(database: Database.Database, attributes: readonly IndexedAttribute[]) {
    const prepare = (statement: string) => database.prepare<unknown[]>(statement);
    this.#begin = prepare('begin immediate');
    this.#commit = prepare('commit');
    this.#rollback = prepare('rollback');
    const insert = (level: Level, ...own: readonly string[]): Insert => {
      const kept = attributes.filter((each) => each.level === level && !each.computed);
      const columns = kept.filter(({ column }) => column);
      const names = [...own, ...columns.map(({ keyword }) => columnOf(keyword)), 'attributes'];
      const places = names.map(() => '?').join(', ');
      const statement = `insert into ${TABLES[level]} (${names.join(', ')}) values (${places}) on conflict do nothing`;
      return { statement: prepare(statement), kept, columns };
    };
    this.#inserts = {
      PATIENT: insert('PATIENT', 'patient_key'),
      STUDY: insert('STUDY', 'patient'),
      SERIES: insert('SERIES', 'study'),
      IMAGE: insert('IMAGE', 'series', 'transfer_syntax_uid', 'length'),
    };
    this.#selectPatient = prepare('select id from patient where patient_key = ?');
    this.#selectStudy = prepare('select id from study where study_instance_uid = ?');
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
    this.#deleteAll = ['instance', 'series', 'study', 'patient'].map((table) => prepare(`delete from ${table}`));
  }

  /** Enters instances, and sets the errors of those that fail. */
  add(entries: readonly Entry[]): void {
    const enterAll = () => {
      for (const { instance, attributes } of entries) this.#insert(instance, attributes);
    };
    // A statement by itself is a transaction.
    const isOneStatement =
      entries.length <= 1 && entries.every(({ instance }) => this.#knownSeries.has(seriesKey(instance)));
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

  remove({ study, series, sopInstance }: InstanceKey): void {
    this.#knownSeries.clear();
    this.#transaction(() => {
      this.#deleteInstance.run(sopInstance, study, series);
      this.#deleteSeries.run(series, study);
      const patient = idIn(this.#deleteStudy.all(study));
      if (patient !== undefined) this.#deletePatient.run(patient);
    });
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

  #insert(instance: IndexedInstance, attributes: DataSet): void {
    const { sopInstance, sopClass, transferSyntax, length } = instance;
    const series = this.#knownSeries.get(seriesKey(instance)) ?? this.#seriesRow(instance, attributes);
    const own = this.#stored('IMAGE', { ...attributes, SOPInstanceUID: sopInstance, SOPClassUID: sopClass });
    this.#insertRow('IMAGE', [series, transferSyntax, length], own, sopInstance);
  }

  #seriesRow(instance: IndexedInstance, attributes: DataSet): number {
    const { study, series } = instance;
    const studyRow = this.#studyRow(study, attributes);
    this.#insertRow('SERIES', [studyRow], this.#stored('SERIES', attributes), series);
    const row = expectId(this.#selectSeries.all(studyRow, series));
    if (this.#knownSeries.size >= KNOWN_SERIES) this.#knownSeries.clear();
    this.#knownSeries.set(seriesKey(instance), row);
    return row;
  }

  #studyRow(study: string, attributes: DataSet): number {
    const found = idIn(this.#selectStudy.all(study));
    if (found !== undefined) return found;
    // A study without a UID may have instances of several patients, so it belongs to a patient without attributes.
    const patient = this.#patientRow(study === '' ? {} : attributes);
    this.#insertRow('STUDY', [patient], this.#stored('STUDY', attributes), study);
    return expectId(this.#selectStudy.all(study));
  }

  #patientRow(attributes: DataSet): number {
    const own = this.#stored('PATIENT', attributes);
    const { PatientID, IssuerOfPatientID, PatientName, PatientBirthDate } = own.attributes;
    const id = first(PatientID);
    const patientKey = JSON.stringify(
      id ? ['id', id, first(IssuerOfPatientID)] : ['name', first(PatientName), first(PatientBirthDate)],
    );
    this.#insertRow('PATIENT', [patientKey], own);
    return expectId(this.#selectPatient.all(patientKey));
  }

  #stored(level: Level, attributes: DataSet): StoredAttributes {
    return storedAttributes(attributesAt(level, this.#inserts[level].kept, attributes));
  }

  /** @param unique The value of the level's unique key, which the data set may have differently or not at all. */
  #insertRow(level: Level, own: readonly unknown[], { attributes, json }: StoredAttributes, unique?: string): void {
    const { statement, columns } = this.#inserts[level];
    const values = columns.map(({ keyword, column }) =>
      unique !== undefined && keyword === uniqueKey(level) ? unique : columnValue(column, attributes[keyword]),
    );
    statement.run(...own, ...values, json);
  }
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
}

type Statement = Database.Statement<unknown[]>;

const KNOWN_SERIES = 1000;

function seriesKey({ study, series }: IndexedInstance): string {
  return `${study} ${series}`;
}

function first(value: unknown): string {
  return texts(value)[0] ?? '';
}

/** The id in the only row. `get` would leave the statement open, so `all` is used. */
function idIn(rows: readonly unknown[]): number | undefined {
  return (rows[0] as { id: number } | undefined)?.id;
}

function expectId(rows: readonly unknown[]): number {
  return idIn(rows) as number;
}
