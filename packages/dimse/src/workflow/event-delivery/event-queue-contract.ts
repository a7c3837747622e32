// What every queue of event reports does, wherever it keeps them.

import assert from 'node:assert/strict';
import type { EventQueue, QueuedEvent } from './event-queue.ts';
import { type Checks, type CreateStore, contract, NO_ROOM, type StoreContract } from './store-contract.ts';

/** What an `EventQueue` does. */
export const eventQueueContract = (create: CreateStore<EventQueue>): StoreContract[] => contract(create, EVENT_QUEUE);

const NOW = 1_795_000_000_000;
const NOBODY: ReadonlySet<string> = new Set();

const event = (id: string, { peer = 'A', notBefore = 0, attempts = 0 } = {}): QueuedEvent => ({
  id,
  attempts,
  notBefore,
  report: {
    peer,
    sopClass: '1.2.840.10008.1.20.1',
    sopInstance: '1.2.840.10008.1.20.1.1',
    eventType: 2,
    information: {
      TransactionUID: '2.25.1',
      FailedSOPSequence: [{ ReferencedSOPInstanceUID: '1.2.4', FailureReason: 0x0112 }],
    },
  },
});

const EVENT_QUEUE: Checks<EventQueue> = {
  async 'gives events as they were put, until they are removed'(create) {
    const queue = await create();
    assert.equal(await queue.next(NOBODY), undefined);
    const { information: _, ...bare } = event('2').report;
    const onOther = { ...bare, abstractSyntax: '1.2.840.10008.5.1.4.34.6.4' };
    const reports = [event('1', { notBefore: NOW }).report, bare, onOther];
    for (const [index, report] of reports.entries()) {
      const each = { ...event(`${index}`, { notBefore: NOW + index / 2 }), report };
      await queue.put(each);
      assert.deepEqual(await queue.next(NOBODY), each);
      await queue.remove(each.id);
      assert.equal(await queue.next(NOBODY), undefined);
    }
    await queue.remove('1');
  },
  async 'gives the earliest first, and of the same time the one that came first'(create) {
    const queue = await create();
    for (const [id, notBefore] of Object.entries({ z: NOW, y: NOW - 1, x: NOW, w: NOW - 1 }))
      await queue.put(event(id, { notBefore }));
    const order: string[] = [];
    for (let next = await queue.next(NOBODY); next; next = await queue.next(NOBODY)) {
      order.push(next.id);
      await queue.remove(next.id);
    }
    assert.deepEqual(order, ['y', 'w', 'z', 'x']);
  },
  async 'replaces an event of the same id'(create) {
    const queue = await create();
    await queue.put(event('1', { notBefore: 1 }));
    await queue.put(event('2', { notBefore: 2 }));
    const again = event('1', { notBefore: 3, attempts: 7 });
    await queue.put(again);
    assert.equal((await queue.next(NOBODY))?.id, '2');
    await queue.remove('2');
    assert.deepEqual(await queue.next(NOBODY), again);
    await queue.remove('1');
    assert.equal(await queue.next(NOBODY), undefined);
  },
  async 'leaves out peers'(create) {
    const queue = await create();
    await queue.put(event('1', { peer: 'A' }));
    await queue.put(event('2', { peer: 'B', notBefore: NOW }));
    assert.equal((await queue.next(new Set(['A'])))?.id, '2');
    assert.equal(await queue.next(new Set(['A', 'B'])), undefined);
  },
  async 'is full at last; replacing needs no room'(create) {
    const queue = await create(2);
    await queue.put(event('1', { peer: 'A' }));
    await queue.put(event('2', { peer: 'B' }));
    await assert.rejects(async () => queue.put(event('3', { peer: 'C' })), NO_ROOM);
    await queue.put(event('1', { attempts: 1 }));
    await queue.remove('2');
    await queue.put(event('3', { peer: 'C' }));
  },
  async 'has room for others when one peer takes nothing'(create) {
    const queue = await create(20);
    const putAll = async () => {
      for (let number = 0; number < 20; number++) await queue.put(event(`A${number}`));
    };
    await assert.rejects(putAll, NO_ROOM);
    await queue.put(event('B', { peer: 'B' }));
  },
  async 'takes many at once'(create) {
    const queue = await create();
    const peers = ['A', 'B', 'C', 'D', 'E'];
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        queue.put(event(`${index}`, { notBefore: index, peer: peers[index % 5] as string })),
      ),
    );
    assert.equal((await queue.next(NOBODY))?.id, '0');
  },
};
