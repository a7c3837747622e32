// The order in which the instances of a PostgreSQL index became visible to others.
//
// Ids are given in another order than transactions end in, so a reader that has read up to an id may miss a lower one that
// is committed later. Each instance therefore has the number of the transaction that entered it, one instance per transaction,
// and a reader is shown only instances of transactions that are older than all that still run: none can come before them
// any more. A transaction that changes anything in the database server and lasts holds up the arrivals behind it.

import { type Kysely, sql } from 'kysely';
import type { ArrivalOrder, ArrivalState } from './archive-index.ts';
import { type ArrivalRow, arrivalRows, arrived } from './arrival-order.ts';
import type { PostgresTables } from './postgres-schema.ts';
import type { Tables } from './schema.ts';

/** The place of an instance that this transaction enters. */
export const THIS_ARRIVAL = sql<number>`(select pg_current_xact_id()::text::bigint + shift from arrival_order)`;
/** All places before this one are final. */
const END_OF_FINAL = sql<number>`(select pg_snapshot_xmin(pg_current_snapshot())::text::bigint + shift from arrival_order)`;

export function postgresArrivalOrder(tables: Kysely<PostgresTables>): ArrivalOrder {
  return {
    async state() {
      const state = sql<ArrivalState>`select generation, ${END_OF_FINAL} - 1 as last from arrival_order`;
      return (await state.execute(tables)).rows[0] as ArrivalState;
    },
    async after(id, most) {
      const rows = await arrivalRows(tables as unknown as Kysely<Tables>)
        .select(sql<number>`instance.arrival`.as('id'))
        .where(sql`instance.arrival`, '>', id)
        .where(sql`instance.arrival`, '<', END_OF_FINAL)
        .orderBy(sql`instance.arrival`)
        .limit(most)
        .execute();
      return rows.map((row) => arrived(row as ArrivalRow));
    },
    async count(id, most) {
      const counted = sql<{ count: number }>`select count(*) as count from (
        select from instance where arrival > ${id} and arrival < ${END_OF_FINAL} limit ${most}) as unread`;
      return (await counted.execute(tables)).rows[0]?.count ?? 0;
    },
  };
}

/** Continues the order if the transactions of this server are numbered from a lower number, as after a restoration. */
export async function continueOrder(tables: Kysely<PostgresTables>): Promise<void> {
  await sql`update arrival_order set shift = shift + gap from (
      select coalesce(max(arrival), 0) + 1 - (pg_current_xact_id()::text::bigint + (select shift from arrival_order)) as gap
      from instance) as gaps where gap > 0`.execute(tables);
}
