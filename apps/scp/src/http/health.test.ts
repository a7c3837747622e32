// Health: services that fail, that come back, and that do not answer.

import { afterEach, expect, test } from 'vitest';
import { Health, type HealthCheck, type HealthOptions, healthRoutes } from './health.ts';
import { openHttpServer } from './http-server.ts';

const begun: (Disposable | AsyncDisposable)[] = [];
afterEach(async () => {
  for (const each of begun.splice(0))
    if (Symbol.dispose in each) each[Symbol.dispose]();
    else await each[Symbol.asyncDispose]();
});

/** Checks without pauses. `next` gives the changes one after the other. */
function begin(checks: readonly HealthCheck[], options: HealthOptions = {}) {
  const told: string[] = [];
  let wake = () => {};
  const changed = (name: string, error: unknown) => {
    told.push(error === undefined ? `${name} is good` : `${name}: ${(error as Error).message}`);
    wake();
  };
  const health = new Health(checks, { interval: 1, timeout: 60_000, changed, ...options });
  begun.push(health);
  const next = async (): Promise<string> => {
    while (told.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return told.shift() as string;
  };
  return { health, next };
}

/** A service that can be stopped and started, and counts its checks. */
function service(name: string) {
  let count = 0;
  let isUp = true;
  let answered = () => {};
  return {
    name,
    async check() {
      count++;
      answered();
      if (!isUp) throw new Error('connection refused');
    },
    up(now: boolean) {
      isUp = now;
    },
    /** Settles when one more check has begun and ended. */
    async checked() {
      const before = count;
      while (count < before + 2)
        await new Promise<void>((resolve) => {
          answered = resolve;
        });
    },
  };
}

test('is good only after the first check of each service', async () => {
  const database = service('database');
  const store = service('store');
  const { health } = begin([database, store]);
  expect([health.isGood, health.states]).toEqual([false, { database: 'unknown', store: 'unknown' }]);
  await Promise.all([database.checked(), store.checked()]);
  expect([health.isGood, health.states]).toEqual([true, { database: 'good', store: 'good' }]);
});

test('is good without services', () => {
  expect(begin([]).health.isGood).toBe(true);
});

test('tells once of a service that fails, and once when it is back', async () => {
  const database = service('database');
  const { health, next } = begin([database]);
  await database.checked();
  database.up(false);
  expect(await next()).toBe('database: connection refused');
  expect(health.isGood).toBe(false);
  await database.checked();
  await database.checked();
  database.up(true);
  expect(await next()).toBe('database is good');
  expect(health.isGood).toBe(true);
});

test('tells of a service that has never answered', async () => {
  const database = service('database');
  database.up(false);
  expect(await begin([database]).next()).toBe('database: connection refused');
});

test('a service that does not answer in time has failed, and the next check begins only when this one has ended', async () => {
  let running = 0;
  let most = 0;
  const silent: HealthCheck = {
    name: 'store',
    async check(signal) {
      most = Math.max(most, ++running);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      // Ends late and without an error.
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    },
  };
  const database = service('database');
  const { health, next } = begin([silent, database], { timeout: 5 });
  expect(await next()).toBe('store: no answer within 0.005 s');
  await database.checked();
  expect(health.states).toEqual({ store: 'failed', database: 'good' });
  expect(most).toBe(1);
});

test('a check that never settles keeps only its own service back', async () => {
  const stuck: HealthCheck = { name: 'store', check: () => new Promise(() => {}) };
  const database = service('database');
  const { health, next } = begin([stuck, database], { timeout: 5 });
  expect(await next()).toBe('store: no answer within 0.005 s');
  await database.checked();
  expect(health.states).toEqual({ store: 'failed', database: 'good' });
});

test('tells nothing after its end', async () => {
  const database = service('database');
  const told: string[] = [];
  const health = new Health([database], { interval: 1, changed: (name) => told.push(name) });
  await database.checked();
  database.up(false);
  health[Symbol.dispose]();
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual([]);
});

test('/healthz answers 200 only if the archive listens and all services are good; /livez answers 200 always', async () => {
  const state = { isListening: true, isStopping: false, isGood: true };
  const server = await openHttpServer({
    ...{ port: 0, host: '127.0.0.1', failed: () => {} },
    routes: healthRoutes({
      health: {
        get isGood() {
          return state.isGood;
        },
        get states() {
          return { database: state.isGood ? ('good' as const) : ('failed' as const) };
        },
      },
      isListening: () => state.isListening,
      isStopping: () => state.isStopping,
    }),
  });
  begun.push(server);
  const ask = async (change: Partial<typeof state>) => {
    Object.assign(state, { isListening: true, isStopping: false, isGood: true }, change);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    const response = await fetch(`${server.url}/healthz`);
    return [response.status, await response.json()];
  };
  const good = { database: 'good' };
  expect(await ask({})).toEqual([200, { status: 'ready', checks: good }]);
  expect(await ask({ isStopping: true })).toEqual([503, { status: 'draining', checks: good }]);
  expect(await ask({ isListening: false })).toEqual([503, { status: 'draining', checks: good }]);
  expect(await ask({ isGood: false })).toEqual([503, { status: 'unavailable', checks: { database: 'failed' } }]);
});
