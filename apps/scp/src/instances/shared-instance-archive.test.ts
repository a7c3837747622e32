import { type DimseError, Status } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { ObjectServer } from '@x/testing/object-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { arriving } from '../../test/arriving-data.ts';
import { TEST_SERVER, testSchema, type Wire, wireTo } from '../../test/test-database.ts';
import { openSharedDatabase } from '../shared-database/shared-database.ts';
import type { InstanceArchive } from './instance-archive.ts';
import type { InstanceKey, KeptInstance } from './instance-store.ts';
import { openS3InstanceStore } from './object-store/s3-instance-store.ts';
import { openSharedInstanceArchive } from './shared-instance-archive.ts';

const KEYS = { accessKeyId: 'reader', secretAccessKey: 'secret' };

describe.skipIf(TEST_SERVER === undefined)('an archive that several processes share', () => {
  let server: ObjectServer;
  let wire: Wire;
  const ending: (() => PromiseLike<void>)[] = [];
  beforeEach(async () => {
    server = await ObjectServer.start();
    const schema = testSchema();
    wire = await wireTo(schema.url);
    ending.push(() => schema[Symbol.asyncDispose]());
    ending.push(() => wire[Symbol.asyncDispose]());
  });
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
    await server[Symbol.asyncDispose]();
  });

  /** As another process opens it. */
  async function open(grace?: number): Promise<InstanceArchive> {
    const store = await openS3InstanceStore(server.url, { keys: KEYS, pause: 1 });
    const database = await openSharedDatabase(wire.url);
    const archive = await openSharedInstanceArchive({ database, store, ...(grace !== undefined && { grace }) });
    // The index forgets the series that it knows when it begins to listen: it is to know those of a test.
    await new Promise<void>((resolve) => database.listen('test', () => resolve()));
    ending.push(async () => {
      await archive[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    });
    return archive;
  }

  const keep = async (archive: InstanceArchive, number = 1, pixelLength = 1000, series = '1.2.1') => {
    const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance: `1.2.3.${number}`, study: '1.2', series };
    const data = syntheticDataSet({ ...uids, pixelLength });
    const { sopClass, sopInstance } = uids;
    const description = { sopClass, sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, sourceAeTitle: 'SCU' };
    return archive.keep(description, arriving(data));
  };
  /** The keys of the objects of instances, without that of the sweeper's position. */
  const objects = () => [...server.objects.keys()].filter((key) => key.includes('1.2.3.'));
  const lengthIn = async (archive: InstanceArchive, key: InstanceKey) => {
    const [entry] = await archive.index.locate(key.sopInstance);
    await using file = await archive.open(entry as InstanceKey);
    return file.dataSet.length;
  };
  const statusOf = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: DimseError) => error.status,
    );
  const fileOf = async (archive: InstanceArchive, { sopInstance }: InstanceKey) =>
    (await archive.index.locate(sopInstance))[0]?.file;
  const isListed = (archive: InstanceArchive, key: KeptInstance) => archive.index.deletions.isToBeRemoved(key);

  test('gives each process the instances that another one has kept', async () => {
    const [one, other] = [await open(), await open()];
    const kept = await keep(one);
    expect(kept.isDuplicate).toBe(false);
    expect(await lengthIn(other, kept)).toBe(kept.length);
    expect(other.incompleteness).toBe(undefined);
    expect(await other.compare()).toEqual({ added: 0, removed: 0, unreadable: [] });
    expect(await other.indexLength()).toBeGreaterThan(0);
  });

  test('has one object of an instance that processes keep at the same time', async () => {
    const archives = await Promise.all([open(), open(), open()]);
    const kept = await Promise.all(archives.map((archive, number) => keep(archive, 1, 1000 + 2 * number)));
    expect(kept.filter(({ isDuplicate }) => !isDuplicate).length).toBe(1);
    const winner = kept.find(({ isDuplicate }) => !isDuplicate) as KeptInstance;
    const [first] = archives as [InstanceArchive, ...InstanceArchive[]];
    expect(await lengthIn(first, winner)).toBe(winner.length);
    // All answers name the object that stays.
    expect(new Set(kept.map(({ file }) => file))).toEqual(new Set([winner.file]));
    expect(objects().length).toBe(3);
    expect(await isListed(first, winner)).toBe(false);
  });

  test('answers A700H if the object cannot be stored, and enters nothing', async () => {
    const archive = await open();
    server.fault = ({ method }) => (method === 'PUT' ? { status: 507, code: 'InsufficientStorage' } : undefined);
    expect(await statusOf(keep(archive))).toBe(Status.OutOfResources);
    expect((await archive.index.counts()).instances).toBe(0);
    server.fault = () => undefined;
    expect((await keep(archive)).isDuplicate).toBe(false);
  });

  test('answers A700H while the index cannot be reached, and leaves the object to the sweeper', async () => {
    const archive = await open();
    await keep(archive, 1);
    wire.cut();
    expect(await statusOf(keep(archive, 2))).toBe(Status.OutOfResources);
    expect(objects().length).toBe(2);
    wire.mend();
    expect((await keep(archive, 2)).isDuplicate).toBe(false);
    expect((await archive.index.counts()).instances).toBe(2);
  });

  // The first instance of a series is entered by a transaction, the next one by one statement.
  test.each([
    [1, 'commit\0'],
    [2, 'insert into instance'],
  ])('finds out whether the entry of instance %i was made if its connection is lost', async (number, text) => {
    const archive = await open();
    if (number > 1) await keep(archive, 1);
    wire.cutAt(text, 'answered');
    const kept = await keep(archive, number);
    expect(kept.isDuplicate).toBe(false);
    expect(await fileOf(archive, kept)).toBe(kept.file);
    wire.cutAt(text, 'before');
    const series = `1.2.${number}.9`;
    expect(await statusOf(keep(archive, 9, 1000, series))).toBe(Status.OutOfResources);
    // Its SCU tries again.
    const again = await keep(archive, 9, 1000, series);
    expect(await fileOf(archive, again)).toBe(again.file);
  });

  test('replaces an instance whose object is missing or damaged', async () => {
    const [one, other] = [await open(), await open()];
    const { file } = await keep(one);
    for (const key of [...server.objects.keys()]) if (key.endsWith(`${file}`)) server.objects.delete(key);
    const kept = await Promise.all([keep(one), keep(other)]);
    expect(kept.map(({ isReplacement }) => isReplacement).sort()).toEqual([false, true]);
    const replacement = kept.find(({ isReplacement }) => isReplacement) as KeptInstance;
    expect(await fileOf(one, replacement)).toBe(replacement.file);
    expect(await isListed(one, replacement)).toBe(false);
    expect(await lengthIn(other, replacement)).toBe(replacement.length);
  });

  test('deletes in one process, and removes the objects in any, after the time that retrievals need', async () => {
    const one = await open();
    const kept = await keep(one);
    await keep(one, 2);
    const [entry] = await one.index.locate(kept.sopInstance);
    await using retrieved = await one.open(entry as InstanceKey);
    expect((await one.delete({ study: '1.2' })).instances).toBe(2);
    expect(objects().length).toBe(2);
    expect(await retrieved.extract(new Set([0x0020000d]))).toBeDefined();
    // Another process, which does not wait.
    const other = await open(0);
    await expect.poll(() => objects().length).toBe(0);
    expect(await other.index.deletions.filesToRemove(10)).toEqual([]);
    expect((await other.index.counts()).instances).toBe(0);
  });

  test('keeps an instance that arrives while it is being deleted, or does not have it', async () => {
    const [one, other] = [await open(0), await open(0)];
    for (let round = 0; round < 10; round++) {
      await keep(one, 1);
      const [kept] = await Promise.all([keep(one, 1), other.delete({ study: '1.2' })]);
      const entries = await one.index.locate(kept.sopInstance);
      for (const entry of entries) expect(await lengthIn(other, entry)).toBe(kept.length);
    }
  });
});
