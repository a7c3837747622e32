import { afterEach, expect, test } from 'vitest';
import type { UntypedDataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { TransferSyntax } from '../../registry/uids.generated.ts';
import {
  GLOBAL_SUBSCRIPTION_INSTANCE,
  UnifiedProcedureStepEvent,
  unifiedProcedureStep,
} from '../../services/unified-procedure-step.ts';
import { createScp, type Scp } from '../../session/scp.ts';
import { openSession } from '../../session/scu.ts';
import type { Service } from '../../session/service-class.ts';
import type { Session } from '../../session/session.ts';
import { EventDelivery } from '../event-delivery/event-delivery.ts';
import { createEventQueue } from '../event-delivery/event-queue.ts';
import type { ProviderFailure } from '../provider.ts';
import {
  UnifiedProcedureStepProvider,
  type UnifiedProcedureStepProviderOptions,
} from './unified-procedure-step-provider.ts';
import { UnifiedProcedureStepUser, type WorkItemEvent } from './unified-procedure-step-user.ts';
import { createWorkItemStore } from './work-item-store.ts';

const NEW: UntypedDataSet = {
  ScheduledProcedureStepPriority: 'MEDIUM',
  ProcedureStepLabel: 'Segment the liver',
  ScheduledProcedureStepStartDateTime: '20261121100000',
  InputReadinessState: 'READY',
  PatientID: 'P1',
  WorklistLabel: 'AI',
};
const CODE = [{ CodeValue: '1', CodingSchemeDesignator: '99X', CodeMeaning: 'one' }];
const PERFORMED: UntypedDataSet = {
  UnifiedProcedureStepPerformedProcedureSequence: [
    {
      PerformedStationNameCodeSequence: CODE,
      PerformedProcedureStepStartDateTime: '20261121100000',
      PerformedWorkitemCodeSequence: CODE,
      PerformedProcedureStepEndDateTime: '20261121100100',
      OutputInformationSequence: [],
    },
  ],
};
const { StateReport, CancelRequested, ProgressReport, ScpStatusChange, Assigned } = UnifiedProcedureStepEvent;

const closed: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closed.splice(0).reverse()) await close();
});

interface Setting {
  readonly provider: UnifiedProcedureStepProvider;
  readonly peer: {
    readonly host: string;
    readonly port: number;
    readonly callingAeTitle: string;
    readonly calledAeTitle: string;
  };
  /** Ports by AE title, for events that need a new association. */
  readonly addresses: Map<string, number>;
}

async function start(options: UnifiedProcedureStepProviderOptions = {}): Promise<Setting> {
  const addresses = new Map<string, number>();
  const delivery = new EventDelivery({
    firstDelay: 20,
    resolvePeer: (aeTitle) => {
      const port = addresses.get(aeTitle);
      return port === undefined
        ? undefined
        : { host: '127.0.0.1', port, callingAeTitle: 'MANAGER', calledAeTitle: aeTitle };
    },
  });
  const provider = new UnifiedProcedureStepProvider({ delivery, ...options });
  const scp: Scp = createScp({ aeTitle: 'MANAGER', services: [provider.service] });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(
    () => scp.close(),
    () => delivery.close(),
  );
  return {
    provider,
    addresses,
    peer: { host: '127.0.0.1', port, callingAeTitle: 'PERFORMER', calledAeTitle: 'MANAGER' },
  };
}

async function connect({ peer }: Setting, serves: readonly Service[] = [], callingAeTitle = 'PERFORMER') {
  const session: Session = await openSession({ ...peer, callingAeTitle, services: [unifiedProcedureStep], serves });
  closed.push(() => session.release().catch(() => session.abort()));
  return { session, user: new UnifiedProcedureStepUser() };
}

/** Collects the events of a subscriber; `have` settles when there are that many. */
function events() {
  const list: WorkItemEvent[] = [];
  let wake = () => {};
  const { service } = new UnifiedProcedureStepUser({
    onEvent: (event) => {
      list.push(event);
      wake();
    },
  });
  const have = async (count: number) => {
    while (list.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return list;
  };
  return { list, service, have };
}

test('a work item is created, found, claimed, set and completed', async () => {
  const { user, session } = await connect(await start());
  const { sopInstance, status } = await user.create(session, NEW);
  expect(status).toBe(Status.Success);
  const found: UntypedDataSet[] = [];
  const keys = { ProcedureStepState: 'SCHEDULED', WorklistLabel: 'A*', PatientID: '', TransactionUID: '' };
  for await (const { identifier = {} } of user.find(session, keys)) found.push(identifier);
  // The requested attributes only.
  expect(found).toEqual([
    { SOPInstanceUID: sopInstance, PatientID: 'P1', ProcedureStepState: 'SCHEDULED', WorklistLabel: 'AI' },
  ]);
  const transactionUid = await user.claim(session, sopInstance);
  await user.set(session, sopInstance, PERFORMED, { transactionUid });
  expect((await user.changeState(session, sopInstance, 'COMPLETED', transactionUid)).status).toBe(Status.Success);
  const { attributes = {} } = await user.get(session, sopInstance);
  expect(attributes).toMatchObject({ ProcedureStepState: 'COMPLETED', ...PERFORMED });
  for (const keyword of ['TransactionUID', 'SOPClassUID', 'SOPInstanceUID'])
    expect(attributes).not.toHaveProperty(keyword);
});

test('one of several performers that claim a work item at the same time succeeds', async () => {
  const setting = await start();
  const { user, session } = await connect(setting);
  const { sopInstance } = await user.create(session, NEW);
  const others = await Promise.all(Array.from({ length: 8 }, (_, index) => connect(setting, [], `P${index}`)));
  const claims = await Promise.allSettled(others.map((other) => other.user.claim(other.session, sopInstance)));
  expect(claims.filter((claim) => claim.status === 'fulfilled')).toHaveLength(1);
  for (const claim of claims) if (claim.status === 'rejected') expect(claim.reason).toMatchObject({ status: 0xc301 });
});

test('a context carries only the operations of its own SOP class', async () => {
  const setting = await start();
  const { Watch } = unifiedProcedureStep.sopClasses;
  const session = await openSession({
    ...setting.peer,
    services: [unifiedProcedureStep],
    contexts: [{ abstractSyntax: Watch.uid, transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian] }],
  });
  const user = new UnifiedProcedureStepUser();
  await expect(user.create(session, NEW)).rejects.toMatchObject({ name: 'NoContextError' });
  await expect(user.set(session, '1.2', {})).rejects.toMatchObject({ name: 'NoContextError' });
  await expect(user.get(session, '1.2')).rejects.toMatchObject({ status: 0xc307 });
  await session.release();
});

test.each(['Pull', 'Watch', 'Query'] as const)('a search uses a context of %s', async (name) => {
  const setting = await start();
  const { user, session: creating } = await connect(setting);
  for (const sopInstance of ['1.1', '1.2', '1.3']) await user.create(creating, NEW, { sopInstance });
  await user.claim(creating, '1.2');
  const { uid } = unifiedProcedureStep.sopClasses[name];
  const session = await openSession({
    ...setting.peer,
    services: [unifiedProcedureStep],
    contexts: [{ abstractSyntax: uid, transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian] }],
  });
  const found: unknown[] = [];
  for await (const { identifier } of new UnifiedProcedureStepUser().find(session, { ProcedureStepState: 'SCHEDULED' }))
    found.push(identifier?.SOPInstanceUID);
  expect(found).toEqual(['1.1', '1.3']);
  await session.release();
});

test('a search that is cancelled ends', async () => {
  const { user, session } = await connect(await start());
  for (let number = 0; number < 5; number++) await user.create(session, NEW);
  const controller = new AbortController();
  const answers = user.find(session, { ProcedureStepState: '' }, { signal: controller.signal });
  await expect(
    (async () => {
      for await (const _ of answers) controller.abort();
    })(),
  ).rejects.toMatchObject({ name: 'AbortError' });
});

test('a subscriber receives every event on its association', async () => {
  const setting = await start();
  const { list, service, have } = events();
  const { user, session } = await connect(setting, [service]);
  const { sopInstance } = await user.create(session, { ...NEW, SpecificCharacterSet: 'ISO_IR 100' });
  await user.subscribe(session, { receivingAeTitle: 'PERFORMER', sopInstance });
  const transactionUid = await user.claim(session, sopInstance);
  const set = (changes: UntypedDataSet) => user.set(session, sopInstance, changes, { transactionUid });
  const progress = [{ ProcedureStepProgress: 50 }];
  await set({ ProcedureStepProgressInformationSequence: progress });
  // Values that stay the same are not reported.
  await set({ ProcedureStepProgressInformationSequence: progress, InputReadinessState: 'READY' });
  await set({ InputReadinessState: 'UNAVAILABLE' });
  const person = { HumanPerformerCodeSequence: CODE, HumanPerformerName: 'A^B', HumanPerformerOrganization: 'Köln' };
  await set({ ScheduledStationNameCodeSequence: CODE, ScheduledHumanPerformersSequence: [person] });
  const requestor = await connect(setting, [], 'BOSS');
  await requestor.user.requestCancel(requestor.session, sopInstance, {
    SpecificCharacterSet: 'ISO_IR 100',
    ReasonForCancellation: 'zu spät',
    ProcedureStepDiscontinuationReasonCodeSequence: CODE,
    ContactURI: 'tel:1',
    ContactDisplayName: 'Jürgen',
  });
  await user.changeState(session, sopInstance, 'CANCELED', transactionUid);
  await have(7);
  await user.unsubscribe(session, { receivingAeTitle: 'PERFORMER', sopInstance });
  expect(list.map(({ eventType, information: { SpecificCharacterSet: _, ...rest } }) => [eventType, rest])).toEqual([
    [StateReport, { ProcedureStepState: 'SCHEDULED', InputReadinessState: 'READY' }],
    [StateReport, { ProcedureStepState: 'IN PROGRESS', InputReadinessState: 'READY' }],
    [ProgressReport, { ProcedureStepProgressInformationSequence: progress }],
    [StateReport, { ProcedureStepState: 'IN PROGRESS', InputReadinessState: 'UNAVAILABLE' }],
    [
      Assigned,
      {
        ScheduledStationNameCodeSequence: CODE,
        HumanPerformerCodeSequence: CODE,
        HumanPerformerOrganization: 'Köln',
      },
    ],
    [
      CancelRequested,
      {
        RequestingAE: 'BOSS',
        ReasonForCancellation: 'zu spät',
        ProcedureStepDiscontinuationReasonCodeSequence: CODE,
        ContactURI: 'tel:1',
        ContactDisplayName: 'Jürgen',
      },
    ],
    [
      StateReport,
      {
        ProcedureStepState: 'CANCELED',
        InputReadinessState: 'UNAVAILABLE',
        ProcedureStepDiscontinuationReasonCodeSequence: [expect.objectContaining({ CodeValue: '110513' })],
      },
    ],
  ]);
});

test('a SCHEDULED work item passes through IN PROGRESS when it is canceled', async () => {
  const setting = await start();
  const { list, service, have } = events();
  const { user, session } = await connect(setting, [service], 'ALL');
  await user.subscribe(session, { receivingAeTitle: 'ALL' });
  await user.create(session, { ...NEW, ScheduledStationNameCodeSequence: CODE }, { sopInstance: '1.1' });
  await user.requestCancel(session, '1.1', { ReasonForCancellation: 'late' });
  await have(4);
  expect(list.map(({ eventType, information }) => [eventType, information.ProcedureStepState])).toEqual([
    [StateReport, 'SCHEDULED'],
    [Assigned, undefined],
    [StateReport, 'IN PROGRESS'],
    [StateReport, 'CANCELED'],
  ]);
  expect(list[3]?.information.ReasonForCancellation).toBe('late');
});

test('a subscriber that was away receives events when it is back, on an association of the provider', async () => {
  const setting = await start();
  const { list, service, have } = events();
  const { user, session } = await connect(setting, [], 'AWAY');
  await user.subscribe(session, { receivingAeTitle: 'AWAY' });
  const { sopInstance } = await user.create(session, NEW);
  await session.release();
  // At first its address is not known.
  const subscriber = createScp({ aeTitle: 'AWAY', services: [service] });
  const { port } = await subscriber.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => subscriber.close());
  setting.addresses.set('AWAY', port);
  await have(1);
  expect(list).toMatchObject([{ sopInstance, information: { ProcedureStepState: 'SCHEDULED' } }]);
});

test('a change succeeds even if the delivery accepts no events', async () => {
  const failures: unknown[] = [];
  const queue = createEventQueue({ maximumEvents: 0 });
  const delivery = new EventDelivery({ queue, resolvePeer: () => undefined });
  closed.push(() => delivery.close());
  const onFailure = ({ error, peer, sopInstance }: ProviderFailure) =>
    void failures.push([(error as { status: number }).status, peer, sopInstance]);
  const { user, session } = await connect(await start({ delivery, onFailure }));
  await user.subscribe(session, { receivingAeTitle: 'BOARD' });
  expect(await user.create(session, NEW, { sopInstance: '1.1' })).toMatchObject({ status: 0 });
  await user.claim(session, '1.1');
  expect(failures).toEqual(Array(2).fill([0x0213, 'BOARD', '1.1']));
});

test('finished work items are removed unless a deletion lock holds them', async () => {
  const { provider, ...setting } = await start();
  const { user, session } = await connect({ provider, ...setting });
  for (const sopInstance of ['1.1', '1.2', '1.3']) await user.create(session, NEW, { sopInstance });
  await user.subscribe(session, { receivingAeTitle: 'HOLDER', sopInstance: '1.1', hasDeletionLock: true });
  await user.subscribe(session, { receivingAeTitle: 'WATCHER', sopInstance: '1.2' });
  for (const sopInstance of ['1.1', '1.2']) await user.requestCancel(session, sopInstance);
  expect(await provider.removeFinished(Date.now() - 60_000)).toBe(0);
  expect(await provider.removeFinished()).toBe(1);
  await expect(user.get(session, '1.2')).rejects.toMatchObject({ status: 0xc307 });
  expect((await user.get(session, '1.1')).attributes).toMatchObject({ ProcedureStepState: 'CANCELED' });
  // The lock ends with the subscription, or when the same subscription is made without it.
  await user.subscribe(session, { receivingAeTitle: 'HOLDER', sopInstance: '1.1' });
  expect(await provider.removeFinished()).toBe(1);
  await user.subscribe(session, { receivingAeTitle: 'HOLDER', sopInstance: '1.3', hasDeletionLock: true });
  await user.requestCancel(session, '1.3');
  expect(await provider.removeFinished(undefined, { evenLocked: true })).toBe(1);
});

test('a restart is reported to subscribers and to other peers', async () => {
  const store = createWorkItemStore();
  const { list, service, have } = events();
  const setting = await start({ store });
  const { user, session } = await connect(setting, [service], 'ALL');
  await user.create(session, NEW, { sopInstance: '1.1' });
  for (const subscription of [{}, { sopInstance: '1.1' }])
    await user.subscribe(session, { receivingAeTitle: 'ALL', ...subscription });
  await have(1);
  await setting.provider.announceRestart(['ALL']);
  await have(2);
  expect(list.slice(1)).toMatchObject([
    {
      sopInstance: GLOBAL_SUBSCRIPTION_INSTANCE,
      eventType: ScpStatusChange,
      information: {
        SCPStatus: 'RESTARTED',
        SubscriptionListStatus: 'WARM START',
        UnifiedProcedureStepListStatus: 'WARM START',
      },
    },
  ]);
});

test('a search that the store cannot answer now has the status of C-FIND for that', async () => {
  const lacking = new DimseError(Status.ResourceLimitation);
  const store = {
    ...createWorkItemStore(),
    items: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(lacking) }) }),
  };
  const { peer } = await start({ store });
  await using session = await openSession({ ...peer, services: [unifiedProcedureStep] });
  const user = new UnifiedProcedureStepUser();
  const search = async () => {
    for await (const _ of user.find(session, {}));
  };
  await expect(search()).rejects.toMatchObject({ status: Status.OutOfResources });
});
