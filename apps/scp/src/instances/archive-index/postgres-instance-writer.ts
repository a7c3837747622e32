// Writes entries of an index that several processes share. Unique keys decide which of two entries is the first.
//
// All statements are of READ COMMITTED: each sees what others have committed before it. A single statement that enters all
// levels would lose rows without an error, because it does not see a series that another transaction enters meanwhile.
// Rows are locked from the patient down to the instance, so that transactions rarely wait for each other in a circle.

import { createHash } from 'node:crypto';
import type { UntypedDataSet } from '@x/dimse';
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { SharedDatabase } from '../../shared-database/shared-database.ts';
import { sqlStateOf } from '../../shared-database/shared-database-error.ts';
import type { InstanceKey } from '../instance-store.ts';
import type { AddOptions, IndexedInstance, Level, SeriesKey } from './archive-index.ts';
import { COLUMN_KINDS } from './column-kinds.ts';
import { patientKeyOf, sourceOf } from './entry-identity.ts';
import { INDEXED_ATTRIBUTES, keptKeywords, withKeywords } from './indexed-attributes.ts';
import { type LocatedRow, located } from './located-instances.ts';
import { THIS_ARRIVAL } from './postgres-arrival-order.ts';
import { listFiles, removeEmpty, unlistFiles, withoutSources } from './postgres-removals.ts';
import type { PostgresTables } from './postgres-schema.ts';
import { columnOf, TABLES } from './schema.ts';
import { postgresText } from './sql-dialect.ts';

type Tables = Kysely<PostgresTables>;

/** An entry that is not there yet. */
interface Entry {
  readonly instance: IndexedInstance;
  readonly attributes: UntypedDataSet;
  readonly patientKey: string;
  readonly source: string;
}

interface KnownSeries {
  readonly row: number;
  /** The attributes of the series, and of those above, come from this instance or one before it. */
  readonly source: string;
}

export class PostgresInstanceWriter {
  readonly #shared: SharedDatabase;
  readonly #tables: Tables;
  readonly #onSecondPatient: (instance: IndexedInstance) => void;
  /** Rows of the last series: instances of a series usually arrive together. Another process may have removed them. */
  readonly #knownSeries = new Map<string, KnownSeries>();

  constructor(shared: SharedDatabase, tables: Tables, onSecondPatient: (instance: IndexedInstance) => void = () => {}) {
    this.#shared = shared;
    this.#tables = tables;
    this.#onSecondPatient = onSecondPatient;
  }

  /** Forgets the series that it knows, because some have been removed. */
  forget(): void {
    this.#knownSeries.clear();
  }

  /** See `ArchiveIndex.add`. */
  async add(
    instance: IndexedInstance,
    attributes: UntypedDataSet,
    options: AddOptions = {},
  ): Promise<IndexedInstance | undefined> {
    const patientKey = shortKey(patientKeyOf(instance, attributes));
    const entry: Entry = { instance, attributes, patientKey, source: sourceOf(instance) };
    const known = this.#knownSeries.get(knownKey(entry));
    if (known && known.source <= entry.source && (await this.#addKnown(known.row, entry))) return undefined;
    return repeated(this.#shared, this.#tables, (transaction) => this.#enter(transaction, entry, options));
  }

  /** Enters an instance by one statement, which is its own transaction. False if that is not possible. */
  async #addKnown(series: number, entry: Entry): Promise<boolean> {
    try {
      return await insertInstance(this.#tables, series, entry);
    } catch (error) {
      // The series has been removed.
      if (sqlStateOf(error) !== FOREIGN_KEY_VIOLATION) throw error;
      this.#knownSeries.delete(knownKey(entry));
      return false;
    }
  }

  async #enter(
    transaction: Transaction<PostgresTables>,
    entry: Entry,
    { isReplacing, instead }: AddOptions,
  ): Promise<IndexedInstance | undefined> {
    const { instance } = entry;
    const existing = await existingEntry(transaction, instance);
    if (!existing) {
      const series = await this.#seriesRow(transaction, entry);
      if (await insertInstance(transaction, series, entry)) return undefined;
      // Another process has entered it since. The repetition sees its entry.
      throw new RaceError();
    }
    const earlier = located(existing.instance);
    if (isReplacing || (instead && instead.file === earlier.file)) {
      await this.#replace(transaction, existing.id, earlier, entry);
      await listFiles(transaction, withOtherFile(earlier, instance));
      // It may have lost against this entry before the damage was seen.
      await unlistFiles(transaction, [instance]);
      return undefined;
    }
    await listFiles(transaction, withOtherFile(instance, earlier));
    return earlier;
  }

  async #replace(
    transaction: Transaction<PostgresTables>,
    id: number,
    { file }: IndexedInstance,
    entry: Entry,
  ): Promise<void> {
    const { instance } = entry;
    const parents = await withoutSources(transaction, instance.study, [instance]);
    const series = await this.#seriesRow(transaction, entry);
    const columns = instanceColumns(series, entry);
    const assignments = columns.map(([name, value]) => sql`${sql.ref(name)} = ${value}`);
    const { rows } = await sql`update instance set ${sql.join(assignments)}
      where id = ${id} and file is not distinct from ${file ?? null} returning id`.execute(transaction);
    // Another process has replaced it first.
    if (rows.length === 0) throw new RaceError();
    await removeEmpty(transaction, parents);
  }

  /** The row of the series of an instance, which is entered with those above it if it is missing. */
  async #seriesRow(transaction: Transaction<PostgresTables>, entry: Entry): Promise<number> {
    const { instance, attributes, patientKey } = entry;
    const { study, series } = instance;
    // A study without a UID may have instances of several patients, so it belongs to a patient without attributes.
    const ofPatient = study === '' ? {} : attributes;
    const patient = await rowOf(transaction, 'PATIENT', { patient_key: patientKey }, entry, ofPatient);
    const before = await studiesOf(transaction, study);
    const studyRow = await rowOf(transaction, 'STUDY', { patient, study_instance_uid: study }, entry, attributes);
    if (before.length > 0 && !before.includes(studyRow)) this.#onSecondPatient(instance);
    const key = { study: studyRow, series_instance_uid: series };
    const row = await rowOf(transaction, 'SERIES', key, entry, attributes);
    if (this.#knownSeries.size >= KNOWN_SERIES) this.#knownSeries.clear();
    this.#knownSeries.set(knownKey(entry), { row, source: entry.source });
    return row;
  }
}

/** Another transaction was faster, in a way that the database does not report. */
class RaceError extends Error {}

/** Does work in a transaction, again if another one has removed or entered rows that it relied on. */
export async function repeated<Result>(
  shared: SharedDatabase,
  tables: Tables,
  work: (transaction: Transaction<PostgresTables>) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++)
    try {
      return await shared.transaction(tables, work);
    } catch (error) {
      const isRace = error instanceof RaceError || RACES.has(sqlStateOf(error) ?? '');
      if (!isRace || tries >= TRIES) throw error;
    }
}

async function existingEntry(tables: Tables, { study, series, sopInstance }: InstanceKey) {
  const { rows } = await sql<LocatedRow & { id: number }>`select id, sop_class_uid as "sopClass",
      transfer_syntax_uid as "transferSyntax", length, file from instance
    where sop_instance_uid = ${sopInstance} and series_key = ${seriesKeyOf({ study, series })}`.execute(tables);
  const [row] = rows;
  if (!row) return undefined;
  const { id, ...others } = row;
  return { id, instance: { ...others, study, series, sopInstance } };
}

async function studiesOf(tables: Tables, study: string): Promise<readonly number[]> {
  const { rows } = await sql<{ id: number }>`select id from study where study_instance_uid = ${study}`.execute(tables);
  return rows.map(({ id }) => id);
}

/** The row of an entity, which has the attributes of this instance if it is the first one in the order of `sourceOf`. */
async function rowOf(
  tables: Tables,
  level: Exclude<Level, 'IMAGE'>,
  key: Readonly<Record<string, string | number>>,
  { source }: Entry,
  attributes: UntypedDataSet,
): Promise<number> {
  const table = sql.table(TABLES[level]);
  const names = Object.keys(key);
  const isIt = sql.join(
    names.map((name) => sql`${sql.ref(name)} = ${key[name]}`),
    sql` and `,
  );
  const find = async () =>
    (await sql<{ id: number; source: string }>`select id, source from ${table} where ${isIt}`.execute(tables)).rows[0];
  const found = await find();
  if (found && found.source <= source) return found.id;
  const columns: readonly Column[] = [
    ...Object.entries(key),
    ['source', source],
    ...ownColumns(level, attributes).filter(([name]) => !(name in key)),
  ];
  const changes = columns.filter(([name]) => !(name in key)).map(([name]) => sql.raw(`${name} = excluded.${name}`));
  const { rows } = await sql<{ id: number }>`insert into ${table} ${valuesOf(columns)}
    on conflict (${sql.join(names.map((name) => sql.ref(name)))}) do update set ${sql.join(changes)}
      where excluded.source < ${table}.source
    returning id`.execute(tables);
  const row = rows[0] ?? (await find());
  // Another process has entered it, and removed it again.
  if (!row) throw new RaceError();
  return row.id;
}

/** False if the instance has an entry. */
async function insertInstance(tables: Tables, series: number, entry: Entry): Promise<boolean> {
  const columns: readonly Column[] = [...instanceColumns(series, entry), ['arrival', THIS_ARRIVAL]];
  const { rows } = await sql`insert into instance ${valuesOf(columns)}
    on conflict (sop_instance_uid, series_key) do nothing returning id`.execute(tables);
  return rows.length > 0;
}

type Column = readonly [name: string, value: string | number | null | RawBuilder<unknown>];

function valuesOf(columns: readonly Column[]): RawBuilder<unknown> {
  const names = sql.join(columns.map(([name]) => sql.ref(name)));
  return sql`(${names}) values (${sql.join(columns.map(([, value]) => value))})`;
}

function instanceColumns(series: number, { instance, attributes }: Entry): readonly Column[] {
  const { sopInstance, sopClass, transferSyntax, length, file = null } = instance;
  const own = { ...attributes, SOPInstanceUID: sopInstance, SOPClassUID: sopClass };
  return [
    ['series', series],
    ['series_key', seriesKeyOf(instance)],
    ['transfer_syntax_uid', transferSyntax],
    ['length', length],
    ['file', file],
    ...ownColumns('IMAGE', own),
  ];
}

/** The columns of the attributes of a level. */
function ownColumns(level: Level, attributes: UntypedDataSet): readonly Column[] {
  return [
    ...KEPT[level].flatMap(({ keyword, column }): Column[] =>
      column ? [[columnOf(keyword), postgresText(COLUMN_KINDS[column].value(attributes[keyword]))]] : [],
    ),
    ['attributes', JSON.stringify(withKeywords(KEYWORDS[level], attributes))],
  ];
}

const KEPT = Object.fromEntries(
  (Object.keys(TABLES) as Level[]).map((level) => [
    level,
    INDEXED_ATTRIBUTES.filter((each) => each.level === level && !each.computed),
  ]),
) as unknown as Readonly<Record<Level, typeof INDEXED_ATTRIBUTES>>;

const KEYWORDS = Object.fromEntries(
  (Object.keys(TABLES) as Level[]).map((level) => [level, keptKeywords(level, INDEXED_ATTRIBUTES)]),
) as unknown as Readonly<Record<Level, ReadonlySet<string>>>;

/** Identifies a series of a study among those that have an instance of the same UID. */
export function seriesKeyOf({ study, series }: SeriesKey): number {
  // 48 bits, which a number has exactly.
  return createHash('sha256').update(`${study} ${series}`).digest().readUIntBE(0, 6);
}

/** A unique key has 2,700 bytes at most. */
function shortKey(key: string): string {
  return key.length <= LONGEST_KEY ? postgresText(key) : createHash('sha256').update(key).digest('hex');
}

function knownKey({ instance, patientKey }: Entry): string {
  return `${instance.study} ${instance.series} ${patientKey}`;
}

function withOtherFile(lost: IndexedInstance, { file }: IndexedInstance): readonly IndexedInstance[] {
  return lost.file === undefined || lost.file === file ? [] : [lost];
}

const KNOWN_SERIES = 1000;
const LONGEST_KEY = 500;
const FOREIGN_KEY_VIOLATION = '23503';
/** With unique_violation, of a row that is being removed. */
const RACES = new Set([FOREIGN_KEY_VIOLATION, '23505']);
const TRIES = 20;
