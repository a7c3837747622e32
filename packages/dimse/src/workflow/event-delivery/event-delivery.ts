// Delivery of event reports: on the association that is there, else on a new one, else later (PS3.4 §J.3.3, PS3.7 §10.1.1).

import { randomUUID } from 'node:crypto';
import { DEFAULT_TRANSFER_SYNTAXES } from '../../data-set/dataset.ts';
import { nEventReport } from '../../message/operations.ts';
import { type OpenSessionOptions, openSession } from '../../session/scu.ts';
import { defineServiceClass, type ServiceSession } from '../../session/service-class.ts';
import { type OnFailure, reportFailure } from '../provider.ts';
import { createEventQueue, type EventQueue, type EventReport, type QueuedEvent } from './event-queue.ts';

/** How a peer is reached, for associations of our own. */
export type PeerAddress = OpenSessionOptions extends infer O
  ? O extends unknown
    ? Omit<O, 'services' | 'serves' | 'contexts' | 'signal'>
    : never
  : never;

/** Time, for tests to replace. */
export interface DeliveryClock {
  /** Milliseconds; a durable queue needs them to be those of the wall clock. */
  now(): number;
  /** Calls back after milliseconds, unless the function it returns is called before. */
  wake(milliseconds: number, callback: () => void): () => void;
}

export interface EventDeliveryOptions {
  /** How the AE of this title is reached; undefined if that is not known (yet): then it is tried later. */
  readonly resolvePeer: (aeTitle: string) => PeerAddress | undefined | Promise<PeerAddress | undefined>;
  /** Where events wait. Default: in memory, lost with the process. */
  readonly queue?: EventQueue;
  /**
   * Milliseconds before the second attempt; they double with each further one. Up to a quarter less, at random, so that what
   * failed together is not tried together. Default 5 s.
   */
  readonly firstDelay?: number;
  /** Longest delay in milliseconds. Default 10 min. */
  readonly longestDelay?: number;
  /** Attempts before an event is given up. Default 100, which takes about 15 hours. */
  readonly maximumAttempts?: number;
  /** Peers that are told at once; each is told one event at a time. Default 8. */
  readonly maximumPeers?: number;
  /** Called after each attempt that failed. */
  readonly onFailure?: OnFailure<DeliveryFailure>;
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
 * Delivers event reports. Each is kept until the peer has answered it with success or a warning, and is never sent again
 * after that. Where an association ends between a report and its answer nobody knows whether the peer has seen it: it is
 * told again. Events for one peer are not kept in order where one of them has to be tried again.
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
    this.#options = options;
    this.#queue = options.queue ?? createEventQueue();
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    // What a durable queue has kept from before.
    this.#look();
  }

  /**
   * Settles when the event is kept; it is delivered in the background. `session` is one with the peer: it is used while
   * its association lives. `id` is for events that might be handed over twice: one that waits is replaced by its like.
   * @throws what the queue throws, and Error when the delivery is closed.
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

  /** Ends the attempts that are being made; what is not delivered stays in the queue. */
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
        // The queue is out of order: it may be better later.
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
    const { maximumPeers = 8 } = this.#options;
    this.#cancelWake?.();
    while (this.#busy.size < maximumPeers && !this.#closing.signal.aborted) {
      const event = await this.#queue.next(new Set(this.#busy.keys()));
      if (!event || this.#closing.signal.aborted) return;
      const wait = event.notBefore - this.#clock.now();
      if (wait > 0) return this.#wakeIn(wait);
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
    // A timer takes no more than 31 bits.
    this.#cancelWake = this.#clock.wake(Math.min(milliseconds, 2 ** 31 - 1), () => this.#look());
  }

  async #attempt(event: QueuedEvent): Promise<void> {
    const { id, report } = event;
    try {
      if (!(await this.#tellHere(id, report))) await this.#tellAnew(report);
    } catch (error) {
      await this.#postpone(event, error);
      return;
    }
    await this.#removeDelivered(id);
  }

  // An event that was answered must not be told again because the queue could not forget it at once.
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
    const { signal } = this.#closing;
    await new Promise<void>((settle) => {
      const ended = () => {
        cancel();
        settle();
      };
      const cancel = this.#clock.wake(milliseconds, () => {
        signal.removeEventListener('abort', ended);
        settle();
      });
      signal.addEventListener('abort', ended, { once: true });
    });
  }

  /** Whether the event was delivered on an association that is there. */
  async #tellHere(id: string, report: EventReport): Promise<boolean> {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    if (session?.association.state !== 'Sta6') return false;
    try {
      await this.#tell(session, report);
      return true;
    } catch (error) {
      if (this.#closing.signal.aborted) throw error;
      return false;
    }
  }

  async #tellAnew(report: EventReport): Promise<void> {
    const { signal } = this.#closing;
    const peer = await this.#options.resolvePeer(report.peer);
    if (!peer) throw new Error(`it is not known how to reach ${report.peer}`);
    // PS3.7 Annex D.3.3.4: we are the provider, though it is we who ask for the association.
    const roles = { scu: false, scp: true };
    const contexts = [
      { abstractSyntax: report.abstractSyntax ?? report.sopClass, transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES, roles },
    ];
    const session = await openSession({ ...peer, services: [], contexts, signal } as OpenSessionOptions);
    try {
      await this.#tell(session, report);
    } catch (error) {
      session.abort();
      throw error;
    }
    await session[Symbol.asyncDispose]();
  }

  async #tell(session: ServiceSession, report: EventReport): Promise<void> {
    const { peer: _, abstractSyntax: __, ...request } = report;
    await session.use(eventReporting(report)).eventReport(request, { signal: this.#closing.signal });
  }

  async #postpone(event: QueuedEvent, error: unknown): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { firstDelay = DEFAULT_FIRST_DELAY, longestDelay = 600_000, maximumAttempts = 100 } = this.#options;
    const attempts = event.attempts + 1;
    const isGivenUp = attempts >= maximumAttempts;
    const longest = Math.min(longestDelay, firstDelay * 2 ** Math.min(event.attempts, 30));
    const delay = longest * (1 - Math.random() / 4);
    reportFailure(this.#options.onFailure, { error, report: event.report, isGivenUp });
    try {
      if (isGivenUp) await this.#queue.remove(event.id);
      else await this.#queue.put({ ...event, attempts, notBefore: this.#clock.now() + delay });
    } catch {
      // What the queue cannot note, it would give again at once.
      await this.#pause(delay);
    }
  }
}

const DEFAULT_FIRST_DELAY = 5000;

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
