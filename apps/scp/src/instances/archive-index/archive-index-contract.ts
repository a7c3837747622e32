// The contract of indexes of instances: checks for any implementation.

import assert from 'node:assert/strict';
import { type Checks, type CreateStore, contract, type StoreContract } from '@x/dimse/store-contracts';
import { type ArchiveIndex, LEVELS, type Level } from './archive-index.ts';
import { TOGETHER } from './archive-index-groups.ts';
import { ALL, all, arrivedAfter, DOE, described, fill, found, YAMADA } from './archive-index-samples.ts';
import { TEXTS } from './archive-index-texts.ts';
import { EMBEDDED, SHARED } from './archive-index-worlds.ts';

/** Opens an index again, which `CreateStore` has created, as after a restart of the process. */
export type Reopen = (index: ArchiveIndex) => Promise<ArchiveIndex>;

/**
 * The checks that every `ArchiveIndex` passes. `create` gives an empty index that indexes all attributes of this version.
 * @param isShared Whether several processes share it, and each file has a name of its own.
 */
export function archiveIndexContract(
  create: CreateStore<ArchiveIndex>,
  reopen: Reopen,
  { isShared = false }: { readonly isShared?: boolean } = {},
): StoreContract[] {
  return contract(create, {
    ...ENTERING,
    ...TOGETHER,
    ...FINDING,
    ...REMOVING,
    ...TEXTS,
    ...(isShared ? SHARED : EMBEDDED),
    async 'has its entries after a restart'(createOne) {
      const index = await createOne();
      await fill(index);
      const again = await reopen(index);
      assert.deepEqual(await again.counts(), ALL);
      assert.deepEqual(await found(again, 'IMAGE', { PatientID: '42' }), ['1.1.1', '1.1.2', '1.2.1']);
      assert.deepEqual([...(await again.outdated())], []);
    },
  });
}

const ENTERING: Checks<ArchiveIndex> = {
  async 'gives an instance back as it was entered'(create) {
    const index = await create();
    const [instance, attributes] = described('1/1.1/1.1.1', { ...DOE, InstanceNumber: 1 }, 8192);
    await index.add(instance, attributes);
    assert.deepEqual(await index.locate('1.1.1'), [instance]);
    assert.deepEqual(await index.locate('1.1'), []);
    const [entity] = await all(
      index.find({
        level: 'IMAGE',
        identifier: { SOPInstanceUID: '1.1.1', InstanceNumber: '' },
      }),
    );
    assert.deepEqual({ ...entity, ...attributes }, entity);
    const sought = {
      level: 'STUDY',
      identifier: { StudyInstanceUID: '1' },
    } as const;
    assert.deepEqual(await all(index.instances(sought)), [instance]);
  },
  async 'has a null length if the length is not known'(create) {
    const index = await create();
    const [instance, attributes] = described('1/1.1/1.1.1', DOE);
    await index.add({ ...instance, length: null }, attributes);
    assert.equal((await index.locate('1.1.1'))[0]?.length, null);
  },
  async 'keeps an existing entry, unless it is to be replaced'(create) {
    const index = await create();
    const kept = described('1/1.1/1.1.1', { ...DOE, InstanceNumber: 1 }, 1000);
    await index.add(...kept);
    const other = described('1/1.1/1.1.1', { ...DOE, InstanceNumber: 2 }, 2000);
    await index.add(...other);
    assert.deepEqual(await index.locate('1.1.1'), [kept[0]]);
    await index.add(...other, { isReplacing: true });
    assert.deepEqual(await index.locate('1.1.1'), [other[0]]);
    assert.deepEqual(await found(index, 'IMAGE', { InstanceNumber: '2' }), ['1.1.1']);
    assert.deepEqual(await index.counts(), { studies: 1, series: 1, instances: 1 });
  },
  async 'answers with the entry that was there before'(create) {
    const index = await create();
    const kept = described('1/1.1/1.1.1', { ...DOE, InstanceNumber: 1 }, 1000);
    assert.equal(await index.add(...kept), undefined);
    assert.deepEqual(await index.add(...described('1/1.1/1.1.1', { ...DOE, InstanceNumber: 2 }, 2000)), kept[0]);
    // Another patient does not make it another instance.
    assert.deepEqual(await index.add(...described('1/1.1/1.1.1', YAMADA, 2000)), kept[0]);
    assert.equal(await index.add(...described('1/1.1/1.1.1', DOE, 3000), { isReplacing: true }), undefined);
    assert.deepEqual(await index.counts(), { studies: 1, series: 1, instances: 1 });
  },
  async 'replaces the entry of a damaged file once'(create) {
    const index = await create();
    const [instance, attributes] = described('1/1.1/1.1.1', DOE);
    const damaged = { ...instance, file: 'a' };
    await index.add(damaged, attributes);
    const next = { ...instance, file: 'b' };
    assert.equal(await index.add(next, attributes, { instead: damaged }), undefined);
    assert.deepEqual(await index.add({ ...instance, file: 'c' }, attributes, { instead: damaged }), next);
    assert.deepEqual(await index.locate('1.1.1'), [next]);
    assert.deepEqual(await index.names.ownerOf('b'), { study: '1', series: '1.1', sopInstance: '1.1.1', file: 'b' });
    assert.equal(await index.names.ownerOf('a'), undefined);
  },
  async 'enters each of many at once, and one of those that are the same'(create) {
    const index = await create();
    const uids = Array.from({ length: 100 }, (_, number) => `1/1.${number % 3}/1.${number % 3}.${number % 50}`);
    await Promise.all(uids.map(async (each) => index.add(...described(each, DOE))));
    assert.deepEqual(await index.counts(), {
      studies: 1,
      series: 3,
      instances: new Set(uids).size,
    });
    assert.equal(
      await index.countInstances({
        level: 'PATIENT',
        identifier: { PatientID: '42' },
      }),
      new Set(uids).size,
    );
  },
  async 'has an instance of the same UID in each series that names it'(create) {
    const index = await create();
    await index.add(...described('1/1.1/1.1.1', DOE));
    await index.add(...described('1/1.2/1.1.1', DOE));
    const series = (await index.locate('1.1.1')).map((instance) => instance.series);
    assert.deepEqual([...series].sort(), ['1.1', '1.2']);
  },
  async 'has the same entities in whatever order the instances came'(create) {
    const entities = [];
    const entries = [
      described('1/1.1/1.1.1', { ...DOE, StudyDescription: 'first', SeriesDescription: 'first' }),
      described('1/1.1/1.1.2', { ...DOE, StudyDescription: 'second', SeriesDescription: 'second' }),
    ];
    for (const order of [entries, entries.toReversed()]) {
      const index = await create();
      for (const entry of order) await index.add(...entry);
      entities.push(
        await all(
          index.find({
            level: 'SERIES',
            identifier: { SeriesInstanceUID: '1.1' },
          }),
        ),
      );
      await index[Symbol.asyncDispose]();
    }
    assert.equal(entities[0]?.[0]?.StudyDescription, 'first');
    assert.deepEqual(entities[0], entities[1]);
  },
  async 'has a study whose instances name two patients below each of them'(create) {
    const index = await create();
    await index.add(...described('1/1.1/1.1.1', DOE));
    await index.add(...described('1/1.1/1.1.2', YAMADA));
    for (const [PatientID, sopInstance] of [
      ['42', '1.1.1'],
      ['7', '1.1.2'],
    ]) {
      const identifier = { PatientID };
      assert.deepEqual(await found(index, 'STUDY', identifier), ['1']);
      const below = await all(index.instances({ level: 'STUDY', identifier }));
      assert.deepEqual(
        below.map((instance) => instance.sopInstance),
        [sopInstance],
      );
    }
  },
  async 'finds an entry as soon as it has been entered or synced'(create) {
    const index = await create();
    const adding = Array.from({ length: 10 }, async (_, number) => {
      await index.add(...described(`1/1.1/1.1.${number}`, DOE));
      assert.equal((await index.locate(`1.1.${number}`)).length, 1);
    });
    await index.sync();
    await Promise.all(adding);
  },
};

const FINDING: Checks<ArchiveIndex> = {
  async 'finds the entities of each level by keys of it and of those above'(create) {
    const index = await create();
    await fill(index);
    const expected: Readonly<Record<Level, readonly string[]>> = {
      PATIENT: ['42'],
      STUDY: ['1'],
      SERIES: ['1.1', '1.2'],
      IMAGE: ['1.1.1', '1.1.2', '1.2.1'],
    };
    for (const level of LEVELS) {
      for (const key of [{ PatientID: '42' }, { PatientName: 'doe*' }, { PatientID: '4?' }])
        assert.deepEqual(await found(index, level, key), expected[level], `${level} ${JSON.stringify(key)}`);
      assert.deepEqual(await found(index, level, { PatientID: 'unknown' }), []);
    }
    assert.deepEqual(await found(index, 'STUDY', { StudyDate: '20210101-' }), ['2']);
    assert.deepEqual(await found(index, 'STUDY', { PatientName: '*山田*' }), ['2']);
    assert.deepEqual(await found(index, 'STUDY', { ModalitiesInStudy: ['CT', 'MR'] }), ['1', '2']);
    assert.deepEqual(await found(index, 'IMAGE', { SOPInstanceUID: ['1.1.2', '2.1.1', '9'] }), ['1.1.2', '2.1.1']);
    assert.equal(
      await index.countInstances({
        level: 'STUDY',
        identifier: { StudyInstanceUID: '1' },
      }),
      3,
    );
  },
  async 'lists its series, their instances and the latest studies'(create) {
    const index = await create();
    await fill(index);
    const series = (await all(index.series())).map((key) => `${key.study}/${key.series}`);
    assert.deepEqual(series.sort(), ['1/1.1', '1/1.2', '2/2.1']);
    assert.deepEqual([...(await index.sopInstancesOf({ study: '1', series: '1.1' }))].sort(), ['1.1.1', '1.1.2']);
    assert.deepEqual([...(await index.sopInstancesOf({ study: '2', series: '1.1' }))], []);
    const [latest, ...others] = await index.recentStudies(1);
    assert.equal(latest?.StudyInstanceUID, '2');
    assert.equal(latest?.NumberOfStudyRelatedInstances, 1);
    assert.equal(others.length, 0);
  },
  async 'ends a query whose signal has aborted as if it were short, or with an AbortError'(create) {
    const index = await create();
    await fill(index);
    const signal = AbortSignal.abort();
    const query = { level: 'IMAGE', identifier: {} } as const;
    const ends = async (work: () => Promise<unknown>, complete: unknown) => {
      try {
        assert.deepEqual(await work(), complete);
      } catch (error) {
        assert.equal((error as Error).name, 'AbortError');
      }
    };
    await ends(async () => (await all(index.find(query, signal))).length, ALL.instances);
    await ends(async () => (await all(index.instances(query, signal))).length, ALL.instances);
    await ends(async () => index.countInstances(query, signal), ALL.instances);
  },
  async 'lacks nothing, and has no outdated entries, if this version entered them'(create) {
    const index = await create();
    const entry = described('1/1.1/1.1.1', DOE);
    await index.add(...entry);
    assert.deepEqual([...index.lacking], []);
    await index.complete(new AbortController().signal);
    assert.deepEqual([...(await index.outdated())], []);
    await index.renew(...described('1/1.1/1.1.1', YAMADA, 5));
    assert.deepEqual(await index.locate('1.1.1'), [entry[0]]);
  },
};

const REMOVING: Checks<ArchiveIndex> = {
  async 'removes an instance, and the entities that are empty then'(create) {
    const index = await create();
    await fill(index);
    await index.remove({ study: '1', series: '1.1', sopInstance: '9' });
    assert.deepEqual(await index.counts(), ALL);
    await index.remove({ study: '1', series: '1.2', sopInstance: '1.2.1' });
    assert.deepEqual(await index.counts(), { studies: 2, series: 2, instances: 3 });
    await index.remove({ study: '2', series: '2.1', sopInstance: '2.1.1' });
    assert.deepEqual(await index.counts(), { studies: 1, series: 1, instances: 2 });
    assert.deepEqual(await found(index, 'PATIENT', {}), ['42']);
    await index.add(...described('2/2.1/2.1.1', YAMADA));
    assert.deepEqual(await found(index, 'PATIENT', {}), ['42', '7']);
  },
  async 'gives instances in the order of their arrival, in which no place is used twice'(create) {
    const index = await create();
    await fill(index);
    const arrived = await arrivedAfter(index, 0, 4);
    const { generation, last } = await index.arrivals.state();
    const ids = arrived.map(({ id }) => id);
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
    );
    assert.ok(Number(arrived.at(-1)?.id) <= last);
    assert.equal(arrived.find(({ sopInstance }) => sopInstance === '1.1.1')?.attributes.PatientName, 'Doe^Jane');
    for (const { study, series, sopInstance } of arrived.slice(-2)) await index.remove({ study, series, sopInstance });
    assert.ok((await index.arrivals.state()).last >= last);
    await index.add(...described('1/1.1/7', DOE));
    await index.add(...described('1/1.1/8', DOE));
    // An instance that is already there does not arrive again.
    await index.add(...described('1/1.1/7', DOE), { isReplacing: true });
    const later = await arrivedAfter(index, last, 2);
    assert.deepEqual(
      later.map(({ sopInstance }) => sopInstance),
      ['7', '8'],
    );
    const { count } = index.arrivals;
    if (count) assert.deepEqual([await count(last, 10), await count(last, 1)], [2, 1]);
    assert.equal((await index.arrivals.state()).generation, generation);
    await index.clear();
    assert.notEqual((await index.arrivals.state()).generation, generation);
  },
  async 'is empty after it was cleared, and takes entries again'(create) {
    const index = await create();
    await fill(index);
    await index.clear();
    assert.deepEqual(await index.counts(), { studies: 0, series: 0, instances: 0 });
    assert.deepEqual(await all(index.series()), []);
    await fill(index);
    assert.deepEqual(await index.counts(), ALL);
  },
};
