// The contract of event queues: checks for any implementation.

import assert from 'node:assert/strict';
import { SopClass } from '../../registry/uids.generated.ts';
import { CommitmentFailure, STORAGE_COMMITMENT_INSTANCE } from '../../services/storage-commitment.ts';
import type { EventQueue, QueuedEvent } from './event-queue.ts';
import { type Checks, type CreateStore, contract, NO_ROOM, type StoreContract } from './store-contract.ts';

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
  async 'gives the earliest first, and events of the same time in the order they were put'(create) {
    const queue = await create();
    for (const [id, notBefore] of Object.entries({ z: NOW, y: NOW - 1, x: NOW, w: NOW - 1 }))
      await queue.put(event(id, { notBefore }));
    const order: string[] = [];
    for (let next = await queue.next(NO_PEERS); next; next = await queue.next(NO_PEERS)) {
      order.push(next.id);
      await queue.remove(next.id);
    }
    assert.deepEqual(order, ['y', 'w', 'z', 'x']);
  },
  async 'replaces an event with the same id'(create) {
    const queue = await create();
    await queue.put(event('1', { notBefore: 1 }));
    await queue.put(event('2', { notBefore: 2 }));
    const again = event('1', { notBefore: 3, attempts: 7 });
    await queue.put(again);
    assert.equal((await queue.next(NO_PEERS))?.id, '2');
    await queue.remove('2');
    assert.deepEqual(await queue.next(NO_PEERS), again);
    await queue.remove('1');
    assert.equal(await queue.next(NO_PEERS), undefined);
  },
  async 'skips the events of excluded peers'(create) {
    const queue = await create();
    await queue.put(event('1', { peer: 'A' }));
    await queue.put(event('2', { peer: 'B', notBefore: NOW }));
    assert.equal((await queue.next(new Set(['A'])))?.id, '2');
    assert.equal(await queue.next(new Set(['A', 'B'])), undefined);
  },
  async 'rejects events when it is full, but still replaces them'(create) {
    const queue = await create(2);
    await queue.put(event('1', { peer: 'A' }));
    await queue.put(event('2', { peer: 'B' }));
    await assert.rejects(async () => queue.put(event('3', { peer: 'C' })), NO_ROOM);
    await queue.put(event('1', { attempts: 1 }));
    await queue.remove('2');
    await queue.put(event('3', { peer: 'C' }));
  },
  async 'has room for other peers when one peer accepts no events'(create) {
    const queue = await create(20);
    const putAll = async () => {
      for (let number = 0; number < 20; number++) await queue.put(event(`A${number}`));
    };
    await assert.rejects(putAll, NO_ROOM);
    await queue.put(event('B', { peer: 'B' }));
  },
  async 'accepts many events at once'(create) {
    const queue = await create();
    const peers = ['A', 'B', 'C', 'D', 'E'];
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        queue.put(event(`${index}`, { notBefore: index, peer: peers[index % 5] as string })),
      ),
    );
    assert.equal((await queue.next(NO_PEERS))?.id, '0');
  },
};
