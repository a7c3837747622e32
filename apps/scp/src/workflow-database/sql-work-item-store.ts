// Work items of Unified Procedure Step, and who is told of them, kept across restarts.

import {
  type DataSet,
  fromDicomJson,
  toDicomJson,
  type UnifiedProcedureStepState,
  type WorkItem,
  type WorkItemStore,
  type WorkItemSubscription,
} from '@x/dimse';
import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';
import type { WorkflowDatabase } from './workflow-database.ts';

/** The work items of a workflow database. */
export function sqlWorkItemStore(database: WorkflowDatabase): WorkItemStore {
  return {
    add: (sopInstance, item) =>
      database.change(async (tables) => {
        const { numInsertedOrUpdatedRows = 0n } = await tables
          .insertInto('work_item')
          .values({ sop_instance_uid: sopInstance, ...columnsOf(item) })
          .onConflict((conflict) => conflict.column('sop_instance_uid').doNothing())
          .executeTakeFirst();
        return numInsertedOrUpdatedRows > 0n;
      }),
    get: (sopInstance) => itemOf(database.tables, sopInstance),
    change: (sopInstance, change) =>
      database.change(async (tables) => {
        const item = await itemOf(tables, sopInstance);
        if (!item) return undefined;
        const changed = change(item);
        await tables
          .updateTable('work_item')
          .set(columnsOf(changed))
          .where('sop_instance_uid', '=', sopInstance)
          .execute();
        return changed;
      }),
    remove: async (sopInstance) => {
      await database.tables.deleteFrom('work_item').where('sop_instance_uid', '=', sopInstance).execute();
    },
    async *items() {
      for (let after = 0; ; ) {
        const rows = await database.tables
          .selectFrom('work_item')
          .selectAll()
          .where('sequence', '>', after)
          .orderBy('sequence')
          .limit(PAGE)
          .execute();
        for (const row of rows) yield [row.sop_instance_uid, fromRow(row)] as const;
        const last = rows.at(-1);
        if (!last || rows.length < PAGE) return;
        after = last.sequence;
      }
    },
    subscribe: ({ peer, sopInstance, hasDeletionLock, keys }) =>
      database.change(async (tables) => {
        const values = {
          has_deletion_lock: hasDeletionLock ? 1 : 0,
          keys: keys ? JSON.stringify(toDicomJson(keys)) : null,
        };
        await tables
          .insertInto('work_item_subscription')
          .values({ peer, sop_instance_uid: sopInstance, ...values })
          .onConflict((conflict) => conflict.columns(['peer', 'sop_instance_uid']).doUpdateSet(values))
          .execute();
      }),
    async unsubscribe(peer, sopInstance) {
      let removal = database.tables.deleteFrom('work_item_subscription').where('peer', '=', peer);
      if (sopInstance !== undefined) removal = removal.where('sop_instance_uid', '=', sopInstance);
      await removal.execute();
    },
    async subscriptions(sopInstance) {
      const rows = await database.tables
        .selectFrom('work_item_subscription')
        .selectAll()
        .where('sop_instance_uid', '=', sopInstance)
        .execute();
      return rows.map(
        ({ peer, has_deletion_lock, keys }): WorkItemSubscription => ({
          peer,
          sopInstance,
          hasDeletionLock: has_deletion_lock === 1,
          ...(keys !== null && { keys: fromDicomJson(JSON.parse(keys)) as DataSet }),
        }),
      );
    },
  };
}

const PAGE = 200;

interface WorkItemRow {
  readonly state: string;
  readonly transaction_uid: string | null;
  readonly attributes: string;
}

function columnsOf({ state, transactionUid, attributes }: WorkItem): WorkItemRow {
  return { state, transaction_uid: transactionUid ?? null, attributes: JSON.stringify(toDicomJson(attributes)) };
}

function fromRow({ state, transaction_uid, attributes }: WorkItemRow): WorkItem {
  return {
    state: state as UnifiedProcedureStepState,
    ...(transaction_uid !== null && { transactionUid: transaction_uid }),
    attributes: fromDicomJson(JSON.parse(attributes)),
  };
}

async function itemOf(tables: Kysely<Tables>, sopInstance: string): Promise<WorkItem | undefined> {
  const row = await tables
    .selectFrom('work_item')
    .selectAll()
    .where('sop_instance_uid', '=', sopInstance)
    .executeTakeFirst();
  return row && fromRow(row);
}
