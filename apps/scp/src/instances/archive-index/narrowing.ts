// The SQL of a query: conditions by which the database leaves out most rows that cannot match, and computed attributes.
// Attribute matching decides about the rest.

import type { DataSet } from '@x/dimse';
import { texts, valueRepresentationOf } from '@x/dimse/data-set';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type ArchiveQuery, LEVELS, type Level } from './archive-index.ts';
import { COLUMN_KINDS, type ColumnKind, hasWildcards } from './column-kinds.ts';
import { type Computation, type IndexedAttribute, levelsDownTo } from './indexed-attributes.ts';
import { columnOf, TABLES } from './schema.ts';
import type { Condition, SqlDialect } from './sql-dialect.ts';
import { storedText } from './stored-text.ts';

/**
 * The query with the keys by which the database can leave rows out: without those that match empty values, and without
 * dates if times are compared in the time zone of the query.
 */
export function narrowable(query: ArchiveQuery): ArchiveQuery {
  const { identifier, emptyValue, timezone } = query;
  const isAdjusted = timezone && texts(identifier.TimezoneOffsetFromUTC).length > 0;
  if (!emptyValue && !isAdjusted) return query;
  const keys = Object.entries(identifier).filter(
    ([keyword, key]) =>
      !(emptyValue && texts(key).includes('""')) && !(isAdjusted && valueRepresentationOf(keyword) === 'DA'),
  );
  return { ...query, identifier: Object.fromEntries(keys) };
}

/**
 * Conditions that hold for all rows that match. They use the tables of the levels down to the level of the query.
 * @param attributes Those whose columns are filled.
 */
export function narrowing(
  dialect: SqlDialect,
  attributes: readonly IndexedAttribute[],
  query: ArchiveQuery,
): readonly Condition[] {
  const levels = levelsDownTo(query.level);
  return attributes
    .filter(({ level, keyword }) => levels.includes(level) && keyword in query.identifier)
    .flatMap((attribute) => {
      const { level, keyword, column, computed } = attribute;
      const key = query.identifier[keyword];
      if (column) return COLUMN_KINDS[column].conditions(dialect, `${TABLES[level]}.${columnOf(keyword)}`, key, query);
      if (computed && 'valuesOf' in computed)
        return hasValueBelow(dialect, level, columnBelow(attributes, computed), texts(key));
      return computed ? [] : storedText(dialect, `${TABLES[level]}.attributes`, keyword, key);
    });
}

/**
 * The conditions of an attribute whose column has an index, as lists of values or a range: each may select few
 * rows. The most selective attribute comes first.
 * @param attributes Those whose columns are filled.
 */
export function drivers(
  dialect: SqlDialect,
  attributes: readonly IndexedAttribute[],
  { level, identifier, ...matching }: ArchiveQuery,
): readonly Driver[] {
  const levels = levelsDownTo(level);
  return [...DRIVERS, ...(dialect.findsPatterns ? PATTERN_DRIVERS : [])].flatMap((keyword): Driver[] => {
    const attribute = attributes.find((each) => each.keyword === keyword && each.column);
    if (!attribute?.column || !levels.includes(attribute.level)) return [];
    const name = `${TABLES[attribute.level]}.${columnOf(keyword)}`;
    const keys = texts(identifier[keyword]);
    if (CONDITION_DRIVERS.has(attribute.column) || (dialect.findsPatterns && keys.some(hasWildcards))) {
      const conditions = COLUMN_KINDS[attribute.column].conditions(dialect, name, identifier[keyword], matching);
      return conditions.length > 0
        ? [{ attribute, conditions: [{ condition: sql<SqlBool>`${sql.join(conditions, sql` and `)}`, values: 1 }] }]
        : [];
    }
    if (keys.length === 0 || (attribute.column === 'text' && keys.some(hasWildcards))) return [];
    return [{ attribute, conditions: lists(dialect, attribute.column, name, keys) }];
  });
}

function* lists(
  dialect: SqlDialect,
  column: ColumnKind,
  name: string,
  keys: readonly string[],
): Generator<DriverCondition> {
  for (let at = 0; at < keys.length; at += VALUES_AT_ONCE) {
    const values = keys.slice(at, at + VALUES_AT_ONCE);
    const condition = column === 'uid' ? dialect.isOneOf(name, values) : dialect.isOneOfTexts(name, values);
    yield { condition, values: values.length };
  }
}

export interface Driver {
  readonly attribute: IndexedAttribute;
  /** Rows that match one of these conditions match the key. They can be listed once. */
  readonly conditions: Iterable<DriverCondition>;
}

export interface DriverCondition {
  readonly condition: Condition;
  /** The number of values that the index is searched for. */
  readonly values: number;
}

/** The attributes whose columns have an index that selects few rows. */
const DRIVERS = [
  'SOPInstanceUID',
  'SeriesInstanceUID',
  'StudyInstanceUID',
  'AccessionNumber',
  'PatientID',
  'StudyDate',
];
/** The columns whose keys are not values of the column. */
const CONDITION_DRIVERS: ReadonlySet<ColumnKind> = new Set(['date', 'name']);
/** Those whose columns have an index that finds texts anywhere in them. */
const PATTERN_DRIVERS = ['PatientName'];
const VALUES_AT_ONCE = 500;

/** The keys of an identifier that `narrowing` with the same attributes does not decide. */
export function undecidedKeys(
  attributes: readonly IndexedAttribute[],
  { identifier: narrowing }: ArchiveQuery,
  identifier: DataSet,
): DataSet {
  const decided = attributes.filter(({ column }) => column && COLUMN_KINDS[column].isDecisive);
  const keywords = new Set(decided.map(({ keyword }) => keyword).filter((keyword) => keyword in narrowing));
  return Object.fromEntries(Object.entries(identifier).filter(([keyword]) => !keywords.has(keyword)));
}

/**
 * The value of a computed attribute of a row of the level. A list is a JSON array of the number of rows and the values.
 * A number of rows above `FEW_ROWS` is a lower bound, and the list is not complete then.
 */
export function computedColumn(
  dialect: SqlDialect,
  attributes: readonly IndexedAttribute[],
  level: Level,
  computation: Computation,
): RawBuilder<unknown> {
  if ('rowColumn' in computation) return sql.ref(`${TABLES[level]}.${computation.rowColumn}`);
  if ('countOf' in computation)
    return sql`(select count(*) from (${fewBelow(level, computation.countOf, sql`1`)}) as below)`;
  const below = columnBelow(attributes, computation);
  return dialect.countAndValues(fewBelow(level, below.level, sql`${sql.ref(below.name)} as value`));
}

/** The number of rows below an entity that a query looks at. Of entities that have more, the caller counts them in steps. */
export const FEW_ROWS = 100;

/** A column of the rows below, of one more than `FEW_ROWS` at most. */
function fewBelow(above: Level, below: Level, column: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`select ${column} ${rowsBelow(above, below)} limit ${sql.lit(FEW_ROWS + 1)}`;
}

export interface ColumnBelow {
  readonly level: Level;
  /** Its name, with its table. */
  readonly name: string;
}

/** The column of the values that a computed attribute lists. */
export function columnBelow(
  attributes: readonly IndexedAttribute[],
  { valuesOf }: { readonly valuesOf: string },
): ColumnBelow {
  const attribute = attributes.find(({ keyword, column }) => keyword === valuesOf && column);
  if (!attribute) throw new TypeError(`${valuesOf} does not have a column`);
  return { level: attribute.level, name: `${TABLES[attribute.level]}.${columnOf(valuesOf)}` };
}

function hasValueBelow(
  dialect: SqlDialect,
  level: Level,
  below: ColumnBelow,
  values: readonly string[],
): readonly Condition[] {
  if (values.length === 0 || values.some(hasWildcards)) return [];
  return [
    sql<SqlBool>`(select count(*) > ${sql.lit(FEW_ROWS)} or count(*) filter (where ${dialect.isOneOfTexts('value', values)}) > 0
      from (${fewBelow(level, below.level, sql`${sql.ref(below.name)} as value`)}) as below)`,
  ];
}

/** The rows of a level that belong to a row of a level above it, which is in an outer query. */
function rowsBelow(above: Level, below: Level): RawBuilder<unknown> {
  const [first = below, ...others] = LEVELS.slice(LEVELS.indexOf(above) + 1, LEVELS.indexOf(below) + 1);
  const joins = others.map((level, at) => {
    const parent = TABLES[others[at - 1] ?? first];
    return sql`join ${sql.table(TABLES[level])} on ${sql.ref(`${TABLES[level]}.${parent}`)} = ${sql.ref(`${parent}.id`)}`;
  });
  const own = sql`${sql.ref(`${TABLES[first]}.${TABLES[above]}`)} = ${sql.ref(`${TABLES[above]}.id`)}`;
  return sql`from ${sql.table(TABLES[first])} ${sql.join(joins, sql` `)} where ${own}`;
}
