import { testPostgres } from '@x/testing/services';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type SharingProcesses, sharingProcesses } from '../../test/sharing-processes.ts';
import { wireTo } from '../../test/test-database.ts';

const server = await testPostgres();
/** Milliseconds: short, because the tests wait until it has passed. */
const LEASE = 1000;
const { signal } = new AbortController();

describe.skipIf(server === undefined)('claims', () => {
  let processes: SharingProcesses;
  beforeEach(() => {
    processes = sharingProcesses(server ?? '');
  });
  afterEach(async () => {
    await processes[Symbol.asyncDispose]();
  });

  test('are given to one of the processes that ask at the same time', async () => {
    const all = [await processes.start(), await processes.start(), await processes.start()];
    for (let round = 0; round < 20; round++) {
      const given = await Promise.all(all.map(({ claims }) => claims.acquire(`${round}`)));
      expect(given.filter((isGiven) => isGiven)).toHaveLength(1);
    }
  });

  test('last until they are released, however often their lease has passed', async () => {
    const [one, other] = [await processes.start({ lease: LEASE }), await processes.start({ lease: LEASE })];
    expect([await one.claims.acquire('a'), await one.claims.acquire('a')]).toEqual([true, true]);
    const held = one.claims.watch('a');
    const { rows } = await sql<{ until: string }>`select claimed_until::text as until from claim
      where name = 'a'`.execute(one.workflow.tables);
    const isRenewed = async () =>
      (
        await sql<{ isRenewed: boolean }>`select claimed_until > ${rows[0]?.until}::timestamptz + interval '2 seconds'
          as "isRenewed" from claim where name = 'a'`.execute(one.workflow.tables)
      ).rows[0]?.isRenewed;
    await expect.poll(isRenewed).toBe(true);
    expect([await other.claims.acquire('a'), await other.claims.release('a'), held.aborted]).toEqual([
      false,
      false,
      false,
    ]);
    expect([await one.claims.release('a'), await one.claims.release('a')]).toEqual([true, false]);
    expect(await other.claims.acquire('a')).toBe(true);
  });

  test('are undone with their transaction', async () => {
    const [one, other] = [await processes.start(), await processes.start()];
    const failing = one.workflow.change(async (tables) => {
      expect(await one.claims.acquire('a', tables)).toBe(true);
      throw new Error('in the middle');
    });
    await expect(failing).rejects.toThrow('in the middle');
    expect(await other.claims.acquire('a')).toBe(true);
  });

  test('of a process that cannot reach the database are lost, to itself first and then to others', async () => {
    await using wire = await wireTo(processes.url);
    const [one, other] = [
      await processes.start({ lease: LEASE, url: wire.url }),
      await processes.start({ lease: LEASE }),
    ];
    await one.claims.acquire('a');
    const held = one.claims.watch('a');
    wire.cut();
    await vi.waitUntil(() => held.aborted);
    expect((held.reason as Error).message).toMatch(/the claim of a is lost: it could not be renewed in time/);
    await expect.poll(() => other.claims.acquire('a')).toBe(true);
    wire.mend();
    // Its heart beats again, but the claim stays with the other one.
    await expect.poll(() => one.claims.acquire('b').catch(() => false)).toBe(true);
    expect([await one.claims.acquire('a'), await one.claims.release('a')]).toEqual([false, false]);
  });

  test('that another process has taken over abort the work of the first one', async () => {
    const one = await processes.start({ lease: LEASE });
    await one.claims.acquire('a');
    const held = one.claims.watch('a');
    await sql`update claim set claimed_by = 'another' where name = 'a'`.execute(one.workflow.tables);
    await vi.waitUntil(() => held.aborted);
    expect((held.reason as Error).message).toMatch(/another process has claimed it/);
  });

  test('are given back when a process ends', async () => {
    const [one, other] = [await processes.start(), await processes.start()];
    await one.claims.acquire('a');
    await one[Symbol.asyncDispose]();
    expect(await other.claims.acquire('a')).toBe(true);
  });

  test('tell one of the first processes that all were down, and none that joins others', async () => {
    const first = await Promise.all([1, 2, 3].map(() => processes.start({ lease: LEASE })));
    const joined = await processes.start({ lease: LEASE });
    const known = await Promise.all([...first, joined].map(({ claims }) => claims.wasDown(signal)));
    expect(known.filter((wasDown) => wasDown)).toHaveLength(1);
    expect(known[3]).toBe(false);
  });

  test('tell a process that all were down when those that ended without a word have not come back', async () => {
    const { workflow } = await processes.start();
    await sql`insert into claim values ('process gone', 'gone', now() + interval '2 seconds')`.execute(workflow.tables);
    await sql`delete from claim where name <> 'process gone'`.execute(workflow.tables);
    const started = await processes.start({ lease: LEASE });
    expect(await started.claims.wasDown(signal)).toBe(true);
  });

  test('tell a process that another one was there if that ends in good order', async () => {
    const one = await processes.start({ lease: LEASE });
    const next = await processes.start({ lease: LEASE });
    await one[Symbol.asyncDispose]();
    expect(await next.claims.wasDown(signal)).toBe(false);
  });
});
