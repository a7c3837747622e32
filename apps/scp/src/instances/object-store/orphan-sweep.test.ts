import { randomUUID } from 'node:crypto';
import { ObjectServer } from '@x/testing/object-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newObjectKey, sopInstanceOfKey } from './object-key.ts';
import { parseObjectStoreUrl } from './object-store-url.ts';
import { sweepOrphans } from './orphan-sweep.ts';
import { S3Client } from './s3-client.ts';

const NOW = new Date('2026-11-30T08:30:00Z');
const HOUR = 3_600_000;

let server: ObjectServer;
let client: S3Client;
beforeEach(async () => {
  server = await ObjectServer.start();
  const keys = { accessKeyId: 'key', secretAccessKey: 'secret' };
  client = await S3Client.open(parseObjectStoreUrl(server.url), keys, { pause: 1 });
});
afterEach(async () => {
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

/** Puts an object of an attempt that began so many hours ago. */
function put(hours: number, sopInstance = `1.2.${server.objects.size}`): string {
  const key = newObjectKey(sopInstance, new Date(NOW.getTime() - hours * HOUR));
  server.objects.set(`archive/${key}`, { body: Buffer.alloc(1), headers: {}, etag: '"1"' });
  return key;
}

/** The keys of the instances on the server. */
const keys = () => [...server.objects.keys()].map((key) => client.ownKey(key)).filter((key) => key.includes('/'));

/** Sweeps with an index that has these keys, and these instances beside them. */
function sweep(
  entered: readonly string[],
  options: { most?: number; now?: Date; signal?: AbortSignal } = {},
  known = [''],
) {
  const rows = new Set(entered);
  const instances = new Set([...entered.map(sopInstanceOfKey), ...known]);
  const index = {
    entered: async (all: readonly string[]) => new Set(all.filter((key) => rows.has(key))),
    known: async (all: readonly string[]) => new Set(all.filter((uid) => instances.has(uid))),
  };
  return sweepOrphans(client, index, { signal: new AbortController().signal, now: NOW, ...options });
}

describe('a sweep', () => {
  test('removes only objects without a row that are older than a day', async () => {
    const entered = [put(100), put(24), put(0)];
    const young = [put(24), put(1)];
    const orphans = [put(25), put(30), put(10_000)];
    server.objects.set('archive/ab/other', { body: Buffer.alloc(1), headers: {}, etag: '"1"' });
    server.objects.set('other/ab/2020-01-01T00/1.2.x', { body: Buffer.alloc(1), headers: {}, etag: '"1"' });
    expect(await sweep(entered)).toMatchObject({ removed: orphans.length, left: 0, isComplete: true });
    expect(keys().sort()).toEqual([...entered, ...young, 'ab/other', '/2020-01-01T00/1.2.x'].sort());
  });

  test('lists an hour once', async () => {
    const entered = [put(50)];
    expect((await sweep(entered)).listed).toBe(1);
    expect((await sweep(entered)).listed).toBe(0);
    // It is an hour later.
    entered.push(put(23));
    const later = { now: new Date(NOW.getTime() + 2 * HOUR) };
    expect((await sweep(entered, later)).listed).toBe(1);
    expect((await sweep(entered, later)).listed).toBe(0);
  });

  test('takes one request for each beginning of keys, however many objects are younger', async () => {
    server.pageLength = 10;
    for (let count = 0; count < 600; count++) put(1);
    const before = server.requests.length;
    await sweep([]);
    const lists = server.requests.slice(before).filter(({ query }) => query.has('list-type'));
    expect(lists.length).toBe(256);
  });

  test('stops after its most keys, and is continued by the next one', async () => {
    server.pageLength = 2;
    const entered = Array.from({ length: 40 }, () => put(30));
    const orphans = Array.from({ length: 10 }, () => put(30));
    let [sweeps, listed, removed] = [0, 0, 0];
    for (let isComplete = false; !isComplete; sweeps++) {
      const swept = await sweep(entered, { most: 10 });
      expect(swept.listed).toBeLessThanOrEqual(12);
      listed += swept.listed;
      removed += swept.removed;
      isComplete = swept.isComplete;
    }
    expect([sweeps > 3, removed, keys().sort()]).toEqual([true, orphans.length, entered.sort()]);
    expect(listed).toBe(50);
  });

  test('that is aborted is continued by the next one', async () => {
    const entered = [put(30)];
    const orphan = put(30);
    const stopped = new AbortController();
    server.fault = ({ method }) => {
      if (method === 'DELETE') stopped.abort(new Error('stopped'));
      return undefined;
    };
    await expect(sweep(entered, { signal: stopped.signal })).rejects.toThrow('stopped');
    server.fault = () => undefined;
    expect((await sweep(entered)).isComplete).toBe(true);
    expect(keys()).not.toContain(orphan);
  });

  test('leaves many objects of instances that the index does not know: it may have been restored', async () => {
    const entered = [put(30), put(30)];
    const unknown = Array.from({ length: 12 }, () => put(30));
    const again = put(30, '1.2.0');
    expect(await sweep(entered)).toMatchObject({ removed: 1, left: unknown.length });
    expect(keys().sort()).toEqual([...entered, ...unknown].sort());
    expect(keys()).not.toContain(again);
  });

  test('removes many objects of instances that were stored by other attempts', async () => {
    const entered = [put(30, '1.2')];
    for (let count = 0; count < 50; count++) put(30, '1.2');
    expect(await sweep(entered)).toMatchObject({ removed: 50, left: 0 });
  });

  test('aborts the uploads of parts that are older than a day', async () => {
    server.pageLength = 2;
    const start = (hours: number) =>
      server.uploads.set(randomUUID(), { key: `archive/${put(hours)}`, headers: {}, parts: new Map() });
    for (const hours of [1, 30, 24, 25, 40]) start(hours);
    const entered = keys();
    expect((await sweep(entered)).aborted).toBe(3);
    expect(server.uploads.size).toBe(2);
  });

  test('does not end at an object that somebody else has removed', async () => {
    put(30);
    server.fault = ({ method, key }) => {
      if (method === 'DELETE') server.objects.delete(key);
      return method === 'DELETE' ? { status: 404, code: 'NoSuchKey' } : undefined;
    };
    expect((await sweep([])).removed).toBe(1);
  });
});
