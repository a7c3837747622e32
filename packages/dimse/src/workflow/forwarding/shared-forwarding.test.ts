// Several deliveries of one queue, as processes that share it have them: each destination is attempted by one at a time.

import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterEach, expect, test } from 'vitest';
import { Status } from '../../message/status.ts';
import { storage } from '../../services/storage.ts';
import { createScp } from '../../session/scp.ts';
import { serve } from '../../session/service-class.ts';
import { ForwardDelivery, type ForwardDestination, type ForwardOutcome } from './forward-delivery.ts';
import { createForwardQueue, type ForwardQueue } from './forward-queue.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** The claims of all processes, by destination. */
type Claims = Map<string, { owner?: AbortController; failures: number; restsUntil: number }>;

/** A queue as one of the processes has it. */
function sharedQueue(queue: ForwardQueue, claims: Claims): ForwardQueue {
  const mine = new Map<string, AbortController>();
  return {
    ...queue,
    claims: {
      of(destination) {
        const [claim, owner] = [claims.get(destination), mine.get(destination)];
        if (!claim || !owner) return undefined;
        const { signal } = owner;
        const release = async (state: { readonly failures: number; readonly restsUntil?: number }) => {
          mine.delete(destination);
          if (claim.owner === owner) claims.set(destination, { restsUntil: 0, ...state });
        };
        return { failures: claim.failures, signal, release };
      },
      async wake() {
        for (const claim of claims.values()) claim.restsUntil = 0;
      },
    },
    async next(except) {
      const isTaken = ({ owner, restsUntil }: { owner?: AbortController; restsUntil: number }) =>
        owner !== undefined || restsUntil > Date.now();
      const others = [...claims].filter(([, claim]) => isTaken(claim)).map(([name]) => name);
      const entry = await queue.next(new Set([...except, ...others]));
      if (!entry || entry.notBefore > Date.now()) return entry;
      const before = claims.get(entry.destination);
      // Another process may have claimed it meanwhile.
      if (before && isTaken(before)) return this.next(except);
      const owner = new AbortController();
      const { failures = 0 } = before ?? {};
      claims.set(entry.destination, { owner, failures, restsUntil: 0 });
      mine.set(entry.destination, owner);
      return entry;
    },
  };
}

/** A peer that counts the requests, and how many associations are open at once. */
async function archive(onRequest: (request: number) => Promise<void> = async () => {}, port = 0) {
  const received: string[] = [];
  const counts = { open: 0, most: 0 };
  const store = serve(storage, {
    async store({ sopInstance, data }) {
      for await (const _ of data);
      received.push(sopInstance);
      await onRequest(received.length);
      return Status.Success;
    },
  });
  const scp = createScp({ aeTitle: 'ARCHIVE', services: [store] });
  scp.on('session', (session) => {
    counts.most = Math.max(counts.most, ++counts.open);
    void session.closed.finally(() => counts.open--);
  });
  const listener = await scp.listen({ port, host: '127.0.0.1' });
  open.push(scp);
  return { received, counts, scp, port: listener.port };
}

const destinationAt = (port: number): ForwardDestination => ({
  peer: {
    ...{ host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE' },
    recovery: { reconnections: 0, lostAssociations: 4 },
  },
});

function forwarding(queue: ForwardQueue, destination: ForwardDestination, longestDelay = 20) {
  const outcomes: ForwardOutcome[] = [];
  const delivery = new ForwardDelivery({
    ...{ queue, firstDelay: 1, longestDelay },
    destination: () => destination,
    source: ({ sopInstance }) => ({
      ...{ sopInstance, sopClass: CT_IMAGE_STORAGE, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN },
      data: () => syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance, pixelLength: 100 }),
    }),
    onOutcome: (outcome) => outcomes.push(outcome),
  });
  open.push(delivery);
  return { delivery, outcomes };
}

const uids = (count: number) => Array.from({ length: count }, (_, index) => `1.2.1.${index}`);
const instance = (sopInstance: string) => ({ destination: 'A', study: '1.2', series: '1.2.1', sopInstance });

test('two deliveries of one queue send every instance once, one association at a time', async () => {
  const peer = await archive();
  const [queue, claims] = [createForwardQueue(), new Map() as Claims];
  const [one, other] = [1, 2].map(() => forwarding(sharedQueue(queue, claims), destinationAt(peer.port)));
  for (const [index, uid] of uids(300).entries())
    await (index % 2 === 0 ? one : other)?.delivery.forward(instance(uid));
  await expect.poll(() => peer.received.length, { timeout: 20_000 }).toBe(300);
  await expect.poll(() => queue.next(new Set()), { timeout: 20_000 }).toBeUndefined();
  expect([...peer.received].sort()).toEqual(uids(300).sort());
  expect(peer.counts.most).toBe(1);
});

test('a destination that fails rests for all, and is counted by all', async () => {
  const gone = await archive();
  await gone.scp.close();
  const [queue, claims] = [createForwardQueue(), new Map() as Claims];
  const both = [1, 2].map(() => forwarding(sharedQueue(queue, claims), destinationAt(gone.port)));
  await both[0]?.delivery.forward(instance('1.2.1.0'));
  const failures = () => both.map(({ outcomes }) => outcomes.length).reduce((sum, count) => sum + count);
  await expect.poll(failures, { timeout: 20_000 }).toBeGreaterThan(6);
  const counted = () => claims.get('A')?.failures ?? 0;
  await expect.poll(counted, { timeout: 20_000 }).toBeGreaterThan(6);
  // One attempt may be in progress.
  expect(failures() - counted()).toBeLessThanOrEqual(1);
  const back = await archive(undefined, gone.port);
  await expect.poll(() => back.received, { timeout: 20_000 }).toEqual(['1.2.1.0']);
  await expect.poll(() => claims.get('A'), { timeout: 20_000 }).toEqual({ failures: 0, restsUntil: 0 });
});

test('a delivery whose claim is lost ends its attempt, and another process sends what is left', async () => {
  const [queue, claims] = [createForwardQueue(), new Map() as Claims];
  let lose: () => void = () => {};
  const peer = await archive(async (request) => {
    if (request === 3) lose();
  });
  for (const uid of uids(5)) {
    const key = instance(uid);
    await queue.put({ id: uid, ...key, priority: 0, attempts: 0, notBefore: 0 });
  }
  const lost = new Promise<void>((resolve) => {
    lose = () => {
      const claim = claims.get('A');
      claims.set('A', { failures: 0, restsUntil: Number.POSITIVE_INFINITY });
      claim?.owner?.abort(new Error('the claim is lost'));
      resolve();
    };
  });
  const one = forwarding(sharedQueue(queue, claims), destinationAt(peer.port));
  await lost;
  await expect.poll(() => peer.counts.open, { timeout: 20_000 }).toBe(0);
  const left = await queue.due('A', Date.now(), 10);
  expect(left.map(({ attempts }) => attempts)).toEqual(left.map(() => 0));
  claims.set('A', { failures: 0, restsUntil: 0 });
  forwarding(sharedQueue(queue, claims), destinationAt(peer.port));
  await expect.poll(() => queue.next(new Set()), { timeout: 20_000 }).toBeUndefined();
  expect([...new Set(peer.received)].sort()).toEqual(uids(5));
  expect(one.outcomes.every(({ result }) => result === 'sent')).toBe(true);
});
