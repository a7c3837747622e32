// A provider of Unified Procedure Step: work items, the lock of their performer, subscriptions (PS3.4 Annex CC).

import { matchesIdentifier } from '../../data-set/attribute-matching.ts';
import { tagOf } from '../../data-set/data-dictionary.ts';
import type { DataSet } from '../../data-set/dataset.ts';
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

export interface UnifiedProcedureStepProviderOptions {
  /** Default: in memory, lost with the process. */
  readonly store?: WorkItemStore;
  /** Delivers events. Without it nobody can subscribe: C315H. */
  readonly delivery?: EventDelivery;
  /** Whether events can reach an AE title, for C308H. Default all. */
  readonly knowsPeer?: (aeTitle: string) => boolean | Promise<boolean>;
  /** Whether a peer may have finished work items kept until it says otherwise; not is B301H. Default all may. */
  readonly grantsDeletionLock?: (aeTitle: string) => boolean;
  /**
   * What is kept of attributes that N-CREATE or N-SET brings, where that is not what was sent: another data set is told by
   * B300H or B305H. What it throws is answered. Default: all of it as it is.
   */
  readonly revise?: (attributes: DataSet, operation: 'create' | 'set') => DataSet;
  /**
   * Whether a work item that the provider performs itself will be canceled as somebody asks: not is C313H. `undefined`, the
   * default, leaves it to a performer elsewhere, who is told by an event.
   */
  readonly willCancel?: (
    sopInstance: string,
    information: DataSet,
  ) => boolean | undefined | Promise<boolean | undefined>;
  /** Told of each work item that was created or changed, before the peer is answered; what it throws is answered. */
  readonly changed?: (sopInstance: string, item: WorkItem, context: HandlerContext) => void | Promise<void>;
  /** Told when the delivery does not take an event: who made the change is answered success all the same. */
  readonly failed?: (error: unknown, peer: string, sopInstance: string) => void;
}

type Request<Name extends keyof (typeof unifiedProcedureStep)['operations']> = HandledRequest<
  typeof unifiedProcedureStep,
  Name
>;

export class UnifiedProcedureStepProvider {
  /** Give it to `createScp`. */
  readonly service: Service;
  readonly #store: WorkItemStore;
  readonly #options: UnifiedProcedureStepProviderOptions;
  readonly #subscriptions: WorkItemSubscriptions;

  constructor(options: UnifiedProcedureStepProviderOptions = {}) {
    const { store = createWorkItemStore(), delivery, failed } = options;
    this.#options = options;
    this.#store = store;
    this.#subscriptions = new WorkItemSubscriptions({ store, delivery, failed });
    this.service = serve(unifiedProcedureStep, {
      create: (request, context) => this.#create(request, context),
      get: (request) => this.#get(request),
      set: (request, context) => this.#set(request, context),
      find: (request) => this.#find(request),
      action: (request, context) => this.#act(request, context),
    });
  }

  /**
   * Forgets work items that became COMPLETED or CANCELED before a time in milliseconds since 1970 (default: all), unless a
   * subscriber's deletion lock holds them; with `evenLocked` those too, for subscribers that never let go (§CC.2.3.3). How
   * many. Nothing else forgets them: call it now and then.
   */
  removeFinished(
    before: number = Number.POSITIVE_INFINITY,
    options: { readonly evenLocked?: boolean } = {},
  ): Promise<number> {
    return this.#store.removeFinished(before, options);
  }

  /**
   * Tells all subscribers, and peers that should know though they are not, that the provider has been restarted (§CC.2.4.3):
   * with its subscriptions and work items where it was given a store. Call it once, when the provider can be reached.
   */
  async announceRestart(others: readonly string[] = []): Promise<void> {
    await this.#subscriptions.reportRestart(this.#options.store !== undefined, others);
  }

  async #create({ sopInstance = makeUid(), attributes = {} }: Request<'create'>, context: HandlerContext) {
    const { revise, changed } = this.#options;
    const revised = revise?.(attributes, 'create') ?? attributes;
    const item = createdWorkItem({ ...revised, SOPClassUID: PUSH, SOPInstanceUID: sopInstance });
    if (!(await this.#store.add(sopInstance, item))) throw new DimseError(Status.DuplicateSopInstance);
    await this.#subscriptions.subscribeToNew(sopInstance, item);
    await changed?.(sopInstance, item, context);
    await this.#subscriptions.report(sopInstance, [stateReport(item), ...assignmentReports(item)]);
    return { status: revised === attributes ? Status.Success : UpsStatus.CreatedWithModifications, sopInstance };
  }

  async #get({ sopInstance, attributeIdentifiers = [] }: Request<'get'>) {
    const item = await this.#store.get(sopInstance);
    if (!item) throw new DimseError(UpsStatus.NoSuchWorkItem);
    // Table CC.2.5-3: the command set names them.
    const { SOPClassUID: _, SOPInstanceUID: __, ...all } = item.attributes;
    if (attributeIdentifiers.length === 0) return { status: Status.Success, attributes: all };
    const asked = new Set(attributeIdentifiers);
    const attributes = Object.fromEntries(
      Object.entries(all).filter(([key]) => key === 'SpecificCharacterSet' || asked.has(tagOf(key) ?? -1)),
    );
    const isComplete = [...asked].every((tag) => Object.keys(attributes).some((key) => tagOf(key) === tag));
    return { status: isComplete ? Status.Success : Status.RequestedOptionalAttributesNotSupported, attributes };
  }

  async #set({ sopInstance, attributes }: Request<'set'>, context: HandlerContext): Promise<number> {
    const revised = this.#options.revise?.(attributes, 'set') ?? attributes;
    const { before, after } = await this.#change(context, sopInstance, (item) => updatedWorkItem(item, revised));
    await this.#subscriptions.report(sopInstance, changeReports(before, after));
    return revised === attributes ? Status.Success : UpsStatus.Coerced;
  }

  async *#find({ identifier }: Request<'find'>) {
    // Nobody is told it.
    const { TransactionUID: _, ...keys } = identifier;
    const asked = Object.keys(keys);
    for await (const [, { attributes }] of this.#store.items(stateAsked(keys))) {
      if (!matchesIdentifier(attributes, keys)) continue;
      const { SpecificCharacterSet } = attributes;
      const found = asked.map((keyword) => [keyword, attributes[keyword] ?? ''] as const);
      yield {
        identifier: {
          ...Object.fromEntries(found),
          ...(SpecificCharacterSet !== undefined && { SpecificCharacterSet }),
        },
      };
    }
    return Status.Success;
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
      // Without subscribers nobody would learn of it.
      if (isOurs === undefined && !(await this.#subscriptions.isAnySubscribed(sopInstance)))
        throw new DimseError(UpsStatus.PerformerNotContacted);
      await this.#subscriptions.report(sopInstance, [cancelReport(information, context.callingAeTitle)]);
    } else if (status === Status.Success)
      // §CC.2.2.3: by way of IN PROGRESS.
      await this.#subscriptions.report(sopInstance, [stateReport(after, 'IN PROGRESS'), stateReport(after)]);
    return status;
  }

  /** Who is to be told, or no longer. */
  async #receiver({ ReceivingAE }: DataSet, { callingAeTitle }: HandlerContext): Promise<string> {
    const { delivery, knowsPeer } = this.#options;
    if (!delivery) throw new DimseError(UpsStatus.EventsNotSupported);
    const peer = String(ReceivingAE ?? '').trim();
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
    if (before !== after) await this.#options.changed?.(sopInstance, after, context);
    return { before, after };
  }
}

/** The one state that all answers have, where a search asks for one: of all that ended, few searches want any. */
function stateAsked({ ProcedureStepState: state }: DataSet): UnifiedProcedureStepState | undefined {
  return UNIFIED_PROCEDURE_STEP_STATES.find((one) => one === state);
}

const { Push, Pull, Watch } = unifiedProcedureStep.sopClasses;
const PUSH = Push.uid;

// Tables CC.2-1 to CC.2-3: the SOP classes of which an action is.
const { ChangeState, RequestCancel, Subscribe, Unsubscribe, SuspendGlobalSubscription } = UnifiedProcedureStepAction;
const SOP_CLASSES_OF_ACTIONS: Readonly<Record<number, readonly string[]>> = {
  [ChangeState]: [Pull.uid],
  [RequestCancel]: [Push.uid, Watch.uid],
  [Subscribe]: [Watch.uid],
  [Unsubscribe]: [Watch.uid],
  [SuspendGlobalSubscription]: [Watch.uid],
};

/** That one of the SOP classes the peer has negotiated has the action. */
function checkAction(actionType: number, { session }: HandlerContext): void {
  const having = SOP_CLASSES_OF_ACTIONS[actionType] ?? [];
  const contexts = [...session.association.contexts.values()];
  if (contexts.some(({ abstractSyntax }) => having.includes(abstractSyntax))) return;
  throw new DimseError(Status.NoSuchActionType, {
    errorComment: 'the action is of a SOP class that was not negotiated',
  });
}
