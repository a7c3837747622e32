import { afterEach, expect, test } from 'vitest';
import type { DataSet } from '../../data-set/dataset.ts';
import { Status } from '../../message/status.ts';
import { UnifiedProcedureStepEvent, unifiedProcedureStep } from '../../services/unified-procedure-step.ts';
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
import { UnifiedProcedureStepUser, type WorkItemEvent, workItemEvents } from './unified-procedure-step-user.ts';
import { createWorkItemStore } from './work-item-store.ts';

const NEW: DataSet = {
  ScheduledProcedureStepPriority: 'MEDIUM',
  ProcedureStepLabel: 'Segment the liver',
  ScheduledProcedureStepStartDateTime: '20261121100000',
  InputReadinessState: 'READY',
  PatientID: 'P1',
  WorklistLabel: 'AI',
};
const CODE = [{ CodeValue: '1', CodingSchemeDesignator: '99X', CodeMeaning: 'one' }];
const PERFORMED: DataSet = {
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
  /** Where events go that find no association. */
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
  return { session, user: new UnifiedProcedureStepUser(session) };
}

/** A subscriber's events, and when there are so many. */
function events() {
  const list: WorkItemEvent[] = [];
  let wake = () => {};
  const service = workItemEvents((event) => {
    list.push(event);
    wake();
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

test('a work item goes its way: created, found, claimed, set, completed', async () => {
  const { user } = await connect(await start());
  const { sopInstance, status } = await user.create(NEW);
  expect(status).toBe(Status.Success);
  const found: DataSet[] = [];
  const keys = { ProcedureStepState: 'SCHEDULED', WorklistLabel: 'A*', PatientID: '', TransactionUID: '' };
  for await (const { identifier = {} } of user.find(keys)) found.push(identifier);
  // What was asked for, and nothing else.
  expect(found).toEqual([
    { SOPInstanceUID: sopInstance, PatientID: 'P1', ProcedureStepState: 'SCHEDULED', WorklistLabel: 'AI' },
  ]);
  const transactionUid = await user.claim(sopInstance);
  await user.set(sopInstance, PERFORMED, { transactionUid });
  expect((await user.changeState(sopInstance, 'COMPLETED', transactionUid)).status).toBe(Status.Success);
  const { attributes = {} } = await user.get(sopInstance);
  expect(attributes).toMatchObject({ ProcedureStepState: 'COMPLETED', ...PERFORMED });
  for (const keyword of ['TransactionUID', 'SOPClassUID', 'SOPInstanceUID'])
    expect(attributes).not.toHaveProperty(keyword);
});

test('of those who claim a work item at once, one has it', async () => {
  const setting = await start();
  const { user } = await connect(setting);
  const { sopInstance } = await user.create(NEW);
  const others = await Promise.all(Array.from({ length: 8 }, (_, index) => connect(setting, [], `P${index}`)));
  const claims = await Promise.allSettled(others.map((other) => other.user.claim(sopInstance)));
  expect(claims.filter((claim) => claim.status === 'fulfilled')).toHaveLength(1);
  for (const claim of claims) if (claim.status === 'rejected') expect(claim.reason).toMatchObject({ status: 0xc301 });
});

test('each context carries the operations of its own SOP class alone', async () => {
  const setting = await start();
  const { Watch } = unifiedProcedureStep.sopClasses;
  const session = await openSession({
    ...setting.peer,
    services: [unifiedProcedureStep],
    contexts: [{ abstractSyntax: Watch.uid, transferSyntaxes: ['1.2.840.10008.1.2.1'] }],
  });
  const user = new UnifiedProcedureStepUser(session);
  await expect(user.create(NEW)).rejects.toMatchObject({ name: 'NoContextError' });
  await expect(user.set('1.2', {})).rejects.toMatchObject({ name: 'NoContextError' });
  await expect(user.get('1.2')).rejects.toMatchObject({ status: 0xc307 });
  await session.release();
});

test.each(['Pull', 'Watch', 'Query'] as const)('a search comes on a context of %s', async (name) => {
  const setting = await start();
  const { user } = await connect(setting);
  for (const sopInstance of ['1.1', '1.2', '1.3']) await user.create(NEW, { sopInstance });
  await user.claim('1.2');
  const { uid } = unifiedProcedureStep.sopClasses[name];
  const session = await openSession({
    ...setting.peer,
    services: [unifiedProcedureStep],
    contexts: [{ abstractSyntax: uid, transferSyntaxes: ['1.2.840.10008.1.2.1'] }],
  });
  const found: unknown[] = [];
  for await (const { identifier } of new UnifiedProcedureStepUser(session).find({ ProcedureStepState: 'SCHEDULED' }))
    found.push(identifier?.SOPInstanceUID);
  expect(found).toEqual(['1.1', '1.3']);
  await session.release();
});

test('a search that is cancelled ends', async () => {
  const { user } = await connect(await start());
  for (let number = 0; number < 5; number++) await user.create(NEW);
  const controller = new AbortController();
  const answers = user.find({ ProcedureStepState: '' }, { signal: controller.signal });
  await expect(
    (async () => {
      for await (const _ of answers) controller.abort();
    })(),
  ).rejects.toMatchObject({ name: 'AbortError' });
});

test('a subscriber is told on the same association of all there is to be told', async () => {
  const setting = await start();
  const { list, service, have } = events();
  const { user } = await connect(setting, [service]);
  const { sopInstance } = await user.create({ ...NEW, SpecificCharacterSet: 'ISO_IR 100' });
  await user.subscribe({ receivingAeTitle: 'PERFORMER', sopInstance });
  const transactionUid = await user.claim(sopInstance);
  const set = (changes: DataSet) => user.set(sopInstance, changes, { transactionUid });
  const progress = [{ ProcedureStepProgress: 50 }];
  await set({ ProcedureStepProgressInformationSequence: progress });
  // What is the same as before is no news.
  await set({ ProcedureStepProgressInformationSequence: progress, InputReadinessState: 'READY' });
  await set({ InputReadinessState: 'UNAVAILABLE' });
  const person = { HumanPerformerCodeSequence: CODE, HumanPerformerName: 'A^B', HumanPerformerOrganization: 'Köln' };
  await set({ ScheduledStationNameCodeSequence: CODE, ScheduledHumanPerformersSequence: [person] });
  const requestor = await connect(setting, [], 'BOSS');
  await requestor.user.requestCancel(sopInstance, {
    SpecificCharacterSet: 'ISO_IR 100',
    ReasonForCancellation: 'zu spät',
    ProcedureStepDiscontinuationReasonCodeSequence: CODE,
    ContactURI: 'tel:1',
    ContactDisplayName: 'Jürgen',
  });
  await user.changeState(sopInstance, 'CANCELED', transactionUid);
  await have(7);
  await user.unsubscribe({ receivingAeTitle: 'PERFORMER', sopInstance });
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

test('what is SCHEDULED is canceled by way of IN PROGRESS', async () => {
  const setting = await start();
  const { list, service, have } = events();
  const { user } = await connect(setting, [service], 'ALL');
  await user.subscribe({ receivingAeTitle: 'ALL' });
  await user.create({ ...NEW, ScheduledStationNameCodeSequence: CODE }, { sopInstance: '1.1' });
  await user.requestCancel('1.1', { ReasonForCancellation: 'late' });
  await have(4);
  expect(list.map(({ eventType, information }) => [eventType, information.ProcedureStepState])).toEqual([
    [StateReport, 'SCHEDULED'],
    [Assigned, undefined],
    [StateReport, 'IN PROGRESS'],
    [StateReport, 'CANCELED'],
  ]);
  expect(list[3]?.information.ReasonForCancellation).toBe('late');
});

test('a subscriber that is away is told when it is back, on an association of the provider', async () => {
  const setting = await start();
  const { list, service, have } = events();
  const { user, session } = await connect(setting, [], 'AWAY');
  await user.subscribe({ receivingAeTitle: 'AWAY' });
  const { sopInstance } = await user.create(NEW);
  await session.release();
  // Nobody knows where it is; then nobody listens there.
  const subscriber = createScp({ aeTitle: 'AWAY', services: [service] });
  const { port } = await subscriber.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => subscriber.close());
  setting.addresses.set('AWAY', port);
  await have(1);
  expect(list).toMatchObject([{ sopInstance, information: { ProcedureStepState: 'SCHEDULED' } }]);
});

test('who changes a work item is answered success though nobody can be told', async () => {
  const failures: unknown[] = [];
  const queue = createEventQueue({ maximumEvents: 0 });
  const delivery = new EventDelivery({ queue, resolvePeer: () => undefined });
  closed.push(() => delivery.close());
  const onFailure = ({ error, peer, sopInstance }: ProviderFailure) =>
    void failures.push([(error as { status: number }).status, peer, sopInstance]);
  const { user } = await connect(await start({ delivery, onFailure }));
  await user.subscribe({ receivingAeTitle: 'BOARD' });
  expect(await user.create(NEW, { sopInstance: '1.1' })).toMatchObject({ status: 0 });
  await user.claim('1.1');
  expect(failures).toEqual(Array(2).fill([0x0213, 'BOARD', '1.1']));
});

test('what is finished is forgotten, unless somebody holds it', async () => {
  const { provider, ...setting } = await start();
  const { user } = await connect({ provider, ...setting });
  for (const sopInstance of ['1.1', '1.2', '1.3']) await user.create(NEW, { sopInstance });
  await user.subscribe({ receivingAeTitle: 'HOLDER', sopInstance: '1.1', hasDeletionLock: true });
  await user.subscribe({ receivingAeTitle: 'WATCHER', sopInstance: '1.2' });
  for (const sopInstance of ['1.1', '1.2']) await user.requestCancel(sopInstance);
  expect(await provider.removeFinished(Date.now() - 60_000)).toBe(0);
  expect(await provider.removeFinished()).toBe(1);
  await expect(user.get('1.2')).rejects.toMatchObject({ status: 0xc307 });
  expect((await user.get('1.1')).attributes).toMatchObject({ ProcedureStepState: 'CANCELED' });
  // The lock ends with the subscription, and with the same one without.
  await user.subscribe({ receivingAeTitle: 'HOLDER', sopInstance: '1.1' });
  expect(await provider.removeFinished()).toBe(1);
  await user.subscribe({ receivingAeTitle: 'HOLDER', sopInstance: '1.3', hasDeletionLock: true });
  await user.requestCancel('1.3');
  expect(await provider.removeFinished(undefined, { evenLocked: true })).toBe(1);
});

test('subscribers, and others, are told of a restart', async () => {
  const store = createWorkItemStore();
  const { list, service, have } = events();
  const setting = await start({ store });
  const { user } = await connect(setting, [service], 'ALL');
  await user.create(NEW, { sopInstance: '1.1' });
  for (const subscription of [{}, { sopInstance: '1.1' }])
    await user.subscribe({ receivingAeTitle: 'ALL', ...subscription });
  await have(1);
  await setting.provider.announceRestart(['ALL']);
  await have(2);
  expect(list.slice(1)).toMatchObject([
    {
      sopInstance: '1.2.840.10008.5.1.4.34.5',
      eventType: ScpStatusChange,
      information: {
        SCPStatus: 'RESTARTED',
        SubscriptionListStatus: 'WARM START',
        UnifiedProcedureStepListStatus: 'WARM START',
      },
    },
  ]);
});
