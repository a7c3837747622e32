// The processes of an archive: each knows the others while they live.

import { testPostgres } from '@x/testing/services';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testSchema } from '../../test/test-database.ts';
import { openSharedDatabase } from '../shared-database/shared-database.ts';
import { ProcessTable, type ProcessTableOptions } from './process-table.ts';

/** Started for the run; undefined if it is not installed. */
const server = await testPostgres();

describe.skipIf(server === undefined)('the table of processes', () => {
  let schema: ReturnType<typeof testSchema>;
  const opened: AsyncDisposable[] = [];
  beforeEach(() => {
    schema = testSchema(server);
  });
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
    await schema[Symbol.asyncDispose]();
  });

  /** A process with a connection of its own. It looks only when it is told to. */
  async function open(name: string, options: ProcessTableOptions = {}) {
    const database = await openSharedDatabase(schema.url);
    const table = await ProcessTable.open(database, `id-${name}`, processOf(name), { interval: 3_600_000, ...options });
    opened.push(database);
    return { table, database };
  }

  const processOf = (name: string) => ({ name, url: `http://${name}:8080` });

  test('each process knows the others, and not itself', async () => {
    const [one, two, three] = [await open('pacs1'), await open('pacs2'), await open('pacs3')];
    for (const { table } of [one, two]) await table.look();
    expect(one.table.others).toEqual([processOf('pacs2'), processOf('pacs3')]);
    expect(two.table.others).toEqual([processOf('pacs1'), processOf('pacs3')]);
    expect(three.table.others).toEqual([processOf('pacs1'), processOf('pacs2')]);
    expect(one.table.own).toEqual(processOf('pacs1'));
  });

  test('a process that stops is gone at once', async () => {
    const [one, two] = [await open('pacs1'), await open('pacs2')];
    await two.table[Symbol.asyncDispose]();
    await one.table.look();
    expect(one.table.others).toEqual([]);
  });

  test('a process that was killed is gone after its lifetime, by the clock of the database', async () => {
    await open('killed');
    // Every earlier sign of life is too old for this one.
    const one = await open('pacs1', { lifetime: -1 });
    expect(one.table.others).toEqual([]);
  });

  test('keeps what it knew while the database does not answer, and shows itself again afterwards', async () => {
    const [one, two] = [await open('pacs1'), await open('pacs2')];
    await one.table.look();
    await two.database[Symbol.asyncDispose]();
    await two.table.look();
    expect(two.table.others).toEqual([processOf('pacs1')]);
    expect(one.table.others).toEqual([processOf('pacs2')]);
  });
});
