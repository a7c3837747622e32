// Delivery to unreliable peers: after the first attempt fails, each peer confirms the event exactly once.

import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { RejectResult, RejectSource, UserRejectReason } from '@x/net';
import { afterEach, expect, test } from 'vitest';
import { Status } from '../../message/status.ts';
import { STORAGE_COMMITMENT_INSTANCE, storageCommitment } from '../../services/storage-commitment.ts';
import { createScp, type ScpOptions } from '../../session/scp.ts';
import { type ServiceSession, serve } from '../../session/service-class.ts';
import { verification } from '../../session/verification.ts';
import type { DeliveryClock } from '../delivery/retry-options.ts';
import { EventDelivery } from './event-delivery.ts';
import { createEventQueue, type EventReport } from './event-queue.ts';

const report: EventReport = {
  peer: 'MODALITY',
  sopClass: storageCommitment.sopClasses.PushModel.uid,
  sopInstance: STORAGE_COMMITMENT_INSTANCE,
  eventType: 1,
  information: { TransactionUID: '1.2.3' },
};

interface Peer {
  readonly port: number;
  close(): Promise<unknown>;
}
const open: Pick<Peer, 'close'>[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** Starts a provider that answers events as `answer` says. */
async function scp(
  port: number,
  answer: (session: ServiceSession) => number | Promise<number>,
  options: Partial<ScpOptions> = {},
  roles = { scu: false, scp: true },
): Promise<Peer> {
  const service = serve(storageCommitment, { eventReport: (_, { session }) => answer(session) }, { roles });
  const provider = createScp({ aeTitle: 'MODALITY', services: [service], ...options });
  const listener = await provider.listen({ port, host: '127.0.0.1' });
  return { port: listener.port, close: () => provider.close() };
}

/** Starts a TCP server. */
async function server(connected: (socket: Socket) => void): Promise<Peer> {
  const sockets = new Set<Socket>();
  const listening: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    connected(socket);
  });
  await new Promise<void>((settle) => listening.listen(0, '127.0.0.1', settle));
  const { port } = listening.address() as { port: number };
  return {
    port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((settle) => listening.close(settle));
    },
  };
}

type Told = () => void;
const seeing = (told: Told, status: number) => () => {
  told();
  return status;
};
const rejecting = (result: number, reason: number) => (told: Told) =>
  scp(0, seeing(told, Status.Success), { accept: () => ({ result, source: RejectSource.ServiceUser, reason }) });

// The behaviour of the peer at first, how many times it receives the event then, and the error of the attempt.
const ROWS: readonly [does: string, start: (told: Told) => Promise<Peer>, sees: number, error: RegExp][] = [
  [
    'does not listen',
    async () => {
      const peer = await server(() => {});
      await peer.close();
      return { port: peer.port, close: async () => {} };
    },
    0,
    /nobody listens there/,
  ],
  ['closes the connection at once', () => server((socket) => socket.destroy()), 0, /ConnectionLost|closed/],
  ['sends nothing', () => server(() => {}), 0, /Timeout|within/],
  ['rejects transiently', rejecting(RejectResult.Transient, UserRejectReason.NoReasonGiven), 0, /transient/],
  [
    'rejects permanently',
    rejecting(RejectResult.Permanent, UserRejectReason.CallingAeTitleNotRecognized),
    0,
    /calling AE title not recognized/,
  ],
  [
    'does not support events',
    (told) => scp(0, seeing(told, Status.Success), { services: [serve(verification, { echo: () => Status.Success })] }),
    0,
    /no presentation context/,
  ],
  [
    'rejects the role of SCP',
    (told) => scp(0, seeing(told, Status.Success), {}, { scu: true, scp: false }),
    0,
    /rejected by the user/,
  ],
  ['answers with a failure', (told) => scp(0, seeing(told, Status.ProcessingFailure)), 1, /\(0110H\)/],
  [
    'throws an error',
    (told) =>
      scp(0, () => {
        told();
        throw new Error('out of order');
      }),
    1,
    /\(0110H\)/,
  ],
  [
    'aborts before its response',
    (told) =>
      scp(0, (session) => {
        told();
        session.abort(new Error('power cut'));
        return Status.Success;
      }),
    1,
    /abort/,
  ],
  [
    'loses the connection before its response arrives',
    async (told) => {
      const sockets: Socket[] = [];
      const behind = await scp(0, () => {
        told();
        for (const socket of sockets) socket.destroy();
        return Status.Success;
      });
      const between = await server((socket) => {
        const onward = dial(behind.port, '127.0.0.1').on('error', () => {});
        sockets.push(socket, onward);
        socket.pipe(onward).pipe(socket);
      });
      return { port: between.port, close: () => Promise.all([between.close(), behind.close()]) };
    },
    1,
    /closed|ConnectionLost/,
  ],
  [
    'responds after the timeout',
    (told) =>
      scp(0, async ({ association }) => {
        told();
        await association.closed;
        return Status.Success;
      }),
    1,
    /within|Timeout/,
  ],
];

test.each(ROWS)(
  'a peer that %s receives the event again when it works, and then no more',
  async (_, start, sees, error) => {
    let count = 0;
    const told = () => void count++;
    const ill = await start(told);
    open.push(ill);
    let now = 0;
    const timers = new Set<() => void>();
    const clock: DeliveryClock = {
      now: () => now,
      wake(_milliseconds, callback) {
        timers.add(callback);
        return () => void timers.delete(callback);
      },
    };
    const pass = (milliseconds: number) => {
      now += milliseconds;
      for (const callback of [...timers]) {
        timers.delete(callback);
        callback();
      }
    };
    const queue = createEventQueue();
    const failures: string[] = [];
    const delivery = new EventDelivery({
      queue,
      clock,
      resolvePeer: (calledAeTitle) => ({
        host: '127.0.0.1',
        port: ill.port,
        callingAeTitle: 'ARCHIVE',
        calledAeTitle,
        timeouts: { association: 300, response: 300 },
      }),
      onFailure: ({ error }) => void failures.push(`${(error as Error).name}: ${(error as Error).message}`),
    });
    open.push(delivery);
    await delivery.deliver(report);
    await expect.poll(() => failures.length, { timeout: 10_000, interval: 5 }).toBe(1);
    expect([count, failures[0]]).toEqual([sees, expect.stringMatching(error)]);
    await ill.close();
    let successes = 0;
    const well = seeing(() => void successes++, Status.Success);
    open.push(await scp(ill.port, well));
    await expect.poll(() => timers.size, { interval: 5 }).toBe(1);
    pass(5000);
    const isEmpty = async () => (await queue.next(new Set())) === undefined;
    await expect.poll(isEmpty, { timeout: 10_000, interval: 5 }).toBe(true);
    pass(1e9);
    expect([successes, count, failures.length]).toEqual([1, sees, 1]);
  },
);
