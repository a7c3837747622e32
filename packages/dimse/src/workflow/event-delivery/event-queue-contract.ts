// The contract of event queues: checks for any implementation.

import assert from 'node:assert/strict';
import { SopClass } from '../../registry/uids.generated.ts';
import { CommitmentFailure, STORAGE_COMMITMENT_INSTANCE } from '../../services/storage-commitment.ts';
import { deliveryQueueChecks } from '../delivery/delivery-queue-contract.ts';
import { type Checks, type CreateStore, contract, type StoreContract } from '../store-contract.ts';
import type { EventClaim, EventQueue, QueuedEvent } from './event-queue.ts';

/** The checks that every `EventQueue` passes. */
export const eventQueueContract = (create: CreateStore<EventQueue>): StoreContract[] => contract(create, EVENT_QUEUE);

/**
 * The checks that every `EventQueue` with `claim` passes, in addition to those of `eventQueueContract`. `create` gives one
 * queue as two processes use it.
 */
export const sharedEventQueueContract = (create: CreateStore<readonly [EventQueue, EventQueue]>): StoreContract[] =>
  contract(create, SHARED_EVENT_QUEUE);

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
      FailedSOPSequence: [
        {
          ReferencedSOPInstanceUID: '1.2.4',
          FailureReason: CommitmentFailure.NoSuchObjectInstance,
        },
      ],
    },
  },
});

const EVENT_QUEUE: Checks<EventQueue> = {
  ...deliveryQueueChecks<QueuedEvent, EventQueue>(event),
  async 'gives events as they were put, until they are removed'(create) {
    const queue = await create();
    assert.equal(await queue.next(NO_PEERS), undefined);
    const { information: _, ...bare } = event('2').report;
    const onOther = {
      ...bare,
      abstractSyntax: SopClass.UnifiedProcedureStepEvent,
    };
    const reports = [event('1', { notBefore: NOW }).report, bare, onOther];
    for (const [index, report] of reports.entries()) {
      const each = {
        ...event(`${index}`, { notBefore: NOW + index / 2 }),
        report,
      };
      await queue.put(each);
      assert.deepEqual(await queue.next(NO_PEERS), each);
      await queue.remove(each.id);
      assert.equal(await queue.next(NO_PEERS), undefined);
    }
    await queue.remove('1');
  },
};

/** A claim that must be given, and the id of its event. */
async function claimed(queue: EventQueue, except = NO_PEERS): Promise<EventClaim> {
  const claim = await queue.claim?.(except);
  assert.ok(claim, 'the queue gives no claim');
  return claim;
}

/** Delivers the event of a claim. */
async function delivered(queue: EventQueue, claim: EventClaim): Promise<string> {
  await queue.remove(claim.event.id);
  await claim.end();
  return claim.event.id;
}

const SHARED_EVENT_QUEUE: Checks<readonly [EventQueue, EventQueue]> = {
  async 'gives the events of a peer to one process at a time, in the order they were put'(create) {
    const [one, other] = await create();
    await one.put(event('1', { notBefore: NOW * 2 }));
    await other.put(event('2', { notBefore: NOW }));
    await other.put(event('3'));
    const first = await claimed(other);
    assert.deepEqual(first.event, event('1', { notBefore: NOW * 2 }));
    assert.equal(await one.claim?.(NO_PEERS), undefined);
    assert.equal(first.signal.aborted, false);
    assert.equal(await delivered(other, first), '1');
    const second = await claimed(one);
    assert.equal(await other.claim?.(NO_PEERS), undefined);
    assert.equal(await delivered(one, second), '2');
    assert.equal(await delivered(other, await claimed(other)), '3');
    assert.equal(await one.claim?.(NO_PEERS), undefined);
  },
  async 'gives several peers to several processes'(create) {
    const [one, other] = await create();
    for (const peer of ['A', 'B', 'C']) await one.put(event(peer, { peer }));
    const claims = [await claimed(one), await claimed(other), await claimed(one, new Set(['A', 'B']))];
    assert.deepEqual(claims.map((claim) => claim.event.id).sort(), ['A', 'B', 'C']);
    assert.equal(await other.claim?.(NO_PEERS), undefined);
    for (const claim of claims) await claim.end();
  },
  async 'gives a claim to one of the processes that ask for it at the same time'(create) {
    const queues = await create();
    for (let round = 0; round < 20; round++) {
      await queues[0].put(event(`${round}`));
      const claims = await Promise.all(queues.map((queue) => queue.claim?.(NO_PEERS)));
      assert.equal(claims.filter((claim) => claim).length, 1, `in round ${round}`);
      for (const claim of claims) if (claim) await delivered(queues[0], claim);
    }
  },
  async 'postpones an event by its own clock, and only while it has it'(create) {
    const [one, other] = await create();
    await one.put(event('1'));
    const late = await claimed(one);
    await late.postpone(1, 600_000);
    await late.end();
    for (const queue of [one, other]) assert.equal(await queue.claim?.(NO_PEERS), undefined);
    const { report } = event('1');
    const waiting = await one.next(NO_PEERS);
    assert.deepEqual([waiting?.report, waiting?.attempts], [report, 1]);
    await one.remove('1');
    await one.put(event('2'));
    const again = await claimed(other);
    await again.postpone(1, 0);
    await again.end();
    const next = await claimed(one);
    assert.equal(next.event.attempts, 1);
    await one.remove('2');
    await next.postpone(2, 0);
    await next.end();
    await next.postpone(3, 0);
    assert.equal(await other.next(NO_PEERS), undefined);
  },
  async 'lets the process deliver that has an association with the peer'(create) {
    const [one, other] = await create();
    await one.put(event('1'), true);
    assert.equal(await other.claim?.(NO_PEERS), undefined);
    assert.equal(await delivered(one, await claimed(one)), '1');
  },
  async 'tells each process that another one has put an event or ended a claim'(create) {
    const [one, other] = await create();
    let look: (() => void) | undefined;
    const looked = () => new Promise<void>((settle) => (look = settle));
    const end = other.watch?.(() => look?.());
    const put = looked();
    await one.put(event('1'));
    await put;
    const claim = await claimed(one);
    const ended = looked();
    await claim.end();
    await ended;
    end?.();
  },
};
