import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forwardQueueContract } from '@x/dimse/store-contracts';
import type { QueuedInstance } from '@x/dimse/workflow';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeliveryDatabase } from './delivery-database.ts';
import { openDeliveryDatabase } from './embedded-delivery-database.ts';
import { type DeliveryKey, SqlForwardQueue } from './sql-forward-queue.ts';

let folder: string;
const databases: DeliveryDatabase[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forward-queue-'));
});
afterEach(async () => {
  for (const database of databases.splice(0)) await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function open(room = 100): Promise<SqlForwardQueue> {
  const database = await openDeliveryDatabase(folder);
  databases.push(database);
  return SqlForwardQueue.open(database, { maximumEntries: room, maximumEntriesOf: () => Math.ceil(room / 2) });
}

describe('a forward queue in a database', () => {
  test.each(forwardQueueContract(open))('$name', ({ check }) => check());
});

const key = (number: number, destination = 'A') => ({
  ...{ destination, study: '1.2', series: '1.2.1', sopInstance: `1.2.1.${number}` },
});

/** In a transaction of the first database. */
const enter = (queue: SqlForwardQueue, entry: DeliveryKey, isOnce = false) =>
  databases[0]?.change((queries) => queue.enter(queries, entry, 0, 0, isOnce));

test('another process lists, retries and cancels entries while the queue is used', async () => {
  const queue = await open();
  for (const number of [1, 2, 3]) await enter(queue, key(number));
  const [first] = await queue.due('A', 1, 1);
  await queue.change({ ...(first as QueuedInstance), isFailed: true, failure: 'A900H' });
  const operator = await open();
  expect((await operator.list({})).map(({ sopInstance, isFailed = false }) => [sopInstance, isFailed])).toEqual([
    ['1.2.1.1', true],
    ['1.2.1.2', false],
    ['1.2.1.3', false],
  ]);
  expect(await databases[0]?.isChangedByOthers()).toBe(false);
  expect(await operator.retry({ isFailed: true })).toBe(1);
  expect(await operator.cancel({ sopInstance: '1.2.1.2' })).toBe(1);
  expect(await databases[0]?.isChangedByOthers()).toBe(true);
  await queue.recount();
  expect(queue.counts.get('A')).toEqual({ waiting: 2, failed: 0 });
  expect((await queue.due('A', 1, 10)).map(({ sopInstance }) => sopInstance)).toEqual(['1.2.1.1', '1.2.1.3']);
});

test('an entry that is done is entered again only if its instance has arrived again', async () => {
  const queue = await open();
  const part = queue.of(() => ['A']);
  await enter(queue, key(1));
  await part.remove((await part.next(new Set()))?.id ?? '');
  expect([queue.roomOf('A'), await queue.destinationOf('1.2')]).toEqual([50, undefined]);
  await enter(queue, key(1), true);
  expect(await part.next(new Set())).toBeUndefined();
  await enter(queue, key(1));
  expect((await part.next(new Set()))?.sopInstance).toBe('1.2.1.1');
});
