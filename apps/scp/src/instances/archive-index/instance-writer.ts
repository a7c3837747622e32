// Writes entries of the index with statements that are prepared once.

import type { UntypedDataSet } from '@x/dimse';
import type Database from 'libsql';
import type { InstanceKey } from '../instance-store.ts';
import type { AddOptions, IndexedInstance } from './archive-index.ts';
import { patientKeyOf, sourceOf } from './entry-identity.ts';
import type { IndexedAttribute } from './indexed-attributes.ts';
import { located } from './located-instances.ts';
import { RowWriter } from './row-writer.ts';
import { type WriterStatements, writerStatements } from './writer-statements.ts';

/** An instance to enter. */
export interface Entry {
  readonly instance: IndexedInstance;
  readonly attributes: UntypedDataSet;
  readonly options: AddOptions;
  /** The entry that was there before and stays. */
  earlier?: IndexedInstance;
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
  readonly #sql: WriterStatements;
  readonly #rows: RowWriter;
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
    this.#sql = writerStatements(database, attributes);
    this.#rows = new RowWriter(this.#sql);
  }

  /** Enters instances, and sets the errors of those that fail. Returns whether an existing entry was replaced. */
  add(entries: readonly Entry[]): boolean {
    const [only, ...others] = entries;
    if (!only) return false;
    try {
      // A statement by itself is a transaction. The text of an instance, which few have, is another statement.
      const isAlone = others.length === 0 && this.#rows.textAt('IMAGE', only.attributes) === '';
      if (isAlone && this.#insertKnown(only)) return false;
      let isAnyReplaced = false;
      this.#transaction(() => {
        for (const entry of entries) if (this.#enter(entry)) isAnyReplaced = true;
      });
      return isAnyReplaced;
    } catch (error) {
      // Together none was entered. Alone, only those that have a fault fail.
      if (others.length > 0) return entries.filter((entry) => this.add([entry])).length > 0;
      only.error = error;
      return false;
    }
  }

  /** Replaces an entry that is not current. @param attributes If absent, the entry stays and counts as current. */
  renew(instance: IndexedInstance, attributes: UntypedDataSet | undefined): void {
    this.#transaction(() => {
      const existing = this.#existing(instance);
      if (existing === undefined || existing.is_current === 1) return;
      if (!attributes) this.#sql.markCurrent.run(existing.id);
      else this.#replace(existing, { instance, attributes });
    });
  }

  /** Removes entries, together with what `also` changes. */
  remove(instances: readonly InstanceKey[], also: () => void = () => {}): void {
    this.#knownSeries.clear();
    this.#transaction(() => {
      also();
      for (const instance of instances) {
        const { study, series, sopInstance } = instance;
        this.#forgetSource(instance);
        this.#sql.deleteInstance.run(sopInstance, study, series);
      }
      const series = new Map(instances.map((instance) => [`${instance.study} ${instance.series}`, instance]));
      for (const instance of series.values()) this.#removeEmpty(instance);
    });
  }

  /** Another instance gives the attributes of the entities, as soon as one is entered. */
  #forgetSource(instance: InstanceKey): void {
    const { study, series } = instance;
    const source = sourceOf(instance);
    const [ofSeries, ofStudy, ofPatient] = this.#sql.forgetSources;
    ofSeries?.run(source, series);
    ofStudy?.run(source, study);
    ofPatient?.run(source, study);
  }

  #removeEmpty({ study, series }: InstanceKey): void {
    this.#knownSeries.clear();
    this.#sql.deleteSeries.run(series, study);
    for (const { id } of this.#sql.deleteStudy.all(study) as Row[]) this.#sql.deletePatient.run(id);
  }

  clear(): void {
    this.#knownSeries.clear();
    this.#transaction(this.#sql.deleteAll);
  }

  #transaction(changes: () => void): void {
    this.#sql.begin.run();
    try {
      changes();
      this.#sql.commit.run();
    } catch (error) {
      this.#knownSeries.clear();
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    try {
      this.#sql.rollback.run();
    } catch {
      // A full disk has already ended the transaction. The original error is thrown.
    }
  }

  /** Whether there was an entry. */
  #enter(entry: Entry): boolean {
    if (this.#insertKnown(entry) || this.#insertBeforeKnown(entry)) return false;
    const { instance, attributes } = entry;
    const existing = this.#existing(instance);
    if (existing === undefined)
      this.#insert(this.#seriesRow(instance, attributes, patientKeyOf(instance, attributes)), entry);
    else if (isReplaceable(existing, entry.options)) this.#replace(existing, entry);
    else entry.earlier = earlierEntry(instance, existing);
    return existing !== undefined;
  }

  #replace({ id }: Row, { instance, attributes }: Omit<Entry, 'options'>): void {
    this.#forgetSource(instance);
    this.#knownSeries.clear();
    const series = this.#seriesRow(instance, attributes, patientKeyOf(instance, attributes));
    this.#sql.update.run(...this.#imageValues(series, instance, attributes), id);
    this.#rows.writeText('IMAGE', id, attributes);
    this.#removeEmpty(instance);
  }

  /** Enters an instance of a known series by one statement, and one for its text if it has any. Returns false if the series is not known, or an entry exists. */
  #insertKnown(entry: Entry): boolean {
    const known = this.#knownRow(entry.instance, patientKeyOf(entry.instance, entry.attributes));
    return known !== undefined && this.#insert(known, entry);
  }

  /**
   * Enters an instance of a known series whose attributes come from a later one: those of this instance take their place.
   * Instances that arrive in descending order all do so. Returns false if the series is not known, or an entry exists.
   */
  #insertBeforeKnown(entry: Entry): boolean {
    const { instance, attributes } = entry;
    const patientKey = patientKeyOf(instance, attributes);
    const known = this.#knownSeries.get(seriesKey(instance, patientKey));
    const source = sourceOf(instance);
    if (!known || known.source <= source || !this.#insert(known.row, entry)) return false;
    const ofPatient = instance.study === '' ? {} : attributes;
    if (!this.#rows.moveSource('PATIENT', known.patientRow, source, ofPatient))
      this.#rows.insert('PATIENT', [source, patientKey], ofPatient, () => known.patientRow);
    if (!this.#rows.moveSource('STUDY', known.studyRow, source, attributes))
      this.#rows.insert('STUDY', [source, known.patientRow], attributes, () => known.studyRow, instance.study);
    if (!this.#rows.moveSource('SERIES', known.row, source, attributes))
      this.#rows.insert('SERIES', [source, known.studyRow], attributes, () => known.row, instance.series);
    known.source = source;
    return true;
  }

  /** The row of the instance's series, unless its attributes may have to come from this instance. */
  #knownRow(instance: IndexedInstance, patientKey: string): number | undefined {
    const known = this.#knownSeries.get(seriesKey(instance, patientKey));
    return known && known.source <= sourceOf(instance) ? known.row : undefined;
  }

  #existing({ study, series, sopInstance }: InstanceKey): InstanceRow | undefined {
    return this.#sql.selectInstance.all(sopInstance, study, series)[0] as InstanceRow | undefined;
  }

  #insert(series: number, { instance, attributes }: Entry): boolean {
    const { statement } = this.#sql.inserts.IMAGE;
    // The database would copy several arguments into an array.
    if (statement.run(this.#imageValues(series, instance, attributes)).changes === 0) return false;
    // A trigger may have given it another id than the statement did.
    if (this.#rows.textAt('IMAGE', attributes) !== '')
      this.#rows.writeText('IMAGE', onlyId(this.#sql.selectInstanceOf.all(series, instance.sopInstance)), attributes);
    return true;
  }

  #imageValues(series: number, instance: IndexedInstance, attributes: UntypedDataSet): unknown[] {
    const { sopInstance, sopClass, transferSyntax, length, file = null } = instance;
    const isComplete = attributes.SOPInstanceUID === sopInstance && attributes.SOPClassUID === sopClass;
    // A copy of many attributes takes long.
    const own = isComplete ? attributes : { ...attributes, SOPInstanceUID: sopInstance, SOPClassUID: sopClass };
    return this.#rows.values('IMAGE', [1, series, transferSyntax, length, file], own, sopInstance);
  }

  #seriesRow(instance: IndexedInstance, attributes: UntypedDataSet, patientKey: string): number {
    const { study, series } = instance;
    const source = sourceOf(instance);
    // A study without a UID may have instances of several patients, so it belongs to a patient without attributes.
    const patientRow = this.#rows.insert('PATIENT', [source, patientKey], study === '' ? {} : attributes, () =>
      onlyId(this.#sql.selectPatient.all(patientKey)),
    );
    const before = this.#sql.selectStudies.all(study) as StudyRow[];
    let studies = before;
    const ofStudy = () => {
      studies = this.#sql.selectStudies.all(study) as StudyRow[];
      return (studies.find(({ patient }) => patient === patientRow) as StudyRow).id;
    };
    const studyRow = this.#rows.insert('STUDY', [source, patientRow], attributes, ofStudy, study);
    if (before.length > 0 && studies.length > before.length) this.#onSecondPatient(instance);
    const ofSeries = () => onlyId(this.#sql.selectSeries.all(studyRow, series));
    const row = this.#rows.insert('SERIES', [source, studyRow], attributes, ofSeries, series);
    if (this.#knownSeries.size >= KNOWN_SERIES) this.#knownSeries.clear();
    this.#knownSeries.set(seriesKey(instance, patientKey), { row, patientRow, studyRow, source });
    return row;
  }
}

interface KnownSeries {
  readonly row: number;
  readonly patientRow: number;
  readonly studyRow: number;
  /** The attributes come from this instance or one before it. */
  source: string;
}

interface Row {
  readonly id: number;
}

interface StudyRow extends Row {
  readonly patient: number;
}

interface InstanceRow extends Row, Pick<IndexedInstance, 'sopClass' | 'transferSyntax' | 'length'> {
  readonly is_current: number;
  readonly file: string | null;
}

function isReplaceable({ file }: InstanceRow, { isReplacing, instead }: AddOptions): boolean {
  return isReplacing === true || (instead !== undefined && (instead.file ?? null) === file);
}

function earlierEntry(key: InstanceKey, { sopClass, transferSyntax, length, file }: InstanceRow): IndexedInstance {
  const { study, series, sopInstance } = key;
  return located({ study, series, sopInstance, sopClass, transferSyntax, length, file });
}

const KNOWN_SERIES = 1000;

function seriesKey({ study, series }: InstanceKey, patientKey: string): string {
  return `${study} ${series} ${patientKey}`;
}

/** The id in the only row. `get` would leave the statement open, so `all` is used. */
function onlyId(rows: readonly unknown[]): number {
  return (rows[0] as Row).id;
}
