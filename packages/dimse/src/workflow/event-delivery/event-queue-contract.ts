// The contract of event queues: checks for any implementation.

import assert from 'node:assert/strict';
import { SopClass } from '../../registry/uids.generated.ts';
import { CommitmentFailure, STORAGE_COMMITMENT_INSTANCE } from '../../services/storage-commitment.ts';
import { deliveryQueueChecks } from '../delivery/delivery-queue-contract.ts';
import { type Checks, type CreateStore, contract, type StoreContract } from '../store-contract.ts';
import type { EventQueue, QueuedEvent } from './event-queue.ts';

/** The checks that every `EventQueue` passes. */
export const eventQueueContract = (create: CreateStore<EventQueue>): StoreContract[] => contract(create, EVENT_QUEUE);

const NOW = 1_795_000_000_000;
const NO_PEERS: ReadonlySet<string> = new Set();

const event = (id: string, { peer = 'A', notBefore = 0, attempts = 0 } = {}): QueuedEvent => ({
  id,
  attempts,
  notBefore,
  report: {
    peer,
    sopClass: SopClass.StorageCommitmentPushModel,
    sopInstance: STORAGE_COMMITMENT_INSTANCE,
    eventType: 2,
    information: {
      TransactionUID: '2.25.1',
      FailedSOPSequence: [{ ReferencedSOPInstanceUID: '1.2.4', FailureReason: CommitmentFailure.NoSuchObjectInstance }],
    },
  },
});

const EVENT_QUEUE: Checks<EventQueue> = {
  ...deliveryQueueChecks<QueuedEvent, EventQueue>(event),
  async 'gives events as they were put, until they are removed'(create) {
    const queue = await create();
    assert.equal(await queue.next(NO_PEERS), undefined);
    const { information: _, ...bare } = event('2').report;
    const onOther = { ...bare, abstractSyntax: SopClass.UnifiedProcedureStepEvent };
    const reports = [event('1', { notBefore: NOW }).report, bare, onOther];
    for (const [index, report] of reports.entries()) {
      const each = { ...event(`${index}`, { notBefore: NOW + index / 2 }), report };
      await queue.put(each);
      assert.deepEqual(await queue.next(NO_PEERS), each);
      await queue.remove(each.id);
      assert.equal(await queue.next(NO_PEERS), undefined);
    }
    await queue.remove('1');
  },
};
