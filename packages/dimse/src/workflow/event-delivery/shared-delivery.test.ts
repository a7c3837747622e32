// Several processes that deliver from one queue and report from one store of commitment requests.

import { afterEach, describe, expect, test } from 'vitest';
import { SharedMemory } from '../../../test/shared-memory.ts';
import { Status } from '../../message/status.ts';
import { SopClass } from '../../registry/uids.generated.ts';
import { STORAGE_COMMITMENT_INSTANCE, storageCommitment } from '../../services/storage-commitment.ts';
import { createScp } from '../../session/scp.ts';
import { openSession } from '../../session/scu.ts';
import { serve } from '../../session/service-class.ts';
import { sharedCommitmentTransactionStoreContract, sharedEventQueueContract } from '../../store-contracts.ts';
import { StorageCommitmentProvider } from '../storage-commitment/storage-commitment-provider.ts';
import { EventDelivery, type EventDeliveryOptions } from './event-delivery.ts';
import type { EventQueue, EventReport } from './event-queue.ts';

describe.each([
  [
    'an event queue of two processes',
    sharedEventQueueContract(() => {
      const memory = new SharedMemory();
      return [memory.queue(), memory.queue()];
    }),
  ],
  [
    'a store of commitment requests of two processes',
    sharedCommitmentTransactionStoreContract(() => {
      const memory = new SharedMemory();
      return [memory.transactions(memory.queue()), memory.transactions(memory.queue())];
    }),
  ],
] as const)('%s in memory', (_, contract) => {
  test.each(contract)('$name', ({ check }) => check());
});

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const reportTo = (peer: string, number: number): EventReport => ({
  ...{
    peer,
    sopClass: storageCommitment.sopClasses.PushModel.uid,
    sopInstance: STORAGE_COMMITMENT_INSTANCE,
  },
  ...{ eventType: 1, information: { TransactionUID: `1.${number}` } },
});

/** Starts peers that record the events they receive. `answer` may wait. */
async function startPeers(answer: (peer: string, uid: string) => unknown = () => {}) {
  const told: Record<string, string[]> = {};
  const atOnce: Record<string, number> = {};
  let most = 0;
  const service = serve(
    storageCommitment,
    {
      async eventReport({ information }, { calledAeTitle }) {
        const uid = String(information?.TransactionUID);
        atOnce[calledAeTitle] = (atOnce[calledAeTitle] ?? 0) + 1;
        most = Math.max(most, atOnce[calledAeTitle]);
        told[calledAeTitle] = [...(told[calledAeTitle] ?? []), uid];
        await answer(calledAeTitle, uid);
        atOnce[calledAeTitle]--;
        return Status.Success;
      },
    },
    { roles: { scu: false, scp: true } },
  );
  const scp = createScp({ aeTitle: 'PEER', services: [service], accept: () => true });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  open.push(scp);
  return { told, port, most: () => most };
}

function startDelivery(queue: EventQueue, port: number, options: Partial<EventDeliveryOptions> = {}): EventDelivery {
  const delivery = new EventDelivery({
    queue,
    resolvePeer: (calledAeTitle) => ({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'ARCHIVE',
      calledAeTitle,
    }),
    ...options,
  });
  open.push(delivery);
  return delivery;
}

test('delivers each event once, in order, and one at a time to each peer', async () => {
  const { told, port, most } = await startPeers();
  const memory = new SharedMemory();
  const deliveries = [1, 2, 3].map(() => startDelivery(memory.queue(), port));
  const expected: Record<string, string[]> = {};
  for (let number = 0; number < 60; number++) {
    const peer = ['A', 'B'][number % 2] as string;
    expected[peer] = [...(expected[peer] ?? []), `1.${number}`];
    await deliveries[number % 3]?.deliver(reportTo(peer, number));
  }
  await expect.poll(() => memory.events.length).toBe(0);
  expect(told).toEqual(expected);
  expect(most()).toBe(1);
  await expect.poll(() => memory.claimed).toEqual([]);
});

test('leaves an event to another process if the claim is lost, and does not count that as a failure', async () => {
  let answer: (() => void) | undefined;
  const { told, port } = await startPeers(
    () => told.A?.length === 1 && new Promise<void>((settle) => (answer = settle)),
  );
  const memory = new SharedMemory();
  const failures: unknown[] = [];
  const onFailure = (failure: unknown) => void failures.push(failure);
  const queues = [memory.queue(), memory.queue()] as const;
  const slow = startDelivery(queues[0], port, { onFailure });
  await slow.deliver(reportTo('A', 1));
  await expect.poll(() => told.A?.length).toBe(1);
  startDelivery(queues[1], port, { onFailure });
  memory.lose(queues[0]);
  await expect.poll(() => memory.events.length).toBe(0);
  answer?.();
  expect([told.A, failures]).toEqual([['1.1', '1.1'], []]);
});

test('tries an event again after a failure, by the clock of the queue', async () => {
  const { told, port } = await startPeers();
  const memory = new SharedMemory();
  const queue = memory.queue();
  let isKnown = false;
  const attempts: unknown[] = [];
  const delivery = startDelivery(queue, port, {
    firstDelay: 0,
    resolvePeer: (calledAeTitle) =>
      isKnown ? { host: '127.0.0.1', port, callingAeTitle: 'ARCHIVE', calledAeTitle } : undefined,
    onFailure: ({ isGivenUp }) => {
      attempts.push(isGivenUp);
      isKnown = attempts.length === 3;
    },
  });
  await delivery.deliver(reportTo('A', 1));
  await expect.poll(() => memory.events.length).toBe(0);
  expect([told.A, attempts]).toEqual([['1.1'], [false, false, false]]);
});

test('gives its claims back when it is closed', async () => {
  const { told, port } = await startPeers(() => new Promise<void>(() => {}));
  const memory = new SharedMemory();
  const delivery = startDelivery(memory.queue(), port, { maximumPeers: 1 });
  for (const [number, peer] of ['A', 'B'].entries()) await delivery.deliver(reportTo(peer, number));
  await expect.poll(() => told.A?.length).toBe(1);
  await delivery.close();
  expect([memory.claimed, memory.events.map(({ attempts }) => attempts)]).toEqual([[], [0, 0]]);
});

test('reports a commitment request once: by the process that accepted it, or by another after its end', async () => {
  const { told, port } = await startPeers();
  const memory = new SharedMemory();
  const queues = [memory.queue(), memory.queue()] as const;
  let isStuck = true;
  let answer: ((held: true) => void) | undefined;
  const holds = () => (isStuck ? new Promise<true>((settle) => (answer = settle)) : (true as const));
  const [first, second] = queues.map((queue) => {
    const provider = new StorageCommitmentProvider({
      holds,
      delivery: startDelivery(queue, port),
      store: memory.transactions(queue),
    });
    open.push(provider);
    return provider;
  }) as [StorageCommitmentProvider, StorageCommitmentProvider];
  const archive = createScp({ aeTitle: 'ARCHIVE', services: [first.service] });
  const { port: archivePort } = await archive.listen({
    port: 0,
    host: '127.0.0.1',
  });
  open.push(archive);
  const peer = {
    host: '127.0.0.1',
    port: archivePort,
    callingAeTitle: 'A',
    calledAeTitle: 'ARCHIVE',
  };
  const session = await openSession({ ...peer, services: [storageCommitment] });
  await session.use(storageCommitment).action({
    ...{ sopInstance: STORAGE_COMMITMENT_INSTANCE, actionType: 1 },
    information: {
      TransactionUID: '1.7',
      ReferencedSOPSequence: [
        {
          ReferencedSOPClassUID: SopClass.CTImageStorage,
          ReferencedSOPInstanceUID: '1.2',
        },
      ],
    },
  });
  await session.release();
  await expect.poll(() => answer).toBeDefined();
  await second.takeOver();
  await second.resume();
  isStuck = false;
  memory.lose(queues[0]);
  await second.takeOver();
  await expect.poll(() => told.A).toEqual(['1.7']);
  // The first process was only slow: it finds that the request has been reported.
  answer?.(true);
  await first.close();
  await first.resume();
  expect([told.A, memory.events.length]).toEqual([['1.7'], 0]);
});
