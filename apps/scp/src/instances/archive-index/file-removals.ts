// The files whose entries have been deleted: they are listed in the transaction that deletes the entries, until they are gone.

import { nextTurn } from '@x/dimse/data-set';
import type Database from 'libsql';
import type { InstanceKey } from '../instance-store.ts';
import type { DeletionList, DeletionScope, IndexedInstance, SeriesUsage } from './archive-index.ts';
import { type LocatedRow, located } from './located-instances.ts';

export class FileRemovals implements DeletionList {
  readonly #removeEntries: (instances: readonly InstanceKey[], also: () => void) => void;
  readonly #measure: Database.Statement<unknown[]>;
  readonly #lastSeries: Database.Statement<unknown[]>;
  readonly #usage: Database.Statement<unknown[]>;
  readonly #selectLast: Database.Statement<unknown[]>;
  readonly #select: Database.Statement<unknown[]>;
  readonly #insert: Database.Statement<unknown[]>;
  readonly #pending: Database.Statement<unknown[]>;
  readonly #find: Database.Statement<unknown[]>;
  readonly #remove: Database.Statement<unknown[]>;
  /** Undefined if it is not known. */
  #isEmpty: boolean | undefined;

  /** @param removeEntries Removes entries and does what it is given, in one transaction. */
  constructor(
    database: Database.Database,
    removeEntries: (instances: readonly InstanceKey[], also: () => void) => void,
  ) {
    this.#removeEntries = removeEntries;
    const from = `from study join series on series.study = study.id join instance on instance.series = series.id
      where study_instance_uid = ? and (? is null or series_instance_uid = ?) and (? is null or sop_instance_uid = ?)`;
    this.#measure = database.prepare(`select count(*) as instances, coalesce(sum(length), 0) as bytes ${from}`);
    this.#usage = database.prepare(`select series.id as id, study_instance_uid as study, max(instance.id) as lastEntry,
      coalesce(sum(length), 0) as bytes from series join study on study.id = series.study
      join instance on instance.series = series.id
      where series.id > ? and series.id <= ? + ${SERIES_AT_ONCE} group by series.id order by series.id`);
    this.#lastSeries = database.prepare('select max(id) as id from series');
    this.#selectLast = database.prepare(`select max(instance.id) as id ${from}`);
    this.#select = database.prepare(`select study_instance_uid as study, series_instance_uid as series,
      sop_instance_uid as sopInstance, sop_class_uid as sopClass, transfer_syntax_uid as transferSyntax, length, file
      ${from} and instance.id <= ? order by instance.id limit ?`);
    const key = 'study_instance_uid = ? and series_instance_uid = ? and sop_instance_uid = ? and file = ?';
    this.#insert = database.prepare(`insert or ignore into file_removal
      (study_instance_uid, series_instance_uid, sop_instance_uid, file) values (?, ?, ?, ?)`);
    this.#pending = database.prepare(`select study_instance_uid as study, series_instance_uid as series,
      sop_instance_uid as sopInstance, nullif(file, '') as file from file_removal limit ?`);
    this.#find = database.prepare(`select 1 from file_removal where ${key}`);
    this.#remove = database.prepare(`delete from file_removal where ${key}`);
  }

  async measure(scope: DeletionScope): Promise<{ readonly instances: number; readonly bytes: number }> {
    return this.#measure.all(...valuesOf(scope))[0] as { instances: number; bytes: number };
  }

  async *usage(): AsyncGenerator<SeriesUsage> {
    const [last] = this.#lastSeries.all() as { id: number | null }[];
    for (let after = 0; after < (last?.id ?? 0); after += SERIES_AT_ONCE) {
      yield* this.#usage.all(after, after) as SeriesUsage[];
      await nextTurn();
    }
  }

  async lastOf(scope: DeletionScope): Promise<number> {
    const [row] = this.#selectLast.all(...valuesOf(scope)) as { id: number | null }[];
    return row?.id ?? -1;
  }

  async listForRemoval(scope: DeletionScope, last: number, most: number): Promise<readonly IndexedInstance[]> {
    const instances = this.#select.all(...valuesOf(scope), last, most) as LocatedRow[];
    if (instances.length > 0)
      this.#removeEntries(instances.map(located), () => {
        for (const instance of instances) this.#insert.run(...keyOf(instance));
        this.#isEmpty = undefined;
      });
    return instances.map(located);
  }

  async filesToRemove(most: number): Promise<readonly InstanceKey[]> {
    return (this.#pending.all(most) as LocatedRow<InstanceKey>[]).map(located);
  }

  async isToBeRemoved(instance: InstanceKey): Promise<boolean> {
    // The comparison with the files asks for each of them, and a list without files is the rule.
    this.#isEmpty ??= this.#pending.all(1).length === 0;
    return !this.#isEmpty && this.#find.all(...keyOf(instance)).length > 0;
  }

  async filesRemoved(files: readonly InstanceKey[]): Promise<void> {
    for (const file of files) this.#remove.run(...keyOf(file));
    this.#isEmpty = undefined;
  }
}

const SERIES_AT_ONCE = 20;

function keyOf({ study, series, sopInstance, file }: LocatedRow<InstanceKey>): unknown[] {
  return [study, series, sopInstance, file ?? ''];
}

function valuesOf({ study, series, sopInstance }: DeletionScope): unknown[] {
  const [ofSeries, ofInstance] = [series ?? null, sopInstance ?? null];
  return [study, ofSeries, ofSeries, ofInstance, ofInstance];
}
