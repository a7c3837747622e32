// Work items of Unified Procedure Step and their subscriptions, kept across restarts.

import { GLOBAL_SUBSCRIPTION_INSTANCE } from '@x/dimse';
import { nextTurn } from '@x/dimse/data-set';
import type { UnifiedProcedureStepState, WorkItem, WorkItemStore, WorkItemSubscription } from '@x/dimse/workflow';
import { type Kysely, sql } from 'kysely';
import { groupsByLength, inBatches, ROWS_AT_ONCE } from './batches.ts';
import { dataSetOf, keptAttributes } from './kept-data-set.ts';
import { PeerRowLimit, RowLimit } from './row-limit.ts';
import type { KeptDataSet, Tables } from './schema.ts';
import type { WorkflowDatabase } from './workflow-database.ts';

/**
 * The work items of a workflow database; by default at most 100,000, with 1,000,000 subscriptions, half of each for one peer.
 */
export function sqlWorkItemStore(
  database: WorkflowDatabase,
  {
    maximumItems = 100_000,
    maximumItemsOfPeer = Math.ceil(maximumItems / 2),
    maximumSubscriptions = 1_000_000,
    maximumSubscriptionsOfPeer = Math.ceil(maximumSubscriptions / 2),
  }: {
    readonly maximumItems?: number;
    readonly maximumItemsOfPeer?: number;
    readonly maximumSubscriptions?: number;
    readonly maximumSubscriptionsOfPeer?: number;
  } = {},
): WorkItemStore {
  const roomForItems = new RowLimit(database, 'work_item', maximumItems);
  const itemsOfPeers = new PeerRowLimit(database, 'work_item', maximumItemsOfPeer);
  const subscriptionsOfPeers = new PeerRowLimit(database, 'work_item_subscription', maximumSubscriptionsOfPeer);
  const roomForSubscriptions = new RowLimit(database, 'work_item_subscription', maximumSubscriptions);
  return {
    add: (sopInstance, item, creator = '') =>
      database.change(async (tables) => {
        if (await itemOf(tables, sopInstance)) return false;
        const columns = await columnsOf(item);
        await itemsOfPeers.take(tables, creator);
        await roomForItems.take(tables);
        const { numInsertedOrUpdatedRows = 0n } = await tables
          .insertInto('work_item')
          .values({ sop_instance_uid: sopInstance, creator, ...columns })
          .onConflict((conflict) => conflict.column('sop_instance_uid').doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows > 0n;
      }),
    get: (sopInstance) => database.use((tables) => itemOf(tables, sopInstance)),
    change: (sopInstance, change) =>
      database.change(async (tables) => {
        const item = await itemOf(tables, sopInstance, database);
        if (!item) return undefined;
        const changed = change(item);
        await tables
          .updateTable('work_item')
          .set(await columnsOf(changed))
          .where('sop_instance_uid', '=', sopInstance)
          .execute();
        return changed;
      }),
    removeFinished: (before, { evenLocked = false } = {}) =>
      inBatches(() =>
        database.change(async (tables) => {
          let select = tables
            .selectFrom('work_item')
            .select(['sop_instance_uid', lengthOfAttributes])
            .where('finished_at', '<', Math.min(before, Number.MAX_SAFE_INTEGER));
          if (!evenLocked)
            select = select.where(({ not, exists, selectFrom }) =>
              not(
                exists(
                  selectFrom('work_item_subscription')
                    .select('peer')
                    .whereRef('work_item_subscription.sop_instance_uid', '=', 'work_item.sop_instance_uid')
                    .where('has_deletion_lock', '=', 1),
                ),
              ),
            );
          const found = await database.locked(select.orderBy('finished_at').limit(ROWS_AT_ONCE)).execute();
          if (found.length === 0) return 0;
          // A subscription may have been made before the lock.
          const uids = found.map((row) => row.sop_instance_uid);
          const rows = database.sharing ? await select.where('sop_instance_uid', 'in', uids).execute() : found;
          for await (const group of groupsByLength(rows)) {
            const removed = group.map((row) => row.sop_instance_uid);
            await tables.deleteFrom('work_item').where('sop_instance_uid', 'in', removed).execute();
            await tables.deleteFrom('work_item_subscription').where('sop_instance_uid', 'in', removed).execute();
          }
          for (const limit of [roomForItems, itemsOfPeers, roomForSubscriptions, subscriptionsOfPeers]) limit.recount();
          return rows.length;
        }),
      ),
    async *items(state) {
      for (let after = 0; ; ) {
        const rows = await database.use((tables) => {
          const select = tables
            .selectFrom('work_item')
            .select(['sequence', lengthOfAttributes])
            .where('sequence', '>', after);
          const ofState = state === undefined ? select : select.where('state', '=', state);
          return ofState.orderBy('sequence').limit(PAGE).execute();
        });
        for await (const group of groupsByLength(rows)) {
          const sequences = group.map(({ sequence }) => sequence);
          const whole = await database.use((tables) =>
            tables.selectFrom('work_item').selectAll().where('sequence', 'in', sequences).orderBy('sequence').execute(),
          );
          for (const row of whole)
            if (state === undefined || row.state === state) yield [row.sop_instance_uid, await fromRow(row)] as const;
        }
        const last = rows.at(-1);
        if (!last || rows.length < PAGE) return;
        after = last.sequence;
        // The database answers at once: without this, other requests would wait until the last page.
        await nextTurn();
      }
    },
    subscribe: ({ peer, sopInstance, hasDeletionLock, keys }) =>
      database.change(async (tables) => {
        if (sopInstance !== GLOBAL_SUBSCRIPTION_INSTANCE && !(await itemOf(tables, sopInstance, database)))
          return false;
        const before = await tables
          .selectFrom('work_item_subscription')
          .select('peer')
          .where('peer', '=', peer)
          .where('sop_instance_uid', '=', sopInstance)
          .executeTakeFirst();
        if (!before) {
          await subscriptionsOfPeers.take(tables, peer);
          await roomForSubscriptions.take(tables);
        }
        const values = {
          has_deletion_lock: hasDeletionLock ? 1 : 0,
          keys: keys ? await keptAttributes(keys) : null,
        };
        await tables
          .insertInto('work_item_subscription')
          .values({ peer, sop_instance_uid: sopInstance, ...values })
          .onConflict((conflict) => conflict.columns(['peer', 'sop_instance_uid']).doUpdateSet(values))
          .execute();
        return true;
      }),
    async unsubscribe(peer, sopInstance) {
      await database.use((tables) => {
        const ofPeer = tables.deleteFrom('work_item_subscription').where('peer', '=', peer);
        return (sopInstance === undefined ? ofPeer : ofPeer.where('sop_instance_uid', '=', sopInstance)).execute();
      });
      roomForSubscriptions.recount();
      subscriptionsOfPeers.recount();
    },
    async subscriptions(sopInstance) {
      const rows = await database.use((tables) =>
        tables.selectFrom('work_item_subscription').selectAll().where('sop_instance_uid', '=', sopInstance).execute(),
      );
      const found: WorkItemSubscription[] = [];
      for (const { peer, has_deletion_lock, keys } of rows)
        found.push({
          peer,
          sopInstance,
          hasDeletionLock: has_deletion_lock === 1,
          ...(keys !== null && { keys: await dataSetOf(keys) }),
        });
      return found;
    },
    async subscribers() {
      const rows = await database.use((tables) =>
        tables.selectFrom('work_item_subscription').select('peer').distinct().execute(),
      );
      return rows.map(({ peer }) => peer);
    },
  };
}

const lengthOfAttributes = sql<number>`length(attributes)`.as('length');

/** Work items in one page. Each may have many attributes. */
const PAGE = 50;

interface WorkItemRow {
  readonly state: string;
  readonly transaction_uid: string | null;
  readonly finished_at: number | null;
  readonly attributes: KeptDataSet;
}

async function columnsOf({ state, transactionUid, finishedAt, attributes }: WorkItem): Promise<WorkItemRow> {
  return {
    state,
    transaction_uid: transactionUid ?? null,
    finished_at: finishedAt ?? null,
    attributes: await keptAttributes(attributes),
  };
}

async function fromRow({ state, transaction_uid, finished_at, attributes }: WorkItemRow): Promise<WorkItem> {
  return {
    state: state as UnifiedProcedureStepState,
    ...(transaction_uid !== null && { transactionUid: transaction_uid }),
    ...(finished_at !== null && { finishedAt: finished_at }),
    attributes: await dataSetOf(attributes),
  };
}

/** @param locking Locks it, if it is given. */
async function itemOf(
  tables: Kysely<Tables>,
  sopInstance: string,
  locking?: WorkflowDatabase,
): Promise<WorkItem | undefined> {
  const query = tables.selectFrom('work_item').selectAll().where('sop_instance_uid', '=', sopInstance);
  const row = await (locking?.locked(query) ?? query).executeTakeFirst();
  return row && fromRow(row);
}
