// The SQL of a query: conditions by which the database leaves out most rows that cannot match, and computed attributes.
// Attribute matching decides about the rest.

import type { DataSet } from '@x/dimse';
import { texts } from '@x/dimse/data-set';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type ArchiveQuery, LEVELS, type Level } from './archive-index.ts';
import { COLUMN_KINDS, type Condition, hasWildcards, isOneOf } from './column-kinds.ts';
import { type Computation, type IndexedAttribute, levelsDownTo } from './indexed-attributes.ts';
import { columnOf, TABLES } from './schema.ts';

/**
 * Conditions that hold for all rows that match. They use the tables of the levels down to the level of the query.
 * @param attributes Those whose columns are filled.
 */
export function narrowing(attributes: readonly IndexedAttribute[], query: ArchiveQuery): readonly Condition[] {
  const levels = levelsDownTo(query.level);
  return attributes
    .filter(({ level, keyword }) => levels.includes(level) && keyword in query.identifier)
    .flatMap((attribute) => {
      const { level, keyword, column, computed } = attribute;
      const key = query.identifier[keyword];
      if (column) return COLUMN_KINDS[column].conditions(`${TABLES[level]}.${columnOf(keyword)}`, key, query);
      if (computed && 'valuesOf' in computed)
        return hasValueBelow(level, columnBelow(attributes, computed), texts(key));
      return [];
    });
}

/** The keys that `narrowing` with the same attributes does not decide. */
export function undecidedKeys(attributes: readonly IndexedAttribute[], identifier: DataSet): DataSet {
  const decided = attributes.filter(({ column }) => column && COLUMN_KINDS[column].isDecisive);
  const keywords = new Set(decided.map(({ keyword }) => keyword));
  return Object.fromEntries(Object.entries(identifier).filter(([keyword]) => !keywords.has(keyword)));
}

/** The value of a computed attribute of a row of the level; a list is a JSON array. */
export function computedColumn(
  attributes: readonly IndexedAttribute[],
  level: Level,
  computation: Computation,
): RawBuilder<unknown> {
  if ('rowColumn' in computation) return sql.ref(`${TABLES[level]}.${computation.rowColumn}`);
  if ('countOf' in computation) return sql`(select count(*) ${rowsBelow(level, computation.countOf)})`;
  const below = columnBelow(attributes, computation);
  return sql`(select json_group_array(distinct ${sql.ref(below.name)}) ${rowsBelow(level, below.level)}
    and ${sql.ref(below.name)} <> '')`;
}

interface ColumnBelow {
  readonly level: Level;
  /** With its table. */
  readonly name: string;
}

function columnBelow(
  attributes: readonly IndexedAttribute[],
  { valuesOf }: { readonly valuesOf: string },
): ColumnBelow {
  const attribute = attributes.find(({ keyword, column }) => keyword === valuesOf && column);
  if (!attribute) throw new TypeError(`${valuesOf} does not have a column`);
  return { level: attribute.level, name: `${TABLES[attribute.level]}.${columnOf(valuesOf)}` };
}

function hasValueBelow(level: Level, below: ColumnBelow, values: readonly string[]): readonly Condition[] {
  if (values.length === 0 || values.some(hasWildcards)) return [];
  return [sql<SqlBool>`exists (select 1 ${rowsBelow(level, below.level)} and ${isOneOf(below.name, values)})`];
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
