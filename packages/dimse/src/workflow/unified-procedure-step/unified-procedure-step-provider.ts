// The provider of Unified Procedure Step: work items, the lock of their performer, subscriptions (PS3.4 Annex CC).

import { aSignal, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { text } from '../../data-set/access.ts';
import type { DataSet, Identifier } from '../../data-set/dataset.ts';
import { byKeywordInTurns } from '../../data-set/misfits.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { makeUid } from '../../registry/make-uid.ts';
import {
  UnifiedProcedureStepAction,
  UnifiedProcedureStepStatus as UpsStatus,
  unifiedProcedureStep,
} from '../../services/unified-procedure-step.ts';
import { type HandledRequest, type HandlerContext, type Service, serve } from '../../session/service-class.ts';
import type { EventDelivery } from '../event-delivery/event-delivery.ts';
import type { OnFailure, Provider } from '../provider.ts';
import { requestedAttributes } from '../requested-attributes.ts';
import {
  cancelRequested,
  changedState,
  createdWorkItem,
  UNIFIED_PROCEDURE_STEP_STATES,
  type UnifiedProcedureStepState,
  updatedWorkItem,
  type WorkItem,
} from './unified-procedure-step.ts';
import { assignmentReports, cancelReport, changeReports, stateReport } from './unified-procedure-step-reports.ts';
import { createWorkItemStore, type WorkItemStore } from './work-item-store.ts';
import { WorkItemSubscriptions } from './work-item-subscriptions.ts';

/** Options of a `UnifiedProcedureStepProvider`. */
export interface UnifiedProcedureStepProviderOptions {
  /** Keeps work items and subscriptions. Default: a store in memory, which is lost with the process. */
  readonly store?: WorkItemStore;
  /** Delivers events. Without it, subscriptions are rejected with C315H. */
  readonly delivery?: EventDelivery;
  /** Whether events can reach an AE title; if not, the response is C308H. Default: all can be reached. */
  readonly knowsPeer?: (aeTitle: string) => boolean | Promise<boolean>;
  /** Whether a peer may lock finished work items against removal; if not, the response is B301H. Default: all may. */
  readonly grantsDeletionLock?: (aeTitle: string) => boolean;
  /**
   * Corrects the attributes that N-CREATE or N-SET brings. If it returns another data set, the response is B300H or B305H. An
   * error it throws becomes the response. Default: attributes are kept as they are.
   */
  readonly revise?: (attributes: DataSet, operation: 'create' | 'set') => DataSet;
  /**
   * Whether a work item that the provider performs itself will be canceled on request; if not, the response is C313H.
   * `undefined`, the default, leaves the decision to a performer elsewhere, which receives an event.
   */
  readonly willCancel?: (
    sopInstance: string,
    information: DataSet,
  ) => boolean | undefined | Promise<boolean | undefined>;
  /** Called when a work item was created or changed, before the response. An error it throws becomes the response. */
  readonly onChange?: (sopInstance: string, item: WorkItem, context: HandlerContext) => void | Promise<void>;
  /** Called if the delivery does not accept an event. The change itself has succeeded, and the response says so. */
  readonly onFailure?: OnFailure;
}

type Request<Name extends keyof (typeof unifiedProcedureStep)['operations']> = HandledRequest<
  typeof unifiedProcedureStep,
  Name
>;

/** Manages work items: their states, the lock of their performer, and subscriptions to their events. */
export class UnifiedProcedureStepProvider implements Provider {
  readonly service: Service;
  readonly #store: WorkItemStore;
  readonly #options: UnifiedProcedureStepProviderOptions;
  readonly #subscriptions: WorkItemSubscriptions;

  constructor(options: UnifiedProcedureStepProviderOptions = {}) {
    const { store = createWorkItemStore(), delivery, onFailure } = checkOptions(PROVIDER_OPTIONS, options);
    this.#options = options;
    this.#store = store;
    this.#subscriptions = new WorkItemSubscriptions({ store, delivery, onFailure });
    this.service = serve(unifiedProcedureStep, {
      create: (request, context) => this.#create(request, context),
      get: (request) => this.#get(request),
      set: (request, context) => this.#set(request, context),
      find: ({ query }) => this.#find(query.keys),
      action: (request, context) => this.#act(request, context),
    });
  }

  /**
   * Removes work items that became COMPLETED or CANCELED before a time in milliseconds since 1970 (default: all of them),
   * unless a subscriber's deletion lock holds them. `evenLocked` removes those too, for subscribers that never end their
   * subscription (§CC.2.3.3). Settles with the number of work items removed. Call it regularly: finished work items are
   * not removed otherwise.
   */
  async removeFinished(
    before: number = Number.POSITIVE_INFINITY,
    options: { readonly evenLocked?: boolean } = {},
  ): Promise<number> {
    return this.#store.removeFinished(before, checkOptions(REMOVE_OPTIONS, options));
  }

  /**
   * Reports to all subscribers, and to these other peers, that the provider was restarted (§CC.2.4.3): a warm start, with
   * its subscriptions and work items, if it has a store of its own. Call it once, when peers can connect. Settles when the
   * delivery has all reports, or soon after the signal: subscribers may be many.
   */
  async announceRestart(others: readonly string[] = [], options?: { readonly signal?: AbortSignal }): Promise<void> {
    const { signal } = checkOptions(ANNOUNCE_OPTIONS, options);
    await this.#subscriptions.reportRestart(this.#options.store !== undefined, others, signal);
  }

  /** Settles at once: this provider does nothing between requests. */
  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #create({ sopInstance = makeUid(), attributes = {} }: Request<'create'>, context: HandlerContext) {
    const { revise, onChange } = this.#options;
    const revised = revise?.(attributes, 'create') ?? attributes;
    const given = await byKeywordInTurns(revised);
    const item = createdWorkItem({ ...given, SOPClassUID: PUSH, SOPInstanceUID: sopInstance });
    if (!(await this.#store.add(sopInstance, item, context.callingAeTitle)))
      throw new DimseError(Status.DuplicateSopInstance);
    await this.#subscriptions.subscribeToNew(sopInstance, item);
    await onChange?.(sopInstance, item, context);
    await this.#subscriptions.report(sopInstance, [stateReport(item), ...assignmentReports(item)]);
    return { status: revised === attributes ? Status.Success : UpsStatus.CreatedWithModifications, sopInstance };
  }

  async #get({ sopInstance, attributeIdentifiers = [] }: Request<'get'>) {
    const item = await this.#store.get(sopInstance);
    if (!item) throw new DimseError(UpsStatus.NoSuchWorkItem);
    // Table CC.2.5-3: the command set has these two.
    const { SOPClassUID: _, SOPInstanceUID: __, ...all } = item.attributes;
    const { attributes, absent } = requestedAttributes(all, attributeIdentifiers);
    const status = absent.length === 0 ? Status.Success : Status.RequestedOptionalAttributesNotSupported;
    return { status, attributes };
  }

  async #set({ sopInstance, attributes }: Request<'set'>, context: HandlerContext): Promise<number> {
    const revised = this.#options.revise?.(attributes, 'set') ?? attributes;
    const changes = await byKeywordInTurns(revised);
    const { before, after } = await this.#change(context, sopInstance, (item) => updatedWorkItem(item, changes));
    await this.#subscriptions.report(sopInstance, changeReports(before, after));
    return revised === attributes ? Status.Success : UpsStatus.Coerced;
  }

  async *#find(keys: Identifier): AsyncGenerator<DataSet> {
    try {
      for await (const [, { attributes }] of this.#store.items(requestedState(keys))) yield attributes;
    } catch (error) {
      // C-FIND has its own status for it (PS3.4 Table C.4-1).
      const isLacking = error instanceof DimseError && error.status === Status.ResourceLimitation;
      throw isLacking ? new DimseError(Status.OutOfResources, { cause: error }) : error;
    }
  }

  async #act({ sopInstance, actionType, information = {} }: Request<'action'>, context: HandlerContext) {
    const { ChangeState, RequestCancel, Subscribe } = UnifiedProcedureStepAction;
    if (!Object.values(UnifiedProcedureStepAction).some((known) => known === actionType))
      throw new DimseError(Status.NoSuchActionType);
    checkAction(actionType, context);
    const answer = (status: number) => ({ status, sopInstance, actionType });
    if (actionType === ChangeState) return answer(await this.#changeState(sopInstance, information, context));
    if (actionType === RequestCancel) return answer(await this.#requestCancel(sopInstance, information, context));
    const peer = await this.#receiver(information, context);
    if (actionType === Subscribe) return answer(await this.#subscribe(sopInstance, peer, information, context));
    const isSuspended = actionType === UnifiedProcedureStepAction.SuspendGlobalSubscription;
    await this.#subscriptions.unsubscribe(sopInstance, peer, isSuspended);
    return answer(Status.Success);
  }

  async #changeState(
    sopInstance: string,
    { ProcedureStepState, TransactionUID }: DataSet,
    context: HandlerContext,
  ): Promise<number> {
    let status: number = Status.Success;
    const { after } = await this.#change(context, sopInstance, (item) => {
      const change = changedState(item, ProcedureStepState, TransactionUID);
      status = change.status;
      return change.item;
    });
    if (status === Status.Success) await this.#subscriptions.report(sopInstance, [stateReport(after)]);
    return status;
  }

  async #requestCancel(sopInstance: string, information: DataSet, context: HandlerContext): Promise<number> {
    let outcome: ReturnType<typeof cancelRequested> | undefined;
    const { after } = await this.#change(context, sopInstance, (item) => {
      outcome = cancelRequested(item, information);
      return outcome.item;
    });
    const { status = Status.Success, isForPerformer = false } = outcome ?? {};
    if (isForPerformer) {
      const isOurs = await this.#options.willCancel?.(sopInstance, information);
      if (isOurs === false) throw new DimseError(UpsStatus.PerformerWillNotCancel);
      // Without subscribers, the event would reach no performer.
      if (isOurs === undefined && !(await this.#subscriptions.isAnySubscribed(sopInstance)))
        throw new DimseError(UpsStatus.PerformerNotContacted);
      await this.#subscriptions.report(sopInstance, [cancelReport(information, context.callingAeTitle)]);
    } else if (status === Status.Success)
      // §CC.2.2.3: it passes through IN PROGRESS.
      await this.#subscriptions.report(sopInstance, [stateReport(after, 'IN PROGRESS'), stateReport(after)]);
    return status;
  }

  /** AE title of the peer that is to be subscribed or unsubscribed. */
  async #receiver({ ReceivingAE }: DataSet, { callingAeTitle }: HandlerContext): Promise<string> {
    const { delivery, knowsPeer } = this.#options;
    if (!delivery) throw new DimseError(UpsStatus.EventsNotSupported);
    const peer = text(ReceivingAE).trim();
    if (peer === '') throw new DimseError(Status.InvalidArgumentValue, { errorComment: 'ReceivingAE is missing' });
    if (peer !== callingAeTitle && !((await knowsPeer?.(peer)) ?? true))
      throw new DimseError(UpsStatus.ReceivingAeTitleUnknown);
    return peer;
  }

  async #subscribe(sopInstance: string, peer: string, information: DataSet, context: HandlerContext): Promise<number> {
    if (peer === context.callingAeTitle) this.#subscriptions.use(context.session, peer);
    const isLockAsked = information.DeletionLock === 'TRUE';
    const isLocked = isLockAsked && (this.#options.grantsDeletionLock?.(peer) ?? true);
    await this.#subscriptions.subscribe(sopInstance, peer, information, isLocked);
    return isLocked === isLockAsked ? Status.Success : UpsStatus.DeletionLockNotGranted;
  }

  async #change(context: HandlerContext, sopInstance: string, change: (item: WorkItem) => WorkItem) {
    let before: WorkItem | undefined;
    const after = await this.#store.change(sopInstance, (item) => {
      before = item;
      return change(item);
    });
    if (!before || !after) throw new DimseError(UpsStatus.NoSuchWorkItem);
    if (before !== after) await this.#options.onChange?.(sopInstance, after, context);
    return { before, after };
  }
}

/** The one state that a search asks for, if it names one. The store then need not read the many that have ended. */
function requestedState({ ProcedureStepState: state }: Identifier): UnifiedProcedureStepState | undefined {
  return UNIFIED_PROCEDURE_STEP_STATES.find((one) => one === state);
}

const { Push, Pull, Watch } = unifiedProcedureStep.sopClasses;
const PUSH = Push.uid;

// Tables CC.2-1 to CC.2-3: the SOP classes that have an action.
const { ChangeState, RequestCancel, Subscribe, Unsubscribe, SuspendGlobalSubscription } = UnifiedProcedureStepAction;
const SOP_CLASSES_OF_ACTIONS: Readonly<Record<number, readonly string[]>> = {
  [ChangeState]: [Pull.uid],
  [RequestCancel]: [Push.uid, Watch.uid],
  [Subscribe]: [Watch.uid],
  [Unsubscribe]: [Watch.uid],
  [SuspendGlobalSubscription]: [Watch.uid],
};

/** Checks that the peer has negotiated a SOP class that has the action. */
function checkAction(actionType: number, { session }: HandlerContext): void {
  const having = SOP_CLASSES_OF_ACTIONS[actionType] ?? [];
  const contexts = [...session.association.contexts.values()];
  if (contexts.some(({ abstractSyntax }) => having.includes(abstractSyntax))) return;
  throw new DimseError(Status.NoSuchActionType, {
    errorComment: 'no negotiated SOP class has this action',
  });
}

const PROVIDER_OPTIONS: OptionTable<UnifiedProcedureStepProviderOptions> = {
  of: 'UnifiedProcedureStepProvider',
  rules: {
    store: aValueOf('object'),
    delivery: aValueOf('object'),
    knowsPeer: aValueOf('function'),
    grantsDeletionLock: aValueOf('function'),
    revise: aValueOf('function'),
    willCancel: aValueOf('function'),
    onChange: aValueOf('function'),
    onFailure: aValueOf('function'),
  },
};

const REMOVE_OPTIONS: OptionTable<{ readonly evenLocked?: boolean }> = {
  of: 'removeFinished',
  rules: { evenLocked: aValueOf('boolean') },
};

const ANNOUNCE_OPTIONS: OptionTable<{ readonly signal?: AbortSignal }> = {
  of: 'announceRestart',
  rules: { signal: aSignal },
};
