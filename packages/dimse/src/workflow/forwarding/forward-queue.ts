// Instances that wait to be forwarded: the interface of their queue, and a queue in memory.

import { aNumber, checkOptions, type OptionTable } from '@x/pdu/internal';
import type { DeliveryClaims } from '../delivery/delivery-claims.ts';
import type { QueuedEntry } from '../delivery/delivery-loop.ts';
import { MemoryQueue } from '../delivery/memory-queue.ts';

/** An instance in a queue. */
export interface QueuedInstance extends QueuedEntry {
  /** The name of the destination. */
  readonly destination: string;
  /** Study Instance UID; empty if the instance has none. */
  readonly study: string;
  /** Series Instance UID; empty if the instance has none. */
  readonly series: string;
  /** SOP Instance UID. */
  readonly sopInstance: string;
  /** Instances of a higher number are sent first. */
  readonly priority: number;
  /** The reason of the last failed attempt. */
  readonly failure?: string;
  /** Whether it has failed for good: it stays in the queue, and is not attempted until somebody decides. */
  readonly isFailed?: boolean;
}

/**
 * Keeps instances until they are forwarded. A durable queue survives restarts: an instance stays in it from when `put` has
 * settled until it is removed. Only one process at a time forwards from a queue without `claims`. `forwardQueueContract` of
 * `@x/dimse/store-contracts` checks an implementation.
 */
export interface ForwardQueue {
  /**
   * Adds an instance, or replaces the entry with its id.
   * @throws DimseError (0213H) if the queue is full, or has reached its limit for this destination, so that a destination that
   * accepts nothing cannot block the others.
   */
  put(instance: QueuedInstance): Promise<void>;
  /** Replaces the entry with this id; does nothing if the queue does not have it (any more): it may have been cancelled. */
  change(instance: QueuedInstance): Promise<void>;
  /** If several processes forward from the queue: `next` claims the destination of an instance that it gives and that is due. */
  readonly claims?: DeliveryClaims | undefined;
  /** The instance with the earliest `notBefore` that has not failed for good, apart from those for these destinations. */
  next(exceptDestinations: ReadonlySet<string>): Promise<QueuedInstance | undefined>;
  /**
   * Instances for a destination that have not failed for good and whose `notBefore` is not after `now`, at most `most`: those
   * of the highest priority first, and among these the one with the earliest `notBefore`.
   */
  due(destination: string, now: number, most: number): Promise<readonly QueuedInstance[]>;
  /** Removes an entry; does nothing if the queue does not have it. */
  remove(id: string): Promise<void>;
}

/** The id of the entry for an instance and a destination: the queue has each of them once. */
export function forwardId({
  destination,
  study,
  series,
  sopInstance,
}: Pick<QueuedInstance, 'destination' | 'study' | 'series' | 'sopInstance'>): string {
  // UIDs have no spaces.
  return `${study} ${series} ${sopInstance} ${destination}`;
}

/** Limits of a queue in memory. */
export interface ForwardQueueLimits {
  /** The most instances that wait. Default: 10,000. */
  readonly maximumInstances?: number;
  /** The most instances that wait for one destination. Default: half of `maximumInstances`. */
  readonly maximumInstancesOfDestination?: number;
}

/** Creates a queue in memory, which is lost with the process. */
export function createForwardQueue(limits?: ForwardQueueLimits): ForwardQueue {
  const { maximumInstances = 10_000, maximumInstancesOfDestination = Math.ceil(maximumInstances / 2) } = checkOptions(
    QUEUE_LIMITS,
    limits,
  );
  const instances = new MemoryQueue<QueuedInstance>('instances', ({ destination }) => destination, {
    maximumEntries: maximumInstances,
    maximumEntriesOfDestination: maximumInstancesOfDestination,
    maximumLength: Number.POSITIVE_INFINITY,
  });
  return {
    async put(instance) {
      instances.put(instance, 0);
    },
    async change(instance) {
      if (instances.get(instance.id)) instances.put(instance, 0);
    },
    async next(exceptDestinations) {
      return instances.earliest(({ destination, isFailed }) => !isFailed && !exceptDestinations.has(destination));
    },
    async due(wanted, now, most) {
      const due: QueuedInstance[] = [];
      for (const instance of instances.all())
        if (instance.destination === wanted && !instance.isFailed && instance.notBefore <= now) due.push(instance);
      return due.sort((a, b) => b.priority - a.priority || a.notBefore - b.notBefore).slice(0, most);
    },
    async remove(id) {
      instances.remove(id);
    },
  };
}

const QUEUE_LIMITS: OptionTable<ForwardQueueLimits> = {
  of: 'createForwardQueue',
  rules: { maximumInstances: aNumber, maximumInstancesOfDestination: aNumber },
};
