import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forwardQueueContract } from '@x/dimse/store-contracts';
import type { QueuedInstance } from '@x/dimse/workflow';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DeliveryDatabase, openDeliveryDatabase } from './delivery-database.ts';
import { SqlForwardQueue } from './sql-forward-queue.ts';

let folder: string;
const databases: DeliveryDatabase[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forward-queue-'));
});
afterEach(() => {
  for (const database of databases.splice(0)) database[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

async function open(room = 100): Promise<SqlForwardQueue> {
  const database = await openDeliveryDatabase(folder);
  databases.push(database);
  return new SqlForwardQueue(database, { maximumEntries: room, maximumEntriesOf: () => Math.ceil(room / 2) });
}

describe('a forward queue in a database', () => {
  test.each(forwardQueueContract(open))('$name', ({ check }) => check());
});

const key = (number: number, destination = 'A') => ({
  ...{ destination, study: '1.2', series: '1.2.1', sopInstance: `1.2.1.${number}` },
});

test('another process lists, retries and cancels entries while the queue is used', async () => {
  const queue = await open();
  for (const number of [1, 2, 3]) queue.enter(key(number), 0, 0);
  const [first] = await queue.due('A', 1, 1);
  await queue.change({ ...(first as QueuedInstance), isFailed: true, failure: 'A900H' });
  const operator = await open();
  expect(operator.list({}).map(({ sopInstance, isFailed = false }) => [sopInstance, isFailed])).toEqual([
    ['1.2.1.1', true],
    ['1.2.1.2', false],
    ['1.2.1.3', false],
  ]);
  const before = databases[0]?.foreignChanges();
  expect(operator.retry({ isFailed: true })).toBe(1);
  expect(operator.cancel({ sopInstance: '1.2.1.2' })).toBe(1);
  expect(databases[0]?.foreignChanges()).not.toBe(before);
  queue.recount();
  expect(queue.counts.get('A')).toEqual({ waiting: 2, failed: 0 });
  expect((await queue.due('A', 1, 10)).map(({ sopInstance }) => sopInstance)).toEqual(['1.2.1.1', '1.2.1.3']);
});

test('an entry that is done is entered again only if its instance has arrived again', async () => {
  const queue = await open();
  const part = queue.of(() => true);
  queue.enter(key(1), 0, 0);
  await part.remove((await part.next(new Set()))?.id ?? '');
  expect([queue.roomOf('A'), queue.destinationOf('1.2')]).toEqual([50, undefined]);
  queue.enter(key(1), 0, 0, true);
  expect(await part.next(new Set())).toBeUndefined();
  queue.enter(key(1), 0, 0);
  expect((await part.next(new Set()))?.sopInstance).toBe('1.2.1.1');
});
