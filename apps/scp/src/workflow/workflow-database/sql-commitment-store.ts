// Open requests for storage commitment, kept across restarts.

import { DimseError, Status } from '@x/dimse';
import type { CommitmentTransaction, CommitmentTransactionStore } from '@x/dimse/workflow';
import { type Selectable, sql } from 'kysely';
import type { Tables } from './schema.ts';
import type { WorkflowDatabase } from './workflow-database.ts';

/**
 * The requests for storage commitment of a workflow database: by default at most 1,000, half of them of one peer, with
 * 1,000,000 instances together.
 */
export function sqlCommitmentStore(
  database: WorkflowDatabase,
  {
    maximumTransactions = 1000,
    maximumTransactionsOfPeer = Math.ceil(maximumTransactions / 2),
    maximumInstances = 1_000_000,
  }: {
    readonly maximumTransactions?: number;
    readonly maximumTransactionsOfPeer?: number;
    readonly maximumInstances?: number;
  } = {},
): CommitmentTransactionStore {
  return {
    put: ({ peer, transactionUid, instances }) =>
      database.change(async (tables) => {
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
        const pairs = JSON.stringify(instances.map(({ sopClass, sopInstance }) => [sopClass, sopInstance]));
        await tables
          .insertInto('storage_commitment')
          .values({ peer, transaction_uid: transactionUid, instances: pairs, instance_count: instances.length })
          .onConflict((conflict) =>
            conflict
              .columns(['peer', 'transaction_uid'])
              .doUpdateSet({ instances: pairs, instance_count: instances.length }),
          )
          .execute();
      }),
    async get(peer, transactionUid) {
      const row = await database.tables
        .selectFrom('storage_commitment')
        .selectAll()
        .where('peer', '=', peer)
        .where('transaction_uid', '=', transactionUid)
        .executeTakeFirst();
      return row && transactionOf(row);
    },
    async remove(peer, transactionUid) {
      await database.tables
        .deleteFrom('storage_commitment')
        .where('peer', '=', peer)
        .where('transaction_uid', '=', transactionUid)
        .execute();
    },
    async all() {
      const rows = await database.tables.selectFrom('storage_commitment').selectAll().orderBy('sequence').execute();
      return rows.map(transactionOf);
    },
  };
}

function transactionOf(row: Selectable<Tables['storage_commitment']>): CommitmentTransaction {
  const instances = (JSON.parse(row.instances) as [string, string][]).map(([sopClass, sopInstance]) => ({
    sopClass,
    sopInstance,
  }));
  return { peer: row.peer, transactionUid: row.transaction_uid, instances };
}
