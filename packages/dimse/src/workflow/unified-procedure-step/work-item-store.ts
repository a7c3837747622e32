// Work items and who is told of them: the interface to where they are kept, and a place in memory (PS3.4 Annex CC).

import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import { GLOBAL_SUBSCRIPTION_INSTANCE } from '../../services/unified-procedure-step.ts';
import type { UnifiedProcedureStepState, WorkItem } from './unified-procedure-step.ts';

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

/**
 * Where work items and subscriptions are kept. What a method has settled for is kept. `workItemStoreContract` of
 * `@x/dimse/store-contracts` tries whether an implementation does what is said here.
 */
export interface WorkItemStore {
  /** Whether it was added: not where there is one of this UID. @throws DimseError (0213H) when there is no room. */
  add(sopInstance: string, item: WorkItem): Promise<boolean>;
  get(sopInstance: string): Promise<WorkItem | undefined>;
  /** Replaces an item by what `change` makes of it, with nothing in between; undefined if there is none. @throws what it throws. */
  change(sopInstance: string, change: (item: WorkItem) => WorkItem): Promise<WorkItem | undefined>;
  /** Those of a state, or all, in the order they were added. What is added, changed or removed meanwhile may be missing. */
  items(state?: UnifiedProcedureStepState): AsyncIterable<readonly [sopInstance: string, item: WorkItem]>;
  /**
   * Forgets items that were finished before a time in milliseconds since 1970, and the subscriptions to them, with nothing
   * in between: not those that a subscription locks, unless `evenLocked`. How many.
   */
  removeFinished(before: number, options?: { readonly evenLocked?: boolean }): Promise<number>;
  /**
   * Keeps a subscription, in place of one for the same peer and instance. Whether there is such a work item; of those to
   * come there always is. @throws DimseError (0213H) when there is no room.
   */
  subscribe(subscription: WorkItemSubscription): Promise<boolean>;
  /** Ends that of a peer to an instance; to all of them where none is named. */
  unsubscribe(peer: string, sopInstance?: string): Promise<void>;
  /** Those to an instance. */
  subscriptions(sopInstance: string): Promise<readonly WorkItemSubscription[]>;
  /** The peers that are subscribed to anything. */
  subscribers(): Promise<readonly string[]>;
}

/** A store that ends with the process. `maximumItems` is 10,000 by default, `maximumSubscriptions` 100,000. */
export function createWorkItemStore({
  maximumItems = 10_000,
  maximumSubscriptions = 100_000,
}: {
  readonly maximumItems?: number;
  readonly maximumSubscriptions?: number;
} = {}): WorkItemStore {
  const items = new Map<string, WorkItem>();
  const subscriptions = new Map<string, WorkItemSubscription>();
  // An AE title has no backslash.
  const keyOf = ({ peer, sopInstance }: WorkItemSubscription) => `${peer}\\${sopInstance}`;
  const of = (sopInstance: string) => [...subscriptions.values()].filter((one) => one.sopInstance === sopInstance);
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
