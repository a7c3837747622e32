// Reads the rows of the levels of an index in PostgreSQL, in the order of their indexes.

import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { PostgresTables } from './postgres-schema.ts';
import { type Child, type ChildCount, childrenOf, countOf, NO_CHILDREN, type RowReader } from './row-steps.ts';
import { TABLES } from './schema.ts';

export function postgresRowReader(tables: Kysely<PostgresTables>): RowReader {
  const rowsOf = async <Row>(text: string, parameters: readonly unknown[]) =>
    (await tables.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]))).rows;
  return {
    children: (level, parent, after) =>
      rowsOf<Child>(childrenOf(TABLES[level], level, PARAMETERS, 'id'), [parent, ...after]),
    async countChildren(level, parent, after) {
      const text = countOf(childrenOf(TABLES[level], level, PARAMETERS));
      return (await rowsOf<ChildCount>(text, [parent, ...after]))[0] ?? NO_CHILDREN;
    },
    async lastId(level) {
      const { rows } = await sql<{ id: number | null }>`select max(id) as id from ${sql.table(TABLES[level])}`.execute(
        tables,
      );
      return rows[0]?.id ?? -1;
    },
    async nextId(level, after) {
      const { rows } = await sql<{ id: number | null }>`select min(id) as id from ${sql.table(TABLES[level])}
        where id > ${after}`.execute(tables);
      return rows[0]?.id ?? undefined;
    },
  };
}

const PARAMETERS = ['$1', '$2', '$3'] as const;
