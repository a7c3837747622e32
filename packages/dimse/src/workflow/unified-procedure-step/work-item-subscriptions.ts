// Subscriptions to work items, and the events that subscribers receive: PS3.4 Table CC.2.3-2, §CC.2.3.3 and §CC.2.4.3.

import { items } from '../../data-set/access.ts';
import { type IdentifierMatcher, matchesIdentifier, prepareMatching } from '../../data-set/attribute-matching.ts';
import { DataSetError } from '../../data-set/data-set-error.ts';
import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import {
  FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE,
  GLOBAL_SUBSCRIPTION_INSTANCE,
  UnifiedProcedureStepStatus as UpsStatus,
  unifiedProcedureStep,
} from '../../services/unified-procedure-step.ts';
import type { ServiceSession } from '../../session/service-class.ts';
import { nextTurn } from '../../turns.ts';
import type { EventDelivery } from '../event-delivery/event-delivery.ts';
import { type OnFailure, reportFailure } from '../provider.ts';
import type { WorkItem } from './unified-procedure-step.ts';
import { restartReport, stateReport, type WorkItemReport } from './unified-procedure-step-reports.ts';
import type { WorkItemStore } from './work-item-store.ts';

export interface WorkItemSubscriptionsOptions {
  readonly store: WorkItemStore;
  readonly delivery: EventDelivery | undefined;
  readonly onFailure: OnFailure | undefined;
}

export class WorkItemSubscriptions {
  readonly #options: WorkItemSubscriptionsOptions;
  /** The latest session of each subscriber, on which it may take events. */
  readonly #sessions = new Map<string, ServiceSession>();

  constructor(options: WorkItemSubscriptionsOptions) {
    this.#options = options;
  }

  /** Sends the events for a peer on this session for as long as its association lasts. */
  use(session: ServiceSession, peer: string): void {
    this.#sessions.set(peer, session);
    void session.association.closed.then(() => {
      if (this.#sessions.get(peer) === session) this.#sessions.delete(peer);
    });
  }

  /**
   * Subscribes a peer to one work item, or to all present and future ones; with the filtered global instance, to those that
   * match the keys in `information`. @throws DimseError C307H if the work item does not exist; 0213H if it has as many
   * subscribers as it may have; 0115H for a filter that is too large.
   */
  async subscribe(sopInstance: string, peer: string, information: DataSet, hasDeletionLock: boolean): Promise<void> {
    const { store } = this.#options;
    const isFiltered = sopInstance === FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE;
    const isGlobal = sopInstance === GLOBAL_SUBSCRIPTION_INSTANCE || isFiltered;
    await this.#expectRoom(isGlobal ? GLOBAL_SUBSCRIPTION_INSTANCE : sopInstance, peer);
    if (!isGlobal) {
      const isThere = await store.subscribe({ peer, sopInstance, hasDeletionLock });
      const item = isThere ? await store.get(sopInstance) : undefined;
      if (!item) throw new DimseError(UpsStatus.NoSuchWorkItem);
      await this.#deliver(peer, sopInstance, stateReport(item));
      return;
    }
    const { ReceivingAE: _, DeletionLock: __, ...keys } = information;
    const filter = isFiltered ? { keys } : {};
    const matcher = isFiltered ? preparedFilter(keys) : undefined;
    await store.subscribe({ peer, sopInstance: GLOBAL_SUBSCRIPTION_INSTANCE, hasDeletionLock, ...filter });
    for await (const [existing, item] of store.items()) {
      // Each subscription is one change of the store, which may answer at once.
      await nextTurn();
      if (matcher && !matcher.matches(item.attributes)) continue;
      // A subscription to one work item takes precedence over one to all.
      if ((await store.subscriptions(existing)).some((one) => one.peer === peer)) continue;
      const isThere = await store.subscribe({ peer, sopInstance: existing, hasDeletionLock });
      if (isThere && hasDeletionLock) await this.#deliver(peer, existing, stateReport(item));
    }
  }

  /**
   * Unsubscribes a peer from one work item, or from all. With `isSuspended`, only from future ones.
   * @throws DimseError C307H if the work item does not exist; C314H if a subscription to one work item is suspended.
   */
  async unsubscribe(sopInstance: string, peer: string, isSuspended: boolean): Promise<void> {
    const { store } = this.#options;
    const isGlobal = [GLOBAL_SUBSCRIPTION_INSTANCE, FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE].includes(sopInstance);
    if (isSuspended && !isGlobal) throw new DimseError(UpsStatus.ActionDoesNotSuit);
    if (isSuspended) return store.unsubscribe(peer, GLOBAL_SUBSCRIPTION_INSTANCE);
    if (isGlobal) return store.unsubscribe(peer);
    if (!(await store.get(sopInstance))) throw new DimseError(UpsStatus.NoSuchWorkItem);
    await store.unsubscribe(peer, sopInstance);
  }

  /** Subscribes the peers of global subscriptions to a new work item, if it matches their keys. */
  async subscribeToNew(sopInstance: string, item: WorkItem): Promise<void> {
    const { store } = this.#options;
    for (const { peer, hasDeletionLock, keys } of await store.subscriptions(GLOBAL_SUBSCRIPTION_INSTANCE)) {
      await nextTurn();
      try {
        if (!keys || matchesIdentifier(item.attributes, keys))
          await store.subscribe({ peer, sopInstance, hasDeletionLock });
      } catch (error) {
        // The work item exists: a subscriber without room must not make its creation fail.
        reportFailure(this.#options.onFailure, { error, peer, sopInstance });
      }
    }
  }

  async isAnySubscribed(sopInstance: string): Promise<boolean> {
    return (await this.#options.store.subscriptions(sopInstance)).length > 0;
  }

  /** Reports to the subscribers of a work item. */
  async report(sopInstance: string, reports: readonly WorkItemReport[]): Promise<void> {
    if (reports.length === 0) return;
    for (const { peer } of await this.#options.store.subscriptions(sopInstance))
      for (const report of reports) {
        await this.#deliver(peer, sopInstance, report);
        await nextTurn();
      }
  }

  /**
   * Reports a restart of the provider to all subscribers, and to other peers: once to each, for the global instance. Ends early
   * if the delivery takes no more events, or after the signal.
   */
  async reportRestart(isWarm: boolean, others: readonly string[], signal?: AbortSignal): Promise<void> {
    let refused = 0;
    for (const peer of new Set([...others, ...(await this.#options.store.subscribers())])) {
      const report = restartReport(isWarm);
      const isTaken = await this.#deliver(peer, GLOBAL_SUBSCRIPTION_INSTANCE, report, `restart\\${peer}`);
      refused = isTaken ? 0 : refused + 1;
      // The queue may answer at once.
      await nextTurn();
      if (refused >= MAXIMUM_REFUSED_REPORTS || signal?.aborted) return;
    }
  }

  /** Checks that a work item, or the global instance, may have another subscriber. */
  async #expectRoom(sopInstance: string, peer: string): Promise<void> {
    const subscriptions = await this.#options.store.subscriptions(sopInstance);
    if (subscriptions.length < MAXIMUM_SUBSCRIBERS || subscriptions.some((one) => one.peer === peer)) return;
    const errorComment = `${MAXIMUM_SUBSCRIBERS} peers have subscribed`;
    throw new DimseError(Status.ResourceLimitation, { errorComment });
  }

  // Whether the delivery has taken it. The change has been made: its response is success, even if a subscriber cannot be told.
  async #deliver(peer: string, sopInstance: string, report: WorkItemReport, id?: string): Promise<boolean> {
    try {
      await this.#options.delivery?.deliver(
        { peer, sopClass: Push.uid, abstractSyntax: Event.uid, sopInstance, ...report },
        this.#sessions.get(peer),
        id,
      );
      return true;
    } catch (error) {
      reportFailure(this.#options.onFailure, { error, peer, sopInstance });
      return false;
    }
  }
}

/** The number of reports of a restart that are refused one after the other before the delivery counts as full. */
const MAXIMUM_REFUSED_REPORTS = 100;

/**
 * The maximum number of keys of a filter, those in sequences included: each new work item is compared with the filters of
 * all peers.
 */
export const MAXIMUM_FILTER_KEYS = 256;

/** The maximum length of a filter, in characters of JSON. */
export const MAXIMUM_FILTER_LENGTH = 64 * 1024;

/** The maximum number of subscribers of a work item, and of peers that are subscribed globally: each receives each event. */
export const MAXIMUM_SUBSCRIBERS = 256;

/** @throws DimseError 0115H for a filter with too many keys, or too many values to be tried one by one */
function preparedFilter(keys: DataSet): IdentifierMatcher {
  const refused = (errorComment: string, cause?: unknown) =>
    new DimseError(Status.InvalidArgumentValue, { errorComment: errorComment.slice(0, 64), cause });
  const count = countKeys(keys);
  if (count > MAXIMUM_FILTER_KEYS) throw refused(`${count} keys, at most ${MAXIMUM_FILTER_KEYS} are allowed`);
  const { length } = JSON.stringify(keys);
  if (length > MAXIMUM_FILTER_LENGTH)
    throw refused(`${length} characters, at most ${MAXIMUM_FILTER_LENGTH} are allowed`);
  try {
    return prepareMatching(keys);
  } catch (error) {
    throw error instanceof DataSetError ? refused(error.message, error) : error;
  }
}

function countKeys(keys: DataSet): number {
  let count = 0;
  for (const value of Object.values(keys)) {
    count++;
    for (const item of items(value)) count += countKeys(item);
  }
  return count;
}

const { Push, Event } = unifiedProcedureStep.sopClasses;
