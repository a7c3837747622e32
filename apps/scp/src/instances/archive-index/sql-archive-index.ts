// The index as an embedded SQL database.

import type { DataSet } from '@x/dimse';
import { type Kysely, sql } from 'kysely';
import type Database from 'libsql';
import { SharedSync } from '../../data-folder/shared-sync.ts';
import {
  explainDatabaseError,
  newerVersion,
  openSqlDatabase,
  type SqlDatabase,
} from '../../data-folder/sql-database.ts';
import type { InstanceKey } from '../instance-store.ts';
import type {
  AddOptions,
  ArchiveIndex,
  DeletionList,
  FileNames,
  IndexedInstance,
  Level,
  NewInstance,
  SeriesKey,
} from './archive-index.ts';
import { sqlArrivalOrder } from './arrival-order.ts';
import { unknownNames } from './attribute-list.ts';
import { Completeness } from './completeness.ts';
import { Completion, type CompletionSource } from './completion.ts';
import { EntitySearch, type EntitySearchOptions, type RowCount } from './entity-search.ts';
import { sourceOf } from './entry-identity.ts';
import { FileRemovals } from './file-removals.ts';
import { IndexReading } from './index-reading.ts';
import { INDEXED_ATTRIBUTES, type IndexedAttribute } from './indexed-attributes.ts';
import { type Entry, InstanceWriter } from './instance-writer.ts';
import { located, locations, sqlFileNames } from './located-instances.ts';
import { type OnStep, preparedRowReader } from './row-steps.ts';
import { MIGRATIONS, TABLES, type Tables } from './schema.ts';
import { SQLITE } from './sql-dialect.ts';
import { textSearch } from './text-tables.ts';

export interface SqlIndexOptions {
  /** Whether an entry is on disk, not only written, when `add` settles. */
  readonly fsync: boolean;
  /** Default: all that this version knows. */
  readonly attributes?: readonly IndexedAttribute[];
  /** Reads attributes of an instance's file, to complete entries that lack them; those it does not give stay absent. */
  readonly read?: CompletionSource['read'];
  /** Called when an instance is the first one of its study with another patient. */
  readonly onSecondPatient?: ((instance: IndexedInstance) => void) | undefined;
  /** Called with the number of rows of each step of a query, for tests. */
  readonly onStep?: OnStep;
}

/**
 * Opens the index, which is created and brought up to date if necessary. Only this process can use it while it is open.
 * @throws DatabaseError if it is in use, damaged, or made by a newer version.
 */
export async function openSqlArchiveIndex(path: string, options: SqlIndexOptions): Promise<ArchiveIndex> {
  const { fsync, attributes = INDEXED_ATTRIBUTES } = options;
  const opened = await openSqlDatabase<Tables>(path, { ...INDEX, durable: fsync ? 'at sync' : 'later' });
  try {
    const [unknown] = unknownNames(opened.database, attributes);
    if (unknown !== undefined) throw newerVersion(unknown, path, INDEX);
    return new SqlArchiveIndex(opened, attributes, options);
  } catch (error) {
    opened.close();
    throw explainIndexError(error, path);
  }
}

/** A DatabaseError if the error says that the index is damaged; otherwise the error itself. */
export function explainIndexError(error: unknown, path: string): unknown {
  return explainDatabaseError(error, path, INDEX);
}

const INDEX = {
  name: 'the index',
  remedy: 'start once with --reindex to rebuild it from the files',
  migrations: MIGRATIONS,
};

class SqlArchiveIndex extends IndexReading implements ArchiveIndex {
  readonly deletions: DeletionList;
  readonly names: FileNames;
  readonly #tables: Kysely<Tables>;
  readonly arrivals: ArchiveIndex['arrivals'];
  readonly #writer: InstanceWriter;
  readonly #completion: Completion;
  readonly #completeness: Completeness;
  readonly #database: Database.Database;
  readonly #seriesRows: Database.Statement<unknown[]>;
  readonly #search: EntitySearch;
  /** The entries that wait for the next group; at most as many as instances are being stored. */
  readonly #waiting: Entry[] = [];
  readonly #commits: SharedSync;
  /** Whether entries are on disk, not only written, when `add` settles. */
  readonly #isSynced: boolean;
  readonly #close: () => void;
  #counted = NOT_COUNTED;

  constructor(
    { database, tables, sync, close }: SqlDatabase<Tables>,
    attributes: readonly IndexedAttribute[],
    { fsync, read = async () => ({}), onStep, onSecondPatient }: SqlIndexOptions,
  ) {
    // A search asks for what entries lack only when it runs.
    const completion: EntitySearchOptions['completion'] = {
      isFilled: (attribute) => this.#completion.isFilled(attribute),
      hasTexts: (level) => this.#completion.hasTexts(level),
      lackingAttributes: (...entity) => this.#completion.lackingAttributes(...entity),
    };
    const reader = preparedRowReader(database);
    const prepareTextSearch = textSearch(database);
    const search = new EntitySearch({
      ...{ dialect: SQLITE, reader, tables, attributes, completion, onStep, prepareTextSearch },
    });
    super({ dialect: SQLITE, tables, search, onStep });
    this.#search = search;
    this.#tables = tables;
    this.#database = database;
    // The comparison with the files uses it for each series.
    this.#seriesRows = database.prepare(`select series.id from study join series on series.study = study.id
      where study_instance_uid = ? and series_instance_uid = ?`);
    this.arrivals = sqlArrivalOrder(tables);
    this.names = sqlFileNames(database);
    this.#isSynced = fsync;
    this.#completion = new Completion(database, attributes, {
      read,
      instanceOf: async (level, id) => {
        const source = level !== 'IMAGE' && (await this.#sourceOf(level, id));
        if (source) return source;
        const instance = await this.#search.oneInstanceBelow(level, id);
        if (instance === undefined) return undefined;
        const row = await locations(tables).where('instance.id', '=', instance).executeTakeFirst();
        return row && located(row);
      },
    });
    this.#completeness = new Completeness(database, fsync);
    this.deletions = new FileRemovals(database, (instances, also) => {
      this.#counted = NOT_COUNTED;
      this.#writer.remove(instances, also);
    });
    this.#writer = new InstanceWriter(database, attributes, onSecondPatient);
    this.#commits = new SharedSync(async () => {
      const group = this.#waiting.splice(0, MOST_ENTRIES);
      if (this.#writer.add(group)) this.#counted = NOT_COUNTED;
      await sync();
      for (const entry of group) entry.isDone = true;
    });
    this.#close = close;
  }

  get lacking(): readonly string[] {
    return this.#completion.lacking;
  }

  async complete(signal: AbortSignal): Promise<void> {
    await this.#completion.run(signal);
  }

  /** At once, unless it waits for the disk or for others. */
  add(
    instance: IndexedInstance,
    attributes: DataSet,
    options: AddOptions = {},
  ): IndexedInstance | undefined | Promise<IndexedInstance | undefined> {
    const entry: Entry = { instance, attributes, options };
    if (this.#isSynced || !this.#commits.isIdle) return this.#addWithOthers(entry);
    if (this.#writer.add([entry])) this.#counted = NOT_COUNTED;
    if (entry.error !== undefined) throw entry.error;
    return entry.earlier;
  }

  async #addWithOthers(entry: Entry): Promise<IndexedInstance | undefined> {
    this.#waiting.push(entry);
    // A group may be full before this entry.
    while (!entry.isDone) await this.#commits.request();
    if (entry.error !== undefined) throw entry.error;
    return entry.earlier;
  }

  addAll(instances: readonly NewInstance[]): void {
    const entries = instances.map((each): Entry => ({ ...each, options: {} }));
    if (this.#writer.add(entries)) this.#counted = NOT_COUNTED;
    const failed = entries.find(({ error }) => error !== undefined);
    if (failed) throw failed.error;
  }

  async sync(): Promise<void> {
    await this.#commits.request();
  }

  async remove(instance: InstanceKey): Promise<void> {
    this.#counted = NOT_COUNTED;
    this.#writer.remove([instance]);
  }

  async outdated(): Promise<readonly IndexedInstance[]> {
    const rows = await locations(this.#tables).where('instance.is_current', '=', sql.lit(0)).limit(OUTDATED).execute();
    return rows.map((row) => located(row));
  }

  async renew(instance: IndexedInstance, attributes?: DataSet): Promise<void> {
    this.#counted = NOT_COUNTED;
    this.#writer.renew(instance, attributes);
  }

  get isComplete(): boolean {
    return this.#completeness.isComplete;
  }

  async setComplete(isComplete: boolean): Promise<void> {
    this.#completeness.set(isComplete);
  }

  async clear(): Promise<void> {
    this.#completeness.set(false);
    this.#counted = NOT_COUNTED;
    // The database empties a table as a whole only if it does not look for references to each row.
    this.#database.pragma('foreign_keys = OFF');
    try {
      this.#writer.clear();
    } finally {
      this.#database.pragma('foreign_keys = ON');
    }
  }

  async sopInstancesOf({ study, series }: SeriesKey): Promise<ReadonlySet<string>> {
    const rows = this.#seriesRows.all(study, series) as { readonly id: number }[];
    const found = new Set<string>();
    for (const { id } of rows) for (const each of await this.#search.sopInstancesOf(id)) found.add(each);
    return found;
  }

  async counts() {
    // The rows that were counted before are not visited again until some are removed.
    const before = this.#counted;
    const [studies, series, instances] = [
      await this.#search.countAfter('STUDY', before.STUDY),
      await this.#search.countAfter('SERIES', before.SERIES),
      await this.#search.countAfter('IMAGE', before.IMAGE),
    ];
    if (this.#counted === before) this.#counted = { STUDY: studies, SERIES: series, IMAGE: instances };
    return { studies: studies.count, series: series.count, instances: instances.count };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  /** The instance that the attributes of a row come from, if it is known and still there. */
  async #sourceOf(level: Exclude<Level, 'IMAGE'>, id: number): Promise<IndexedInstance | undefined> {
    const row = await this.#tables.selectFrom(TABLES[level]).select('source').where('id', '=', id).executeTakeFirst();
    const [sopInstance = ''] = row?.source.split(' ') ?? [];
    return (await this.locate(sopInstance)).find((instance) => sourceOf(instance) === row?.source);
  }
}

/** Entries of an earlier version that are renewed in one step. */
const OUTDATED = 20;
const NOT_COUNTED: Readonly<Record<'STUDY' | 'SERIES' | 'IMAGE', RowCount>> = {
  STUDY: { id: -1, count: 0 },
  SERIES: { id: -1, count: 0 },
  IMAGE: { id: -1, count: 0 },
};
/** Entries per transaction, so that other requests have their turn. */
const MOST_ENTRIES = 64;
