// Event reports that wait to be delivered: the interface to where they are kept, and a place in memory.

import type { DataSet } from './dataset.ts';
import { DimseError } from './errors.ts';
import { Status } from './status.ts';

/** An event to be told to a peer by N-EVENT-REPORT (PS3.7 §10.1.1). */
export interface EventReport {
  /** AE title of the peer. */
  readonly peer: string;
  readonly sopClass: string;
  readonly sopInstance: string;
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
 * for is there until it is removed. One process delivers from a queue at a time.
 */
export interface EventQueue {
  /** Keeps an event, or replaces the one of its id. @throws DimseError (0213H) when the queue is full. */
  put(event: QueuedEvent): Promise<void>;
  /** The event with the earliest `notBefore` of those for other peers than these. */
  next(exceptPeers: ReadonlySet<string>): Promise<QueuedEvent | undefined>;
  /** Forgets an event; nothing happens where there is none. */
  remove(id: string): Promise<void>;
}

/** A queue that ends with the process. `maximumEvents` is 10,000 by default. */
export function createEventQueue({ maximumEvents = 10_000 }: { readonly maximumEvents?: number } = {}): EventQueue {
  const events = new Map<string, QueuedEvent>();
  return {
    async put(event) {
      if (!events.has(event.id) && events.size >= maximumEvents)
        throw new DimseError(Status.ResourceLimitation, { errorComment: `${maximumEvents} events wait already` });
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
