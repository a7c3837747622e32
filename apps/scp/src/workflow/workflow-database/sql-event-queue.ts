// Event reports that wait to be delivered, kept across restarts.

import { DimseError, Status } from '@x/dimse';
import type { EventQueue, EventReport, QueuedEvent } from '@x/dimse/workflow';
import type { Kysely, Selectable } from 'kysely';
import { announceEvent, eventClaims } from './event-claims.ts';
import { dataSetOf, keptDataSet } from './kept-data-set.ts';
import { RowLimit } from './row-limit.ts';
import type { Tables } from './schema.ts';
import type { WorkflowDatabase } from './workflow-database.ts';

/** A queue that can report its length, and take an event as part of a transaction. */
export interface SqlEventQueue extends EventQueue {
  length(): Promise<number>;
  /** Prepares an event. The result adds it, as `put` does, as part of a transaction of the workflow database. */
  prepare(event: QueuedEvent, isNear?: boolean): Promise<(tables: Kysely<Tables>) => Promise<void>>;
}

/** The event queue of a workflow database. `maximumEvents` is 10,000 by default, and half of that for one peer. */
export function sqlEventQueue(
  database: WorkflowDatabase,
  {
    maximumEvents = 10_000,
    maximumEventsOfPeer = Math.ceil(maximumEvents / 2),
  }: { readonly maximumEvents?: number; readonly maximumEventsOfPeer?: number } = {},
): SqlEventQueue {
  const room = new RowLimit(database, 'event_report', maximumEvents);
  // The reports that came from the database, by the ids of their events: after a failed attempt they are not written again.
  const kept = new WeakMap<EventReport, string>();
  const { sharing } = database;

  async function prepare(event: QueuedEvent, isNear = false) {
    const { id, ...values } = await rowOf(event);
    return async (tables: Kysely<Tables>) => {
      const { peer } = values;
      const updated = await tables.updateTable('event_report').set(values).where('id', '=', id).executeTakeFirst();
      if (updated.numUpdatedRows === 0n) {
        if ((await room.count(tables)) >= maximumEvents || (await lengthOf(tables, peer)) >= maximumEventsOfPeer)
          throw new DimseError(Status.ResourceLimitation, { errorComment: `too many events are waiting for ${peer}` });
        await room.take(tables);
        await tables
          .insertInto('event_report')
          .values({ id, ...values })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
          .execute();
      }
      if (sharing) await announceEvent(sharing, tables, peer, isNear);
    };
  }

  return {
    length: () => database.use((tables) => room.count(tables)),
    async put(event, isNear) {
      if (kept.get(event.report) === event.id && (await postponed(database, event))) return;
      // Before the transaction, during which the database does nothing else.
      const add = await prepare(event, isNear);
      await database.change(add);
    },
    prepare,
    async next(exceptPeers) {
      let select = database.tables.selectFrom('event_report').selectAll().orderBy('not_before').orderBy('sequence');
      if (exceptPeers.size > 0) select = select.where('peer', 'not in', [...exceptPeers]);
      const row = await select.limit(1).executeTakeFirst();
      if (!row) return undefined;
      const event = await eventOf(row);
      kept.set(event.report, event.id);
      return event;
    },
    async remove(id) {
      await database.tables.deleteFrom('event_report').where('id', '=', id).execute();
      room.recount();
    },
    ...(sharing && eventClaims(database, sharing, eventOf)),
  };
}

/** Changes when the next attempt is made. Returns whether the event is still in the queue. */
async function postponed(database: WorkflowDatabase, { id, attempts, notBefore }: QueuedEvent): Promise<boolean> {
  const { numUpdatedRows } = await database.change((tables) =>
    tables
      .updateTable('event_report')
      .set({ attempts, not_before: notBefore })
      .where('id', '=', id)
      .executeTakeFirstOrThrow(),
  );
  return numUpdatedRows > 0n;
}

async function lengthOf(tables: Kysely<Tables>, peer: string): Promise<number> {
  const { count } = await tables
    .selectFrom('event_report')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('peer', '=', peer)
    .executeTakeFirstOrThrow();
  return count;
}

async function rowOf({ id, report, attempts, notBefore }: QueuedEvent) {
  const { peer, sopClass, abstractSyntax, sopInstance, eventType, information } = report;
  return {
    id,
    peer,
    sop_class_uid: sopClass,
    abstract_syntax_uid: abstractSyntax ?? null,
    sop_instance_uid: sopInstance,
    event_type: eventType,
    information: information ? await keptDataSet(information) : null,
    attempts,
    not_before: notBefore,
  };
}

async function eventOf(row: Selectable<Tables['event_report']>): Promise<QueuedEvent> {
  const report: EventReport = {
    peer: row.peer,
    sopClass: row.sop_class_uid,
    ...(row.abstract_syntax_uid !== null && { abstractSyntax: row.abstract_syntax_uid }),
    sopInstance: row.sop_instance_uid,
    eventType: row.event_type,
    ...(row.information !== null && { information: await dataSetOf(row.information) }),
  };
  return { id: row.id, report, attempts: row.attempts, notBefore: row.not_before };
}
