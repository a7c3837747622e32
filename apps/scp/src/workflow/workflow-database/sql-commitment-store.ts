// Open requests for storage commitment, kept across restarts.

import { CommitmentFailure, DimseError, Status } from '@x/dimse';
import { inTurns, type Steps } from '@x/dimse/data-set';
import type {
  CommitmentTransaction,
  CommitmentTransactionStore,
  QueuedEvent,
  ReferencedInstance,
} from '@x/dimse/workflow';
import { type Insertable, type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from './schema.ts';
import type { SqlEventQueue } from './sql-event-queue.ts';
import type { WorkflowDatabase, WorkflowSharing } from './workflow-database.ts';

/**
 * The requests for storage commitment of a workflow database: by default at most 1,000, half of them of one peer, with
 * 1,000,000 instances together. With `events`, the queue in the same database, reports are handed over to it.
 */
export function sqlCommitmentStore(
  database: WorkflowDatabase,
  {
    maximumTransactions = 1000,
    maximumTransactionsOfPeer = Math.ceil(maximumTransactions / 2),
    maximumInstances = 1_000_000,
    events,
  }: {
    readonly maximumTransactions?: number;
    readonly maximumTransactionsOfPeer?: number;
    readonly maximumInstances?: number;
    readonly events?: SqlEventQueue;
  } = {},
): CommitmentTransactionStore {
  const { sharing } = database;

  async function remove(tables: Kysely<Tables>, peer: string, transactionUid: string): Promise<boolean> {
    const { numDeletedRows } = await tables
      .deleteFrom('storage_commitment')
      .where('peer', '=', peer)
      .where('transaction_uid', '=', transactionUid)
      .executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  }

  return {
    async put({ peer, transactionUid, instances }) {
      // Before the transaction, during which the database does nothing else.
      const pairs = await inTurns(writingInstances(instances));
      const adding = database.change(async (tables) => {
        const { count, own, references } = await tables
          .selectFrom('storage_commitment')
          .select(({ fn }) => [
            fn.countAll<number>().as('count'),
            sql<number>`count(*) filter (where peer = ${peer})`.as('own'),
            sql<number>`coalesce(sum(instance_count), 0)`.as('references'),
          ])
          .executeTakeFirstOrThrow();
        if (count >= maximumTransactions || own >= maximumTransactionsOfPeer)
          throw new DimseError(Status.ResourceLimitation, { errorComment: `${count} requests are waiting` });
        if (references + instances.length > maximumInstances)
          throw new DimseError(Status.ResourceLimitation, { errorComment: `${references} instances are waiting` });
        const row = { peer, transaction_uid: transactionUid, instances: pairs, instance_count: instances.length };
        if (sharing) await addClaimed(sharing, tables, row);
        else
          await tables
            .insertInto('storage_commitment')
            .values(row)
            .onConflict((conflict) => conflict.columns(['peer', 'transaction_uid']).doUpdateSet(row))
            .execute();
      });
      // If it was added although its connection was lost, this process does not know it: any may take it over.
      await adding.catch(async (error) => {
        await sharing?.claims.release(nameOf(peer, transactionUid)).catch(() => {});
        throw error;
      });
    },
    async get(peer, transactionUid) {
      const row = await database.use((tables) =>
        tables
          .selectFrom('storage_commitment')
          .selectAll()
          .where('peer', '=', peer)
          .where('transaction_uid', '=', transactionUid)
          .executeTakeFirst(),
      );
      return row && transactionOf(row);
    },
    async remove(peer, transactionUid) {
      await remove(database.tables, peer, transactionUid);
      await sharing?.claims.release(nameOf(peer, transactionUid));
    },
    async all() {
      return transactionsOf(
        await database.use((tables) =>
          tables.selectFrom('storage_commitment').selectAll().orderBy('sequence').execute(),
        ),
      );
    },
    ...(sharing && { claim: () => claimed(database, sharing).then(transactionsOf) }),
    ...(events && {
      async handOver({ peer, transactionUid }: CommitmentTransaction, event: QueuedEvent, isNear?: boolean) {
        const add = await events.prepare(event, isNear);
        return database.change(async (tables) => {
          if (sharing && !(await sharing.claims.release(nameOf(peer, transactionUid), tables))) return false;
          if (!(await remove(tables, peer, transactionUid))) return false;
          await add(tables);
          return true;
        });
      },
    }),
  };
}

/** Adds a request, and claims it for this process. The same request of a peer again changes nothing. */
async function addClaimed(
  { claims }: WorkflowSharing,
  tables: Kysely<Tables>,
  row: Insertable<Tables['storage_commitment']>,
): Promise<void> {
  const { numInsertedOrUpdatedRows = 0n } = await tables
    .insertInto('storage_commitment')
    .values(row)
    .onConflict((conflict) => conflict.columns(['peer', 'transaction_uid']).doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows > 0n) {
    await claims.acquire(nameOf(row.peer, row.transaction_uid), tables);
    return;
  }
  const same = await tables
    .selectFrom('storage_commitment')
    .select('sequence')
    .where('peer', '=', row.peer)
    .where('transaction_uid', '=', row.transaction_uid)
    .where('instances', '=', row.instances)
    .executeTakeFirst();
  if (!same)
    throw new DimseError(Status.ProcessingFailure, {
      errorId: CommitmentFailure.DuplicateTransactionUid,
      errorComment: 'the Transaction UID is in use',
    });
}

/** Claims requests that no process has claimed. */
async function claimed({ tables }: WorkflowDatabase, { claims }: WorkflowSharing) {
  const free = await tables
    .selectFrom('storage_commitment')
    .select(['peer', 'transaction_uid'])
    .where(claims.isUnclaimed(sql`${PREFIX} || peer || '\\' || transaction_uid`))
    .orderBy('sequence')
    .limit(CLAIMED_AT_ONCE)
    .execute();
  const rows: Selectable<Tables['storage_commitment']>[] = [];
  for (const { peer, transaction_uid: uid } of free) {
    if (!(await claims.acquire(nameOf(peer, uid)))) continue;
    const query = tables.selectFrom('storage_commitment').selectAll();
    const row = await query.where('peer', '=', peer).where('transaction_uid', '=', uid).executeTakeFirst();
    if (row) rows.push(row);
    // Another process has reported it meanwhile.
    else await claims.release(nameOf(peer, uid));
  }
  return rows;
}

async function transactionsOf(rows: readonly Selectable<Tables['storage_commitment']>[]) {
  const found: CommitmentTransaction[] = [];
  for (const row of rows) found.push(await transactionOf(row));
  return found;
}

const PREFIX = 'commitment ';
/** AE titles cannot contain a backslash. */
const nameOf = (peer: string, transactionUid: string) => `${PREFIX}${peer}\\${transactionUid}`;

const CLAIMED_AT_ONCE = 100;

async function transactionOf(row: Selectable<Tables['storage_commitment']>): Promise<CommitmentTransaction> {
  const instances = await inTurns(readingInstances(row.instances));
  return { peer: row.peer, transactionUid: row.transaction_uid, instances };
}

function* writingInstances(instances: readonly ReferencedInstance[]): Steps<string> {
  const lines: string[] = [];
  for (let at = 0; at < instances.length; at += PAIRS_IN_LINE) {
    if (at > 0) yield PAIRS_IN_LINE;
    const pairs = instances.slice(at, at + PAIRS_IN_LINE).map(({ sopClass, sopInstance }) => [sopClass, sopInstance]);
    lines.push(JSON.stringify(pairs));
  }
  return lines.join('\n');
}

function* readingInstances(lines: string): Steps<readonly ReferencedInstance[]> {
  const instances: ReferencedInstance[] = [];
  for (const line of lines.split('\n')) {
    if (instances.length > 0) yield PAIRS_IN_LINE;
    if (line === '') continue;
    for (const [sopClass, sopInstance] of JSON.parse(line) as [string, string][])
      instances.push({ sopClass, sopInstance });
  }
  return instances;
}

/** JSON cannot be read or written in parts, so each line has some of the pairs. */
const PAIRS_IN_LINE = 2000;
