// Further checks of the contract of indexes: of an embedded one, and of one that several processes share.

import assert from 'node:assert/strict';
import type { Checks } from '@x/dimse/store-contracts';
import type { ArchiveIndex, IndexedInstance } from './archive-index.ts';
import { all, DOE, described, found } from './archive-index-samples.ts';

export const EMBEDDED: Checks<ArchiveIndex> = {
  async 'is incomplete after it was cleared'(create) {
    const index = await create();
    await index.setComplete(true);
    assert.equal(index.isComplete, true);
    await index.clear();
    assert.equal(index.isComplete, false);
  },
  async 'does not use an id again after it was cleared, nor after its latest instance was removed then'(create) {
    const index = await create();
    const ids: number[] = [];
    const enter = async (uids: string) => {
      const before = (await index.arrivals.state()).last;
      await index.add(...described(uids, DOE));
      ids.push(...(await index.arrivals.after(before, 10)).map(({ id }) => id));
    };
    for (const uids of ['1/1.1/1.1.1', '1/1.1/1.1.2']) await enter(uids);
    await index.clear();
    await enter('2/2.1/2.1.1');
    await index.remove({ study: '2', series: '2.1', sopInstance: '2.1.1' });
    await enter('2/2.1/2.1.2');
    assert.deepEqual(ids, [1, 2, 3, 4]);
  },
};

export const SHARED: Checks<ArchiveIndex> = {
  async 'is complete from the start'(create) {
    assert.equal((await create()).isComplete, true);
  },
  async 'lists the files that lost against an earlier one, or were replaced'(create) {
    const index = await create();
    const [instance, attributes] = described('1/1.1/1.1.1', DOE);
    const key = { study: '1', series: '1.1', sopInstance: '1.1.1' };
    const withFile = (file: string): IndexedInstance => ({ ...instance, file });
    const [first, second, third] = [withFile('a'), withFile('b'), withFile('c')];
    const isListed = (file: string) => index.deletions.isToBeRemoved({ ...key, file });
    await index.add(first, attributes);
    assert.deepEqual(await index.add(second, attributes), first);
    assert.deepEqual([await isListed('a'), await isListed('b')], [false, true]);
    // It lost, and then the file that won was found to be damaged.
    await index.add(second, attributes, { instead: first });
    assert.deepEqual([await isListed('a'), await isListed('b')], [true, false]);
    await index.add(first, attributes, { instead: second });
    await index.add(third, attributes, { instead: first });
    assert.deepEqual([await isListed('a'), await isListed('c')], [true, false]);
    // The same file again is neither.
    await index.add(third, attributes);
    assert.equal(await isListed('c'), false);
    await index.deletions.filesRemoved([
      { ...key, file: 'a' },
      { ...key, file: 'b' },
    ]);
    assert.deepEqual([await isListed('a'), await isListed('b')], [false, false]);
  },
  async 'removes the entries of a scope, and lists their files'(create) {
    const index = await create();
    const { deletions } = index;
    for (const uids of ['1/1.1/1.1.1', '1/1.1/1.1.2', '1/1.2/1.2.1', '2/2.1/2.1.1']) {
      const [instance, attributes] = described(uids, DOE, 100);
      await index.add({ ...instance, file: `of ${uids}` }, attributes);
    }
    assert.deepEqual(await deletions.measure({ study: '1' }), { instances: 3, bytes: 300 });
    const last = await deletions.lastOf({ study: '1' });
    const usage = await all(deletions.usage());
    assert.deepEqual(
      usage.map(({ study, bytes }) => [study, bytes]),
      [
        ['1', 200],
        ['1', 100],
        ['2', 100],
      ],
    );
    assert.equal(Math.max(...usage.map((each) => (each.study === '1' ? each.lastEntry : -1))), last);
    const taken = await deletions.listForRemoval({ study: '1' }, last, 2);
    assert.deepEqual(
      taken.map(({ file }) => file),
      ['of 1/1.1/1.1.1', 'of 1/1.1/1.1.2'],
    );
    assert.equal((await deletions.listForRemoval({ study: '1' }, last, 10)).length, 1);
    assert.equal((await deletions.listForRemoval({ study: '1' }, last, 10)).length, 0);
    assert.deepEqual(await index.counts(), { studies: 1, series: 1, instances: 1 });
    for (const instance of taken) assert.equal(await deletions.isToBeRemoved(instance), true);
    assert.deepEqual(await found(index, 'PATIENT', {}), ['42']);
  },
};
