// The contract of stores of instances: checks for any implementation.

import assert from 'node:assert/strict';
import { encodeDataSet, type IncomingData, SopClass, Status, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import { type Checks, type CreateStore, contract, type StoreContract } from '@x/dimse/store-contracts';
import type { InstanceKey, InstanceStore, ListedInstanceStore } from './instance-store.ts';

/** The checks that every `InstanceStore` passes. `create` gives an empty store that extracts the attributes of the index. */
export const instanceStoreContract = (create: CreateStore<InstanceStore>): StoreContract[] =>
  contract(create, { ...KEEPING, ...REFUSING });

/** The further checks of a store that lists its instances. */
export const listedInstanceStoreContract = (create: CreateStore<ListedInstanceStore>): StoreContract[] =>
  contract(create, LISTING);

const SYNTAX = TransferSyntax.ExplicitVRLittleEndian;
const KEY = { study: '1.2', series: '1.2.1', sopInstance: '1.2.3' };
const INSTANCE = {
  sopClass: SopClass.CTImageStorage,
  sopInstance: KEY.sopInstance,
  transferSyntax: SYNTAX,
  sourceAeTitle: 'SCU',
};

function dataSet(attributes: UntypedDataSet = {}, pixels = 1000): Uint8Array {
  return encodeDataSet(
    {
      SOPClassUID: INSTANCE.sopClass,
      SOPInstanceUID: KEY.sopInstance,
      StudyInstanceUID: KEY.study,
      SeriesInstanceUID: KEY.series,
      PatientID: '42',
      ...attributes,
      PixelData: new Uint8Array(pixels).fill(pixels % 251),
    },
    SYNTAX,
  );
}

/** Data that arrive in batches of these pieces, and then fail with the error, if one is given. */
function arriving(pieces: readonly Uint8Array[], error?: Error): IncomingData {
  async function* batches() {
    for (const piece of pieces) yield [piece];
    if (error) throw error;
  }
  return {
    batches,
    async *[Symbol.asyncIterator]() {
      for await (const batch of batches()) yield* batch;
    },
  };
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

/** The bytes of the data set of a stored instance. */
async function stored(store: InstanceStore, key: InstanceKey): Promise<Uint8Array> {
  await using file = await store.open(key);
  assert.equal(file.sopInstance, key.sopInstance);
  const bytes = new Uint8Array(file.dataSet.length);
  for (let done = 0; done < bytes.length; ) {
    const read = await file.dataSet.readv([bytes.subarray(done)], done);
    assert.ok(read > 0);
    done += read;
  }
  return bytes;
}

/** All instances of a store, as study/series/instance. */
async function listed(store: ListedInstanceStore): Promise<string[]> {
  const all: string[] = [];
  for await (const { study, series, sopInstances } of store.series())
    for (const sopInstance of sopInstances) all.push(`${study}/${series}/${sopInstance}`);
  return all.sort();
}

const KEEPING: Checks<InstanceStore> = {
  async 'keeps an instance unchanged, in whatever pieces it arrives'(create) {
    for (const size of [1, 7, 1000, Number.MAX_SAFE_INTEGER]) {
      const store = await create();
      const data = dataSet();
      const { attributes, file: _, ...kept } = await store.keep(INSTANCE, arriving(pieces(data, size)));
      assert.deepEqual(kept, {
        ...KEY,
        length: data.length,
        isDuplicate: false,
        isReplacement: false,
      });
      assert.equal(attributes.PatientID, '42');
      assert.equal(attributes.StudyInstanceUID, KEY.study);
    }
  },
  async 'gives instances of any length as they arrived'(create) {
    const store = await create();
    // In one piece, in several, and in several parts of an object store.
    for (const [number, length] of [10, 1_000_000, 5_000_000, 12_000_000].entries()) {
      const sopInstance = `1.2.3.${number}`;
      const data = dataSet({ SOPInstanceUID: sopInstance }, length);
      const kept = await store.keep({ ...INSTANCE, sopInstance }, arriving(pieces(data, 60_000)));
      assert.ok(Buffer.from(await stored(store, kept)).equals(data));
      assert.equal(await store.has(kept), true);
    }
  },
  async 'gives the meta information of an instance'(create) {
    const store = await create();
    const kept = await store.keep(INSTANCE, arriving([dataSet()]));
    await using file = await store.open(kept);
    assert.deepEqual(file.metaInformation, {
      sopClass: INSTANCE.sopClass,
      sopInstance: INSTANCE.sopInstance,
      transferSyntax: SYNTAX,
      sourceAeTitle: 'SCU',
    });
  },
  async 'keeps an instance of the same UID in each series that names it'(create) {
    const store = await create();
    const all = [dataSet(), dataSet({ SeriesInstanceUID: '1.2.2' })];
    const kept = [];
    for (const data of all) kept.push(await store.keep(INSTANCE, arriving([data])));
    assert.deepEqual(
      kept.map(({ series, isDuplicate }) => [series, isDuplicate]),
      [
        ['1.2.1', false],
        ['1.2.2', false],
      ],
    );
    for (const [index, data] of all.entries()) assert.deepEqual(await stored(store, kept[index] as InstanceKey), data);
  },
  async 'keeps instances without a study or a series'(create) {
    const store = await create();
    const data = dataSet({ StudyInstanceUID: '', SeriesInstanceUID: '' });
    const kept = await store.keep(INSTANCE, arriving([data]));
    assert.deepEqual([kept.study, kept.series], ['', '']);
    assert.deepEqual(await stored(store, kept), data);
  },
  async 'removes an instance'(create) {
    const store = await create();
    const kept = await store.keep(INSTANCE, arriving([dataSet()]));
    // A removal may be repeated after a crash.
    for (let count = 0; count < 2; count++) {
      await store.remove(kept);
      await store.removed([kept]);
      assert.equal(await store.has(kept), false);
    }
    await assert.rejects(async () => store.open(kept), { code: 'ENOENT' });
  },
};

const REFUSING: Checks<InstanceStore> = {
  async 'refuses an instance that is not as its request says, and can keep it afterwards'(create) {
    const store = await create();
    const data = dataSet();
    await refusesAll(store, data);
    const kept = await store.keep(INSTANCE, arriving([data]));
    assert.equal(kept.isDuplicate, false);
    assert.deepEqual(await stored(store, kept), data);
  },
  async 'says with ENOENT that it does not have an instance'(create) {
    const store = await create();
    await assert.rejects(async () => store.open(KEY), { code: 'ENOENT' });
    const kept = await store.keep(INSTANCE, arriving([dataSet()]));
    assert.deepEqual([await store.has(kept), await store.has({ ...KEY, sopInstance: '1.2.4' })], [true, false]);
    await assert.rejects(async () => store.open({ ...KEY, sopInstance: '1.2.4' }), { code: 'ENOENT' });
  },
};

const LISTING: Checks<ListedInstanceStore> = {
  async 'is empty until it has a file'(create) {
    const store = await create();
    assert.equal(await store.isEmpty(), true);
    await store.keep(INSTANCE, arriving([dataSet({})]));
    assert.equal(await store.isEmpty(), false);
  },
  async 'lists the instances by their series'(create) {
    const store = await create();
    for (const series of ['1.2.1', '1.2.2', ''])
      await store.keep(INSTANCE, arriving([dataSet({ SeriesInstanceUID: series })]));
    await store.keep(INSTANCE, arriving([dataSet({ StudyInstanceUID: '', SeriesInstanceUID: '' })]));
    assert.deepEqual(await listed(store), ['//1.2.3', '1.2//1.2.3', '1.2/1.2.1/1.2.3', '1.2/1.2.2/1.2.3']);
    assert.equal(await store.countStudies(), 2);
  },
  async 'keeps the first of two instances with the same UIDs'(create) {
    const store = await create();
    const first = dataSet({}, 10);
    await store.keep(INSTANCE, arriving([first]));
    const second = await store.keep(INSTANCE, arriving([dataSet({}, 20)]));
    assert.deepEqual([second.isDuplicate, second.isReplacement], [true, false]);
    assert.deepEqual(await stored(store, KEY), first);
  },
  async 'keeps the one that it says it has kept, of many that arrive at once'(create) {
    const store = await create();
    const all = Array.from({ length: 20 }, (_, number) => dataSet({}, 100 + 2 * number));
    const kept = await Promise.all(all.map(async (data) => store.keep(INSTANCE, arriving(pieces(data, 90)))));
    const first = kept.findIndex(({ isDuplicate }) => !isDuplicate);
    assert.equal(kept.filter(({ isDuplicate }) => !isDuplicate).length, 1);
    assert.deepEqual(await stored(store, KEY), all[first]);
  },
  async 'leaves nothing of an instance that it does not keep'(create) {
    const store = await create();
    await refusesAll(store, dataSet());
    assert.deepEqual(await listed(store), []);
  },
};

async function refusesAll(store: InstanceStore, data: Uint8Array): Promise<void> {
  const broken = new Error('the association has ended');
  await assert.rejects(async () => store.keep(INSTANCE, arriving(pieces(data, 100).slice(0, 5), broken)), broken);
  await refuses(store, INSTANCE, data.subarray(0, -10), Status.CannotUnderstand);
  await refuses(store, INSTANCE, dataSet({ SOPInstanceUID: '1.2.4' }), Status.DataSetDoesNotMatchSopClass);
  await refuses(store, INSTANCE, dataSet({ StudyInstanceUID: '../1' }), Status.CannotUnderstand);
  for (const sopInstance of ['', '../1', '1.2/3', '1'.repeat(65)])
    await refuses(store, { ...INSTANCE, sopInstance }, data, Status.InvalidSopInstance);
}

async function refuses(store: InstanceStore, instance: typeof INSTANCE, data: Uint8Array, status: number) {
  await assert.rejects(async () => store.keep(instance, arriving([data])), {
    name: 'DimseError',
    status,
  });
}
