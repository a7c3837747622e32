import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { accept } from '../association/accept.ts';
import { type Listener, listen } from '../association/listen.ts';
import { AssociationRejectedError } from '../errors.ts';
import { type AssociationPoolOptions, createAssociationPool } from './association-pool.ts';
import { Pool } from './pool.ts';
import { poolKey } from './pool-key.ts';
import type { PoolOptions } from './pool-options.ts';

const VERIFICATION = '1.2.840.10008.1.1';

const request = (port: number, calledAeTitle = 'ACCEPTOR') => ({
  host: '127.0.0.1',
  port,
  callingAeTitle: 'REQUESTOR',
  calledAeTitle,
  contexts: [{ abstractSyntax: VERIFICATION, transferSyntaxes: ['1.2.840.10008.1.2'] }],
});

async function withPool(
  options: AssociationPoolOptions,
  use: (pool: ReturnType<typeof createAssociationPool>, listener: Listener) => Promise<void>,
): Promise<void> {
  const listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
      serve: async (association) => {
        for await (const _ of association.receive());
      },
    },
  );
  const pool = createAssociationPool(options);
  try {
    await use(pool, listener);
  } finally {
    await pool.close();
    await listener.close();
  }
  expect(pool.size).toBe(0);
}

test('reuses an association that was returned', () =>
  withPool({}, async (pool, { port }) => {
    const one = await pool.acquire(request(port));
    const { id } = one.resource;
    await one.release();
    await one.release();
    expect([pool.idle, pool.leased]).toEqual([1, 0]);
    await using again = await pool.acquire(request(port));
    expect(again.resource.id).toBe(id);
    await using other = await pool.acquire(request(port, 'OTHER'));
    expect(other.resource.id).not.toBe(id);
  }));

test('does not reuse an association after an abort, a broken message, or with `reuse: false`', () =>
  withPool({}, async (pool, { port }) => {
    const aborted = await pool.acquire(request(port));
    aborted.resource.abort();
    await aborted.release();
    const broken = await pool.acquire(request(port));
    async function* breaking() {
      // More than is gathered before the first byte goes out.
      yield new Uint8Array(4 * 1024 * 1024);
      throw new Error('the disk failed');
    }
    const sending = broken.resource.send(1, { command: new Uint8Array(10), data: breaking() });
    await expect(sending).rejects.toThrow('the disk failed');
    await broken.release();
    const unwanted = await pool.acquire(request(port));
    await unwanted.release({ reuse: false });
    expect(await unwanted.resource.closed).toMatchObject({ how: 'released', by: 'local' });
    await using fresh = await pool.acquire(request(port));
    expect(fresh.resource.isEstablished).toBe(true);
    expect(new Set([aborted, broken, unwanted, fresh].map(({ resource }) => resource.id)).size).toBe(4);
  }));

test('does not reuse an association that is still sending', () =>
  withPool({}, async (pool, { port }) => {
    const lease = await pool.acquire(request(port));
    let go = () => {};
    const stalled = new Promise<void>((resolve) => {
      go = resolve;
    });
    async function* source() {
      await stalled;
      yield new Uint8Array(10);
    }
    const sending = lease.resource.send(1, { command: new Uint8Array(10), data: source() });
    sending.catch(() => {});
    expect(lease.resource.isReusable).toBe(false);
    await lease.release();
    expect(pool.idle).toBe(0);
    go();
  }));

test('serves callers in FIFO order; they can be refused, time out or give up', () =>
  withPool({ maximumPerKey: 1, maximumWaiting: 3 }, async (pool, { port }) => {
    const first = await pool.acquire(request(port));
    const order: number[] = [];
    const controller = new AbortController();
    const second = pool.acquire(request(port)).then(async (lease) => {
      order.push(2);
      await lease.release();
    });
    const late = pool.acquire(request(port), { timeout: 1 });
    const givenUp = pool.acquire(request(port), { signal: controller.signal });
    await expect(pool.acquire(request(port))).rejects.toMatchObject({ name: 'PoolError' });
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError', waitingFor: 'acquire' });
    controller.abort(new Error('no longer wanted'));
    await expect(givenUp).rejects.toThrow('no longer wanted');
    const third = pool.acquire(request(port)).then(() => order.push(3));
    await first.release();
    await Promise.all([second, third]);
    expect(order).toEqual([2, 3]);
  }));

test('releases an idle association to make room for another peer, and after the idle time', () =>
  withPool({ maximum: 1, idle: 5 }, async (pool, { port }) => {
    const one = await pool.acquire(request(port));
    await one.release();
    const other = await pool.acquire(request(port, 'OTHER'));
    expect(await one.resource.closed).toMatchObject({ how: 'released' });
    await other.release();
    expect(await other.resource.closed).toMatchObject({ how: 'released' });
    expect(pool.idle).toBe(0);
  }));

test('checks idle associations, and aborts those that fail the check', async () => {
  let checks = 0;
  const check = async () => {
    if (++checks === 3) throw new Error('no answer to C-ECHO');
  };
  await withPool({ keepAlive: { interval: 1, check } }, async (pool, { port }) => {
    const lease = await pool.acquire(request(port));
    await lease.release();
    expect(await lease.resource.closed).toMatchObject({ how: 'aborted', by: 'local' });
    expect([checks, pool.size]).toEqual([3, 0]);
  });
});

test.each(['release', 'abort'] as const)('removes an idle association that the peer ends by %s', (how) =>
  withPool({}, async (pool, listener) => {
    const one = await pool.acquire(request(listener.port));
    await one.release();
    const [theirs] = [...listener.associations.values()];
    void theirs?.[how]();
    await one.resource.closed;
    await using other = await pool.acquire(request(listener.port));
    expect([other.resource.isEstablished, other.resource.id === one.resource.id, pool.size]).toEqual([true, false, 1]);
  }),
);

test('reports a failure to open to the caller it was opened for', async () => {
  const listener = await listen(
    { port: 0, host: '127.0.0.1' },
    { decide: () => accept({ supports: () => undefined }), serve: async () => {} },
  );
  const { port } = listener;
  await listener.close();
  const pool = createAssociationPool();
  await expect(pool.acquire(request(port))).rejects.toMatchObject({ name: 'NotConnectedError' });
  expect([pool.size, pool.waiting]).toEqual([0, 0]);
  await pool.close();
});

test('refuses waiting callers and drains associations in use when it closes', () =>
  withPool({ maximumPerKey: 1 }, async (pool, { port }) => {
    const lease = await pool.acquire(request(port));
    const waiting = pool.acquire(request(port));
    waiting.catch(() => {});
    const closing = pool.close({ drain: 60_000 });
    await expect(waiting).rejects.toMatchObject({ name: 'PoolError' });
    await expect(pool.acquire(request(port))).rejects.toThrow('the pool is closed');
    expect(lease.resource.isEstablished).toBe(true);
    await lease.release();
    await closing;
    expect(await lease.resource.closed).toMatchObject({ how: 'released' });
  }));

test('aborts associations in use when it closes without draining', () =>
  withPool({}, async (pool, { port }) => {
    const lease = await pool.acquire(request(port));
    await pool.close();
    expect(await lease.resource.closed).toMatchObject({ how: 'aborted', by: 'local' });
    await lease.release();
  }));

test('retries after transient failures', async () => {
  let attempts = 0;
  const resource = fakeResource();
  const pool = new Pool({
    keyOf: () => '',
    open: async () => {
      if (++attempts < 3) throw new AssociationRejectedError('X', { result: 2, source: 3, reason: 2 });
      return resource;
    },
    retry: { wait: async () => {} },
  });
  const lease = await pool.acquire({});
  expect([attempts, lease.resource]).toEqual([3, resource]);
  await pool.close();
});

test('makes the key from everything that is negotiated, in any order', () => {
  const base = request(104);
  const { host, ...rest } = base;
  expect(poolKey({ ...rest, host })).toBe(poolKey(base));
  expect(poolKey({ ...base, signal: new AbortController().signal })).toBe(poolKey(base));
  const identity = (byte: number) => ({
    identityType: 1,
    positiveResponseRequested: false,
    primaryField: Uint8Array.of(byte),
    secondaryField: new Uint8Array(0),
  });
  const others = [
    { ...base, port: 105 },
    { ...base, callingAeTitle: 'X' },
    { ...base, calledAeTitle: 'X' },
    { ...base, contexts: [] },
    { ...base, userIdentity: identity(1) },
    { ...base, userIdentity: identity(2) },
    { ...base, tls: { context: new Map() } },
    { ...base, tls: { context: new Map() } },
  ];
  expect(new Set([base, ...others].map(poolKey)).size).toBe(1 + others.length);
  const tls = { context: new Map() };
  expect(poolKey({ ...base, tls } as typeof base)).toBe(poolKey({ ...base, tls: { ...tls } } as typeof base));
});

function fakeResource() {
  let end = () => {};
  const closed = new Promise<void>((resolve) => {
    end = resolve;
  });
  const resource = {
    isReusable: true,
    closed,
    abort: () => {
      resource.isReusable = false;
      end();
    },
    release: async () => resource.abort(),
  };
  return resource;
}

test('keeps its bounds and settles every call in any order of events', async () => {
  const maximum = 4;
  const maximumPerKey = 2;
  const event = fc.record({
    what: fc.constantFrom('acquire', 'acquire', 'release', 'abort', 'discard', 'give up', 'opened', 'failed', 'tick'),
    which: fc.nat(50),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
      const alive = new Map<ReturnType<typeof fakeResource>, string>();
      const opening: { key: string; settle: (error?: Error) => void }[] = [];
      const handedOut = new Set<unknown>();
      const options: PoolOptions<string, ReturnType<typeof fakeResource>> = {
        maximum,
        maximumPerKey,
        maximumWaiting: 5,
        idle: 0,
        acquireTimeout: 0,
        keyOf: (key) => key,
        open: (key, signal) =>
          new Promise((resolve, reject) => {
            const mine = {
              key,
              settle: (error?: Error) => {
                const index = opening.indexOf(mine);
                if (index < 0) return;
                opening.splice(index, 1);
                if (error) return reject(error);
                const resource = fakeResource();
                alive.set(resource, key);
                void resource.closed.then(() => alive.delete(resource));
                resolve(resource);
              },
            };
            opening.push(mine);
            signal.addEventListener('abort', () => mine.settle(new Error('aborted')));
          }),
      };
      const pool = new Pool(options);
      const leases: { resource: ReturnType<typeof fakeResource>; release: () => Promise<void>; discard: () => void }[] =
        [];
      const asked: AbortController[] = [];
      let settled = 0;
      const check = () => {
        expect(pool.size).toBeLessThanOrEqual(maximum);
        expect(alive.size + opening.length).toBeLessThanOrEqual(maximum);
        for (const key of ['0', '1', '2']) {
          const of = [...alive.values(), ...opening.map((each) => each.key)].filter((each) => each === key);
          expect(of.length).toBeLessThanOrEqual(maximumPerKey);
        }
      };
      for (const { what, which } of events) {
        const take = <T>(list: T[]): T | undefined => list.splice(which % Math.max(1, list.length), 1)[0];
        if (what === 'acquire') {
          const controller = new AbortController();
          asked.push(controller);
          pool.acquire(`${which % 3}`, { signal: controller.signal }).then(
            (lease) => {
              settled++;
              // Handed to one at a time.
              expect(handedOut.has(lease.resource)).toBe(false);
              handedOut.add(lease.resource);
              const done = (reuse: boolean) => {
                handedOut.delete(lease.resource);
                return lease.release({ reuse });
              };
              leases.push({ resource: lease.resource, release: () => done(true), discard: () => void done(false) });
            },
            () => settled++,
          );
        } else if (what === 'release') void take(leases)?.release();
        else if (what === 'discard') take(leases)?.discard();
        else if (what === 'abort') leases[which % Math.max(1, leases.length)]?.resource.abort();
        else if (what === 'give up') asked[which % Math.max(1, asked.length)]?.abort(new Error('given up'));
        else if (what === 'opened') opening[which % Math.max(1, opening.length)]?.settle();
        else if (what === 'failed') opening[which % Math.max(1, opening.length)]?.settle(new Error('no'));
        else await new Promise<void>((resolve) => setImmediate(resolve));
        check();
      }
      await pool.close();
      await new Promise<void>((resolve) => setImmediate(resolve));
      expect(settled).toBe(asked.length);
      expect([pool.size, pool.waiting, pool.idle, alive.size, opening.length]).toEqual([0, 0, 0, 0, 0]);
    }),
    { numRuns: 300 },
  );
});

test('serves every caller if nothing fails', async () => {
  const pool = new Pool({
    maximum: 3,
    maximumPerKey: 2,
    keyOf: (key: string) => key,
    open: async () => fakeResource(),
  });
  const served = vi.fn();
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      await using lease = await pool.acquire(`${index % 4}`);
      served(lease);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }),
  );
  expect(served).toHaveBeenCalledTimes(60);
  await pool.close();
  expect(pool.size).toBe(0);
});
