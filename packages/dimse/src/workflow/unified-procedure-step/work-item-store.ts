// Work items and subscriptions to them: the interface of their store, and a store in memory (PS3.4 Annex CC).

import { aNumber, checkOptions, type OptionTable } from '@x/pdu/internal';
import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { GLOBAL_SUBSCRIPTION_INSTANCE } from '../../services/unified-procedure-step.ts';
import { SharedRoom } from '../shared-room.ts';
import type { UnifiedProcedureStepState, WorkItem } from './unified-procedure-step.ts';

/** A subscription of a peer to the events of work items. */
export interface WorkItemSubscription {
  /** AE title of the peer. */
  readonly peer: string;
  /** The work item; `GLOBAL_SUBSCRIPTION_INSTANCE` for future ones. */
  readonly sopInstance: string;
  /** Whether a finished work item is kept until this subscription ends. */
  readonly hasDeletionLock: boolean;
  /** The keys that future work items must match. */
  readonly keys?: DataSet;
}

/**
 * Keeps work items and subscriptions. A change is safe when its promise has settled. `workItemStoreContract` of
 * `@x/dimse/store-contracts` checks an implementation.
 */
export interface WorkItemStore {
  /**
   * Adds a work item; false if the UID is already in use.
   * @param creator AE title of the peer that creates it.
   * @throws DimseError (0213H) if the store is full, or has reached its limit for this peer, so that one peer cannot use all
   * of it.
   */
  add(sopInstance: string, item: WorkItem, creator?: string): Promise<boolean>;
  /** A work item; undefined if the store does not have it. */
  get(sopInstance: string): Promise<WorkItem | undefined>;
  /**
   * Replaces a work item atomically with the result of `change`, and gives it; undefined if the store does not have it.
   * @throws the error of `change`, which leaves the work item as it was.
   */
  change(sopInstance: string, change: (item: WorkItem) => WorkItem): Promise<WorkItem | undefined>;
  /**
   * The work items in this state, or all, in the order they were added. Those that are added, changed or removed during the
   * iteration may be missing.
   */
  items(state?: UnifiedProcedureStepState): AsyncIterable<readonly [sopInstance: string, item: WorkItem]>;
  /**
   * Removes the work items that were finished before a time in milliseconds since 1970, with their subscriptions, atomically.
   * It removes locked ones only with `evenLocked`. Gives the number removed.
   */
  removeFinished(before: number, options?: { readonly evenLocked?: boolean }): Promise<number>;
  /**
   * Adds a subscription, or replaces the one with the same peer and instance; false if the work item does not exist.
   * @throws DimseError (0213H) if the store is full.
   */
  subscribe(subscription: WorkItemSubscription): Promise<boolean>;
  /** Removes the subscription of a peer to an instance, or all its subscriptions. */
  unsubscribe(peer: string, sopInstance?: string): Promise<void>;
  /** The subscriptions to an instance. */
  subscriptions(sopInstance: string): Promise<readonly WorkItemSubscription[]>;
  /** AE titles of all peers with a subscription. */
  subscribers(): Promise<readonly string[]>;
}

interface WorkItemLimits {
  readonly maximumItems?: number;
  readonly maximumItemsOfPeer?: number;
  readonly maximumSubscriptions?: number;
}

/**
 * Creates a store in memory, which is lost with the process. `maximumItems` is 10,000 by default, `maximumItemsOfPeer`,
 * those that one peer created, half of that, and `maximumSubscriptions` 100,000.
 */
export function createWorkItemStore(limits?: WorkItemLimits): WorkItemStore {
  const {
    maximumItems = 10_000,
    maximumItemsOfPeer = Math.ceil(maximumItems / 2),
    maximumSubscriptions = 100_000,
  } = checkOptions(STORE_LIMITS, limits);
  const items = new Map<string, WorkItem>();
  const creators = new SharedRoom('work items', maximumItems, maximumItemsOfPeer);
  const subscriptions = new Map<string, WorkItemSubscription>();
  // AE titles cannot contain a backslash.
  const keyOf = ({ peer, sopInstance }: WorkItemSubscription) => `${peer}\\${sopInstance}`;
  const of = (sopInstance: string) => [...subscriptions.values()].filter((one) => one.sopInstance === sopInstance);
  return {
    async add(sopInstance, item, creator = '') {
      if (items.has(sopInstance)) return false;
      creators.take(sopInstance, creator);
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
    async *items(state) {
      for (const [sopInstance, item] of [...items])
        if (state === undefined || item.state === state) yield [sopInstance, item] as const;
    },
    async removeFinished(before, { evenLocked = false } = {}) {
      const finished = [...items].filter(([, { finishedAt }]) => finishedAt !== undefined && finishedAt < before);
      const removed = finished.filter(
        ([sopInstance]) => evenLocked || !of(sopInstance).some(({ hasDeletionLock }) => hasDeletionLock),
      );
      for (const [sopInstance] of removed) {
        items.delete(sopInstance);
        creators.free(sopInstance);
        for (const subscription of of(sopInstance)) subscriptions.delete(keyOf(subscription));
      }
      return removed.length;
    },
    async subscribe(subscription) {
      const { sopInstance } = subscription;
      if (sopInstance !== GLOBAL_SUBSCRIPTION_INSTANCE && !items.has(sopInstance)) return false;
      const key = keyOf(subscription);
      if (!subscriptions.has(key) && subscriptions.size >= maximumSubscriptions)
        throw new DimseError(Status.ResourceLimitation);
      subscriptions.set(key, subscription);
      return true;
    },
    async unsubscribe(peer, sopInstance) {
      for (const [key, one] of subscriptions)
        if (one.peer === peer && (sopInstance === undefined || one.sopInstance === sopInstance))
          subscriptions.delete(key);
    },
    async subscriptions(sopInstance) {
      return of(sopInstance);
    },
    async subscribers() {
      return [...new Set([...subscriptions.values()].map(({ peer }) => peer))];
    },
  };
}

const STORE_LIMITS: OptionTable<WorkItemLimits> = {
  of: 'createWorkItemStore',
  rules: { maximumItems: aNumber, maximumItemsOfPeer: aNumber, maximumSubscriptions: aNumber },
};
