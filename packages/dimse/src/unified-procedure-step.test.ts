import { afterEach, describe, expect, test } from 'vitest';
import type { DataSet } from './dataset.ts';
import { EventDelivery } from './event-delivery.ts';
import { createScp, type Scp } from './scp.ts';
import { openSession } from './scu.ts';
import type { Service } from './service-class.ts';
import {
  UnifiedProcedureStepAction,
  UnifiedProcedureStepEvent,
  unifiedProcedureStep,
} from './services/unified-procedure-step.ts';
import type { Session } from './session.ts';
import { Status } from './status.ts';
import {
  cancelRequested,
  changedState,
  createdWorkItem,
  type UnifiedProcedureStepState,
  updatedWorkItem,
  type WorkItem,
} from './unified-procedure-step.ts';
import { UnifiedProcedureStepProvider } from './unified-procedure-step-provider.ts';
import { UnifiedProcedureStepUser, type WorkItemEvent, workItemEvents } from './unified-procedure-step-user.ts';

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
const CANCELED: DataSet = {
  ProcedureStepProgressInformationSequence: [
    {
      ProcedureStepCancellationDateTime: '20261121100000',
      ProcedureStepDiscontinuationReasonCodeSequence: [],
    },
  ],
};
const [MINE, OTHER] = ['2.25.1', '2.25.2'];

function itemIn(state: UnifiedProcedureStepState): WorkItem {
  const attributes = { ...NEW, ...PERFORMED, ...CANCELED, ProcedureStepState: state };
  return { state, attributes, ...(state !== 'SCHEDULED' && { transactionUid: MINE }) };
}

const statusOf = (work: () => unknown): number => {
  try {
    return (work() as { status: number }).status;
  } catch (error) {
    return (error as { status: number }).status;
  }
};

describe('Table CC.1.1-2', () => {
  const states = ['SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED'] as const;
  const right: Record<UnifiedProcedureStepState, readonly number[]> = {
    // to:          SCHEDULED IN PROGRESS COMPLETED CANCELED
    SCHEDULED: [0xc303, 0x0000, 0xc310, 0xc310],
    'IN PROGRESS': [0xc303, 0xc302, 0x0000, 0x0000],
    COMPLETED: [0xc303, 0xc300, 0xb306, 0xc300],
    CANCELED: [0xc303, 0xc300, 0xc300, 0xb304],
  };
  const cells = states.flatMap((from) => states.map((to, index) => [from, to, right[from][index] as number] as const));

  test.each(cells)('%s to %s with the right transaction UID', (from, to, status) => {
    expect(statusOf(() => changedState(itemIn(from), to, MINE))).toBe(status);
    if (status === 0)
      expect(changedState(itemIn(from), to, MINE).item).toMatchObject({ state: to, transactionUid: MINE });
  });

  test.each(cells)('%s to %s with none', (from, to) => {
    const expected = to === 'SCHEDULED' ? 0xc303 : 0xc301;
    expect(statusOf(() => changedState(itemIn(from), to, undefined))).toBe(expected);
    expect(statusOf(() => changedState(itemIn(from), to, ''))).toBe(expected);
  });

  test.each(['IN PROGRESS', 'COMPLETED', 'CANCELED'] as const)(
    '%s ends with the lock of its performer alone',
    (from) => {
      for (const to of ['COMPLETED', 'CANCELED'])
        expect(statusOf(() => changedState(itemIn(from), to, OTHER))).toBe(0xc301);
    },
  );

  test.each([
    ['SCHEDULED', 0x0000, 'CANCELED', false],
    ['IN PROGRESS', 0x0000, 'IN PROGRESS', true],
    ['COMPLETED', 0xc311, 'COMPLETED', false],
    ['CANCELED', 0xb304, 'CANCELED', false],
  ] as const)('a request to cancel what is %s', (from, status, state, isForPerformer) => {
    expect(statusOf(() => cancelRequested(itemIn(from), {}))).toBe(status);
    if (status < 0xc000) expect(cancelRequested(itemIn(from), {})).toMatchObject({ item: { state }, isForPerformer });
  });

  test.each([
    ['SCHEDULED', undefined, 0],
    ['SCHEDULED', MINE, 0xc310],
    ['IN PROGRESS', MINE, 0],
    ['IN PROGRESS', OTHER, 0xc301],
    ['IN PROGRESS', undefined, 0xc301],
    ['COMPLETED', MINE, 0xc300],
    ['CANCELED', MINE, 0xc300],
  ] as const)('N-SET of what is %s with transaction UID %s', (from, transactionUid, status) => {
    const modifications = { ProcedureStepLabel: 'new', ...(transactionUid && { TransactionUID: transactionUid }) };
    const set = () => ({ status: 0, ...updatedWorkItem(itemIn(from), modifications) });
    expect(statusOf(set)).toBe(status);
    if (status === 0)
      expect(updatedWorkItem(itemIn(from), modifications).attributes).toMatchObject({ ProcedureStepLabel: 'new' });
    if (status === 0) expect(set().attributes).not.toHaveProperty('TransactionUID');
  });

  test('N-SET changes no state', () => {
    expect(statusOf(() => updatedWorkItem(itemIn('SCHEDULED'), { ProcedureStepState: 'COMPLETED' }))).toBe(0x0106);
  });

  test('no other state is one', () => {
    expect(statusOf(() => changedState(itemIn('SCHEDULED'), 'constructor', MINE))).toBe(0x0115);
  });
});

describe('attribute requirements', () => {
  test.each([
    [{}, undefined],
    [{ ProcedureStepLabel: undefined }, 0x0120],
    [{ ProcedureStepLabel: '' }, 0x0121],
    [{ InputReadinessState: undefined, ProcedureStepLabel: '' }, 0x0120],
    [{ ProcedureStepState: 'IN PROGRESS' }, 0xc309],
    [{ TransactionUID: '1.2' }, 0x0106],
    [{ TransactionUID: '' }, undefined],
  ])('creating with %o', (change, status) => {
    const attributes = Object.fromEntries(
      Object.entries({ ...NEW, ...change }).filter(([, value]) => value !== undefined),
    ) as DataSet;
    if (status !== undefined) expect(statusOf(() => createdWorkItem(attributes))).toBe(status);
    else expect(createdWorkItem(attributes)).toMatchObject({ state: 'SCHEDULED' });
  });

  const performed = (PERFORMED.UnifiedProcedureStepPerformedProcedureSequence as DataSet[])[0] as DataSet;
  test.each(Object.keys(performed))('nothing is COMPLETED without %s', (keyword) => {
    const { [keyword]: _, ...rest } = performed;
    const attributes = { ...NEW, UnifiedProcedureStepPerformedProcedureSequence: [rest] };
    const item: WorkItem = { state: 'IN PROGRESS', transactionUid: MINE, attributes };
    expect(statusOf(() => changedState(item, 'COMPLETED', MINE))).toBe(0xc304);
    expect(statusOf(() => changedState({ ...item, attributes: NEW }, 'COMPLETED', MINE))).toBe(0xc304);
  });

  test('nothing is CANCELED without when', () => {
    const item: WorkItem = { state: 'IN PROGRESS', transactionUid: MINE, attributes: NEW };
    expect(statusOf(() => changedState(item, 'CANCELED', MINE))).toBe(0xc304);
    expect(statusOf(() => changedState({ ...item, attributes: { ...NEW, ...CANCELED } }, 'CANCELED', MINE))).toBe(0);
  });
});

describe('user and provider', () => {
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

  async function start(): Promise<Setting> {
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
    const provider = new UnifiedProcedureStepProvider({ delivery, knowsPeer: (title) => title !== 'UNKNOWN' });
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
    const setting = await start();
    const { user } = await connect(setting);
    const { sopInstance, status } = await user.create(NEW);
    expect(status).toBe(Status.Success);
    const found: DataSet[] = [];
    for await (const { identifier = {} } of user.find({
      ProcedureStepState: 'SCHEDULED',
      WorklistLabel: 'A*',
      PatientID: '',
    }))
      found.push(identifier);
    expect(found).toMatchObject([{ SOPInstanceUID: sopInstance, PatientID: 'P1', ProcedureStepState: 'SCHEDULED' }]);
    const transactionUid = await user.claim(sopInstance);
    await expect(user.claim(sopInstance)).rejects.toMatchObject({ status: 0xc302 });
    await expect(user.set(sopInstance, PERFORMED)).rejects.toMatchObject({ status: 0xc301 });
    await expect(user.changeState(sopInstance, 'COMPLETED', transactionUid)).rejects.toMatchObject({ status: 0xc304 });
    await user.set(sopInstance, PERFORMED, { transactionUid });
    expect((await user.changeState(sopInstance, 'COMPLETED', transactionUid)).status).toBe(Status.Success);
    expect((await user.changeState(sopInstance, 'COMPLETED', transactionUid)).status).toBe(0xb306);
    const { attributes } = await user.get(sopInstance, [0x00741000, 0x00081195]);
    expect(attributes).toEqual({ ProcedureStepState: 'COMPLETED' });
    expect((await user.get(sopInstance)).attributes).not.toHaveProperty('TransactionUID');
    await expect(user.get('1.2.3')).rejects.toMatchObject({ status: 0xc307 });
    await expect(user.create(NEW, { sopInstance })).rejects.toMatchObject({ status: Status.DuplicateSopInstance });
  });

  test('of those who claim a work item at once, one has it', async () => {
    const setting = await start();
    const { user } = await connect(setting);
    const { sopInstance } = await user.create(NEW);
    const others = await Promise.all(Array.from({ length: 8 }, (_, index) => connect(setting, [], `P${index}`)));
    const claims = await Promise.allSettled(others.map((other) => other.user.claim(sopInstance)));
    expect(claims.filter((claim) => claim.status === 'fulfilled')).toHaveLength(1);
    for (const claim of claims) if (claim.status === 'rejected') expect(claim.reason).toMatchObject({ status: 0xc302 });
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

  test('a subscriber is told on the same association, from the state at once', async () => {
    const setting = await start();
    const { list, service, have } = events();
    const { user } = await connect(setting, [service]);
    const { sopInstance } = await user.create(NEW);
    await user.subscribe({ receivingAeTitle: 'PERFORMER', sopInstance });
    await have(1);
    const transactionUid = await user.claim(sopInstance);
    await have(2);
    const progress = [{ ProcedureStepProgress: 50 }];
    await user.set(sopInstance, { ProcedureStepProgressInformationSequence: progress }, { transactionUid });
    await have(3);
    const requestor = await connect(setting, [], 'BOSS');
    await requestor.user.requestCancel(sopInstance, { ReasonForCancellation: 'no longer needed' });
    await have(4);
    expect(list).toMatchObject([
      {
        sopInstance,
        eventType: UnifiedProcedureStepEvent.StateReport,
        information: { ProcedureStepState: 'SCHEDULED' },
      },
      { eventType: UnifiedProcedureStepEvent.StateReport, information: { ProcedureStepState: 'IN PROGRESS' } },
      { eventType: UnifiedProcedureStepEvent.ProgressReport },
      {
        eventType: UnifiedProcedureStepEvent.CancelRequested,
        information: { RequestingAE: 'BOSS', ReasonForCancellation: 'no longer needed' },
      },
    ]);
    await user.unsubscribe({ receivingAeTitle: 'PERFORMER', sopInstance });
    await user.set(sopInstance, { ...CANCELED, ...PERFORMED }, { transactionUid });
    await user.changeState(sopInstance, 'CANCELED', transactionUid);
    expect(list).toHaveLength(4);
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

  test('global, filtered and suspended subscriptions', async () => {
    const setting = await start();
    const { list, service, have } = events();
    const { user } = await connect(setting, [service], 'ALL');
    await user.create({ ...NEW, PatientID: 'A' }, { sopInstance: '1.1' });
    await user.subscribe({ receivingAeTitle: 'ALL', keys: { PatientID: 'B' } });
    await user.create({ ...NEW, PatientID: 'A' }, { sopInstance: '1.2' });
    await user.create({ ...NEW, PatientID: 'B' }, { sopInstance: '1.3' });
    expect((await have(1)).map(({ sopInstance }) => sopInstance)).toEqual(['1.3']);
    await user.subscribe({ receivingAeTitle: 'ALL' });
    await have(4);
    expect(new Set(list.slice(1).map(({ sopInstance }) => sopInstance))).toEqual(new Set(['1.1', '1.2', '1.3']));
    await user.suspendGlobalSubscription('ALL');
    await user.create(NEW, { sopInstance: '1.4' });
    await user.claim('1.1');
    await have(5);
    expect(list[4]).toMatchObject({ sopInstance: '1.1', information: { ProcedureStepState: 'IN PROGRESS' } });
    await user.unsubscribe({ receivingAeTitle: 'ALL' });
    await user.claim('1.2');
    expect(list).toHaveLength(5);
    await expect(user.subscribe({ receivingAeTitle: 'UNKNOWN' })).rejects.toMatchObject({ status: 0xc308 });
    await expect(user.subscribe({ receivingAeTitle: 'ALL', sopInstance: '9.9' })).rejects.toMatchObject({
      status: 0xc307,
    });
    const { SuspendGlobalSubscription } = UnifiedProcedureStepAction;
    const { session } = await connect(setting);
    const misplaced = session.use(unifiedProcedureStep).action({
      sopClass: unifiedProcedureStep.sopClasses.Push.uid,
      sopInstance: '1.1',
      actionType: SuspendGlobalSubscription,
      information: { ReceivingAE: 'ALL' },
    });
    await expect(misplaced).rejects.toMatchObject({ status: 0xc314 });
  });

  test('what is finished is forgotten, unless somebody holds it', async () => {
    const setting = await start();
    const { user } = await connect(setting);
    for (const sopInstance of ['1.1', '1.2', '1.3']) await user.create(NEW, { sopInstance });
    await user.subscribe({ receivingAeTitle: 'HOLDER', sopInstance: '1.1', hasDeletionLock: true });
    await user.subscribe({ receivingAeTitle: 'WATCHER', sopInstance: '1.2' });
    for (const sopInstance of ['1.1', '1.2']) await user.requestCancel(sopInstance);
    expect(await setting.provider.removeFinished()).toBe(1);
    await expect(user.get('1.2')).rejects.toMatchObject({ status: 0xc307 });
    expect((await user.get('1.1')).attributes).toMatchObject({ ProcedureStepState: 'CANCELED' });
    await user.unsubscribe({ receivingAeTitle: 'HOLDER', sopInstance: '1.1' });
    expect(await setting.provider.removeFinished()).toBe(1);
  });

  test('what is IN PROGRESS and watched by nobody cannot be asked to be canceled', async () => {
    const { user } = await connect(await start());
    const { sopInstance } = await user.create(NEW);
    await user.claim(sopInstance);
    await expect(user.requestCancel(sopInstance)).rejects.toMatchObject({ status: 0xc312 });
  });
});
