// The part of the contract of indexes about instances that are entered together.

import assert from 'node:assert/strict';
import type { Checks } from '@x/dimse/store-contracts';
import type { ArchiveIndex } from './archive-index.ts';
import { DOE, described } from './archive-index-samples.ts';

export const TOGETHER: Checks<ArchiveIndex> = {
  async 'enters several together, and keeps the entries that are there'(create) {
    const index = await create();
    const kept = described('1/1.1/1.1.1', { ...DOE, InstanceNumber: 1 }, 1000);
    await index.add(...kept);
    const uids = ['1/1.1/1.1.3', '1/1.1/1.1.1', '1/1.1/1.1.2', '1/1.1/1.1.2', '1/1.2/1.2.1', '2/2.1/2.1.1'];
    const instances = uids.map((each) => {
      const [instance, attributes] = described(each, DOE, 2000);
      return { instance, attributes };
    });
    await index.addAll(instances);
    await index.addAll([]);
    assert.deepEqual(await index.counts(), { studies: 2, series: 3, instances: 5 });
    assert.deepEqual(await index.locate('1.1.1'), [kept[0]]);
    assert.deepEqual(await index.locate('1.1.2'), [instances[2]?.instance]);
    assert.deepEqual([...(await index.sopInstancesOf({ study: '1', series: '1.1' }))].sort(), [
      '1.1.1',
      '1.1.2',
      '1.1.3',
    ]);
  },
  async 'enters the others if one of several has the file of another instance'(create) {
    const index = await create();
    const [first, attributes] = described('1/1.1/1.1.1', DOE);
    await index.add({ ...first, file: 'a' }, attributes);
    const instances = ['1.1.2', '1.1.3', '1.1.4'].map((sopInstance, at) => ({
      instance: { ...first, sopInstance, file: ['b', 'a', 'c'][at] as string },
      attributes: { ...attributes, SOPInstanceUID: sopInstance },
    }));
    await assert.rejects(async () => index.addAll(instances));
    assert.deepEqual([...(await index.sopInstancesOf({ study: '1', series: '1.1' }))].sort(), [
      '1.1.1',
      '1.1.2',
      '1.1.4',
    ]);
    assert.deepEqual(await index.names.ownerOf('a'), { study: '1', series: '1.1', sopInstance: '1.1.1', file: 'a' });
  },
};
