// The quota of an archive: its bound, and the studies that make room.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { type InstanceArchive, openInstanceArchive } from './instance-archive.ts';
import type { QuotaOptions } from './storage-quota.ts';

let folder: string;
let archive: InstanceArchive | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'storage-quota-'));
});
afterEach(async () => {
  await archive?.[Symbol.asyncDispose]();
  archive = undefined;
  rmSync(folder, { recursive: true });
});

async function open(quota: Partial<QuotaOptions> & { maximumBytes: number }): Promise<InstanceArchive> {
  await archive?.[Symbol.asyncDispose]();
  archive = await openInstanceArchive(folder, {
    ...{ fsync: false, reindex: false },
    quotaOptions: { isEvicting: true, arrivalTime: 0, ...quota },
  });
  return archive;
}

const LENGTH = 1000;

/** Keeps an instance of 1000 bytes, which arrives in pieces. */
async function keep(study: string, number: number, between: () => void | Promise<void> = () => {}): Promise<void> {
  const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance: `${study}.1.${number}`, study, series: `${study}.1` };
  const whole = (pixelLength: number) => syntheticDataSet({ ...uids, pixelLength });
  const data = whole(LENGTH - (whole(2).length - 2));
  const { sopClass, sopInstance } = uids;
  await archive?.keep(
    { sopClass, sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, sourceAeTitle: 'CT' },
    arriving(data.subarray(0, 500), between, data.subarray(500)),
  );
}

const has = (study: string) => existsSync(join(folder, 'instances', study));
const FULL = { status: 0xa700, errorComment: expect.stringContaining('the quota of') };

describe('a quota', () => {
  test('refuses instances beyond it with A700H, and counts those that are kept after a restart', async () => {
    await open({ maximumBytes: 2 * LENGTH, isEvicting: false });
    await keep('1.1', 1);
    await keep('1.2', 2);
    await expect(keep('1.3', 3)).rejects.toMatchObject(FULL);
    expect(has('1.3')).toBe(false);
    await open({ maximumBytes: 2 * LENGTH, isEvicting: false });
    await archive?.quota?.counting;
    expect(archive?.quota?.counts).toEqual({ used: 2 * LENGTH, maximum: 2 * LENGTH, evicted: 0 });
    // A duplicate needs room only while it arrives, and a deletion makes room.
    await expect(keep('1.1', 1)).rejects.toMatchObject(FULL);
    await archive?.delete({ study: '1.1' });
    await keep('1.2', 2);
    await keep('1.3', 3);
    expect(archive?.quota?.counts.used).toBe(2 * LENGTH);
  });

  test('is never exceeded by instances that arrive at the same time', async () => {
    await open({ maximumBytes: 10 * LENGTH, isEvicting: false });
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, (_, number) => keep('1.1', number)));
    const { instances, bytes } = (await archive?.index.deletions.measure({ study: '1.1' })) ?? {};
    expect(bytes).toBeLessThanOrEqual(10 * LENGTH);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(instances ?? -1);
    expect(archive?.quota?.counts.used).toBe(bytes);
    // Nothing of those that were refused is counted.
    while ((archive?.quota?.counts.used ?? 0) < 10 * LENGTH) await keep('1.2', archive?.quota?.counts.used ?? 0);
    await expect(keep('1.3', 1)).rejects.toMatchObject(FULL);
  });

  test('deletes the studies that were stored to longest ago, as few as needed', async () => {
    await open({ maximumBytes: 4 * LENGTH });
    for (const study of ['1.1', '1.2', '1.3']) await keep(study, 1);
    await keep('1.1', 2);
    const evicted: string[] = [];
    await open({ maximumBytes: 4 * LENGTH, onEvicted: (study) => evicted.push(study) });
    await keep('1.4', 1);
    expect(evicted).toEqual(['1.2']);
    await keep('1.4', 2);
    expect(evicted).toEqual(['1.2', '1.3']);
    expect(['1.1', '1.2', '1.3', '1.4'].map(has)).toEqual([true, false, false, true]);
    expect(archive?.quota?.counts).toEqual({ used: 4 * LENGTH, maximum: 4 * LENGTH, evicted: 2 });
  });

  test('deletes no study that is arriving or needed', async () => {
    await open({ maximumBytes: 3 * LENGTH });
    await keep('1.1', 1);
    await keep('1.2', 1);
    await open({ maximumBytes: 3 * LENGTH, arrivalTime: 60_000 });
    const use = archive?.needs.beginUse();
    use?.add('1.1');
    await keep('1.3', 1);
    await keep('1.3', 2);
    expect(['1.1', '1.2', '1.3'].map(has)).toEqual([true, false, true]);
    await expect(keep('1.3', 3)).rejects.toMatchObject(FULL);
    use?.end();
    expect(has('1.1')).toBe(true);
  });

  test('deletes a study of which an instance arrives again, without a deadlock', async () => {
    await open({ maximumBytes: 2 * LENGTH });
    await keep('1.1', 1);
    await keep('1.2', 1);
    // The oldest study makes room for its own instance.
    await keep('1.1', 1);
    expect([has('1.1'), has('1.2')]).toEqual([true, true]);
    expect((await archive?.index.deletions.measure({ study: '1.1' }))?.instances).toBe(1);
    expect(archive?.quota?.counts.used).toBe(2 * LENGTH);
  });

  test('refuses instances, and deletes nothing, until the index has been compared with the files', async () => {
    await open({ maximumBytes: 2 * LENGTH });
    await keep('1.1', 1);
    await keep('1.2', 1);
    await archive?.index.setComplete(false);
    await expect(keep('1.3', 1)).rejects.toMatchObject(FULL);
    expect(['1.1', '1.2'].map(has)).toEqual([true, true]);
    await archive?.compare();
    expect(archive?.quota?.counts.used).toBe(2 * LENGTH);
  });

  test('gives back the room of instances that are not kept', async () => {
    await open({ maximumBytes: LENGTH, isEvicting: false });
    const lost = keep('1.1', 1, () => {
      throw new Error('the association was aborted');
    });
    await expect(lost).rejects.toThrow('aborted');
    await keep('1.2', 1);
    expect(has('1.2')).toBe(true);
  });

  test('counts a retrieval as a use of a study, and never deletes one that is being retrieved', async () => {
    await open({ maximumBytes: 3 * LENGTH });
    for (const study of ['1.1', '1.2', '1.3']) await keep(study, 1);
    const use = archive?.needs.beginUse();
    use?.add('1.1');
    use?.end();
    // The one that was stored longest ago was retrieved since.
    await keep('1.4', 1);
    expect(['1.1', '1.2', '1.3', '1.4'].map(has)).toEqual([true, false, true, true]);
    const [long, short] = [archive?.needs.beginUse(), archive?.needs.beginUse()];
    long?.add('1.3');
    short?.add('1.1');
    short?.end();
    await keep('1.5', 1);
    expect(['1.1', '1.3', '1.4', '1.5'].map(has)).toEqual([true, true, false, true]);
    long?.end();
    await keep('1.6', 1);
    // The end of a retrieval is a use too.
    expect(['1.1', '1.3', '1.5', '1.6'].map(has)).toEqual([false, true, true, true]);
  });
});

test('is counted behind the open archive, in steps; instances wait for it, and none is refused wrongly', async () => {
  await open({ maximumBytes: 10 * LENGTH, isEvicting: false });
  for (let number = 0; number < 9; number++) await keep(`1.${number + 1}`, number);
  await open({ maximumBytes: 10 * LENGTH, isEvicting: false });
  // Nothing has been counted yet: the archive is open already.
  expect(archive?.quota?.counting).toBeInstanceOf(Promise);
  await keep('2.1', 20);
  expect(archive?.quota?.counting).toBeUndefined();
  await expect(keep('2.2', 21)).rejects.toMatchObject(FULL);
  expect(archive?.quota?.counts.used).toBe(10 * LENGTH);
});
