// Event reports that wait to be delivered, kept across restarts.

import { DimseError, Status } from '@x/dimse';
import type { EventQueue, EventReport, QueuedEvent } from '@x/dimse/workflow';
import type { Kysely, Selectable } from 'kysely';
import type { Tables } from './schema.ts';
import { attributesOf, dataSetJson, RowLimit, type WorkflowDatabase } from './workflow-database.ts';

/** A queue that can report its length. */
export interface SqlEventQueue extends EventQueue {
  length(): Promise<number>;
}

/** The event queue of a workflow database. `maximumEvents` is 10,000 by default, and half of that for one peer. */
export function sqlEventQueue(
  database: WorkflowDatabase,
  {
    maximumEvents = 10_000,
    maximumEventsOfPeer = Math.ceil(maximumEvents / 2),
  }: { readonly maximumEvents?: number; readonly maximumEventsOfPeer?: number } = {},
): SqlEventQueue {
  const room = new RowLimit('event_report', maximumEvents);
  return {
    length: () => room.count(database.tables),
    async put(event) {
      // Before the transaction, during which the database does nothing else.
      const row = await rowOf(event);
      await database.change(async (tables) => {
        const { id, ...values } = row;
        const updated = await tables.updateTable('event_report').set(values).where('id', '=', id).executeTakeFirst();
        if (updated.numUpdatedRows > 0) return;
        const { peer } = row;
        if ((await room.count(tables)) >= maximumEvents || (await lengthOf(tables, peer)) >= maximumEventsOfPeer)
          throw new DimseError(Status.ResourceLimitation, { errorComment: `too many events are waiting for ${peer}` });
        await room.take(tables);
        await tables.insertInto('event_report').values(row).execute();
      });
    },
    async next(exceptPeers) {
      let select = database.tables.selectFrom('event_report').selectAll().orderBy('not_before').orderBy('sequence');
      if (exceptPeers.size > 0) select = select.where('peer', 'not in', [...exceptPeers]);
      const row = await select.limit(1).executeTakeFirst();
      return row && eventOf(row);
    },
    async remove(id) {
      await database.tables.deleteFrom('event_report').where('id', '=', id).execute();
      room.recount();
    },
  };
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
    information: information ? await dataSetJson(information) : null,
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
    ...(row.information !== null && { information: await attributesOf(row.information) }),
  };
  return { id: row.id, report, attempts: row.attempts, notBefore: row.not_before };
}
