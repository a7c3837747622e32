// Open requests for storage commitment, kept across restarts.

import { DimseError, Status } from '@x/dimse';
import { inTurns, type Steps } from '@x/dimse/data-set';
import type { CommitmentTransaction, CommitmentTransactionStore, ReferencedInstance } from '@x/dimse/workflow';
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
    async put({ peer, transactionUid, instances }) {
      // Before the transaction, during which the database does nothing else.
      const pairs = await inTurns(writingInstances(instances));
      await database.change(async (tables) => {
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
        await tables
          .insertInto('storage_commitment')
          .values({ peer, transaction_uid: transactionUid, instances: pairs, instance_count: instances.length })
          .onConflict((conflict) =>
            conflict
              .columns(['peer', 'transaction_uid'])
              .doUpdateSet({ instances: pairs, instance_count: instances.length }),
          )
          .execute();
      });
    },
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
      const found: CommitmentTransaction[] = [];
      for (const row of rows) found.push(await transactionOf(row));
      return found;
    },
  };
}

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
