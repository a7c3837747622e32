// The contract of forward queues: checks for any implementation.

import assert from 'node:assert/strict';
import { deliveryQueueChecks } from '../delivery/delivery-queue-contract.ts';
import { type Checks, type CreateStore, contract, type StoreContract } from '../store-contract.ts';
import type { ForwardQueue, QueuedInstance } from './forward-queue.ts';

/** The checks that every `ForwardQueue` passes. */
export const forwardQueueContract = (create: CreateStore<ForwardQueue>): StoreContract[] =>
  contract(create, FORWARD_QUEUE);

const NOW = 1_795_000_000_000;
const NONE: ReadonlySet<string> = new Set();

const instance = (id: string, { peer = 'A', notBefore = 0, attempts = 0, priority = 0 } = {}): QueuedInstance => ({
  ...{ id, destination: peer, notBefore, attempts, priority },
  ...{ study: '1.2', series: '', sopInstance: '1.2.3' },
});

const idsOf = (instances: readonly QueuedInstance[]) => instances.map(({ id }) => id);

const FORWARD_QUEUE: Checks<ForwardQueue> = {
  ...deliveryQueueChecks<QueuedInstance, ForwardQueue>(instance),
  async 'gives instances as they were put, until they are removed'(create) {
    const queue = await create();
    const plain = instance('1', { priority: -1, notBefore: NOW + 0.5 });
    const retried = { ...plain, id: '2', attempts: 3, failure: 'Ärger: A700H', series: '1.2.4' };
    for (const each of [plain, retried]) {
      await queue.put(each);
      assert.deepEqual(await queue.next(NONE), each);
      assert.deepEqual(await queue.due('A', NOW + 1, 10), [each]);
      await queue.remove(each.id);
      assert.equal(await queue.next(NONE), undefined);
      assert.deepEqual(await queue.due('A', NOW + 1, 10), []);
    }
    await queue.remove('1');
  },
  async 'gives the due instances of a destination by their priority'(create) {
    const queue = await create();
    await queue.put(instance('low', { priority: -1 }));
    await queue.put(instance('later', { priority: 1, notBefore: NOW + 1 }));
    await queue.put(instance('second', { notBefore: NOW }));
    await queue.put(instance('third', { notBefore: NOW }));
    await queue.put(instance('first', { notBefore: NOW - 1 }));
    await queue.put(instance('high', { priority: 1, notBefore: NOW }));
    await queue.put(instance('other', { peer: 'B' }));
    assert.deepEqual(idsOf(await queue.due('A', NOW, 10)), ['high', 'first', 'second', 'third', 'low']);
    assert.deepEqual(idsOf(await queue.due('A', NOW, 2)), ['high', 'first']);
    assert.deepEqual(await queue.due('C', NOW, 10), []);
  },
  async 'keeps instances that have failed for good, but does not give them'(create) {
    const queue = await create();
    const failed = { ...instance('1'), isFailed: true, failure: 'A900H' };
    await queue.put(failed);
    assert.equal(await queue.next(NONE), undefined);
    assert.deepEqual(await queue.due('A', NOW, 10), []);
    await queue.put({ ...failed, isFailed: false });
    assert.deepEqual(idsOf(await queue.due('A', NOW, 10)), ['1']);
  },
  async 'changes the instances that it has only'(create) {
    const queue = await create();
    await queue.put(instance('1'));
    await queue.change(instance('1', { attempts: 2, notBefore: NOW }));
    assert.deepEqual(await queue.next(NONE), instance('1', { attempts: 2, notBefore: NOW }));
    await queue.remove('1');
    await queue.change(instance('1', { attempts: 3 }));
    assert.equal(await queue.next(NONE), undefined);
  },
};
