import { ObjectServer } from '@x/testing/object-server';
import { describe, expect, test } from 'vitest';
import { parseObjectStoreUrl } from './object-store-url.ts';
import { ObjectUpload, PART_LENGTH } from './object-upload.ts';
import { S3Client } from './s3-client.ts';
import { type PartMemory, UploadMemory } from './upload-memory.ts';

const MIB = 1024 * 1024;

describe('the memory of uploads', () => {
  test('is given at once while there is some, and then in the order of the requests', async () => {
    // 16 bytes, of which 4 are kept for one part.
    const memory = new UploadMemory(16, 4);
    const [first, second] = [memory.newPart(), memory.newPart()];
    for (const part of [first, second, memory.newPart()]) expect(part.take(4)).toBeUndefined();
    const order: string[] = [];
    const waits = (part: PartMemory, name: string) => Promise.resolve(part.take(3)).then(() => order.push(name));
    const waiting = ['reserve', 'one', 'two'].map((name) => waits(memory.newPart(), name));
    await waiting[0];
    expect([order, memory.waiting, memory.used]).toEqual([['reserve'], 2, 16]);
    first.release();
    await waiting[1];
    expect(order).toEqual(['reserve', 'one']);
    second.release();
    await waiting[2];
    expect([order, memory.waiting]).toEqual([['reserve', 'one', 'two'], 0]);
  });

  test('is given whole to the part that has the reserve, which never waits again', async () => {
    const memory = new UploadMemory(8, 4);
    const [other, part] = [memory.newPart(), memory.newPart()];
    other.take(3);
    part.take(1);
    await part.take(1);
    for (let count = 0; count < 2; count++) expect(part.take(1)).toBeUndefined();
    expect(memory.used).toBe(8);
    part.release();
    part.release();
    other.release();
    expect(memory.used).toBe(0);
  });

  test('must have room for two parts', () => {
    expect(() => new UploadMemory(7, 4)).toThrow(RangeError);
  });
});

/** Uploads of 64 writers at once to a server, with their memory. */
async function uploadedBy64(total: number, lengths: (writer: number) => number) {
  await using server = await ObjectServer.start();
  const keys = { accessKeyId: 'key', secretAccessKey: 'secret' };
  using client = await S3Client.open(parseObjectStoreUrl(server.url), keys);
  const memory = new UploadMemory(total, PART_LENGTH);
  const [piece, seen] = [Buffer.alloc(100_000, 1), { used: 0, waiting: 0 }];
  const upload = async (writer: number) => {
    const own = new ObjectUpload(`${writer}`, { client, memory, dataSetOffset: 0 });
    for (let left = lengths(writer); left > 0; left -= piece.length) {
      await own.write([piece.subarray(0, left)]);
      seen.used = Math.max(seen.used, memory.used);
      seen.waiting = Math.max(seen.waiting, memory.waiting);
    }
    await own.finish();
  };
  await Promise.all(Array.from({ length: 64 }, (_, writer) => upload(writer)));
  const stored = Array.from({ length: 64 }, (_, writer) => server.objects.get(`archive/${writer}`)?.body.length);
  expect(stored).toEqual(Array.from({ length: 64 }, (_, writer) => lengths(writer)));
  expect(memory.used).toBe(0);
  return seen;
}

describe('64 writers at once', () => {
  test.each([
    ['of which each has more than its share', 10 * MIB, () => 5.5 * MIB],
    ['of different lengths', 24 * MIB, (writer: number) => (writer % 4 === 0 ? 7 * MIB : 150_000 * (writer + 1))],
  ])('%s stay within the memory, and all of them end', async (_, total, lengths) => {
    const { used, waiting } = await uploadedBy64(total, lengths);
    expect(used).toBeGreaterThan(total / 2);
    expect(used).toBeLessThanOrEqual(total);
    expect(waiting).toBeGreaterThan(30);
  });
});
