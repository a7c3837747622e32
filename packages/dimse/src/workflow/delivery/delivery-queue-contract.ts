// The part of the contracts of queues that all queues have in common.

import assert from 'node:assert/strict';
import { type Checks, NO_ROOM } from '../store-contract.ts';
import type { QueuedEntry } from './delivery-loop.ts';

/** The methods that the queues of all deliveries have. */
interface DeliveryQueue<Entry> {
  put(entry: Entry): Promise<void>;
  next(exceptDestinations: ReadonlySet<string>): Promise<Entry | undefined>;
  remove(id: string): Promise<void>;
}

/** Makes an entry for a destination. */
type MakeEntry<Entry> = (
  id: string,
  options?: { readonly peer?: string; readonly notBefore?: number; readonly attempts?: number },
) => Entry;

const NOW = 1_795_000_000_000;
const NONE: ReadonlySet<string> = new Set();

/** The checks that the queues of all deliveries pass. */
export const deliveryQueueChecks = <Entry extends QueuedEntry, Queue extends DeliveryQueue<Entry>>(
  entry: MakeEntry<Entry>,
): Checks<Queue> => ({
  async 'gives the earliest first, and entries of the same time in the order they were put'(create) {
    const queue = await create();
    for (const [id, notBefore] of Object.entries({ z: NOW, y: NOW - 1, x: NOW, w: NOW - 1 }))
      await queue.put(entry(id, { notBefore }));
    const order: string[] = [];
    for (let next = await queue.next(NONE); next; next = await queue.next(NONE)) {
      order.push(next.id);
      await queue.remove(next.id);
    }
    assert.deepEqual(order, ['y', 'w', 'z', 'x']);
  },
  async 'replaces an entry with the same id'(create) {
    const queue = await create();
    await queue.put(entry('1', { notBefore: 1 }));
    await queue.put(entry('2', { notBefore: 2 }));
    const again = entry('1', { notBefore: 3, attempts: 7 });
    await queue.put(again);
    assert.equal((await queue.next(NONE))?.id, '2');
    await queue.remove('2');
    assert.deepEqual(await queue.next(NONE), again);
    await queue.remove('1');
    assert.equal(await queue.next(NONE), undefined);
  },
  async 'skips the entries of excluded destinations'(create) {
    const queue = await create();
    await queue.put(entry('1', { peer: 'A' }));
    await queue.put(entry('2', { peer: 'B', notBefore: NOW }));
    assert.equal((await queue.next(new Set(['A'])))?.id, '2');
    assert.equal(await queue.next(new Set(['A', 'B'])), undefined);
  },
  async 'rejects entries when it is full, but still replaces them'(create) {
    const queue = await create(2);
    await queue.put(entry('1', { peer: 'A' }));
    await queue.put(entry('2', { peer: 'B' }));
    await assert.rejects(async () => queue.put(entry('3', { peer: 'C' })), NO_ROOM);
    await queue.put(entry('1', { attempts: 1 }));
    await queue.remove('2');
    await queue.put(entry('3', { peer: 'C' }));
  },
  async 'has room for other destinations when one destination accepts nothing'(create) {
    const queue = await create(20);
    const putAll = async () => {
      for (let number = 0; number < 20; number++) await queue.put(entry(`A${number}`));
    };
    await assert.rejects(putAll, NO_ROOM);
    await queue.put(entry('B', { peer: 'B' }));
  },
  async 'accepts many entries at once'(create) {
    const queue = await create();
    const peers = ['A', 'B', 'C', 'D', 'E'];
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        queue.put(entry(`${index}`, { notBefore: index, peer: peers[index % 5] as string })),
      ),
    );
    assert.equal((await queue.next(NONE))?.id, '0');
  },
});
