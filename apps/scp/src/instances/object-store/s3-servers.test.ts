// The same store on a real server with the S3 interface.

import { randomUUID } from 'node:crypto';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { testStore } from '@x/testing/services';
import { describe, expect, test } from 'vitest';
import { arriving } from '../../../test/arriving-data.ts';
import { instanceStoreContract } from '../instance-store-contract.ts';
import { objectStoreKeys, parseObjectStoreUrl } from './object-store-url.ts';
import { sweepOrphans } from './orphan-sweep.ts';
import { S3Client } from './s3-client.ts';
import { openS3InstanceStore } from './s3-instance-store.ts';

const bucket = await testStore();
/** A place of its own for each test. */
const ownUrl = () => `${bucket}`.replace(/\?|$/, (end) => `/${randomUUID()}${end}`);
const UIDS = { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3', study: '1.2', series: '1.2.1' };
const INSTANCE = { ...UIDS, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, sourceAeTitle: 'SCU' };
const { signal } = new AbortController();

describe.skipIf(!bucket)('an object store', () => {
  test.each(instanceStoreContract(() => openS3InstanceStore(ownUrl())))('$name', ({ check }) => check());

  test('answers a check, and tells how long an object is', async () => {
    await using store = await openS3InstanceStore(ownUrl());
    await store.check();
    for (const pixelLength of [1000, 6_000_000]) {
      const kept = await store.keep(INSTANCE, arriving(syntheticDataSet({ ...UIDS, pixelLength })));
      expect([await store.isWhole(kept, kept.length), await store.isWhole(kept, 1000)]).toEqual([true, false]);
    }
  });

  test('refuses another secret', async () => {
    const keys = { accessKeyId: 'dimse:dimse', secretAccessKey: 'another' };
    await using store = await openS3InstanceStore(ownUrl(), { keys });
    await expect(store.keep(INSTANCE, arriving(syntheticDataSet(UIDS)))).rejects.toMatchObject({
      errorComment: 'the object store refuses access',
    });
  });

  test('keeps nothing of an instance whose association ends in the middle of its parts', async () => {
    const url = ownUrl();
    await using store = await openS3InstanceStore(url);
    const data = syntheticDataSet({ ...UIDS, pixelLength: 12_000_000 });
    const ends = () => {
      throw new Error('ended');
    };
    await expect(store.keep(INSTANCE, arriving(data.subarray(0, 11_000_000), ends))).rejects.toThrow('ended');
    using client = await S3Client.open(parseObjectStoreUrl(url), objectStoreKeys());
    const list = (query: Record<string, string>) =>
      client.call({ method: 'GET', query: { ...query, prefix: client.fullKey('') } });
    expect((await list({ uploads: '' })).text).not.toContain('<Upload>');
    expect((await list({ 'list-type': '2' })).text).not.toContain('<Contents>');
  });

  test('is swept of objects without rows and of broken uploads', async () => {
    const url = ownUrl();
    await using store = await openS3InstanceStore(url);
    const keep = () => store.keep(INSTANCE, arriving(syntheticDataSet(UIDS)));
    const [kept, orphan] = [await keep(), await keep()];
    using client = await S3Client.open(parseObjectStoreUrl(url), objectStoreKeys());
    await client.call({ method: 'POST', key: `${orphan.file}`, query: { uploads: '' } });
    const index = {
      entered: async (keys: readonly string[]) => new Set(keys.filter((key) => key === kept.file)),
      known: async (sopInstances: readonly string[]) => new Set(sopInstances),
    };
    const now = new Date(Date.now() + 26 * 3_600_000);
    const swept = await sweepOrphans(client, index, { signal, now });
    expect(swept).toEqual({ listed: 2, removed: 1, left: 0, aborted: 1, isComplete: true });
    expect([await store.has(kept), await store.has(orphan)]).toEqual([true, false]);
    expect(await sweepOrphans(client, index, { signal, now })).toMatchObject({ listed: 0, aborted: 0 });
  });
});
