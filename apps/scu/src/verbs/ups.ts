// dimse-scu ups: work items of Unified Procedure Step.

import { peerText } from '@x/cli/peer';
import { ExitCode, UsageError } from '@x/cli/program';
import { type DataSet, describeStatus, makeUid, unifiedProcedureStep } from '@x/dimse';
import { tagOf, toDicomJson, valueRepresentationOf } from '@x/dimse/data-set';
import {
  type SubscriptionRequest,
  UnifiedProcedureStepUser,
  type WorkItemEvent,
  workItemEvents,
} from '@x/dimse/workflow';
import { attributesOf, identifierOf, parseKey } from '../options/keys.ts';
import type { UpsOptions } from '../options/options.ts';
import { type Connecting, connect } from '../peer/connect.ts';
import { printMatches, valueText } from '../results/matches.ts';
import { hex, Output } from '../results/output.ts';

type Stepping = Connecting & { readonly options: UpsOptions };

export async function ups(stepping: Stepping): Promise<number> {
  const { action } = stepping.options;
  return action === 'watch' ? watch(stepping) : act(stepping);
}

async function act(stepping: Stepping): Promise<number> {
  const { options, peer, signal } = stepping;
  const { action, key: keys = [], uid, transaction, state, limit } = options;
  const output = new Output(options);
  const attributes = attributesOf(keys);
  await using session = await connect(stepping, [unifiedProcedureStep]);
  const user = new UnifiedProcedureStepUser(session);
  const tell = (status: number, words: string, details: object = {}) => {
    const line = `${peerText(peer)} answered: ${describeStatus(status, unifiedProcedureStep.statuses)}: ${words}`;
    output.result(line, { action, status: hex(status), ...details });
    return ExitCode.Success;
  };
  switch (action) {
    case 'create': {
      const created = await user.create(withDefaults(attributes), {
        signal,
        ...(uid !== undefined && { sopInstance: uid }),
      });
      return tell(created.status, `${created.sopInstance} is SCHEDULED`, { sopInstance: created.sopInstance });
    }
    case 'query': {
      const asked = keys.length > 0 ? keys : USUAL_KEYS;
      await printMatches(stepping, user.find(identifierOf(asked), { signal }), asked, { limit, files: undefined });
      return ExitCode.Success;
    }
    case 'get': {
      const sopInstance = needed(uid, '--uid', action);
      const tags = keys.map(({ path: [name = ''] }) => tagOf(name) ?? Number.parseInt(name, 16));
      const { status, attributes: found = {} } = await user.get(sopInstance, tags, { signal });
      const result = { action, sopInstance, status: hex(status), dataSet: toDicomJson(found) };
      for (const line of options.json ? [''] : linesOf(found)) output.result(line, result);
      return ExitCode.Success;
    }
    case 'set': {
      const sopInstance = needed(uid, '--uid', action);
      needed(options.key, '--key', action);
      const held = transaction === undefined ? {} : { transactionUid: transaction };
      const { status } = await user.set(sopInstance, attributes, { signal, ...held });
      return tell(status, sopInstance, { sopInstance });
    }
    case 'change-state': {
      const sopInstance = needed(uid, '--uid', action);
      const wanted = needed(state, '--state', action);
      // Whoever takes a work item makes up the transaction UID; it is told, because it is needed from then on.
      const own = wanted === 'IN PROGRESS' ? makeUid() : undefined;
      const transactionUid = needed(transaction ?? own, '--transaction', action);
      const { status } = await user.changeState(sopInstance, wanted, transactionUid, { signal });
      return tell(status, `${sopInstance} is ${wanted}, by transaction ${transactionUid}`, {
        sopInstance,
        transactionUid,
      });
    }
    case 'request-cancel': {
      const sopInstance = needed(uid, '--uid', action);
      const { status } = await user.requestCancel(sopInstance, attributes, { signal });
      return tell(status, sopInstance, { sopInstance });
    }
    case 'subscribe': {
      const { status } = await user.subscribe(subscriptionOf(options, attributes), { signal });
      return tell(status, `${options.calling} is told of ${uid ?? 'all work items'}`);
    }
    default: {
      const { status } = await user.unsubscribe(subscriptionOf(options, attributes), { signal });
      return tell(status, `${options.calling} is no longer told of ${uid ?? 'any work item'}`);
    }
  }
}

/** Subscribes, prints events until it is interrupted or has printed as many as it was to, and ends the subscription. */
async function watch(stepping: Stepping): Promise<number> {
  const { options, signal } = stepping;
  const output = new Output(options);
  const { limit = Number.POSITIVE_INFINITY } = options;
  let count = 0;
  const enough = new AbortController();
  const told = workItemEvents(({ sopInstance, eventType, information }: WorkItemEvent) => {
    const words = EVENTS[eventType] ?? `event ${eventType}`;
    const { ProcedureStepState: state } = information;
    const line = `${words.padEnd(16)} ${sopInstance}${state === undefined ? '' : ` ${String(state)}`}`;
    output.result(line, { eventType, event: words, sopInstance, information: toDicomJson(information) });
    if (++count >= limit) enough.abort();
  });
  await using session = await connect(stepping, [unifiedProcedureStep], undefined, 1, [], [told]);
  const user = new UnifiedProcedureStepUser(session);
  const subscription = subscriptionOf(options, attributesOf(options.key ?? []));
  await user.subscribe(subscription, { signal });
  try {
    await new Promise<void>((resolve, reject) => {
      enough.signal.addEventListener('abort', () => resolve(), { once: true });
      if (count >= limit) resolve();
      void session.ended.then(() =>
        reject(signal.aborted ? signal.reason : new Error('the peer has ended the association')),
      );
    });
  } catch (error) {
    if (signal.aborted) await leave(stepping, subscription);
    throw error;
  }
  await user.unsubscribe(subscription);
  return ExitCode.Success;
}

/** Interrupted, the subscription is ended all the same: else the peer goes on trying to tell us. */
async function leave(stepping: Stepping, subscription: SubscriptionRequest): Promise<void> {
  const signal = AbortSignal.timeout(LEAVE_WITHIN);
  try {
    await using session = await connect({ ...stepping, signal }, [unifiedProcedureStep]);
    await new UnifiedProcedureStepUser(session).unsubscribe(subscription, { signal });
  } catch (error) {
    stepping.logger.warn(`the subscription of ${subscription.receivingAeTitle} stays: ${(error as Error).message}`);
  }
}

/** Milliseconds; whoever has pressed Ctrl-C does not wait for long. */
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
].map(parseKey);

function subscriptionOf({ uid, calling, lock }: UpsOptions, keys: DataSet): SubscriptionRequest {
  return {
    receivingAeTitle: calling,
    hasDeletionLock: lock,
    ...(uid !== undefined && { sopInstance: uid }),
    ...(uid === undefined && Object.keys(keys).length > 0 && { keys }),
  };
}

/** With what a new work item must have and was not given. */
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

/** What has a value, a line each; sequences as JSON. */
function linesOf(found: DataSet): string[] {
  return Object.entries(found)
    .map(([keyword, value]) => {
      const isSequence = valueRepresentationOf(keyword) === 'SQ' && Array.isArray(value) && value.length > 0;
      return [keyword, isSequence ? JSON.stringify(value) : valueText(value)] as const;
    })
    .filter(([, text]) => text !== '')
    .map(([keyword, text]) => `${keyword}: ${text}`);
}

function needed<Value>(value: Value | undefined, option: string, action: string): Value {
  if (value === undefined) throw new UsageError(`${action} needs ${option}`);
  return value;
}
