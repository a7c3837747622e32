import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { afterEach, expect, test } from 'vitest';
import { Status } from '../../message/status.ts';
import { storage } from '../../services/storage.ts';
import { createScp } from '../../session/scp.ts';
import { serve } from '../../session/service-class.ts';
import {
  ForwardDelivery,
  type ForwardDeliveryOptions,
  type ForwardDestination,
  type ForwardOutcome,
} from './forward-delivery.ts';
import { createForwardQueue, type QueuedInstance } from './forward-queue.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

type Reply = (sopInstance: string, abort: () => void) => number | Promise<number>;

/** A peer that records what it receives. */
async function archive(reply: Reply = () => Status.Success, port = 0) {
  const received: string[] = [];
  const store = serve(storage, {
    async store({ sopInstance, data }, { session }) {
      for await (const _ of data);
      received.push(sopInstance);
      return reply(sopInstance, () => session.association.abort());
    },
  });
  const scp = createScp({ aeTitle: 'ARCHIVE', services: [store] });
  const listener = await scp.listen({ port, host: '127.0.0.1' });
  open.push(scp);
  let associations = 0;
  scp.on('session', () => associations++);
  return {
    received,
    scp,
    port: listener.port,
    associations: () => associations,
    destination: destinationAt(listener.port),
  };
}

const destinationAt = (port: number): ForwardDestination => ({
  peer: {
    ...{ host: '127.0.0.1', port, callingAeTitle: 'ME', calledAeTitle: 'ARCHIVE' },
    recovery: { reconnections: 0, lostAssociations: 4 },
  },
});

/** A delivery that retries at once, and its outcomes. */
function forwarding(
  destinations: Readonly<Record<string, ForwardDestination | undefined>>,
  options: Partial<ForwardDeliveryOptions> = {},
) {
  const outcomes: ForwardOutcome[] = [];
  const queue = createForwardQueue();
  const delivery = new ForwardDelivery({
    ...{ queue, firstDelay: 1, longestDelay: 20 },
    destination: (name) => destinations[name],
    source: ({ sopInstance }) => ({
      sopInstance,
      sopClass: CT_IMAGE_STORAGE,
      transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
      data: () => syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance, pixelLength: 100 }),
    }),
    onOutcome: (outcome) => outcomes.push(outcome),
    ...options,
  });
  open.push(delivery);
  return { delivery, queue, outcomes };
}

const instance = (number: number, destination = 'A') => ({
  ...{ destination, study: '1.2', series: '1.2.1', sopInstance: `1.2.1.${number}` },
});
const uids = (count: number) => Array.from({ length: count }, (_, index) => `1.2.1.${index}`);
const isEmpty = async (queue: { next(except: ReadonlySet<string>): Promise<QueuedInstance | undefined> }) =>
  (await queue.next(new Set())) === undefined;

test('sends every instance once, those of a higher priority first, on one association', async () => {
  const a = await archive();
  const destinations: Record<string, ForwardDestination | undefined> = { A: undefined };
  const { delivery, queue } = forwarding(destinations);
  for (let number = 0; number < 20; number++) {
    await delivery.forward(instance(number), number === 19 ? 1 : 0);
    await delivery.forward(instance(number));
  }
  destinations.A = a.destination;
  delivery.wake();
  await expect.poll(() => isEmpty(queue), { timeout: 10_000 }).toBe(true);
  expect([...a.received].sort()).toEqual(uids(20).sort());
  expect(a.received[0]).toBe('1.2.1.0');
  expect(a.associations()).toBe(1);
});

test('a destination that cannot be reached loses nothing and holds up no other', async () => {
  const a = await archive();
  const gone = await archive();
  await gone.scp.close();
  const { delivery, queue, outcomes } = forwarding({ A: a.destination, B: gone.destination });
  for (const number of uids(50).keys()) {
    await delivery.forward(instance(number, 'B'));
    await delivery.forward(instance(number, 'A'));
  }
  const failures = () => outcomes.filter(({ destination }) => destination === 'B').length;
  await expect.poll(() => [a.received.length, failures() > 20], { timeout: 20_000 }).toEqual([50, true]);
  // The destination failed, so that no instance lost an attempt.
  expect(await queue.next(new Set())).toMatchObject({ destination: 'B', attempts: 0 });
  expect(outcomes.find(({ destination }) => destination === 'B')).toMatchObject({ result: 'retried' });
  const back = await archive(undefined, gone.port);
  await expect.poll(() => isEmpty(queue), { timeout: 20_000 }).toBe(true);
  expect(back.received.sort()).toEqual(uids(50).sort());
  expect(new Set(a.received).size).toBe(50);
});

test('an instance that a peer without room refused is sent again until it has room', async () => {
  const asked = new Map<string, number>();
  const a = await archive((sopInstance) => {
    asked.set(sopInstance, (asked.get(sopInstance) ?? 0) + 1);
    return (asked.get(sopInstance) ?? 0) < 12 ? 0xa701 : Status.Success;
  });
  const { delivery, queue, outcomes } = forwarding({ A: { ...a.destination, maximumAttempts: 3 } });
  for (const number of uids(3).keys()) await delivery.forward(instance(number));
  await expect.poll(() => isEmpty(queue), { timeout: 20_000 }).toBe(true);
  expect([...asked.values()]).toEqual([12, 12, 12]);
  expect(outcomes.filter(({ result }) => result === 'failed')).toEqual([]);
});

test('an instance that a peer refuses for good is kept as failed, and the others are sent', async () => {
  const a = await archive((sopInstance) => (sopInstance === '1.2.1.1' ? 0xa900 : Status.Success));
  const { delivery, queue, outcomes } = forwarding({ A: { ...a.destination, maximumAttempts: 3 } });
  for (const number of uids(3).keys()) await delivery.forward(instance(number));
  await expect.poll(() => outcomes.some(({ result }) => result === 'failed'), { timeout: 20_000 }).toBe(true);
  expect(a.received.filter((each) => each === '1.2.1.1')).toHaveLength(3);
  expect(await isEmpty(queue)).toBe(true);
  const [failed] = outcomes.filter(({ result }) => result === 'failed');
  expect(failed).toMatchObject({ reason: expect.stringContaining('A900H') });
  // The operator decides.
  await queue.change({ ...(failed?.instance as QueuedInstance), isFailed: false, attempts: 0, notBefore: 0 });
  delivery.look();
  await expect
    .poll(() => a.received.filter((each) => each === '1.2.1.1').length, { timeout: 20_000 })
    .toBeGreaterThan(3);
});

test('an instance on which the peer ends every association does not hold up the others', async () => {
  const a = await archive((sopInstance, abort) => {
    if (sopInstance === '1.2.1.2') abort();
    return Status.Success;
  });
  const { delivery, outcomes } = forwarding({ A: a.destination });
  for (const number of uids(6).keys()) await delivery.forward(instance(number));
  const sent = () => outcomes.filter(({ result }) => result === 'sent').map((each) => each.instance?.sopInstance);
  const others = uids(6).filter((uid) => uid !== '1.2.1.2');
  await expect.poll(() => sent().sort(), { timeout: 30_000 }).toEqual(others.sort());
});

test('an instance that does not exist any more is left out', async () => {
  const a = await archive();
  const { delivery, queue, outcomes } = forwarding({ A: a.destination }, { source: () => undefined });
  await delivery.forward(instance(1));
  await expect.poll(() => isEmpty(queue), { timeout: 10_000 }).toBe(true);
  expect(outcomes).toMatchObject([{ result: 'missing' }]);
  expect(a.associations()).toBe(0);
});

test('a destination that is closed receives nothing until it opens', async () => {
  const a = await archive();
  let opening = Number.POSITIVE_INFINITY;
  let questions = 0;
  const opens = () => {
    questions++;
    return opening;
  };
  const { delivery } = forwarding({ A: { ...a.destination, opens } });
  await delivery.forward(instance(1));
  await expect.poll(() => questions, { timeout: 10_000 }).toBeGreaterThan(3);
  expect(a.associations()).toBe(0);
  opening = 0;
  await expect.poll(() => a.received, { timeout: 10_000 }).toEqual(['1.2.1.1']);
});

test('an instance that is cancelled while it is sent is not put back', async () => {
  const { delivery, queue } = forwarding({
    A: (
      await archive(async () => {
        await queue.remove((await queue.next(new Set()))?.id ?? '');
        return 0xc000;
      })
    ).destination,
  });
  await delivery.forward(instance(1));
  await expect.poll(() => isEmpty(queue), { timeout: 10_000 }).toBe(true);
  await delivery.close();
  expect(await queue.due('A', Number.POSITIVE_INFINITY, 10)).toEqual([]);
});

test('takes no more instances when it is closed', async () => {
  const { delivery } = forwarding({});
  await delivery.close();
  await expect(delivery.forward(instance(1))).rejects.toThrow('the forwarding is closed');
});

test.each<[string, ForwardDeliveryOptions['source'], RegExp]>([
  ['a file that cannot be opened', () => 'not-there.dcm', /ENOENT/],
  [
    'another instance',
    () => ({
      ...{ sopInstance: '1.2.9', sopClass: CT_IMAGE_STORAGE, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN },
      data: () => syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.9', pixelLength: 100 }),
    }),
    /another instance: 1\.2\.9/,
  ],
])('an instance whose source gives %s fails after as many attempts as any other', async (_, source, reason) => {
  const a = await archive();
  let sources = 0;
  const counted: ForwardDeliveryOptions['source'] = (queued) => {
    sources++;
    return source(queued);
  };
  const { delivery, outcomes } = forwarding({ A: { ...a.destination, maximumAttempts: 3 } }, { source: counted });
  await delivery.forward(instance(0));
  await expect.poll(() => outcomes.map(({ result }) => result)).toEqual(['retried', 'retried', 'failed']);
  expect(sources).toBe(3);
  expect(outcomes[0]?.reason).toMatch(reason);
});
