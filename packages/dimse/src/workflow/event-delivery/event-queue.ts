// Event reports that wait for their delivery: the interface of their queue, and a queue in memory.

import { aNumber, checkOptions, type OptionTable } from '@x/pdu/internal';
import { type DataSetInput, encodeDataSetInTurns } from '../../data-set/dataset.ts';
import { TransferSyntax } from '../../registry/uids.generated.ts';
import type { QueuedEntry } from '../delivery/delivery-loop.ts';
import { MemoryQueue } from '../delivery/memory-queue.ts';

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
  /** SOP Instance UID that the event is about. */
  readonly sopInstance: string;
  /** Event Type ID. */
  readonly eventType: number;
  /** Event information. */
  readonly information?: DataSetInput;
}

/** An event report in a queue. */
export interface QueuedEvent extends QueuedEntry {
  /** The report to deliver. */
  readonly report: EventReport;
}

/** The claim of a process on a peer: no other process delivers events to that peer until the claim ends. */
export interface EventClaim {
  /** The next event for the peer. Its time has come. */
  readonly event: QueuedEvent;
  /** Aborts if the claim is lost: another process may deliver to the peer from then on. */
  readonly signal: AbortSignal;
  /**
   * Stores the number of attempts, and that the next one is made after these milliseconds. Does nothing if the queue does not
   * have the event any more, or if the claim is lost.
   */
  postpone(attempts: number, milliseconds: number): Promise<void>;
  /** Ends the claim. */
  end(): Promise<void>;
}

/**
 * Keeps event reports until they are delivered. A durable queue survives restarts: an event stays in it from when `put` has
 * settled until it is removed. Only one process at a time delivers from a queue, unless the queue has `claim`.
 * `eventQueueContract` of `@x/dimse/store-contracts` checks an implementation, and `sharedEventQueueContract` one with `claim`.
 */
export interface EventQueue {
  /**
   * Adds an event, or replaces the one with its id. With `isNear`, this process has an association with the peer: a queue of
   * several processes lets it deliver the event, if it can.
   * @throws DimseError (0213H) if the queue is full, or has reached its limit for this peer, so that a peer that accepts no
   * events cannot block the others.
   */
  put(event: QueuedEvent, isNear?: boolean): Promise<void>;
  /** The event with the earliest `notBefore`, apart from those for these peers. */
  next(exceptPeers: ReadonlySet<string>): Promise<QueuedEvent | undefined>;
  /** Removes an event; does nothing if the queue does not have it. */
  remove(id: string): Promise<void>;
  /**
   * For a queue from which several processes deliver: claims a peer that no process has claimed, apart from these peers, and
   * gives its next event; undefined if the time of no event has come. Events that were not attempted yet are always due, in
   * the order in which they were put. The delivery then does not call `next`.
   */
  claim?(exceptPeers: ReadonlySet<string>): Promise<EventClaim | undefined>;
  /**
   * For a queue with `claim`: calls `look` when another process may have added an event or ended a claim, so that it is not
   * only seen when the delivery looks every 5 s. Returns a function that ends this.
   */
  watch?(look: () => void): () => void;
}

/** Limits of a queue in memory. */
export interface EventQueueLimits {
  /** The most events that wait. Default: 10,000. */
  readonly maximumEvents?: number;
  /** The most events that wait for one peer. Default: half of `maximumEvents`. */
  readonly maximumEventsOfPeer?: number;
  /** Bytes of the encoded data sets of the events that wait, with 1 KiB for each; half of it for one peer. Default: 64 MiB. */
  readonly maximumLength?: number;
}

/** Creates a queue in memory, which is lost with the process. */
export function createEventQueue(limits?: EventQueueLimits): EventQueue {
  const {
    maximumEvents = 10_000,
    maximumEventsOfPeer = Math.ceil(maximumEvents / 2),
    maximumLength = 64 * 1024 * 1024,
  } = checkOptions(QUEUE_LIMITS, limits);
  const events = new MemoryQueue<QueuedEvent>('events', ({ report }) => report.peer, {
    maximumEntries: maximumEvents,
    maximumEntriesOfDestination: maximumEventsOfPeer,
    maximumLength,
  });
  return {
    async put(event) {
      const known = events.get(event.id);
      const isSame = known?.entry.report === event.report;
      events.put(event, isSame ? known.length : EVENT_SIZE + (await encodedLength(event.report.information)));
    },
    async next(exceptPeers) {
      return events.earliest(({ report }) => !exceptPeers.has(report.peer));
    },
    async remove(id) {
      events.remove(id);
    },
  };
}

async function encodedLength(information: DataSetInput | undefined): Promise<number> {
  return information ? (await encodeDataSetInTurns(information, TransferSyntax.ExplicitVRLittleEndian)).length : 0;
}

/** The memory of the objects that hold an event, in bytes. */
const EVENT_SIZE = 1024;

const QUEUE_LIMITS: OptionTable<EventQueueLimits> = {
  of: 'createEventQueue',
  rules: {
    maximumEvents: aNumber,
    maximumEventsOfPeer: aNumber,
    maximumLength: aNumber,
  },
};
