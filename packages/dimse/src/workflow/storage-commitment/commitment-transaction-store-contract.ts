// The contract of stores of requests for storage commitment: checks for any implementation.

import assert from 'node:assert/strict';
import { type Checks, type CreateStore, contract, NO_ROOM, type StoreContract } from '../store-contract.ts';
import type { CommitmentTransactionStore } from './commitment-transaction-store.ts';

/** The checks that every `CommitmentTransactionStore` passes. */
export const commitmentTransactionStoreContract = (create: CreateStore<CommitmentTransactionStore>): StoreContract[] =>
  contract(create, COMMITMENTS);

const transaction = (transactionUid: string, peer = 'A', count = 2) => ({
  transactionUid,
  peer,
  instances: Array.from({ length: count }, (_, index) => ({ sopClass: '1.2', sopInstance: `1.2.${index}` })),
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
