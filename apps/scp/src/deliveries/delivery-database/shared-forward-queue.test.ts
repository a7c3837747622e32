// The queue of deliveries in a shared database, as several processes use it.

import { forwardQueueContract } from '@x/dimse/store-contracts';
import { testPostgres } from '@x/testing/services';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SharingProcesses, sharingProcesses } from '../../../test/sharing-processes.ts';
import type { DeliveryDatabase } from './delivery-database.ts';
import { openSharedDeliveryDatabase } from './shared-delivery-database.ts';
import { SqlForwardQueue } from './sql-forward-queue.ts';

const server = await testPostgres();
const NONE: ReadonlySet<string> = new Set();
/** Milliseconds: short, because a test waits until it has passed. */
const LEASE = 1000;

describe.skipIf(server === undefined)('a forward queue in a shared database', () => {
  let processes: SharingProcesses;
  const databases: DeliveryDatabase[] = [];
  beforeEach(() => {
    processes = sharingProcesses(server ?? '');
  });
  afterEach(async () => {
    for (const database of databases.splice(0)) await database[Symbol.asyncDispose]();
    await processes[Symbol.asyncDispose]();
  });

  async function open(room = 100, lease = 30_000) {
    const process = await processes.start({ lease });
    const database = await openSharedDeliveryDatabase(process);
    databases.push(database);
    const limits = { maximumEntries: room, maximumEntriesOf: () => Math.ceil(room / 2) };
    return { process, database, queue: await SqlForwardQueue.open(database, limits) };
  }

  const key = (number: number, destination = 'A') => ({
    ...{ destination, study: '1.2', series: '1.2.1', sopInstance: `1.2.1.${number}` },
  });

  test.each(forwardQueueContract(async (room) => (await open(room)).queue))('$name', ({ check }) => check());

  test('gives a destination to one process at a time, and its entries in their order', async () => {
    const all = [await open(), await open(), await open()];
    const [first] = all;
    for (let number = 0; number < 12; number++)
      for (const destination of ['A', 'B', 'C'])
        await first?.queue.enter(first.database, key(number, destination), 0, number);
    const given = new Map<string, string[]>();
    const working = new Set<string>();
    const work = async ({ queue }: (typeof all)[number]) => {
      const own = queue.of(() => ['A', 'B', 'C']);
      for (;;) {
        const entry = await own.next(NONE);
        if (!entry) return;
        const { destination, sopInstance } = entry;
        expect(working.has(destination)).toBe(false);
        working.add(destination);
        given.set(destination, [...(given.get(destination) ?? []), sopInstance]);
        await own.remove(entry.id);
        working.delete(destination);
        await own.claims?.of(destination)?.release({ failures: 0 });
      }
    };
    while ([...given.values()].flat().length < 36) await Promise.all(all.map(work));
    const inOrder = Array.from({ length: 12 }, (_, number) => `1.2.1.${number}`);
    expect([...given].sort()).toEqual(['A', 'B', 'C'].map((destination) => [destination, inOrder]));
  });

  test('lets a destination rest in all processes, until one of them wakes it', async () => {
    const [one, other] = [await open(), await open()];
    await one.queue.enter(one.database, key(1), 0, 0);
    const own = [one, other].map(({ queue }) => queue.of(() => ['A']));
    expect((await own[0]?.next(NONE))?.sopInstance).toBe('1.2.1.1');
    expect(await own[1]?.next(NONE)).toBeUndefined();
    const until = one.database.clock.now() + 300_000;
    await own[0]?.claims?.of('A')?.release({ failures: 3, restsUntil: until });
    for (const each of own) expect(await each.next(NONE)).toBeUndefined();
    await other.queue.recount();
    expect(other.queue.restsUntil('A')).toBe(until);
    await own[0]?.claims?.wake('A');
    expect((await own[1]?.next(NONE))?.sopInstance).toBe('1.2.1.1');
    expect(own[1]?.claims?.of('A')?.failures).toBe(3);
  });

  test('gives the destination of a process that is gone to another one', async () => {
    const [one, other] = [await open(100, LEASE), await open(100, LEASE)];
    await one.queue.enter(one.database, key(1), 0, 0);
    await one.queue.of(() => ['A']).next(NONE);
    const signal = one.queue.claims?.of('A')?.signal;
    const own = other.queue.of(() => ['A']);
    expect(await own.next(NONE)).toBeUndefined();
    // It does not give anything back.
    await one.process.database[Symbol.asyncDispose]();
    await expect.poll(async () => (await own.next(NONE))?.sopInstance).toBe('1.2.1.1');
    expect(signal?.aborted).toBe(true);
  });

  test('leaves the entries of destinations alone that this process does not know', async () => {
    const [one, other] = [await open(), await open()];
    await one.queue.enter(one.database, key(1, 'B'), 0, 0);
    expect(await one.queue.of(() => ['A']).next(NONE)).toBeUndefined();
    expect((await other.queue.of(() => ['A', 'B']).next(NONE))?.destination).toBe('B');
  });

  test('tells all processes that an operator has changed entries', async () => {
    const [one, other] = [await open(), await open()];
    await one.queue.enter(one.database, key(1), 0, 0);
    const [entry] = await one.queue.due('A', 1, 1);
    if (entry) await one.queue.change({ ...entry, isFailed: true, failure: 'A900H: \0' });
    expect((await other.queue.list({})).map(({ isFailed, failure }) => [isFailed, failure])).toEqual([
      [true, 'A900H: '],
    ]);
    // A process that has just begun to listen may miss it.
    const retried = async () => {
      await other.queue.retry({ isFailed: true });
      return one.database.isChangedByOthers();
    };
    await expect.poll(retried).toBe(true);
    expect(await one.queue.of(() => ['A']).next(NONE)).toMatchObject({ sopInstance: '1.2.1.1', attempts: 0 });
  });
});
