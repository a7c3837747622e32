// Entries into the index, by statements that are prepared once.

import type { DataSet } from '@x/dimse';
import type Database from 'libsql';
import type { InstanceKey } from '../instance-store.ts';
import type { IndexedInstance } from './archive-index.ts';
import { attributesOf } from './indexed-attributes.ts';
import { dateColumn, nameColumn, texts } from './narrowing.ts';
import { storedAttributes } from './stored-attributes.ts';

/** The one writer of the index. Each call is one transaction. */
export class InstanceWriter {
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #insertPatient: Statement;
  readonly #selectPatient: Statement;
  readonly #insertStudy: Statement;
  readonly #selectStudy: Statement;
  readonly #insertSeries: Statement;
  readonly #selectSeries: Statement;
  readonly #insertInstance: Statement;
  readonly #deleteInstance: Statement;
  readonly #deleteSeries: Statement;
  readonly #deleteStudy: Statement;
  readonly #deletePatient: Statement;
  readonly #deleteAll: readonly Statement[];
  /** Rows of the series entered last: the instances of one come together. */
  readonly #knownSeries = new Map<string, number>();

  constructor(database: Database.Database) {
    const prepare = (statement: string) => database.prepare<unknown[]>(statement);
    this.#begin = prepare('begin immediate');
    this.#commit = prepare('commit');
    this.#rollback = prepare('rollback');
    this.#insertPatient = prepare(
      'insert into patient (patient_key, patient_id, patient_name, attributes) values (?, ?, ?, ?) on conflict do nothing',
    );
    this.#selectPatient = prepare('select id from patient where patient_key = ?');
    this.#insertStudy = prepare(
      'insert into study (patient, study_instance_uid, study_date, accession_number, attributes) values (?, ?, ?, ?, ?)',
    );
    this.#selectStudy = prepare('select id from study where study_instance_uid = ?');
    this.#insertSeries = prepare(
      'insert into series (study, series_instance_uid, modality, attributes) values (?, ?, ?, ?) on conflict do nothing',
    );
    this.#selectSeries = prepare('select id from series where study = ? and series_instance_uid = ?');
    this.#insertInstance = prepare(
      'insert into instance (series, sop_instance_uid, sop_class_uid, transfer_syntax_uid, length, attributes) values (?, ?, ?, ?, ?, ?) on conflict do nothing',
    );
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

  add(instance: IndexedInstance, attributes: DataSet): void {
    const series = this.#knownSeries.get(seriesKey(instance));
    // A statement by itself is a transaction.
    if (series !== undefined) this.#insert(series, instance, attributes);
    else this.#transaction(() => this.#insert(this.#seriesRow(instance, attributes), instance, attributes));
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
      // A full disk has ended the transaction already; what went wrong is told all the same.
    }
  }

  #insert(series: number, instance: IndexedInstance, attributes: DataSet): void {
    const { sopInstance, sopClass, transferSyntax, length } = instance;
    const own = { ...attributesOf('IMAGE', attributes), SOPInstanceUID: sopInstance, SOPClassUID: sopClass };
    this.#insertInstance.run(series, sopInstance, sopClass, transferSyntax, length, storedAttributes(own).json);
  }

  #seriesRow(instance: IndexedInstance, attributes: DataSet): number {
    const { study, series } = instance;
    const studyRow = this.#studyRow(study, attributes);
    const own = storedAttributes(attributesOf('SERIES', attributes));
    this.#insertSeries.run(studyRow, series, first(own.attributes.Modality), own.json);
    const row = expectId(this.#selectSeries.all(studyRow, series));
    if (this.#knownSeries.size >= KNOWN_SERIES) this.#knownSeries.clear();
    this.#knownSeries.set(seriesKey(instance), row);
    return row;
  }

  #studyRow(study: string, attributes: DataSet): number {
    const found = idIn(this.#selectStudy.all(study));
    if (found !== undefined) return found;
    const own = storedAttributes(attributesOf('STUDY', attributes));
    const { StudyDate, AccessionNumber } = own.attributes;
    // What names no study may be of many patients: it is nobody's, rather than another one's.
    const patient = this.#patientRow(study === '' ? {} : attributes);
    this.#insertStudy.run(patient, study, dateColumn(first(StudyDate)), first(AccessionNumber), own.json);
    return expectId(this.#selectStudy.all(study));
  }

  #patientRow(attributes: DataSet): number {
    const own = storedAttributes(attributesOf('PATIENT', attributes));
    const { PatientID, IssuerOfPatientID, PatientName, PatientBirthDate } = own.attributes;
    const [id, name] = [first(PatientID), first(PatientName)];
    const patientKey = JSON.stringify(
      id ? ['id', id, first(IssuerOfPatientID)] : ['name', name, first(PatientBirthDate)],
    );
    this.#insertPatient.run(patientKey, id, nameColumn(name), own.json);
    return expectId(this.#selectPatient.all(patientKey));
  }
}

type Statement = Database.Statement<unknown[]>;

const KNOWN_SERIES = 1000;

function seriesKey({ study, series }: IndexedInstance): string {
  return `${study} ${series}`;
}

function first(value: unknown): string {
  return texts(value)[0] ?? '';
}

/** Of the one row there may be: asked for alone, by `get`, it would leave the statement under way. */
function idIn(rows: readonly unknown[]): number | undefined {
  return (rows[0] as { id: number } | undefined)?.id;
}

function expectId(rows: readonly unknown[]): number {
  return idIn(rows) as number;
}
