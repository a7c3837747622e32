// The contract of stores of requests for storage commitment: checks for any implementation.

import assert from 'node:assert/strict';
import { SopClass } from '../../registry/uids.generated.ts';
import { STORAGE_COMMITMENT_INSTANCE } from '../../services/storage-commitment.ts';
import type { QueuedEvent } from '../event-delivery/event-queue.ts';
import { type Checks, type CreateStore, contract, NO_ROOM, type StoreContract } from '../store-contract.ts';
import type { CommitmentTransactionStore } from './commitment-transaction-store.ts';

/** The checks that every `CommitmentTransactionStore` passes. */
export const commitmentTransactionStoreContract = (create: CreateStore<CommitmentTransactionStore>): StoreContract[] =>
  contract(create, COMMITMENTS);

/**
 * The checks that every `CommitmentTransactionStore` with `claim` passes, in addition to those of
 * `commitmentTransactionStoreContract`. `create` gives one store as two processes use it.
 */
export const sharedCommitmentTransactionStoreContract = (
  create: CreateStore<readonly [CommitmentTransactionStore, CommitmentTransactionStore]>,
): StoreContract[] => contract(create, SHARED_COMMITMENTS);

const transaction = (transactionUid: string, peer = 'A', count = 2) => ({
  transactionUid,
  peer,
  instances: Array.from({ length: count }, (_, index) => ({
    sopClass: '1.2',
    sopInstance: `1.2.${index}`,
  })),
});

const COMMITMENTS: Checks<CommitmentTransactionStore> = {
  async 'keeps requests by peer and transaction, until they are removed'(create) {
    const store = await create();
    const requests = [transaction('1'), transaction('1', 'B', 1), transaction('2', 'A', 0)];
    for (const each of requests) await store.put(each);
    assert.deepEqual(await store.get('A', '1'), requests[0]);
    assert.equal(await store.get('B', '2'), undefined);
    assert.deepEqual(await store.all(), requests);
    await store.remove('A', '1');
    await store.remove('A', '9');
    assert.deepEqual(await store.all(), requests.slice(1));
  },
  async 'rejects requests when it is full'(create) {
    const store = await create(1);
    await store.put(transaction('1'));
    await assert.rejects(async () => store.put(transaction('2')), NO_ROOM);
    await store.remove('A', '1');
    await store.put(transaction('2'));
  },
};

const event = (transactionUid: string): QueuedEvent => ({
  ...{ id: transactionUid, attempts: 0, notBefore: 0 },
  report: {
    peer: 'A',
    sopClass: SopClass.StorageCommitmentPushModel,
    sopInstance: STORAGE_COMMITMENT_INSTANCE,
    eventType: 1,
    information: { TransactionUID: transactionUid },
  },
});

const SHARED_COMMITMENTS: Checks<readonly [CommitmentTransactionStore, CommitmentTransactionStore]> = {
  async 'leaves a request to the process that put it'(create) {
    const [one, other] = await create();
    await one.put(transaction('1'));
    assert.deepEqual(await other.get('A', '1'), transaction('1'));
    for (const store of [one, other]) assert.deepEqual(await store.claim?.(), []);
    await other.put(transaction('1'));
    await assert.rejects(async () => other.put(transaction('1', 'A', 3)), {
      name: 'DimseError',
    });
    assert.deepEqual(await one.all(), [transaction('1')]);
    await one.remove('A', '1');
    assert.deepEqual(await other.all(), []);
  },
  async 'hands a request over once, from the process that has claimed it'(create) {
    const [one, other] = await create();
    if (!one.handOver) return;
    await one.put(transaction('1'));
    await other.put(transaction('1'));
    assert.equal(await other.handOver?.(transaction('1'), event('1')), false);
    assert.deepEqual(await one.all(), [transaction('1')]);
    const outcomes = await Promise.all([1, 2].map(() => one.handOver?.(transaction('1'), event('1'))));
    assert.deepEqual(outcomes.sort(), [false, true]);
    assert.deepEqual(await other.all(), []);
  },
};
