// The queries of an index in an SQL database, whichever it is.

import type { DataSet } from '@x/dimse';
import type { Kysely } from 'kysely';
import type { ArchiveIndex, ArchiveQuery, IndexedInstance, Level, SeriesKey } from './archive-index.ts';
import type { EntitySearch } from './entity-search.ts';
import { located, locations } from './located-instances.ts';
import { recentStudies } from './recent-studies.ts';
import { type OnStep, Steps } from './row-steps.ts';
import type { Tables } from './schema.ts';
import type { SqlDialect } from './sql-dialect.ts';

export interface IndexReadingParts {
  readonly dialect: SqlDialect;
  readonly tables: Kysely<Tables>;
  readonly search: EntitySearch;
  readonly onStep?: OnStep | undefined;
}

type Reading = Pick<ArchiveIndex, 'find' | 'instances' | 'countInstances' | 'locate' | 'series' | 'recentStudies'>;

export class IndexReading implements Reading {
  readonly #parts: IndexReadingParts;

  constructor(parts: IndexReadingParts) {
    this.#parts = parts;
  }

  async *find(query: ArchiveQuery, signal?: AbortSignal): AsyncGenerator<DataSet> {
    for await (const { entity } of this.#parts.search.find(query, signal)) yield entity;
  }

  async *instances(query: ArchiveQuery, signal?: AbortSignal): AsyncGenerator<IndexedInstance> {
    for await (const { id } of this.#parts.search.find(query, signal))
      yield* this.#instancesBelow(query.level, id, signal);
  }

  async countInstances(query: ArchiveQuery, signal?: AbortSignal): Promise<number> {
    const { search } = this.#parts;
    let count = 0;
    for await (const { id } of search.find(query, signal))
      count += await search.countInstancesBelow(query.level, id, signal);
    return count;
  }

  async locate(sopInstance: string): Promise<readonly IndexedInstance[]> {
    const found = locations(this.#parts.tables).where('instance.sop_instance_uid', '=', sopInstance).limit(PAGE);
    return (await found.execute()).map((row) => located(row));
  }

  async *series(): AsyncGenerator<SeriesKey> {
    const { tables, onStep } = this.#parts;
    const steps = new Steps(undefined, onStep);
    for (let after = -1; ; ) {
      const rows = await tables
        .selectFrom('series')
        .innerJoin('study', 'study.id', 'series.study')
        .select(['series.id', 'study.study_instance_uid as study', 'series.series_instance_uid as series'])
        .where('series.id', '>', after)
        .orderBy('series.id')
        .limit(PAGE)
        .execute();
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = last.id;
      await steps.end();
    }
  }

  recentStudies(most: number): Promise<readonly DataSet[]> {
    const { tables, search } = this.#parts;
    return recentStudies(tables, most, (id) => search.countInstancesBelow('STUDY', id));
  }

  async *#instancesBelow(level: Level, id: number, signal?: AbortSignal): AsyncGenerator<IndexedInstance> {
    const { dialect, tables, search } = this.#parts;
    for await (const ids of search.instancesBelow(level, id, signal)) {
      const found = locations(tables).where(dialect.isOneOfIds('instance.id', ids)).orderBy('instance.id');
      for (const row of await found.execute()) yield located(row);
    }
  }
}

const PAGE = 200;
