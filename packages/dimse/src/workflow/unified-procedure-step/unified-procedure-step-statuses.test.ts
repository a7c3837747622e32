// Every status of Unified Procedure Step, provoked by what a peer sends (PS3.4 Tables CC.2.1-2 to CC.2.8-2).

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { associatedPair } from '@x/net';
import { sharedFolder } from '@x/testing/shared-files';
import { afterEach, describe, expect, test } from 'vitest';
import type { UntypedDataSet } from '../../data-set/dataset.ts';
import { category, describeStatus, type Status } from '../../message/status.ts';
import { TransferSyntax } from '../../registry/uids.generated.ts';
import { GLOBAL_SUBSCRIPTION_INSTANCE, unifiedProcedureStep } from '../../services/unified-procedure-step.ts';
import { Session } from '../../session/session.ts';
import { EventDelivery } from '../event-delivery/event-delivery.ts';
import {
  UnifiedProcedureStepProvider,
  type UnifiedProcedureStepProviderOptions,
} from './unified-procedure-step-provider.ts';
import { UnifiedProcedureStepUser } from './unified-procedure-step-user.ts';

const { Push, Watch, Pull } = unifiedProcedureStep.sopClasses;
const NEW: UntypedDataSet = {
  ScheduledProcedureStepPriority: 'MEDIUM',
  ProcedureStepLabel: 'Segment the liver',
  ScheduledProcedureStepStartDateTime: '20261121100000',
  InputReadinessState: 'READY',
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
const [MINE, OTHER] = ['2.25.1', '2.25.2'] as const;

const deliveries: EventDelivery[] = [];
afterEach(async () => {
  for (const delivery of deliveries.splice(0)) await delivery.close();
});

/** A user and a provider with a work item in each state: 1.1 SCHEDULED, 1.2 IN PROGRESS, 1.3 COMPLETED, 1.4 CANCELED. */
async function start(
  options: UnifiedProcedureStepProviderOptions = {},
  sopClasses: readonly { readonly uid: string }[] = [Push, Watch, Pull],
) {
  const delivery = new EventDelivery({ resolvePeer: () => undefined });
  deliveries.push(delivery);
  const provider = new UnifiedProcedureStepProvider({
    delivery,
    knowsPeer: (title) => title === 'KNOWN',
    ...options,
  });
  const connect = async (classes: readonly { readonly uid: string }[]) => {
    const contexts = classes.map(({ uid }) => ({
      abstractSyntax: uid,
      transferSyntaxes: [TransferSyntax.ImplicitVRLittleEndian],
    }));
    const [requestor, acceptor] = await associatedPair({ request: { contexts } });
    new Session(acceptor, [provider.service]);
    return new Session(requestor);
  };
  const user = new UnifiedProcedureStepUser();
  const preparing = await connect([Push, Watch, Pull]);
  for (const sopInstance of ['1.1', '1.2', '1.3', '1.4']) await user.create(preparing, NEW, { sopInstance });
  for (const sopInstance of ['1.2', '1.3']) await user.changeState(preparing, sopInstance, 'IN PROGRESS', MINE);
  await user.changeState(preparing, '1.4', 'IN PROGRESS', MINE);
  await user.set(preparing, '1.3', PERFORMED, { transactionUid: MINE });
  await user.changeState(preparing, '1.3', 'COMPLETED', MINE);
  await user.changeState(preparing, '1.4', 'CANCELED', MINE);
  const session = await connect(sopClasses);
  return { user, session, client: session.use(unifiedProcedureStep) };
}

type Ends = Awaited<ReturnType<typeof start>>;
type Options = UnifiedProcedureStepProviderOptions;
const known = { receivingAeTitle: 'KNOWN' };
const action =
  (sopInstance: string, actionType: number, information: UntypedDataSet) =>
  ({ client }: Ends) =>
    client.action({ sopClass: Push.uid, sopInstance, actionType, information });

const ROWS: readonly [status: number, by: string, provoke: (ends: Ends) => PromiseLike<unknown>, options?: Options][] =
  [
    [0x0000, 'N-CREATE', ({ user, session }) => user.create(session, NEW)],
    [0x0001, 'N-GET of an attribute that is absent', ({ user, session }) => user.get(session, '1.1', [0x00081030])],
    [0x0001, 'N-GET of the transaction UID', ({ user, session }) => user.get(session, '1.2', [0x00081195])],
    [
      0x0105,
      'N-SET of an attribute that must not be set',
      ({ user, session }) => user.set(session, '1.1', { PatientID: 'X' }),
    ],
    [
      0x0106,
      'N-SET of the state',
      ({ user, session }) => user.set(session, '1.1', { ProcedureStepState: 'COMPLETED' }),
    ],
    [
      0x0111,
      'N-CREATE of an existing work item',
      ({ user, session }) => user.create(session, NEW, { sopInstance: '1.1' }),
    ],
    [
      0x0115,
      'N-ACTION to a state that is none',
      action('1.1', 1, { ProcedureStepState: 'DONE', TransactionUID: MINE }),
    ],
    [0x0115, 'subscribing nobody', action('1.1', 3, { DeletionLock: 'FALSE' })],
    [
      0x0120,
      'N-CREATE without a label',
      ({ user, session }) => user.create(session, { ...NEW, ProcedureStepLabel: undefined }),
    ],
    [
      0x0121,
      'N-CREATE with an empty label',
      ({ user, session }) => user.create(session, { ...NEW, ProcedureStepLabel: '' }),
    ],
    [0x0123, 'another action', action('1.1', 6, {})],
    [
      0xb300,
      'N-CREATE that the provider corrects',
      ({ user, session }) => user.create(session, NEW),
      { revise: (given) => ({ ...given }) },
    ],
    [
      0xb301,
      'subscribing with a lock that is not granted',
      ({ user, session }) => user.subscribe(session, { ...known, sopInstance: '1.1', hasDeletionLock: true }),
      { grantsDeletionLock: () => false },
    ],
    [
      0xb304,
      'N-ACTION to CANCELED if it is CANCELED',
      ({ user, session }) => user.changeState(session, '1.4', 'CANCELED', MINE),
    ],
    [0xb304, 'a request to cancel a CANCELED work item', ({ user, session }) => user.requestCancel(session, '1.4')],
    [
      0xb305,
      'N-SET that the provider corrects',
      ({ user, session }) => user.set(session, '1.1', { ProcedureStepLabel: 'x' }),
      { revise: (given, operation) => (operation === 'set' ? { ...given, ProcedureStepLabel: 'X' } : given) },
    ],
    [
      0xb306,
      'N-ACTION to COMPLETED if it is COMPLETED',
      ({ user, session }) => user.changeState(session, '1.3', 'COMPLETED', MINE),
    ],
    [
      0xc300,
      'N-SET of a COMPLETED work item',
      ({ user, session }) => user.set(session, '1.3', {}, { transactionUid: MINE }),
    ],
    [0xc300, 'N-SET of a CANCELED work item', ({ user, session }) => user.set(session, '1.4', {})],
    [
      0xc300,
      'N-ACTION to CANCELED if it is COMPLETED',
      ({ user, session }) => user.changeState(session, '1.3', 'CANCELED', MINE),
    ],
    [
      0xc301,
      'N-SET with another transaction UID',
      ({ user, session }) => user.set(session, '1.2', {}, { transactionUid: OTHER }),
    ],
    [
      0xc301,
      'N-ACTION with another transaction UID',
      ({ user, session }) => user.changeState(session, '1.2', 'COMPLETED', OTHER),
    ],
    [0xc301, 'N-ACTION to claim the work item of another performer', ({ user, session }) => user.claim(session, '1.2')],
    [0xc301, 'N-ACTION without one', action('1.1', 1, { ProcedureStepState: 'IN PROGRESS' })],
    [
      0xc302,
      'N-ACTION to claim a work item twice',
      ({ user, session }) => user.changeState(session, '1.2', 'IN PROGRESS', MINE),
    ],
    [0xc303, 'N-ACTION to SCHEDULED', ({ user, session }) => user.changeState(session, '1.2', 'SCHEDULED', MINE)],
    [
      0xc303,
      'N-SET to SCHEDULED',
      ({ user, session }) => user.set(session, '1.2', { ProcedureStepState: 'SCHEDULED' }, { transactionUid: MINE }),
    ],
    [
      0xc304,
      'N-ACTION to COMPLETED, without results',
      ({ user, session }) => user.changeState(session, '1.2', 'COMPLETED', MINE),
    ],
    [0xc307, 'N-GET of an unknown work item', ({ user, session }) => user.get(session, '9.9')],
    [0xc307, 'N-SET of an unknown work item', ({ user, session }) => user.set(session, '9.9', {})],
    [0xc307, 'N-ACTION to change an unknown work item', ({ user, session }) => user.claim(session, '9.9')],
    [0xc307, 'a request to cancel an unknown work item', ({ user, session }) => user.requestCancel(session, '9.9')],
    [
      0xc307,
      'subscribing to an unknown work item',
      ({ user, session }) => user.subscribe(session, { ...known, sopInstance: '9.9' }),
    ],
    [
      0xc307,
      'unsubscribing from an unknown work item',
      ({ user, session }) => user.unsubscribe(session, { ...known, sopInstance: '9.9' }),
    ],
    [
      0xc308,
      'subscribing an unknown AE title',
      ({ user, session }) => user.subscribe(session, { receivingAeTitle: 'STRANGER' }),
    ],
    [
      0xc309,
      'N-CREATE of what is IN PROGRESS',
      ({ user, session }) => user.create(session, { ...NEW, ProcedureStepState: 'IN PROGRESS' }),
    ],
    [
      0xc310,
      'N-ACTION to COMPLETED of a work item that is not claimed',
      ({ user, session }) => user.changeState(session, '1.1', 'COMPLETED', MINE),
    ],
    [
      0xc310,
      'N-ACTION to CANCELED of a work item that is not claimed',
      ({ user, session }) => user.changeState(session, '1.1', 'CANCELED', MINE),
    ],
    [
      0xc310,
      'N-SET with a transaction UID, of what nobody took',
      ({ user, session }) => user.set(session, '1.1', {}, { transactionUid: MINE }),
    ],
    [0xc311, 'a request to cancel a COMPLETED work item', ({ user, session }) => user.requestCancel(session, '1.3')],
    [
      0xc312,
      'a request to cancel a work item without subscribers',
      ({ user, session }) => user.requestCancel(session, '1.2'),
    ],
    [
      0xc313,
      'a request to cancel what the provider goes on with',
      ({ user, session }) => user.requestCancel(session, '1.2'),
      { willCancel: () => false },
    ],
    [0xc314, 'suspending the subscription to one', action('1.1', 5, { ReceivingAE: 'KNOWN' })],
    [
      0xc315,
      'subscribing where there are no events',
      ({ user, session }) => user.subscribe(session, known),
      { delivery: undefined } as object,
    ],
    [0xff00, 'C-FIND', async ({ user, session }) => firstOf(user.find(session, { ProcedureStepState: 'SCHEDULED' }))],
  ];

async function firstOf<T>(answers: AsyncIterable<T>): Promise<T> {
  for await (const answer of answers) return answer;
  throw new Error('there is none');
}

test.each(ROWS)('%x: %s', async (status, _, provoke, options) => {
  const ends = await start(options);
  const outcome = await Promise.resolve(provoke(ends)).catch((error) => error);
  expect((outcome as { status: number }).status.toString(16)).toBe(status.toString(16));
});

/** Those that no request can be answered by, and why. */
const IMPOSSIBLE: Readonly<Record<number, string>> = {
  42752: 'a search is answered item by item, as they are read: none is too many',
  43264: 'any attribute may be a key',
  65281: 'all keys are matched',
};

describe.runIf(sharedFolder)('the reference', () => {
  const path = resolve(sharedFolder ?? fileURLToPath(import.meta.url), '../reference/status-codes.json');
  const tables = sharedFolder ? JSON.parse(readFileSync(path, 'utf8')) : {};
  const codesOf = (table: string): { code: string; category: string }[] => tables[table] ?? [];
  const general = new Set(codesOf('GENERAL_STATUS').map(({ code }) => code));
  // A range is of codes that have no meaning of their own.
  const own = codesOf('UNIFIED_PROCEDURE_STEP_SERVICE_CLASS_STATUS').filter(
    ({ code }) => !general.has(code) && /^[0-9A-F]{4}$/.test(code) && code !== 'FE00',
  );

  test.each(own)('has $code, which is provoked above or impossible', ({ code, category: expected }) => {
    const status: (typeof Status)[keyof typeof Status] | number = Number.parseInt(code, 16);
    const { statuses } = unifiedProcedureStep;
    expect(statuses[status]?.[0] ?? category(status)).toBe(expected.toLowerCase());
    expect(describeStatus(status, statuses)).not.toMatch(/^(?:failure|warning) \(/);
    expect(ROWS.some(([provoked]) => provoked === status) || IMPOSSIBLE[status] !== undefined).toBe(true);
  });
});

describe('the actions of a SOP class are its own', () => {
  const information = { ProcedureStepState: 'IN PROGRESS', TransactionUID: MINE, ReceivingAE: 'KNOWN' };
  test.each([
    ['Push', Push, [0x0123, 0x0000, 0x0123, 0x0123, 0x0123]],
    ['Watch', Watch, [0x0123, 0x0000, 0x0000, 0x0000, 0x0000]],
    ['Pull', Pull, [0x0000, 0x0123, 0x0123, 0x0123, 0x0123]],
  ] as const)('%s', async (_, sopClass, expected) => {
    const statuses: number[] = [];
    for (const [index] of expected.entries()) {
      const ends = await start({}, [sopClass]);
      const instance = index === 4 ? GLOBAL_SUBSCRIPTION_INSTANCE : '1.1';
      const outcome = await action(instance, index + 1, information)(ends).catch((error) => error);
      statuses.push((outcome as { status: number }).status);
    }
    expect(statuses).toEqual(expected);
  });
});
