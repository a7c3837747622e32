// The contract of stores of work items: checks for any implementation.

import assert from 'node:assert/strict';
import { GLOBAL_SUBSCRIPTION_INSTANCE } from '../../services/unified-procedure-step.ts';
import { type Checks, type CreateStore, contract, NO_ROOM, type StoreContract } from '../store-contract.ts';
import type { WorkItem } from './unified-procedure-step.ts';
import type { WorkItemStore } from './work-item-store.ts';

/** The checks that every `WorkItemStore` passes. The room is the number of work items, and of subscriptions. */
export const workItemStoreContract = (create: CreateStore<WorkItemStore>): StoreContract[] =>
  contract(create, WORK_ITEMS);

const NOW = 1_795_000_000_000;

const item: WorkItem = {
  state: 'SCHEDULED',
  attributes: {
    SpecificCharacterSet: ['ISO_IR 192'],
    ProcedureStepLabel: 'Prüfen',
    PatientName: { Alphabetic: 'A^B' },
  },
};
const finished = (finishedAt: number): WorkItem => ({
  ...item,
  state: 'COMPLETED',
  transactionUid: '2.25.1',
  finishedAt,
});
const subscription = (peer: string, sopInstance: string, hasDeletionLock = false) => ({
  peer,
  sopInstance,
  hasDeletionLock,
});

async function uidsOf(store: WorkItemStore, state?: WorkItem['state']): Promise<string[]> {
  const uids: string[] = [];
  for await (const [sopInstance] of store.items(state)) uids.push(sopInstance);
  return uids;
}

const refuse = () => {
  throw new Error('no');
};

const WORK_ITEMS: Checks<WorkItemStore> = {
  async 'keeps work items in order, and does not add one twice'(create) {
    const store = await create();
    assert.equal(await store.get('1'), undefined);
    assert.equal(await store.add('2', item), true);
    assert.equal(await store.add('1', finished(NOW)), true);
    assert.equal(await store.add('1', item), false);
    assert.deepEqual([await store.get('2'), await store.get('1')], [item, finished(NOW)]);
    assert.deepEqual(await uidsOf(store), ['2', '1']);
    const twice = await Promise.all([store.add('3', item), store.add('3', item)]);
    assert.deepEqual(twice.sort(), [false, true]);
    assert.deepEqual([await uidsOf(store, 'SCHEDULED'), await uidsOf(store, 'CANCELED')], [['2', '3'], []]);
  },
  async 'changes work items atomically'(create) {
    const store = await create();
    await store.add('1', item);
    const take = (uid: string) => (before: WorkItem) =>
      before.state === 'SCHEDULED' ? { ...before, state: 'IN PROGRESS' as const, transactionUid: uid } : refuse();
    const claims = await Promise.allSettled(['1', '2', '3', '4'].map(async (uid) => store.change('1', take(uid))));
    assert.equal(claims.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await store.get('1'))?.state, 'IN PROGRESS');
    assert.equal(await store.change('2', take('1')), undefined);
  },
  async 'keeps the latest subscription for each peer and instance'(create) {
    const store = await create();
    await store.add('1', item);
    assert.equal(await store.subscribe(subscription('A', '9')), false);
    const global = { ...subscription('A', GLOBAL_SUBSCRIPTION_INSTANCE), keys: { PatientID: 'P' } };
    assert.equal(await store.subscribe(global), true);
    for (const each of [subscription('A', '1'), subscription('B', '1'), subscription('A', '1', true)])
      assert.equal(await store.subscribe(each), true);
    assert.deepEqual(await store.subscriptions(GLOBAL_SUBSCRIPTION_INSTANCE), [global]);
    const locks = (await store.subscriptions('1')).map(({ peer, hasDeletionLock }) => `${peer} ${hasDeletionLock}`);
    assert.deepEqual(locks.sort(), ['A true', 'B false']);
    assert.deepEqual([...(await store.subscribers())].sort(), ['A', 'B']);
    await store.unsubscribe('A', '1');
    assert.deepEqual(await store.subscriptions('1'), [subscription('B', '1')]);
    await store.unsubscribe('A');
    assert.deepEqual(await store.subscribers(), ['B']);
  },
  async 'removes work items finished before a time, with their subscriptions, unless one locks them'(create) {
    const store = await create();
    for (const [uid, kept] of Object.entries({
      old: finished(NOW - 1),
      held: finished(NOW - 1),
      new: finished(NOW),
      open: item,
    }))
      await store.add(uid, kept);
    await store.subscribe(subscription('A', GLOBAL_SUBSCRIPTION_INSTANCE, true));
    for (const uid of ['old', 'held', 'new', 'open']) await store.subscribe(subscription('A', uid, uid === 'held'));
    assert.equal(await store.removeFinished(NOW), 1);
    assert.deepEqual(await uidsOf(store), ['held', 'new', 'open']);
    assert.deepEqual(await store.subscriptions('old'), []);
    assert.equal(await store.removeFinished(NOW, { evenLocked: true }), 1);
    assert.equal(await store.removeFinished(Number.POSITIVE_INFINITY), 1);
    assert.deepEqual(await uidsOf(store), ['open']);
    assert.equal(
      (await store.subscriptions('open')).length + (await store.subscriptions(GLOBAL_SUBSCRIPTION_INSTANCE)).length,
      2,
    );
  },
  async 'rejects work items and subscriptions when it is full'(create) {
    const store = await create(1);
    await store.add('1', item);
    await assert.rejects(async () => store.add('2', item), NO_ROOM);
    await store.subscribe(subscription('A', '1'));
    await assert.rejects(async () => store.subscribe(subscription('B', '1')), NO_ROOM);
    await store.subscribe(subscription('A', '1', true));
  },
  async 'has room for other peers when one peer has filled its part'(create) {
    const store = await create(20);
    const fill = async () => {
      for (let number = 0; number < 20; number++) await store.add(`1.${number}`, item, 'A');
    };
    await assert.rejects(fill, NO_ROOM);
    assert.equal(await store.add('2', item, 'B'), true);
  },
};
