import { describe, expect, test } from 'vitest';
import { Status } from '../message/status.ts';
import {
  commitmentTransactionStoreContract,
  eventQueueContract,
  forwardQueueContract,
  performedProcedureStepStoreContract,
  workItemStoreContract,
} from '../store-contracts.ts';
import { createEventQueue } from './event-delivery/event-queue.ts';
import { createForwardQueue } from './forwarding/forward-queue.ts';
import { createPerformedProcedureStepStore } from './performed-procedure-step/performed-procedure-step-store.ts';
import { createCommitmentTransactionStore } from './storage-commitment/commitment-transaction-store.ts';
import { createWorkItemStore } from './unified-procedure-step/work-item-store.ts';

describe.each([
  ['an event queue', eventQueueContract((maximumEvents = 100) => createEventQueue({ maximumEvents }))],
  ['a forward queue', forwardQueueContract((maximumInstances = 100) => createForwardQueue({ maximumInstances }))],
  [
    'a store of performed procedure steps',
    performedProcedureStepStoreContract((maximumSteps = 100) => createPerformedProcedureStepStore({ maximumSteps })),
  ],
  [
    'a store of commitment requests',
    commitmentTransactionStoreContract((maximumTransactions = 100) =>
      createCommitmentTransactionStore({ maximumTransactions }),
    ),
  ],
  [
    'a store of work items',
    workItemStoreContract((room = 100) => createWorkItemStore({ maximumItems: room, maximumSubscriptions: room })),
  ],
] as const)('%s in memory', (_, contract) => {
  test.each(contract)('$name', ({ check }) => check());
});

test('a store of commitment requests in memory is bounded in bytes', async () => {
  const store = createCommitmentTransactionStore({ maximumLength: 1_000_000 });
  const request = (transactionUid: string) => ({
    ...{ transactionUid, peer: 'A' },
    instances: [{ sopClass: '1.2', sopInstance: '1'.repeat(300_000) }],
  });
  await store.put(request('1'));
  await expect(store.put(request('2'))).rejects.toMatchObject({ status: Status.ResourceLimitation });
  await store.remove('A', '1');
  await store.put(request('2'));
});

test('a contract fails for a store that does something else', async () => {
  const broken = workItemStoreContract(() => ({ ...createWorkItemStore(), get: async () => undefined }));
  const outcomes = await Promise.allSettled(broken.map(({ check }) => check()));
  expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true);
});
