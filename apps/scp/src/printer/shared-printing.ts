// Print orders and films in a database that several processes share.

import { DimseError, decodeDataSet, encodeDataSet, Status, TransferSyntax } from '@x/dimse';
import { byKeyword } from '@x/dimse/data-set';
import type { PrintJobStore, PrintOrder } from '@x/dimse/print';
import { type Generated, type Kysely, type Migration, sql } from 'kysely';
import type { Claims } from '../shared-database/claims.ts';
import type { SharedDatabase } from '../shared-database/shared-database.ts';
import { dataSetOf, orderOf } from './film-spool.ts';
import type { Films } from './films.ts';

/** The orders of a printer, and its films. */
export interface Printing {
  readonly store: PrintJobStore;
  readonly films: Films;
}

/** Opens the orders and films of a shared database. An order is printed by the process that has claimed it. @throws DatabaseError */
export async function openSharedPrinting(database: SharedDatabase, claims: Claims): Promise<Printing> {
  const tables = await database.open<PrintTables>({ name: 'print', migrations: MIGRATIONS });
  return { store: sharedOrders(database, tables, claims), films: sharedFilms(tables) };
}

interface PrintTables {
  readonly print_order: {
    sequence: Generated<number>;
    sop_instance_uid: string;
    content: Uint8Array;
  };
  readonly film: {
    sequence: Generated<number>;
    name: string;
    request: string;
    picture: Uint8Array;
  };
}

function sharedOrders(database: SharedDatabase, tables: Kysely<PrintTables>, claims: Claims): PrintJobStore {
  /** The first order after a number that no process has claimed. */
  const nextFree = (after: number) =>
    tables
      .selectFrom('print_order')
      .select(['sequence', 'sop_instance_uid'])
      .where('sequence', '>', after)
      .where(claims.isUnclaimed(sql`${PREFIX} || sop_instance_uid`))
      .orderBy('sequence')
      .limit(1)
      .executeTakeFirst();
  async function claimed(row: Pick<PrintTables['print_order'], 'sop_instance_uid'>): Promise<PrintOrder | undefined> {
    const { sop_instance_uid: uid } = row;
    if (!(await claims.acquire(nameOf(uid)))) return undefined;
    const query = tables.selectFrom('print_order').select('content').where('sop_instance_uid', '=', uid);
    const found = await query.executeTakeFirst();
    if (found) return orderOf(byKeyword(decodeDataSet(new Uint8Array(found.content), SYNTAX)));
    // Another process has printed it meanwhile.
    await claims.release(nameOf(uid));
    return undefined;
  }

  return {
    async keep(order) {
      const content = encodeDataSet(dataSetOf(order), SYNTAX);
      if (content.length > MAXIMUM_LENGTH)
        throw new DimseError(Status.ResourceLimitation, {
          errorComment: `${content.length} bytes, at most ${MAXIMUM_LENGTH} are kept`,
        });
      const name = nameOf(order.sopInstance);
      const keeping = database.transaction(tables, async (transaction) => {
        const row = { sop_instance_uid: order.sopInstance, content };
        await transaction.insertInto('print_order').values(row).execute();
        await claims.acquire(name, transaction);
      });
      // If it was kept although its connection was lost, this process does not know it: any may print it.
      await keeping.catch(async (error) => {
        await claims.release(name).catch(() => {});
        throw error;
      });
    },
    async remove(sopInstance) {
      await tables.deleteFrom('print_order').where('sop_instance_uid', '=', sopInstance).execute();
      await claims.release(nameOf(sopInstance));
    },
    async *waiting() {
      let after = 0;
      for (let free = await nextFree(after); free; free = await nextFree(after)) {
        after = free.sequence;
        const order = await claimed(free);
        if (order) yield order;
      }
    },
  };
}

function sharedFilms(tables: Kysely<PrintTables>): Films {
  return {
    // An order that was printed in part by a process that has ended is printed again: its films are there already.
    async add({ printJob, number }, request, picture) {
      const name = `${printJob}-${number}.png`;
      await tables
        .insertInto('film')
        .values({ name, request, picture: await picture() })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
      return name;
    },
    async latest(most) {
      const query = tables.selectFrom('film').select('name').orderBy('sequence', 'desc').limit(most);
      return (await query.execute()).map(({ name }) => name);
    },
    async picture(name) {
      const query = tables.selectFrom('film').select('picture').where('name', '=', name);
      return (await query.executeTakeFirst())?.picture;
    },
  };
}

const SYNTAX = TransferSyntax.ExplicitVRLittleEndian;
const PREFIX = 'print ';
const nameOf = (sopInstance: string) => `${PREFIX}${sopInstance}`;

/** Of an order, in bytes: the database and both sides of its protocol have it in memory several times. */
const MAXIMUM_LENGTH = 128 * 1024 * 1024;

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-printing': {
    async up(database: Kysely<unknown>) {
      await sql`create table print_order (
        sequence bigint generated always as identity primary key,
        sop_instance_uid text not null unique,
        content bytea not null
      )`.execute(database);
      await sql`create table film (
        sequence bigint generated always as identity primary key,
        name text not null unique,
        printed_at timestamptz not null default now(),
        request text not null,
        picture bytea not null
      )`.execute(database);
    },
  },
};
