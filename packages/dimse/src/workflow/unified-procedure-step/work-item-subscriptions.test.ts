import { afterEach, describe, expect, test } from 'vitest';
import type { UntypedDataSet } from '../../data-set/dataset.ts';
import { Status } from '../../message/status.ts';
import {
  FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE as FILTERED,
  GLOBAL_SUBSCRIPTION_INSTANCE as GLOBAL,
} from '../../services/unified-procedure-step.ts';
import { EventDelivery } from '../event-delivery/event-delivery.ts';
import { createEventQueue, type EventQueue, type QueuedEvent } from '../event-delivery/event-queue.ts';
import { assignmentReports, MAXIMUM_ASSIGNMENT_REPORTS } from './unified-procedure-step-reports.ts';
import { createWorkItemStore } from './work-item-store.ts';
import { MAXIMUM_SUBSCRIBERS, WorkItemSubscriptions } from './work-item-subscriptions.ts';

const deliveries: EventDelivery[] = [];
afterEach(async () => {
  for (const delivery of deliveries.splice(0)) await delivery.close();
});

const item = (PatientID: string) => ({
  state: 'SCHEDULED' as const,
  attributes: { PatientID, InputReadinessState: 'READY' },
});

/** Subscriptions to 1.1, and the instances that events were reported for. */
async function start() {
  const told: string[] = [];
  const memory = createEventQueue();
  const queue: EventQueue = {
    ...memory,
    put: (event: QueuedEvent) => {
      if (event.attempts === 0) told.push(event.report.sopInstance);
      return memory.put(event);
    },
  };
  const delivery = new EventDelivery({ queue, resolvePeer: () => undefined });
  deliveries.push(delivery);
  const store = createWorkItemStore();
  await store.add('1.1', item('A'));
  const subscriptions = new WorkItemSubscriptions({ store, delivery, onFailure: undefined });
  const stateOf = async (sopInstance: string) => {
    const found = (await store.subscriptions(sopInstance)).find(({ peer }) => peer === 'AE');
    return found ? (found.hasDeletionLock ? 'with Lock' : 'w/o Lock') : 'Not Subscribed';
  };
  return { store, subscriptions, told, stateOf };
}

type State = 'Not Subscribed' | 'with Lock' | 'w/o Lock';
type Act = (subscriptions: WorkItemSubscriptions) => Promise<void>;

// Events of Table CC.2.3-2: the next state from each state, with ! if an event is reported; and the global state.
const subscribe = (sopInstance: string, isLocked: boolean) => (to: WorkItemSubscriptions) =>
  to.subscribe(sopInstance, 'AE', {}, isLocked);
const unsubscribe = (sopInstance: string, isSuspended: boolean) => (from: WorkItemSubscriptions) =>
  from.unsubscribe(sopInstance, 'AE', isSuspended);
const TABLE: readonly [
  event: string,
  act: Act,
  not: string,
  locked: string,
  unlocked: string,
  global: State | 'as before',
][] = [
  ['AE subscribes globally with lock', subscribe(GLOBAL, true), 'with Lock!', 'with Lock', 'w/o Lock', 'with Lock'],
  ['AE subscribes globally w/o lock', subscribe(GLOBAL, false), 'w/o Lock', 'with Lock', 'w/o Lock', 'w/o Lock'],
  ['AE subscribes to it with lock', subscribe('1.1', true), 'with Lock!', 'with Lock!', 'with Lock!', 'as before'],
  ['AE subscribes to it w/o lock', subscribe('1.1', false), 'w/o Lock!', 'w/o Lock!', 'w/o Lock!', 'as before'],
  [
    'AE unsubscribes from it',
    unsubscribe('1.1', false),
    'Not Subscribed',
    'Not Subscribed',
    'Not Subscribed',
    'as before',
  ],
  [
    'AE unsubscribes globally',
    unsubscribe(GLOBAL, false),
    'Not Subscribed',
    'Not Subscribed',
    'Not Subscribed',
    'Not Subscribed',
  ],
  [
    'AE suspends the global one',
    unsubscribe(GLOBAL, true),
    'Not Subscribed',
    'with Lock',
    'w/o Lock',
    'Not Subscribed',
  ],
];
const cells = TABLE.flatMap(([event, act, ...ends]) =>
  (['Not Subscribed', 'with Lock', 'w/o Lock'] as const).flatMap((from, index) =>
    (['Not Subscribed', 'with Lock', 'w/o Lock'] as const).map((globally) => ({
      event,
      act,
      from,
      globally,
      to: ends[index] as string,
      toGlobally: ends[3] === 'as before' ? globally : ends[3],
    })),
  ),
);

describe('Table CC.2.3-2', () => {
  test.each(cells)('$event: $from (globally $globally) to $to', async ({ act, from, globally, to, toGlobally }) => {
    const { store, subscriptions, told, stateOf } = await start();
    const states = { '1.1': from, [GLOBAL]: globally };
    for (const [sopInstance, state] of Object.entries(states))
      if (state !== 'Not Subscribed')
        await store.subscribe({ peer: 'AE', sopInstance, hasDeletionLock: state === 'with Lock' });
    // The subscriptions of other peers remain.
    await store.subscribe({ peer: 'OTHER', sopInstance: '1.1', hasDeletionLock: true });
    await act(subscriptions);
    expect(`${await stateOf('1.1')}${told.length > 0 ? '!' : ''}`).toBe(to);
    expect(await stateOf(GLOBAL)).toBe(toGlobally);
    expect(await store.subscriptions('1.1')).toContainEqual({
      peer: 'OTHER',
      sopInstance: '1.1',
      hasDeletionLock: true,
    });
  });

  test.each([
    ['not subscribed', undefined, false],
    ['with Lock', true, true],
    ['w/o Lock', false, true],
  ] as const)('subscribes an AE to a new work item as it is subscribed globally: %s', async (_, lock, isSubscribed) => {
    const { store, subscriptions, stateOf } = await start();
    if (lock !== undefined) await subscriptions.subscribe(GLOBAL, 'AE', {}, lock);
    await store.add('1.2', item('B'));
    await subscriptions.subscribeToNew('1.2', item('B'));
    expect(await stateOf('1.2')).toBe(isSubscribed ? (lock ? 'with Lock' : 'w/o Lock') : 'Not Subscribed');
  });
});

test.each<[string, UntypedDataSet, RegExp]>([
  ['very many keys', Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`0009${1000 + at}`, ''])), /^300 keys/],
  [
    'very many keys in items',
    {
      ScheduledWorkitemCodeSequence: [
        Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`0009${1000 + at}`, ''])),
      ],
    },
    /^301 keys/,
  ],
  ['a very long value', { WorklistLabel: 'x'.repeat(70_000) }, /characters, at most 65536/],
  ['very many patterns', { WorklistLabel: Array.from({ length: 2000 }, (_, at) => `${at}*`) }, /2000 values to match/],
])('a filter with %s is refused, and does not make later work items fail', async (_, keys, errorComment) => {
  const { store, subscriptions, stateOf } = await start();
  await expect(subscriptions.subscribe(FILTERED, 'AE', keys, false)).rejects.toMatchObject({
    status: Status.InvalidArgumentValue,
    errorComment: expect.stringMatching(errorComment),
  });
  expect(await store.subscriptions(GLOBAL)).toEqual([]);
  await store.add('1.2', item('B'));
  await subscriptions.subscribeToNew('1.2', item('B'));
  expect(await stateOf('1.2')).toBe('Not Subscribed');
});

test('takes as many subscribers as it may have, and lets each of them subscribe again', async () => {
  const { subscriptions } = await start();
  for (const sopInstance of ['1.1', GLOBAL]) {
    for (let at = 0; at < MAXIMUM_SUBSCRIBERS; at++) await subscriptions.subscribe(sopInstance, `AE${at}`, {}, false);
    await expect(subscriptions.subscribe(sopInstance, 'ANOTHER', {}, false)).rejects.toMatchObject({
      status: Status.ResourceLimitation,
    });
    await subscriptions.subscribe(sopInstance, 'AE7', {}, true);
    await subscriptions.unsubscribe(sopInstance, 'AE3', false);
    await subscriptions.subscribe(sopInstance, 'ANOTHER', {}, false);
  }
});

test('a subscriber without room is reported, and does not make a new work item fail', async () => {
  const store = createWorkItemStore({ maximumSubscriptions: 1 });
  const failures: unknown[] = [];
  const onFailure = ({ peer }: { readonly peer?: string }) => void failures.push(peer);
  const subscriptions = new WorkItemSubscriptions({ store, delivery: undefined, onFailure });
  await subscriptions.subscribe(GLOBAL, 'AE', {}, false);
  await store.add('1.2', item('B'));
  await subscriptions.subscribeToNew('1.2', item('B'));
  expect(failures).toEqual(['AE']);
});

test('an assignment to very many persons is a few events for each subscriber', () => {
  const person = { HumanPerformerOrganization: 'X' };
  const attributes = { ScheduledHumanPerformersSequence: Array.from({ length: 10_000 }, () => person) };
  expect(assignmentReports({ state: 'SCHEDULED', attributes })).toHaveLength(MAXIMUM_ASSIGNMENT_REPORTS);
});

test('a filtered subscription covers present and future work items that match', async () => {
  const { store, subscriptions, told, stateOf } = await start();
  await store.add('1.2', item('B'));
  const information: UntypedDataSet = { ReceivingAE: 'AE', DeletionLock: 'TRUE', PatientID: 'B' };
  await subscriptions.subscribe(FILTERED, 'AE', information, true);
  expect([await stateOf('1.1'), await stateOf('1.2'), told]).toEqual(['Not Subscribed', 'with Lock', ['1.2']]);
  for (const [sopInstance, patient] of [
    ['1.3', 'A'],
    ['1.4', 'B'],
  ] as const) {
    await store.add(sopInstance, item(patient));
    await subscriptions.subscribeToNew(sopInstance, item(patient));
  }
  expect([await stateOf('1.3'), await stateOf('1.4')]).toEqual(['Not Subscribed', 'with Lock']);
  await subscriptions.unsubscribe(FILTERED, 'AE', false);
  expect([await stateOf('1.4'), await stateOf(GLOBAL)]).toEqual(['Not Subscribed', 'Not Subscribed']);
});

test('reports a restart to many subscribers in turns with everything else, and ends when no more events are taken', async () => {
  const memory = createEventQueue({ maximumEvents: 1000 });
  let [now, most] = [0, 0];
  const counted = <T>(result: T): T => {
    most = Math.max(most, ++now);
    return result;
  };
  const queue: EventQueue = {
    put: (event) => counted(memory.put(event)),
    next: (exceptPeers) => counted(memory.next(exceptPeers)),
    remove: (id) => memory.remove(id),
  };
  const delivery = new EventDelivery({ queue, resolvePeer: () => undefined });
  deliveries.push(delivery);
  const refused: unknown[] = [];
  const onFailure = ({ error }: { readonly error: unknown }) => void refused.push(error);
  const subscribers = Array.from({ length: 2000 }, (_, number) => `AE${number}`);
  const store = { ...createWorkItemStore(), subscribers: async () => subscribers };
  const subscriptions = new WorkItemSubscriptions({ store, delivery, onFailure });
  let isOver = false;
  const turn = () => {
    now = 0;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await subscriptions.reportRestart(true, []);
  isOver = true;
  // One event is put, and at most 8 attempts end.
  expect(most).toBeLessThan(50);
  expect(refused).toHaveLength(100);
});
