// dimse-scu ups: work items of Unified Procedure Step.

import { integer, oneOf, uid as uidValue } from '@x/cli/option-values';
import { peerText } from '@x/cli/peer';
import { ExitCode } from '@x/cli/program';
import { type DataSet, describeStatus, makeUid, unifiedProcedureStep } from '@x/dimse';
import { tagOf, toDicomJson, valueRepresentationOf } from '@x/dimse/data-set';
import { type SubscriptionRequest, UnifiedProcedureStepUser, type WorkItemEvent } from '@x/dimse/workflow';
import { attributesOf, identifierOf, parseKey } from '../options/keys.ts';
import { argument, flag, option, type ValuesOf } from '../options/parameters.ts';
import { ATTRIBUTE_OPTION } from '../options/shared-options.ts';
import { hex } from '../output/output.ts';
import { type Connecting, connect } from '../peer/connect.ts';
import { printMatches, valueText } from '../results/matches.ts';
import { peerVerb } from '../verb.ts';

const ACTIONS = [
  'create',
  'query',
  'get',
  'set',
  'change-state',
  'request-cancel',
  'subscribe',
  'unsubscribe',
  'watch',
] as const;

const PARAMETERS = [
  argument('<action>', ACTIONS.join(', '), oneOf(...ACTIONS)),
  option('--uid <uid>', 'SOP Instance UID of the work item (default for create: a new UID)', uidValue),
  option('--state <state>', 'IN PROGRESS, COMPLETED or CANCELED', oneOf('IN PROGRESS', 'COMPLETED', 'CANCELED')),
  option('--transaction <uid>', 'transaction UID of the performer', uidValue),
  ATTRIBUTE_OPTION,
  flag('--lock', 'subscribe: keep work items that have ended until the subscription ends'),
  option('--limit <number>', 'query and watch: end after this number of matches or events', integer(1)),
] as const;

type Stepping = Connecting<ValuesOf<typeof PARAMETERS>>;

export const ups = peerVerb({
  name: 'ups',
  description: 'creates, finds, performs and watches work items (Unified Procedure Step)',
  examples: [
    'RIS@10.0.0.6:104 query --key ProcedureStepState=SCHEDULED --key ProcedureStepLabel',
    "RIS@10.0.0.6:104 change-state --uid 2.25.1 --transaction 2.25.2 --state 'IN PROGRESS'",
  ],
  parameters: PARAMETERS,
  missing: missingOptions,
  run: (stepping) => (stepping.options.action === 'watch' ? watch(stepping) : act(stepping)),
});

async function act(stepping: Stepping): Promise<number> {
  const { options, output, peer, signal } = stepping;
  const { action, key: keys = [], uid, transaction, state, limit } = options;
  // `missingOptions` has made sure that actions which need them have them.
  const [sopInstance, wanted] = [uid as string, state as NonNullable<typeof state>];
  const attributes = attributesOf(keys);
  await using session = await connect(stepping, [unifiedProcedureStep]);
  const user = new UnifiedProcedureStepUser();
  const tell = (status: number, words: string, details: object = {}) => {
    const line = `${peerText(peer)} answered: ${describeStatus(status, unifiedProcedureStep.statuses)}: ${words}`;
    output.result(line, { action, status: hex(status), ...details });
    return ExitCode.Success;
  };
  switch (action) {
    case 'create': {
      const created = await user.create(session, withDefaults(attributes), {
        signal,
        ...(uid !== undefined && { sopInstance: uid }),
      });
      return tell(created.status, `${created.sopInstance} is SCHEDULED`, { sopInstance: created.sopInstance });
    }
    case 'query': {
      const asked = keys.length > 0 ? keys : USUAL_KEYS.map(parseKey);
      return await printMatches(stepping, user.find(session, identifierOf(asked), { signal }), asked, {
        limit,
        files: undefined,
      });
    }
    case 'get': {
      const tags = keys.map(({ path: [name = ''] }) => tagOf(name) ?? Number.parseInt(name, 16));
      const { status, attributes: found = {} } = await user.get(session, sopInstance, tags, { signal });
      const result = { action, sopInstance, status: hex(status), dataSet: toDicomJson(found) };
      for (const line of options.json ? [''] : linesOf(found)) output.result(line, result);
      return ExitCode.Success;
    }
    case 'set': {
      const held = transaction === undefined ? {} : { transactionUid: transaction };
      const { status } = await user.set(session, sopInstance, attributes, { signal, ...held });
      return tell(status, sopInstance, { sopInstance });
    }
    case 'change-state': {
      // The performer chooses the transaction UID. It is printed because every later request needs it.
      const transactionUid = transaction ?? makeUid();
      const { status } = await user.changeState(session, sopInstance, wanted, transactionUid, { signal });
      return tell(status, `${sopInstance} is ${wanted}, by transaction ${transactionUid}`, {
        sopInstance,
        transactionUid,
      });
    }
    case 'request-cancel': {
      const { status } = await user.requestCancel(session, sopInstance, attributes, { signal });
      return tell(status, sopInstance, { sopInstance });
    }
    case 'subscribe': {
      const { status } = await user.subscribe(session, subscriptionOf(options, attributes), { signal });
      return tell(status, `${options.calling} is told of ${uid ?? 'all work items'}`);
    }
    default: {
      const { status } = await user.unsubscribe(session, subscriptionOf(options, attributes), { signal });
      return tell(status, `${options.calling} is no longer told of ${uid ?? 'any work item'}`);
    }
  }
}

/** Subscribes, prints events until the limit or an interruption, and unsubscribes. */
async function watch(stepping: Stepping): Promise<number> {
  const { options, output, signal } = stepping;
  const { limit = Number.POSITIVE_INFINITY } = options;
  let count = 0;
  const enough = new AbortController();
  const onEvent = ({ sopInstance, eventType, information }: WorkItemEvent) => {
    const words = EVENTS[eventType] ?? `event ${eventType}`;
    const { ProcedureStepState: state } = information;
    const line = `${words.padEnd(16)} ${sopInstance}${state === undefined ? '' : ` ${String(state)}`}`;
    output.result(line, { eventType, event: words, sopInstance, information: toDicomJson(information) });
    if (++count >= limit) enough.abort();
  };
  const user = new UnifiedProcedureStepUser({ onEvent });
  await using session = await connect(stepping, [unifiedProcedureStep], undefined, 1, [], [user.service]);
  const subscription = subscriptionOf(options, attributesOf(options.key ?? []));
  await user.subscribe(session, subscription, { signal });
  try {
    await new Promise<void>((resolve, reject) => {
      enough.signal.addEventListener('abort', () => resolve(), { once: true });
      if (count >= limit) resolve();
      void session.ended.then(() =>
        reject(signal.aborted ? signal.reason : new Error('the peer ended the association')),
      );
    });
  } catch (error) {
    if (signal.aborted) await leave(stepping, subscription);
    throw error;
  }
  await user.unsubscribe(session, subscription);
  return ExitCode.Success;
}

/** Unsubscribes after an interruption; otherwise the peer would keep trying to deliver events. */
async function leave(stepping: Stepping, subscription: SubscriptionRequest): Promise<void> {
  const signal = AbortSignal.timeout(LEAVE_WITHIN);
  try {
    await using session = await connect({ ...stepping, signal }, [unifiedProcedureStep]);
    await new UnifiedProcedureStepUser().unsubscribe(session, subscription, { signal });
  } catch (error) {
    stepping.logger.warn(`${subscription.receivingAeTitle} is still subscribed: ${(error as Error).message}`);
  }
}

/** Milliseconds: a user who has pressed Ctrl-C does not wait for long. */
const LEAVE_WITHIN = 3000;

const EVENTS: Readonly<Record<number, string>> = {
  1: 'state',
  2: 'cancel requested',
  3: 'progress',
  4: 'provider',
  5: 'assigned',
};

const USUAL_KEYS = [
  'SOPInstanceUID',
  'ProcedureStepState',
  'ProcedureStepLabel',
  'WorklistLabel',
  'ScheduledProcedureStepStartDateTime',
  'PatientName',
  'PatientID',
];

function subscriptionOf({ uid, calling, lock }: Stepping['options'], keys: DataSet): SubscriptionRequest {
  return {
    receivingAeTitle: calling,
    hasDeletionLock: lock,
    ...(uid !== undefined && { sopInstance: uid }),
    ...(uid === undefined && Object.keys(keys).length > 0 && { keys }),
  };
}

/** Adds the attributes that a new work item must have. */
function withDefaults(given: DataSet): DataSet {
  const now = new Date().toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return {
    ScheduledProcedureStepPriority: 'MEDIUM',
    ProcedureStepLabel: 'work item',
    ScheduledProcedureStepStartDateTime: `${now}+0000`,
    InputReadinessState: 'READY',
    ...given,
  };
}

/** One line for each attribute that has a value; sequences are written as JSON. */
function linesOf(found: DataSet): string[] {
  return Object.entries(found)
    .map(([keyword, value]) => {
      const isSequence = valueRepresentationOf(keyword) === 'SQ' && Array.isArray(value) && value.length > 0;
      return [keyword, isSequence ? JSON.stringify(value) : valueText(value)] as const;
    })
    .filter(([, text]) => text !== '')
    .map(([keyword, text]) => `${keyword}: ${text}`);
}

/** The options that an action needs. */
const NEEDED: Partial<Record<(typeof ACTIONS)[number], readonly ('uid' | 'key' | 'state' | 'transaction')[]>> = {
  get: ['uid'],
  set: ['uid', 'key'],
  'change-state': ['uid', 'state', 'transaction'],
  'request-cancel': ['uid'],
};

function missingOptions(options: ValuesOf<typeof PARAMETERS>): string[] {
  const { action, state } = options;
  // The transaction UID is new if the work item has not begun.
  const isBegun = state !== undefined && state !== 'IN PROGRESS';
  const missing = (NEEDED[action] ?? [])
    .filter((name) => options[name] === undefined && (name !== 'transaction' || isBegun))
    .map((name) => `--${name}`);
  if (missing.length === 0) return [];
  const others = missing.slice(0, -1).join(', ');
  return [`${action} needs ${others === '' ? '' : `${others} and `}${missing.at(-1)}`];
}
