import { once as event } from 'node:events';
import { type Generated, type Kysely, type Migration, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ownPostgresql } from '../../test/own-postgresql.ts';
import { TEST_SERVER, testSchema, wireTo } from '../../test/test-database.ts';
import { parseDatabaseAddress } from './database-address.ts';
import { openSharedDatabase, type SharedDatabase } from './shared-database.ts';
import { isUnavailable, OutcomeUnknownError } from './shared-database-error.ts';

interface Tables {
  readonly entry: { readonly id: Generated<number>; readonly name: string; readonly size: number };
}

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '001-initial': {
    async up(database: Kysely<unknown>) {
      await sql`create table entry (id bigint generated always as identity primary key, name text not null unique)`.execute(
        database,
      );
    },
  },
  '002-size': {
    async up(database: Kysely<unknown>) {
      await sql`alter table entry add column size bigint not null default 0`.execute(database);
    },
  },
};
const PART = { name: 'sample', migrations: MIGRATIONS };

describe('the address of a database', () => {
  test.each([
    ['/var/lib/archive', 'must look like'],
    ['http://host/archive', 'must look like'],
    ['postgres://host', 'must look like'],
    ['postgres://host/archive?sheme=a', "has 'sheme'"],
    ['postgres://host/archive?schema=A"b', 'lower-case letters'],
    ['postgres://host/archive?connections=0', 'from 1 to 1000'],
  ])('rejects %s', (address, message) => expect(() => parseDatabaseAddress(address)).toThrow(message));

  test('is shown without user and password', () => {
    const { place, schema, connections } = parseDatabaseAddress('postgres://me:secret@host:5433/archive?schema=ct');
    expect({ place, schema, connections }).toEqual({
      place: 'host:5433/archive, schema ct',
      schema: 'ct',
      connections: 10,
    });
    for (const wrong of ['postgres://me:secret@host', 'postgres://me:secret@host/archive?x=1'])
      expect(() => parseDatabaseAddress(wrong)).toThrow(expect.not.stringContaining('secret') as never);
  });
});

test('explains a server that does not answer, without the password', async () => {
  const refused = openSharedDatabase('postgres://me:secret@127.0.0.1:1/archive');
  await expect(refused).rejects.toThrow(/database 127.0.0.1:1\/archive, schema public cannot be used.*ECONNREFUSED/);
  await expect(refused).rejects.not.toThrow('secret');
});

describe.skipIf(TEST_SERVER === undefined)('a shared database', () => {
  let schema: ReturnType<typeof testSchema>;
  const opened: SharedDatabase[] = [];
  const open = async (url = schema.url) => {
    const shared = await openSharedDatabase(url);
    opened.push(shared);
    return shared;
  };
  beforeEach(() => {
    schema = testSchema();
  });
  afterEach(async () => {
    for (const shared of opened.splice(0)) await shared[Symbol.asyncDispose]();
    await schema[Symbol.asyncDispose]();
  });

  test('is migrated once by processes that start together', async () => {
    const processes = await Promise.all([open(), open(), open(), open()]);
    const all = await Promise.all(processes.map((shared) => shared.open<Tables>(PART)));
    await Promise.all(
      all.map((tables, at) =>
        tables
          .insertInto('entry')
          .values({ name: `${at}`, size: at })
          .execute(),
      ),
    );
    for (const tables of all) expect((await tables.selectFrom('entry').select('id').execute()).length).toBe(4);
  });

  test('applies what a later version adds, and refuses what a later version has', async () => {
    const shared = await open();
    const { '001-initial': first } = MIGRATIONS;
    const tables = await shared.open<Tables>({ name: 'sample', migrations: { '001-initial': first as Migration } });
    await sql`insert into entry (name) values ('a')`.execute(tables);
    await shared.open(PART);
    expect(await tables.selectFrom('entry').select('size').execute()).toEqual([{ size: 0 }]);
    const earlier = shared.open({ name: 'sample', migrations: {} });
    await expect(earlier).rejects.toThrow("was made by a newer version, which has '001-initial'");
  });

  test('leaves nothing of a migration that fails', async () => {
    const shared = await open();
    const broken = { ...MIGRATIONS, '003-broken': { up: async () => Promise.reject(new Error('broken')) } };
    await expect(shared.open({ name: 'sample', migrations: broken })).rejects.toThrow('broken');
    await shared.open<Tables>(PART);
  });

  test('gives bigint, count and sum as numbers', async () => {
    const tables = await (await open()).open<Tables>(PART);
    await tables
      .insertInto('entry')
      .values({ name: 'a', size: 2 ** 40 })
      .execute();
    const found = await sql`select size, count(*) as count, sum(size) as sum from entry group by size`.execute(tables);
    expect(found.rows).toEqual([{ size: 2 ** 40, count: 1, sum: 2 ** 40 }]);
  });

  test('has the server prepare the statements that are used often, and only these', async () => {
    const tables = await (await open(`${schema.url}&connections=1`)).open<Tables>(PART);
    for (let at = 0; at < 5; at++) await tables.selectFrom('entry').select('id').where('size', '=', at).execute();
    for (let at = 0; at < 5; at++) await sql`select ${sql.lit(at)} as once`.execute(tables);
    const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(tables);
    expect(rows.map(({ statement }) => statement)).toEqual(['select "id" from "entry" where "size" = $1']);
  });

  test('takes 100,000 values in one parameter', async () => {
    const tables = await (await open()).open<Tables>(PART);
    await tables.insertInto('entry').values({ name: '99999', size: 1 }).execute();
    const names = Array.from({ length: 100_000 }, (_, at) => `${at}`);
    const found = await sql`select size from entry where name = any(${names}::text[])`.execute(tables);
    expect(found.rows).toEqual([{ size: 1 }]);
  });

  test('repeats a transaction that is undone because of another one', async () => {
    const shared = await open();
    const tables = await shared.open<Tables>(PART);
    await tables
      .insertInto('entry')
      .values(['a', 'b'].map((name) => ({ name, size: 0 })))
      .execute();
    const reached = new Map<string, () => void>();
    const haveBoth = Promise.all(['a', 'b'].map((name) => new Promise<void>((resolve) => reached.set(name, resolve))));
    // Each holds a row that the other one waits for.
    const grow = (first: string, second: string) =>
      shared.transaction(tables, async (transaction) => {
        const add = (name: string) => sql`update entry set size = size + 1 where name = ${name}`.execute(transaction);
        await add(first);
        reached.get(first)?.();
        await haveBoth;
        await add(second);
      });
    await Promise.all([grow('a', 'b'), grow('b', 'a')]);
    expect(await tables.selectFrom('entry').select('size').execute()).toEqual([{ size: 2 }, { size: 2 }]);
  });

  test('fails rather than commits if the failure of a statement was ignored', async () => {
    const shared = await open();
    const tables = await shared.open<Tables>(PART);
    const committed = shared.transaction(tables, async (transaction) => {
      await transaction.insertInto('entry').values({ name: 'a', size: 1 }).execute();
      await sql`select 1 / 0`.execute(transaction).catch(() => {});
    });
    await expect(committed).rejects.toThrow('the transaction was undone');
  });

  test.each([
    ['before', 0],
    ['answered', 1],
  ] as const)('does not claim to know the outcome of a COMMIT whose connection is cut: %s', async (when, rows) => {
    await using wire = await wireTo(schema.url);
    await using shared = await openSharedDatabase(wire.url);
    const tables = await shared.open<Tables>(PART);
    const committed = shared.transaction(tables, async (transaction) => {
      await transaction.insertInto('entry').values({ name: 'a', size: 1 }).execute();
      wire.cutAt('commit', when);
    });
    await expect(committed).rejects.toThrow(OutcomeUnknownError);
    expect(isUnavailable(await committed.catch((error: unknown) => error))).toBe(true);
    // The pool has left the connection: the same process can look.
    expect((await tables.selectFrom('entry').select('id').execute()).length).toBe(rows);
  });

  test('knows that nothing was committed if the connection is cut earlier', async () => {
    await using wire = await wireTo(schema.url);
    await using shared = await openSharedDatabase(wire.url);
    const tables = await shared.open<Tables>(PART);
    const lost = shared.transaction(tables, async (transaction) => {
      wire.cutAt('insert into', 'answered');
      await transaction.insertInto('entry').values({ name: 'a', size: 1 }).execute();
    });
    await expect(lost).rejects.toThrow('no connection to the database');
    await expect(lost).rejects.not.toThrow(OutcomeUnknownError);
    expect(await tables.selectFrom('entry').select('id').execute()).toEqual([]);
  });

  test('has a task done by one of two processes, and by the other one afterwards', async () => {
    const [first, second] = [await open(), await open()];
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    let started = () => {};
    const isStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    const doing = first.once('sweep', async () => {
      started();
      await ended;
    });
    await isStarted;
    expect(await second.once('sweep', async () => {})).toBe(false);
    expect(await second.once('another', async () => {})).toBe(true);
    end();
    expect(await doing).toBe(true);
    await vi.waitFor(async () => expect(await second.once('sweep', async () => {})).toBe(true));
  });

  test('tells a task that its lock is lost', async () => {
    await using wire = await wireTo(schema.url);
    await using shared = await openSharedDatabase(wire.url);
    const done = await shared.once('sweep', async (signal) => {
      wire.cut();
      if (!signal.aborted) await event(signal, 'abort');
      expect(String(signal.reason)).toContain('the lock of sweep was lost');
    });
    expect(done).toBe(true);
  });

  test('hears the notifications of other processes, and again after its connection was lost', async () => {
    await using wire = await wireTo(schema.url);
    await using hearing = await openSharedDatabase(wire.url);
    const telling = await open();
    const heard: (string | undefined)[] = [];
    using _listening = hearing.listen('events', (payload) => heard.push(payload));
    await vi.waitFor(() => expect(heard).toEqual([undefined]));
    await telling.notify('events', 'one');
    await telling.notify('others', 'of another channel');
    await vi.waitFor(() => expect(heard).toEqual([undefined, 'one']));
    wire.cut();
    await telling.notify('events', 'missed');
    wire.mend();
    await vi.waitFor(() => expect(heard).toEqual([undefined, 'one', undefined]));
    await telling.notify('events', 'two');
    await vi.waitFor(() => expect(heard).toEqual([undefined, 'one', undefined, 'two']));
  });

  test('notifies with a transaction, when it is committed', async () => {
    const shared = await open();
    const tables = await shared.open<Tables>(PART);
    const heard: (string | undefined)[] = [];
    using _listening = shared.listen('events', (payload) => heard.push(payload));
    await vi.waitFor(() => expect(heard).toEqual([undefined]));
    const undone = shared.transaction(tables, async (transaction) => {
      await shared.notify('events', 'undone', transaction);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await shared.transaction(tables, (transaction) => shared.notify('events', 'done', transaction));
    await vi.waitFor(() => expect(heard).toEqual([undefined, 'done']));
  });

  test('checks the connection until its signal aborts', async () => {
    const shared = await open();
    await shared.check();
    await expect(shared.check(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

test.skipIf(TEST_SERVER === undefined)(
  'is unavailable while its server is stopped, and works again when it has started',
  async () => {
    await using server = await ownPostgresql();
    await using shared = await openSharedDatabase(`${server.url}?schema=archive&connections=4`);
    const tables = await shared.open<Tables>(PART);
    const heard: (string | undefined)[] = [];
    using _listening = shared.listen('events', (payload) => heard.push(payload));
    await vi.waitFor(() => expect(heard).toEqual([undefined]));
    let next = 0;
    const acknowledged: string[] = [];
    const errors: unknown[] = [];
    let isStopped = false;
    const enter = async () => {
      while (!isStopped) {
        const name = `${next++}`;
        try {
          await shared.transaction(tables, (transaction) =>
            transaction.insertInto('entry').values({ name, size: 1 }).execute(),
          );
          acknowledged.push(name);
        } catch (error) {
          errors.push(error);
          return;
        }
      }
    };
    const entering = [enter(), enter(), enter()];
    await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(10));
    await server.stopImmediately();
    isStopped = true;
    await Promise.all(entering);
    for (const error of errors) expect([isUnavailable(error), String(error)]).toEqual([true, expect.any(String)]);
    await expect(shared.check()).rejects.toSatisfy(isUnavailable);
    await server.start();
    await vi.waitFor(() => shared.check());
    const names = await tables.selectFrom('entry').select('name').execute();
    expect(acknowledged.filter((each) => !names.some(({ name }) => name === each))).toEqual([]);
    await vi.waitFor(() => expect(heard).toEqual([undefined, undefined]));
  },
);
