// Instances of the index with the names of their files.

import type { Kysely } from 'kysely';
import type Database from 'libsql';
import type { InstanceKey } from '../instance-store.ts';
import type { FileNames, IndexedInstance, SeriesKey } from './archive-index.ts';
import type { Tables } from './schema.ts';

/** An instance as a row has it: without a name, its file is in the default layout. */
export type LocatedRow<T extends InstanceKey = IndexedInstance> = Omit<T, 'file'> & { readonly file?: string | null };

export function located<T extends InstanceKey = IndexedInstance>({ file, ...instance }: LocatedRow<T>): T {
  return (file === null || file === undefined ? instance : { ...instance, file }) as unknown as T;
}

/** All instances, to be narrowed. */
export function locations(tables: Kysely<Tables>) {
  return tables
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
      'instance.file',
    ]);
}

export function sqlFileNames(database: Database.Database): FileNames {
  const prepare = (text: string) => database.prepare<unknown[]>(text);
  const select = `select study_instance_uid as study, series_instance_uid as series, sop_instance_uid as sopInstance, file
    from instance join series on series.id = instance.series join study on study.id = series.study`;
  const find = prepare(`${select} where sop_instance_uid = ? and study_instance_uid = ? and series_instance_uid = ?`);
  const owner = prepare(`${select} where file = ?`);
  const ofSeries = prepare(`select sop_instance_uid as sopInstance, file from instance where file is not null
    and series in (select series.id from study join series on series.study = study.id
      where study_instance_uid = ? and series_instance_uid = ?)`);
  const first = (rows: unknown[]) => {
    const row = rows[0] as LocatedRow<InstanceKey> | undefined;
    return row && located<InstanceKey>(row);
  };
  return {
    find: ({ study, series, sopInstance }) => first(find.all(sopInstance, study, series)),
    ownerOf: (file) => first(owner.all(file)),
    ofSeries({ study, series }: SeriesKey) {
      const rows = ofSeries.all(study, series) as { readonly sopInstance: string; readonly file: string }[];
      return new Map(rows.map(({ sopInstance, file }) => [sopInstance, file]));
    },
  };
}
