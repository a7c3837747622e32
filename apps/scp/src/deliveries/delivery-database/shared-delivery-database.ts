// The deliveries in the database that several archives share.

import { CompiledQuery, type Kysely } from 'kysely';
import { DatabaseError } from '../../data-folder/sql-database.ts';
import { openSharedDatabase } from '../../shared-database/shared-database.ts';
import type { WorkflowSharing } from '../../workflow/workflow-database/workflow-database.ts';
import { DatabaseClock } from './database-clock.ts';
import type { DeliveryDatabase, DeliveryQueries } from './delivery-database.ts';
import { endRests, SharedDestinations } from './shared-destinations.ts';
import { SHARED_MIGRATIONS } from './shared-schema.ts';

/**
 * Opens the deliveries of a shared database, which stays open when they are closed. Commands of operators have no claims.
 * @throws the error of the database
 */
export async function openSharedDeliveryDatabase({
  database: shared,
  claims,
}: Pick<WorkflowSharing, 'database'> & Partial<WorkflowSharing>): Promise<DeliveryDatabase> {
  const tables: Kysely<unknown> = await shared.open({ name: PART, migrations: SHARED_MIGRATIONS });
  const queries = queriesOf(tables);
  const clock = new DatabaseClock(queries);
  await clock.set();
  const destinations = claims && new SharedDestinations(tables, claims, clock);
  let isChanged = false;
  const listening = shared.listen(CHANNEL, (payload) => {
    // Without a payload, the connection was made again. Changes that were missed are counted soon.
    if (payload !== undefined) isChanged = true;
  });
  return {
    ...queries,
    claims: destinations,
    clock,
    change: (work) => shared.transaction(tables, (transaction) => work(queriesOf(transaction))),
    async isChangedByOthers() {
      const was = isChanged;
      isChanged = false;
      await clock.set();
      return was;
    },
    async tellOthers() {
      await endRests(tables);
      await shared.notify(CHANNEL);
    },
    // Committed changes are safe.
    async sync() {},
    async [Symbol.asyncDispose]() {
      listening[Symbol.dispose]();
      await destinations?.close();
    },
  };
}

/**
 * Opens the deliveries of a shared database for a command of an operator.
 * @throws UsageError if the address is not valid; DatabaseError if the database cannot be used, or no archive has used it
 */
export async function openOperatedDeliveries(url: string): Promise<DeliveryDatabase> {
  const shared = await openSharedDatabase(url);
  try {
    if (!(await shared.has(PART)))
      throw new DatabaseError(`no archive has used the database ${shared.place} yet`, { isInUse: false });
    const deliveries = await openSharedDeliveryDatabase({ database: shared });
    return {
      ...deliveries,
      async [Symbol.asyncDispose]() {
        await deliveries[Symbol.asyncDispose]();
        await shared[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await shared[Symbol.asyncDispose]();
    throw error;
  }
}

function queriesOf(tables: Kysely<unknown>): DeliveryQueries {
  const execute = (statement: string, values: readonly unknown[]) =>
    tables.executeQuery(CompiledQuery.raw(numbered(statement), values.map(stored)));
  return {
    rows: async <Row>(statement: string, ...values: readonly unknown[]) =>
      (await execute(statement, values)).rows as Row[],
    run: async (statement, ...values) => Number((await execute(statement, values)).numAffectedRows ?? 0),
  };
}

/** The statement with $1, $2 and so on for its question marks. */
function numbered(statement: string): string {
  let number = 0;
  return statement.replaceAll('?', () => `$${++number}`);
}

/** The database does not take NUL in texts, which the output of a hook may have. */
const stored = (value: unknown) => (typeof value === 'string' ? value.replaceAll('\0', '') : value);

const PART = 'delivery';
const CHANNEL = 'delivery';
