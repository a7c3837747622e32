// A provider of Unified Procedure Step: work items, the lock of their performer, subscriptions and events (PS3.4 Annex CC).

import { matchesIdentifier } from './attribute-matching.ts';
import { tagOf } from './data-dictionary.ts';
import type { DataSet } from './dataset.ts';
import { DimseError } from './errors.ts';
import type { EventDelivery } from './event-delivery.ts';
import { makeUid } from './make-uid.ts';
import { type HandlerContext, type Service, type ServiceSession, serve } from './service-class.ts';
import {
  FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE,
  GLOBAL_SUBSCRIPTION_INSTANCE,
  UnifiedProcedureStepAction,
  UnifiedProcedureStepEvent,
  UnifiedProcedureStepStatus as UpsStatus,
  unifiedProcedureStep,
} from './services/unified-procedure-step.ts';
import { Status } from './status.ts';
import {
  cancelRequested,
  changedState,
  createdWorkItem,
  updatedWorkItem,
  type WorkItem,
} from './unified-procedure-step.ts';

/** Who is told of what happens to work items. */
export interface WorkItemSubscription {
  /** AE title. */
  readonly peer: string;
  /** The work item; GLOBAL_SUBSCRIPTION_INSTANCE for those to come. */
  readonly sopInstance: string;
  /** Whether a finished work item is to be kept until this subscription ends. */
  readonly hasDeletionLock: boolean;
  /** For those to come: what they must match. */
  readonly keys?: DataSet;
}

/** Where work items and subscriptions are kept. What a method has settled for is kept. */
export interface WorkItemStore {
  /** Whether it was added: not where there is one of this UID. @throws DimseError (0213H) when there is no room. */
  add(sopInstance: string, item: WorkItem): Promise<boolean>;
  get(sopInstance: string): Promise<WorkItem | undefined>;
  /** Replaces an item by what `change` makes of it, with nothing in between; undefined if there is none. @throws what it throws. */
  change(sopInstance: string, change: (item: WorkItem) => WorkItem): Promise<WorkItem | undefined>;
  remove(sopInstance: string): Promise<void>;
  items(): AsyncIterable<readonly [sopInstance: string, item: WorkItem]>;
  /** Keeps a subscription, in place of one for the same peer and instance. */
  subscribe(subscription: WorkItemSubscription): Promise<void>;
  /** Ends that of a peer to an instance; to all of them where none is named. */
  unsubscribe(peer: string, sopInstance?: string): Promise<void>;
  /** Those to an instance. */
  subscriptions(sopInstance: string): Promise<readonly WorkItemSubscription[]>;
}

/** A store that ends with the process. `maximumItems` is 10,000 by default. */
export function createWorkItemStore({ maximumItems = 10_000 }: { readonly maximumItems?: number } = {}): WorkItemStore {
  const items = new Map<string, WorkItem>();
  const subscriptions = new Map<string, WorkItemSubscription>();
  return {
    async add(sopInstance, item) {
      if (items.has(sopInstance)) return false;
      if (items.size >= maximumItems) throw new DimseError(Status.ResourceLimitation);
      items.set(sopInstance, item);
      return true;
    },
    async get(sopInstance) {
      return items.get(sopInstance);
    },
    async change(sopInstance, change) {
      const item = items.get(sopInstance);
      if (!item) return undefined;
      const changed = change(item);
      items.set(sopInstance, changed);
      return changed;
    },
    async remove(sopInstance) {
      items.delete(sopInstance);
    },
    async *items() {
      yield* [...items];
    },
    async subscribe(subscription) {
      subscriptions.set(`${subscription.sopInstance} ${subscription.peer}`, subscription);
    },
    async unsubscribe(peer, sopInstance) {
      for (const [key, one] of subscriptions)
        if (one.peer === peer && (sopInstance === undefined || one.sopInstance === sopInstance))
          subscriptions.delete(key);
    },
    async subscriptions(sopInstance) {
      return [...subscriptions.values()].filter((one) => one.sopInstance === sopInstance);
    },
  };
}

export interface UnifiedProcedureStepProviderOptions {
  /** Default: in memory, lost with the process. */
  readonly store?: WorkItemStore;
  /** Delivers events. Without it nobody can subscribe: C315H. */
  readonly delivery?: EventDelivery;
  /** Whether events can reach an AE title, for C308H. Default all. */
  readonly knowsPeer?: (aeTitle: string) => boolean | Promise<boolean>;
  /** Told of each work item that was created or changed, before the peer is answered; what it throws is answered. */
  readonly changed?: (sopInstance: string, item: WorkItem) => void | Promise<void>;
}

export class UnifiedProcedureStepProvider {
  /** Give it to `createScp`. */
  readonly service: Service;
  readonly #store: WorkItemStore;
  readonly #options: UnifiedProcedureStepProviderOptions;
  /** Associations of subscribers that take events. */
  readonly #sessions = new Map<string, ServiceSession>();

  constructor(options: UnifiedProcedureStepProviderOptions = {}) {
    this.#options = options;
    this.#store = options.store ?? createWorkItemStore();
    this.service = serve(unifiedProcedureStep, {
      create: (request) => this.#create(request),
      get: (request) => this.#get(request),
      set: (request) => this.#set(request),
      find: (request) => this.#find(request),
      action: (request, context) => this.#act(request, context),
    });
  }

  /** Forgets work items that are COMPLETED or CANCELED, unless a subscriber holds them. How many. */
  async removeFinished(): Promise<number> {
    let removed = 0;
    for await (const [sopInstance, { state }] of this.#store.items()) {
      if (state !== 'COMPLETED' && state !== 'CANCELED') continue;
      const subscriptions = await this.#store.subscriptions(sopInstance);
      if (subscriptions.some(({ hasDeletionLock }) => hasDeletionLock)) continue;
      for (const { peer } of subscriptions) await this.#store.unsubscribe(peer, sopInstance);
      await this.#store.remove(sopInstance);
      removed++;
    }
    return removed;
  }

  async #create({
    sopInstance = makeUid(),
    attributes = {},
  }: {
    sopInstance?: string | undefined;
    attributes?: DataSet | undefined;
  }) {
    const item = createdWorkItem({ ...attributes, SOPClassUID: PUSH, SOPInstanceUID: sopInstance });
    if (!(await this.#store.add(sopInstance, item))) throw new DimseError(Status.DuplicateSopInstance);
    for (const { peer, hasDeletionLock, keys } of await this.#store.subscriptions(GLOBAL_SUBSCRIPTION_INSTANCE))
      if (!keys || matchesIdentifier(item.attributes, keys))
        await this.#store.subscribe({ peer, sopInstance, hasDeletionLock });
    await this.#options.changed?.(sopInstance, item);
    await this.#report(sopInstance, UnifiedProcedureStepEvent.StateReport, stateOf(item));
    return { status: Status.Success, sopInstance };
  }

  async #get({
    sopInstance,
    attributeIdentifiers = [],
  }: {
    sopInstance: string;
    attributeIdentifiers?: readonly number[] | undefined;
  }) {
    const { attributes: all } = await this.#existing(sopInstance);
    if (attributeIdentifiers.length === 0) return { status: Status.Success, attributes: all };
    const asked = new Set(attributeIdentifiers);
    const attributes = Object.fromEntries(
      Object.entries(all).filter(([key]) => key === 'SpecificCharacterSet' || asked.has(tagOf(key) ?? -1)),
    );
    const isComplete = [...asked].every((tag) => Object.keys(attributes).some((key) => tagOf(key) === tag));
    return { status: isComplete ? Status.Success : Status.RequestedOptionalAttributesNotSupported, attributes };
  }

  async #set({
    sopInstance,
    attributes: modifications,
  }: {
    sopInstance: string;
    attributes: DataSet;
  }): Promise<number> {
    const item = await this.#change(sopInstance, (before) => updatedWorkItem(before, modifications));
    const { ProcedureStepProgressInformationSequence: progress, InputReadinessState } = modifications;
    if (progress !== undefined)
      await this.#report(sopInstance, UnifiedProcedureStepEvent.ProgressReport, {
        ProcedureStepProgressInformationSequence: progress,
      });
    if (InputReadinessState !== undefined)
      await this.#report(sopInstance, UnifiedProcedureStepEvent.StateReport, stateOf(item));
    return Status.Success;
  }

  async *#find({ identifier }: { identifier: DataSet }) {
    const asked = Object.keys(identifier);
    for await (const [, { attributes }] of this.#store.items()) {
      if (!matchesIdentifier(attributes, identifier)) continue;
      const returned = ['SpecificCharacterSet', 'SOPClassUID', 'SOPInstanceUID', ...asked].map((keyword) => [
        keyword,
        attributes[keyword] ?? (asked.includes(keyword) ? '' : undefined),
      ]);
      yield { identifier: Object.fromEntries(returned.filter(([, value]) => value !== undefined)) as DataSet };
    }
    return Status.Success;
  }

  async #act(
    {
      sopInstance,
      actionType,
      information = {},
    }: { sopInstance: string; actionType: number; information?: DataSet | undefined },
    context: HandlerContext,
  ) {
    const { ChangeState, RequestCancel, Subscribe, Unsubscribe, SuspendGlobalSubscription } =
      UnifiedProcedureStepAction;
    const answer = (status: number) => ({ status, sopInstance, actionType });
    if (actionType === ChangeState) return answer(await this.#changeState(sopInstance, information));
    if (actionType === RequestCancel) return answer(await this.#requestCancel(sopInstance, information, context));
    if (actionType !== Subscribe && actionType !== Unsubscribe && actionType !== SuspendGlobalSubscription)
      throw new DimseError(Status.NoSuchActionType);
    if (!this.#options.delivery) throw new DimseError(EVENTS_NOT_SUPPORTED);
    const peer = String(information.ReceivingAE ?? '').trim();
    if (peer === '') throw new DimseError(Status.InvalidArgumentValue, { errorComment: 'ReceivingAE is missing' });
    if (!((await this.#options.knowsPeer?.(peer)) ?? true) && peer !== context.callingAeTitle)
      throw new DimseError(UpsStatus.ReceivingAeTitleUnknown);
    if (actionType === Subscribe) await this.#subscribe(sopInstance, peer, information, context);
    else await this.#unsubscribe(sopInstance, peer, actionType === SuspendGlobalSubscription);
    return answer(Status.Success);
  }

  async #changeState(sopInstance: string, { ProcedureStepState, TransactionUID }: DataSet): Promise<number> {
    let status: number = Status.Success;
    const item = await this.#change(sopInstance, (before) => {
      const change = changedState(before, ProcedureStepState, TransactionUID);
      status = change.status;
      return change.item;
    });
    if (status === Status.Success)
      await this.#report(sopInstance, UnifiedProcedureStepEvent.StateReport, stateOf(item));
    return status;
  }

  async #requestCancel(sopInstance: string, information: DataSet, { callingAeTitle }: HandlerContext): Promise<number> {
    let outcome: ReturnType<typeof cancelRequested> | undefined;
    const item = await this.#change(sopInstance, (before) => {
      outcome = cancelRequested(before, information);
      return outcome.item;
    });
    const { status = Status.Success, isForPerformer = false } = outcome ?? {};
    if (isForPerformer) {
      // Without subscribers nobody would learn of it.
      if ((await this.#store.subscriptions(sopInstance)).length === 0)
        throw new DimseError(UpsStatus.PerformerNotContacted);
      const { ReasonForCancellation, ContactURI, ContactDisplayName } = information;
      await this.#report(sopInstance, UnifiedProcedureStepEvent.CancelRequested, {
        RequestingAE: callingAeTitle,
        ...(ReasonForCancellation !== undefined && { ReasonForCancellation }),
        ...(ContactURI !== undefined && { ContactURI }),
        ...(ContactDisplayName !== undefined && { ContactDisplayName }),
      });
    } else if (status === Status.Success)
      await this.#report(sopInstance, UnifiedProcedureStepEvent.StateReport, stateOf(item));
    return status;
  }

  async #subscribe(sopInstance: string, peer: string, information: DataSet, context: HandlerContext): Promise<void> {
    const hasDeletionLock = information.DeletionLock === 'TRUE';
    const isFiltered = sopInstance === FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE;
    if (peer === context.callingAeTitle) this.#sessions.set(peer, context.session);
    if (sopInstance !== GLOBAL_SUBSCRIPTION_INSTANCE && !isFiltered) {
      const item = await this.#existing(sopInstance);
      await this.#store.subscribe({ peer, sopInstance, hasDeletionLock });
      await this.#tell(peer, sopInstance, UnifiedProcedureStepEvent.StateReport, stateOf(item));
      return;
    }
    const { ReceivingAE: _, DeletionLock: __, RequestingAE: ___, ...keys } = information;
    const filter = isFiltered ? { keys } : {};
    await this.#store.subscribe({ peer, sopInstance: GLOBAL_SUBSCRIPTION_INSTANCE, hasDeletionLock, ...filter });
    for await (const [existing, item] of this.#store.items()) {
      if (isFiltered && !matchesIdentifier(item.attributes, keys)) continue;
      await this.#store.subscribe({ peer, sopInstance: existing, hasDeletionLock });
      await this.#tell(peer, existing, UnifiedProcedureStepEvent.StateReport, stateOf(item));
    }
  }

  async #unsubscribe(sopInstance: string, peer: string, isSuspended: boolean): Promise<void> {
    const isGlobal = [GLOBAL_SUBSCRIPTION_INSTANCE, FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE].includes(sopInstance);
    if (isSuspended && !isGlobal) throw new DimseError(UpsStatus.ActionDoesNotSuit);
    // Suspended: work items to come are not subscribed to, those that are there stay so.
    if (isSuspended) await this.#store.unsubscribe(peer, GLOBAL_SUBSCRIPTION_INSTANCE);
    else if (isGlobal) await this.#store.unsubscribe(peer);
    else {
      await this.#existing(sopInstance);
      await this.#store.unsubscribe(peer, sopInstance);
    }
  }

  async #existing(sopInstance: string): Promise<WorkItem> {
    const item = await this.#store.get(sopInstance);
    if (!item) throw new DimseError(UpsStatus.NoSuchWorkItem);
    return item;
  }

  async #change(sopInstance: string, change: (item: WorkItem) => WorkItem): Promise<WorkItem> {
    const item = await this.#store.change(sopInstance, change);
    if (!item) throw new DimseError(UpsStatus.NoSuchWorkItem);
    await this.#options.changed?.(sopInstance, item);
    return item;
  }

  async #report(sopInstance: string, eventType: number, information: DataSet): Promise<void> {
    for (const { peer } of await this.#store.subscriptions(sopInstance))
      await this.#tell(peer, sopInstance, eventType, information);
  }

  async #tell(peer: string, sopInstance: string, eventType: number, information: DataSet): Promise<void> {
    const session = this.#sessions.get(peer);
    if (session && !session.association.isEstablished) this.#sessions.delete(peer);
    const report = { peer, sopClass: PUSH, sopInstance, eventType, information };
    await this.#options.delivery?.deliver(report, session?.association.isEstablished ? session : undefined);
  }
}

const PUSH = unifiedProcedureStep.sopClasses.Push.uid;
const EVENTS_NOT_SUPPORTED = 0xc315;

/** What a state report tells: Table CC.2.4-1. */
function stateOf({ state, attributes }: WorkItem): DataSet {
  const { InputReadinessState, ProcedureStepProgressInformationSequence: progress } = attributes;
  const [{ ReasonForCancellation, ProcedureStepDiscontinuationReasonCodeSequence: codes } = {} as DataSet] = (
    Array.isArray(progress) ? progress : []
  ) as DataSet[];
  return {
    ProcedureStepState: state,
    ...(InputReadinessState !== undefined && { InputReadinessState }),
    ...(ReasonForCancellation !== undefined && { ReasonForCancellation }),
    ...(codes !== undefined && { ProcedureStepDiscontinuationReasonCodeSequence: codes }),
  };
}
