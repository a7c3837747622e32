// Delivery of event reports: on an existing association, on a new one, or later (PS3.4 §J.3.3, PS3.7 §10.1.1).

import { randomUUID } from 'node:crypto';
import { onAbort } from '@x/net/internal';
import { aNumber, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { DEFAULT_TRANSFER_SYNTAXES } from '../../data-set/dataset.ts';
import { nEventReport } from '../../message/operations.ts';
import { type OpenSessionOptions, openSession } from '../../session/scu.ts';
import { defineServiceClass, type ServiceSession } from '../../session/service-class.ts';
import { nextTurn } from '../../turns.ts';
import { type OnFailure, reportFailure } from '../provider.ts';
import { createEventQueue, type EventQueue, type EventReport, type QueuedEvent } from './event-queue.ts';

/** How to request an association with a peer: the options of `openSession`, without services and contexts. */
export type PeerAddress = OpenSessionOptions extends infer O
  ? O extends unknown
    ? Omit<O, 'services' | 'serves' | 'contexts' | 'signal'>
    : never
  : never;

/** A clock, which tests can replace. */
export interface DeliveryClock {
  /** The time in milliseconds; since 1970 if the queue is durable. */
  now(): number;
  /** Calls `callback` after these milliseconds. Returns a function that cancels the call. */
  wake(milliseconds: number, callback: () => void): () => void;
}

export interface EventDeliveryOptions {
  /** Gives the address of an AE title; undefined if it is not known (yet). The attempt has failed then. */
  readonly resolvePeer: (aeTitle: string) => PeerAddress | undefined | Promise<PeerAddress | undefined>;
  /** Keeps events until they are delivered. Default: a queue in memory, which is lost with the process. */
  readonly queue?: EventQueue;
  /**
   * Milliseconds before the second attempt. The delay doubles with each further attempt; a random part of up to a quarter is
   * subtracted, so that events that failed together are not retried together. Default 5 s.
   */
  readonly firstDelay?: number;
  /** Maximum delay in milliseconds. Default 10 min. */
  readonly longestDelay?: number;
  /** Number of attempts before an event is given up. Default 100, which takes about 15 hours. */
  readonly maximumAttempts?: number;
  /** Number of peers that receive events at the same time; each receives one event at a time. Default 8. */
  readonly maximumPeers?: number;
  /** Called after each attempt that failed. */
  readonly onFailure?: OnFailure<DeliveryFailure>;
  /** Default: the system's clock. */
  readonly clock?: DeliveryClock;
}

/** An attempt to deliver an event report that failed. */
export interface DeliveryFailure {
  readonly error: unknown;
  readonly report: EventReport;
  /** Whether this was the last attempt; the queue no longer has the event then. */
  readonly isGivenUp: boolean;
}

/**
 * Delivers event reports. The queue keeps each report until the peer has confirmed it with success or a warning; after that
 * it is never sent again. If an association ends between a report and its response, the peer may or may not have processed
 * the report: it is sent again. Events for one peer can arrive out of order if one of them is retried.
 */
export class EventDelivery implements AsyncDisposable {
  readonly #options: EventDeliveryOptions;
  readonly #queue: EventQueue;
  readonly #clock: DeliveryClock;
  readonly #sessions = new Map<string, ServiceSession>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #cancelWake: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;

  constructor(options: EventDeliveryOptions) {
    this.#options = checkOptions(DELIVERY_OPTIONS, options);
    this.#queue = options.queue ?? createEventQueue();
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    // A durable queue may hold events from before a restart.
    this.#look();
  }

  /**
   * Accepts an event: settles when the queue has it, and delivers it in the background. `session` is a session with the peer,
   * which is used if its association still exists. Give an `id` if the same event may be handed over twice: it then replaces
   * a waiting event of that id.
   * @throws the error of the queue; Error if the delivery is closed.
   */
  async deliver(report: EventReport, session?: ServiceSession, id: string = randomUUID()): Promise<void> {
    if (this.#closing.signal.aborted) throw new Error('the event delivery is closed');
    if (session) this.#sessions.set(id, session);
    try {
      await this.#queue.put({ id, report, attempts: 0, notBefore: this.#clock.now() });
    } catch (error) {
      this.#sessions.delete(id);
      throw error;
    }
    this.#look();
  }

  /** Ends the current attempts. Events that are not delivered yet stay in the queue. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('the event delivery is closed'));
    this.#cancelWake?.();
    await this.#looking;
    await Promise.all(this.#busy.values());
    this.#sessions.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #look(): void {
    if (this.#closing.signal.aborted) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#start()
      .catch((error) => {
        // The queue failed; it may work later.
        this.#wakeIn(this.#options.firstDelay ?? DEFAULT_FIRST_DELAY);
        return error;
      })
      .then(() => {
        this.#looking = undefined;
        if (!this.#lookAgain) return;
        this.#lookAgain = false;
        this.#look();
      });
  }

  async #start(): Promise<void> {
    const { maximumPeers = 8, longestDelay = DEFAULT_LONGEST_DELAY } = this.#options;
    this.#cancelWake?.();
    while (this.#busy.size < maximumPeers && !this.#closing.signal.aborted) {
      const event = await this.#queue.next(new Set(this.#busy.keys()));
      if (!event || this.#closing.signal.aborted) return;
      const wait = event.notBefore - this.#clock.now();
      // No event waits for longer than the longest delay, unless the clock was set back since: then its time has come.
      if (wait > 0 && wait <= longestDelay) return this.#wakeIn(wait);
      const { peer } = event.report;
      this.#busy.set(
        peer,
        this.#attempt(event)
          .catch(() => {})
          .then(() => {
            this.#busy.delete(peer);
            this.#look();
          }),
      );
    }
  }

  #wakeIn(milliseconds: number): void {
    if (this.#closing.signal.aborted) return;
    this.#cancelWake?.();
    // The delay of a timer is limited to 31 bits.
    this.#cancelWake = this.#clock.wake(Math.min(milliseconds, 2 ** 31 - 1), () => this.#look());
  }

  async #attempt(event: QueuedEvent): Promise<void> {
    const { id, report } = event;
    // A queue that answers at once and a peer without an address must not keep everything else from its turn.
    await nextTurn();
    try {
      if (!(await this.#deliverOnSession(id, report))) await this.#deliverOnNewAssociation(report);
    } catch (error) {
      await this.#postpone(event, error);
      return;
    }
    await this.#removeDelivered(id);
  }

  // A confirmed event must not be sent again because the queue failed to remove it.
  async #removeDelivered(id: string): Promise<void> {
    for (;;) {
      try {
        return await this.#queue.remove(id);
      } catch (error) {
        if (this.#closing.signal.aborted) throw error;
        await this.#pause(this.#options.firstDelay ?? DEFAULT_FIRST_DELAY);
      }
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    let stopListening: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.wake(milliseconds, resolve);
      stopListening = onAbort(this.#closing.signal, () => {
        cancel();
        resolve();
      });
    });
    stopListening?.();
  }

  /** Whether the event was delivered on an existing association. */
  async #deliverOnSession(id: string, report: EventReport): Promise<boolean> {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    if (session?.association.state !== 'Sta6') return false;
    try {
      await this.#send(session, report);
      return true;
    } catch (error) {
      if (this.#closing.signal.aborted) throw error;
      return false;
    }
  }

  async #deliverOnNewAssociation(report: EventReport): Promise<void> {
    const { signal } = this.#closing;
    const peer = await this.#options.resolvePeer(report.peer);
    if (!peer) throw new Error(`no address is known for ${report.peer}`);
    // PS3.7 Annex D.3.3.4: the requestor of this association is the SCP.
    const roles = { scu: false, scp: true };
    const contexts = [
      { abstractSyntax: report.abstractSyntax ?? report.sopClass, transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES, roles },
    ];
    const session = await openSession({ ...peer, services: [], contexts, signal } as OpenSessionOptions);
    try {
      await this.#send(session, report);
    } catch (error) {
      session.abort();
      throw error;
    }
    await session[Symbol.asyncDispose]();
  }

  async #send(session: ServiceSession, report: EventReport): Promise<void> {
    const { peer: _, abstractSyntax: __, ...request } = report;
    await session.use(eventReporting(report)).eventReport(request, { signal: this.#closing.signal });
  }

  async #postpone(event: QueuedEvent, error: unknown): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const {
      firstDelay = DEFAULT_FIRST_DELAY,
      longestDelay = DEFAULT_LONGEST_DELAY,
      maximumAttempts = 100,
    } = this.#options;
    const attempts = event.attempts + 1;
    const isGivenUp = attempts >= maximumAttempts;
    const longest = Math.min(longestDelay, firstDelay * 2 ** Math.min(event.attempts, 30));
    const delay = longest * (1 - Math.random() / 4);
    reportFailure(this.#options.onFailure, { error, report: event.report, isGivenUp });
    try {
      if (isGivenUp) await this.#queue.remove(event.id);
      else await this.#queue.put({ ...event, attempts, notBefore: this.#clock.now() + delay });
    } catch {
      // The queue could not store the new time, so that it would give the event again at once.
      await this.#pause(delay);
    }
  }
}

const DEFAULT_FIRST_DELAY = 5000;
const DEFAULT_LONGEST_DELAY = 600_000;

const SYSTEM_CLOCK: DeliveryClock = {
  now: () => Date.now(),
  wake(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** N-EVENT-REPORT of the report's SOP class, on contexts of its abstract syntax only. */
function eventReporting({ sopClass, abstractSyntax = sopClass }: EventReport) {
  return defineServiceClass({
    name: 'event reporting',
    operations: { eventReport: nEventReport },
    sopClasses: {
      ...(abstractSyntax !== sopClass && { Named: { uid: sopClass, operations: [] } }),
      Carrier: { uid: abstractSyntax, operations: ['eventReport'], includes: [sopClass] },
    },
  });
}

const DELIVERY_OPTIONS: OptionTable<EventDeliveryOptions> = {
  of: 'EventDelivery',
  rules: {
    resolvePeer: aValueOf('function'),
    queue: aValueOf('object'),
    firstDelay: aNumber,
    longestDelay: aNumber,
    maximumAttempts: aNumber,
    maximumPeers: aNumber,
    onFailure: aValueOf('function'),
    clock: aValueOf('object'),
  },
  required: ['resolvePeer'],
};
