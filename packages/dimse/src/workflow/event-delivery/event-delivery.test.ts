import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Status } from '../../message/status.ts';
import { STORAGE_COMMITMENT_INSTANCE, storageCommitment } from '../../services/storage-commitment.ts';
import { createScp, type Scp } from '../../session/scp.ts';
import { openSession } from '../../session/scu.ts';
import { type ServiceSession, serve } from '../../session/service-class.ts';
import type { DeliveryClock } from '../delivery/retry-options.ts';
import { EventDelivery, type EventDeliveryOptions } from './event-delivery.ts';
import { createEventQueue, type EventQueue, type EventReport } from './event-queue.ts';

const report: EventReport = {
  peer: 'MODALITY',
  sopClass: storageCommitment.sopClasses.PushModel.uid,
  sopInstance: STORAGE_COMMITMENT_INSTANCE,
  eventType: 1,
  information: { TransactionUID: '1.2.3' },
};

/** A clock that only `advance` moves. */
class ManualClock implements DeliveryClock {
  #now = 0;
  #setBack = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now - this.#setBack;
  }

  /** Sets the time back, as an operator or a time server does. Timers do not follow. */
  setBack(milliseconds: number): void {
    this.#setBack += milliseconds;
  }

  wake(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** The time of the next call, if there is one. */
  get next(): number | undefined {
    return this.#timers.size > 0 ? Math.min(...[...this.#timers].map(({ at }) => at)) : undefined;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const timer of [...this.#timers])
      if (timer.at <= this.#now) {
        this.#timers.delete(timer);
        timer.callback();
      }
  }
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** Starts a peer that records the events it receives and answers as `answer` says. */
async function startPeer(answer: (count: number, session: ServiceSession) => number, port = 0) {
  const told: unknown[] = [];
  const scp: Scp = createScp({
    aeTitle: 'MODALITY',
    services: [
      serve(
        storageCommitment,
        {
          eventReport: ({ information }, { session }) => {
            told.push(information?.TransactionUID);
            return answer(told.length, session);
          },
        },
        { roles: { scu: false, scp: true } },
      ),
    ],
  });
  const listener = await scp.listen({ port, host: '127.0.0.1' });
  open.push(scp);
  return { told, port: listener.port, close: () => scp.close() };
}

/** Starts a delivery whose clock is moved by hand. */
function startDelivery(port: () => number | undefined, options: Partial<EventDeliveryOptions> = {}) {
  const clock = new ManualClock();
  const failures: [message: string, isGivenUp: boolean][] = [];
  const queue = options.queue ?? createEventQueue();
  const delivery = new EventDelivery({
    resolvePeer: (calledAeTitle) => {
      const known = port();
      return known === undefined
        ? undefined
        : { host: '127.0.0.1', port: known, callingAeTitle: 'ARCHIVE', calledAeTitle };
    },
    firstDelay: 1000,
    longestDelay: 4000,
    onFailure: ({ error, isGivenUp }) => failures.push([`${error}`, isGivenUp]),
    clock,
    ...options,
    queue,
  });
  open.push(delivery);
  return { delivery, clock, queue, failures };
}

const isEmpty = async (queue: EventQueue) => (await queue.next(new Set())) === undefined;
const until = (what: () => boolean | Promise<boolean>) => expect.poll(what, { timeout: 5000, interval: 5 }).toBe(true);

describe('an event', () => {
  test('is delivered once on a new association, with role selection', async () => {
    const peer = await startPeer(() => Status.Success);
    const { delivery, queue, clock } = startDelivery(() => peer.port);
    await delivery.deliver(report);
    await until(() => isEmpty(queue));
    clock.advance(1e9);
    expect(peer.told).toEqual(['1.2.3']);
  });

  test('is delivered on the existing association as long as that lasts', async () => {
    const told: string[] = [];
    let ours: ServiceSession | undefined;
    const archive = createScp({
      aeTitle: 'ARCHIVE',
      services: [
        serve(storageCommitment, {
          action: (_, { session }) => {
            ours = session;
            return Status.Success;
          },
        }),
      ],
    });
    open.push(archive);
    const { port } = await archive.listen({ port: 0, host: '127.0.0.1' });
    const session = await openSession({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'MODALITY',
      calledAeTitle: 'ARCHIVE',
      services: [storageCommitment],
      serves: [
        serve(storageCommitment, {
          eventReport: () => {
            told.push('same');
            return Status.Success;
          },
        }),
      ],
    });
    await session.use(storageCommitment).action({ sopInstance: STORAGE_COMMITMENT_INSTANCE, actionType: 1 });
    const peer = await startPeer(() => Status.Success);
    const { delivery, queue } = startDelivery(() => peer.port);
    await delivery.deliver(report, ours);
    await until(() => isEmpty(queue));
    expect([told, peer.told]).toEqual([['same'], []]);
    await session.release();
    await delivery.deliver(report, ours);
    await until(() => isEmpty(queue));
    expect([told, peer.told]).toEqual([['same'], ['1.2.3']]);
  });

  test('is retried with growing delays until a peer is back', async () => {
    const gone = await startPeer(() => Status.Success);
    const { port } = gone;
    await gone.close();
    const { delivery, queue, clock, failures } = startDelivery(() => port);
    await delivery.deliver(report);
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 4; attempt++) {
      await until(() => failures.length === attempt && clock.next !== undefined);
      delays.push((clock.next ?? 0) - clock.now());
      if (attempt < 4) clock.advance((clock.next as number) - clock.now());
    }
    const longest = [1000, 2000, 4000, 4000];
    expect(delays.every((delay, index) => delay <= (longest[index] as number))).toBe(true);
    expect(delays.every((delay, index) => delay > (longest[index] as number) * 0.75)).toBe(true);
    const back = await startPeer(() => Status.Success, port);
    clock.advance(4000);
    await until(() => isEmpty(queue));
    expect(back.told).toEqual(['1.2.3']);
  });

  test('is retried within the longest delay although the clock was set back', async () => {
    const peer = await startPeer((count) => (count < 2 ? Status.ProcessingFailure : Status.Success));
    const { delivery, queue, clock, failures } = startDelivery(() => peer.port);
    await delivery.deliver(report);
    await until(() => failures.length === 1 && clock.next !== undefined);
    clock.setBack(86_400_000);
    clock.advance(4000);
    await until(() => isEmpty(queue));
    expect(peer.told).toHaveLength(2);
  });

  test('is retried if the peer rejects it, and given up in the end', async () => {
    const peer = await startPeer((count) => (count < 3 ? Status.ProcessingFailure : Status.Success));
    const { delivery, queue, clock, failures } = startDelivery(() => peer.port, { maximumAttempts: 2 });
    await delivery.deliver(report);
    await until(() => failures.length === 1 && clock.next !== undefined);
    clock.advance(1000);
    await until(() => failures.length === 2);
    expect(failures.map(([, isGivenUp]) => isGivenUp)).toEqual([false, true]);
    expect(await isEmpty(queue)).toBe(true);
    await delivery.deliver(report);
    await until(() => isEmpty(queue));
    expect(peer.told).toHaveLength(3);
  });

  test('is sent again if the association ends between request and response', async () => {
    const peer = await startPeer((count, session) => {
      if (count === 1) session.abort(new Error('power cut'));
      return Status.Success;
    });
    const { delivery, queue, clock, failures } = startDelivery(() => peer.port);
    await delivery.deliver(report);
    await until(() => failures.length === 1 && clock.next !== undefined);
    clock.advance(1000);
    await until(() => isEmpty(queue));
    expect(peer.told).toEqual(['1.2.3', '1.2.3']);
    clock.advance(1e9);
    expect(peer.told).toHaveLength(2);
  });

  test('waits until the address of its peer is known', async () => {
    let port: number | undefined;
    const { delivery, queue, clock, failures } = startDelivery(() => port);
    await delivery.deliver(report);
    await until(() => failures.length === 1 && clock.next !== undefined);
    const peer = await startPeer(() => Status.Success);
    port = peer.port;
    clock.advance(1000);
    await until(() => isEmpty(queue));
    expect(peer.told).toEqual(['1.2.3']);
  });

  test('is delivered after a restart if a queue has kept it', async () => {
    const queue = createEventQueue();
    const first = startDelivery(() => undefined, { queue });
    await first.delivery.deliver(report);
    await until(() => first.failures.length === 1);
    await first.delivery.close();
    expect(await isEmpty(queue)).toBe(false);
    await expect(first.delivery.deliver(report)).rejects.toThrow('closed');
    const peer = await startPeer(() => Status.Success);
    const second = startDelivery(() => peer.port, { queue });
    await until(() => second.clock.next !== undefined);
    second.clock.advance(1000);
    await until(() => isEmpty(queue));
    expect(peer.told).toEqual(['1.2.3']);
  });
});

test('the delay before a retry holds even if the queue fails to store it', async () => {
  const memory = createEventQueue();
  let isFull = true;
  const queue: EventQueue = {
    ...memory,
    put: (event) => (isFull && event.attempts > 0 ? Promise.reject(new Error('disk full')) : memory.put(event)),
  };
  const peer = await startPeer((count) => (count < 3 ? Status.ProcessingFailure : Status.Success));
  const { delivery, clock } = startDelivery(() => peer.port, { queue });
  await delivery.deliver(report);
  await until(() => clock.next !== undefined);
  expect(peer.told).toHaveLength(1);
  clock.advance(1000);
  await until(() => peer.told.length === 2 && clock.next !== undefined);
  isFull = false;
  clock.advance(1000);
  await until(() => peer.told.length === 3);
  await until(() => isEmpty(queue));
});

test('closing does not wait for a silent peer', async () => {
  const sockets: Socket[] = [];
  const silent: Server = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((settle) => silent.listen(0, '127.0.0.1', settle));
  open.push(silent, { close: () => sockets.map((socket) => socket.destroy()) });
  const { port } = silent.address() as { port: number };
  const { delivery, queue } = startDelivery(() => port);
  await delivery.deliver(report);
  await until(() => sockets.length === 1);
  await delivery.close();
  expect(await isEmpty(queue)).toBe(false);
});

test('peers receive events concurrently, and each peer one event at a time', async () => {
  let running = 0;
  let most = 0;
  const release: (() => void)[] = [];
  const scp = createScp({
    aeTitle: 'X',
    accept: () => true,
    services: [
      serve(
        storageCommitment,
        {
          eventReport: async () => {
            most = Math.max(most, ++running);
            await new Promise<void>((settle) => release.push(settle));
            running--;
            return Status.Success;
          },
        },
        { roles: { scu: false, scp: true } },
      ),
    ],
  });
  open.push(scp);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const { delivery, queue } = startDelivery(() => port, { maximumPeers: 2 });
  for (const peer of ['A', 'A', 'B', 'C']) await delivery.deliver({ ...report, peer });
  await until(() => release.length === 2);
  for (let told = 1; told <= 4; told++) {
    await until(() => release.length > 0);
    release.shift()?.();
  }
  await until(() => isEmpty(queue));
  expect(most).toBe(2);
});

test('a full queue rejects events', async () => {
  const { delivery } = startDelivery(() => undefined, { queue: createEventQueue({ maximumEvents: 1 }) });
  await delivery.deliver(report);
  await expect(delivery.deliver(report)).rejects.toMatchObject({ status: 0x0213 });
});
