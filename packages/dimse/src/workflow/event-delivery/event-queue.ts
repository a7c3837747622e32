// Event reports that wait to be delivered: the interface to where they are kept, and a place in memory.

import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';

/** An event to be reported to a peer by N-EVENT-REPORT (PS3.7 §10.1.1). */
export interface EventReport {
  /** AE title of the peer. */
  readonly peer: string;
  /** UID of the SOP class that the message names. */
  readonly sopClass: string;
  /**
   * UID of the SOP class whose presentation context carries the message, if that is another one: the events of work items
   * come on a context of their own SOP class (PS3.4 §CC.3.1). Default `sopClass`.
   */
  readonly abstractSyntax?: string;
  readonly sopInstance: string;
  /** Event Type ID. */
  readonly eventType: number;
  readonly information?: DataSet;
}

/** An event report as it is kept. */
export interface QueuedEvent {
  /** Unique in the queue. */
  readonly id: string;
  readonly report: EventReport;
  /** How often delivery was tried, in vain. */
  readonly attempts: number;
  /** Milliseconds of the clock before which it is not to be tried (again). */
  readonly notBefore: number;
}

/**
 * Where event reports are kept until they are delivered. A durable one is safe across restarts: what `put` has settled
 * for is there until it is removed. One process delivers from a queue at a time. `eventQueueContract` of
 * `@x/dimse/store-contracts` tries whether an implementation does what is said here.
 */
export interface EventQueue {
  /**
   * Keeps an event, or replaces the one of its id.
   * @throws DimseError (0213H) when the queue is full, or has no more room for this peer: one that takes nothing must not
   * keep others from being told.
   */
  put(event: QueuedEvent): Promise<void>;
  /** The event with the earliest `notBefore` of those for other peers than these. */
  next(exceptPeers: ReadonlySet<string>): Promise<QueuedEvent | undefined>;
  /** Forgets an event; nothing happens where there is none. */
  remove(id: string): Promise<void>;
}

/** A queue that ends with the process. `maximumEvents` is 10,000 by default, and half of that for one peer. */
export function createEventQueue({
  maximumEvents = 10_000,
  maximumEventsOfPeer = Math.ceil(maximumEvents / 2),
}: {
  readonly maximumEvents?: number;
  readonly maximumEventsOfPeer?: number;
} = {}): EventQueue {
  const events = new Map<string, QueuedEvent>();
  const ofPeer = (peer: string) => [...events.values()].filter(({ report }) => report.peer === peer).length;
  return {
    async put(event) {
      const { peer } = event.report;
      if (!events.has(event.id) && (events.size >= maximumEvents || ofPeer(peer) >= maximumEventsOfPeer))
        throw new DimseError(Status.ResourceLimitation, { errorComment: `too many events wait for ${peer} already` });
      events.set(event.id, event);
    },
    async next(exceptPeers) {
      let first: QueuedEvent | undefined;
      for (const event of events.values())
        if (!exceptPeers.has(event.report.peer) && (!first || event.notBefore < first.notBefore)) first = event;
      return first;
    },
    async remove(id) {
      events.delete(id);
    },
  };
}
