// The differences between the databases that an index can be in: the embedded one and PostgreSQL.

import { type RawBuilder, type SqlBool, sql } from 'kysely';

export type Condition = RawBuilder<SqlBool>;

export interface SqlDialect {
  /** Whether a column of identifiers has one of the values, of which there may be many thousands. */
  isOneOf(column: string, values: readonly string[]): Condition;
  /** The same for texts, which may be long: true for some longer texts that only begin in the same way. */
  isOneOfTexts(column: string, values: readonly string[]): Condition;
  isOneOfIds(column: string, ids: readonly number[]): Condition;
  /**
   * Whether a column matches a pattern of LIKE, with `\` before literal wildcards. It may also be true for values that differ
   * in case, and for those longer than `longest`.
   */
  isLike(column: string, pattern: string, longest: number): Condition;
  /** The number of rows of a query and the distinct values that are not empty of its column `value`, as a JSON array. */
  countAndValues(rows: RawBuilder<unknown>): RawBuilder<unknown>;
  /** Follows a table whose rows are read in the order of their ids, whatever other indexes its conditions could use. */
  readonly byId: RawBuilder<unknown>;
  /** Joins tables in the order in which they are written, if the database does not decide better. */
  readonly join: RawBuilder<unknown>;
  /** Whether an index finds the rows that contain a text, so that patterns can select few rows. */
  readonly findsPatterns: boolean;
}

/** libsql. It limits the number of parameters, its LIKE ignores the case of ASCII letters, and its planner has no statistics. */
export const SQLITE: SqlDialect = {
  isOneOf: isInJson,
  isOneOfTexts: isInJson,
  isOneOfIds: isInJson,
  // It needs a time that grows with the product of both lengths.
  isLike: (column, pattern, longest) => {
    const ref = sql.ref(column);
    return sql`(length(${ref}) > ${sql.lit(longest)} or ${ref} like ${pattern} escape '\\')`;
  },
  countAndValues: (rows) =>
    sql`(select json_array(count(*), json_group_array(distinct value) filter (where value <> '')) from (${rows}))`,
  byId: sql`not indexed`,
  join: sql`cross join`,
  findsPatterns: false,
};

function isInJson(column: string, values: readonly (string | number)[]): Condition {
  return sql`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`;
}

export const POSTGRESQL: SqlDialect = {
  isOneOf: (column, values) => sql`${sql.ref(column)} = any(${values.map(postgresText)}::text[])`,
  isOneOfTexts: (column, values) =>
    sql`left(${sql.ref(column)}, ${sql.lit(INDEXED_CHARACTERS)}) = any(${values.map(indexedText)}::text[])`,
  isOneOfIds: (column, ids) => sql`${sql.ref(column)} = any(${ids}::bigint[])`,
  isLike: (column, pattern) => sql`${sql.ref(column)} like ${postgresText(pattern)} escape '\\'`,
  countAndValues: (rows) =>
    sql`(select json_build_array(count(*), coalesce(json_agg(distinct value) filter (where value <> ''), '[]'::json))::text
      from (${rows}) as below)`,
  byId: sql``,
  join: sql`join`,
  findsPatterns: true,
};

/** A text without U+0000, which PostgreSQL does not have. */
export function postgresText(text: string): string {
  return text.replaceAll('\0', '');
}

/** An entry of an index has 2,700 bytes at most, so the indexes of texts have only the first characters. */
export const INDEXED_CHARACTERS = 200;

function indexedText(text: string): string {
  return [...postgresText(text)].slice(0, INDEXED_CHARACTERS).join('');
}
