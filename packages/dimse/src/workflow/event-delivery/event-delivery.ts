// Delivery of event reports: on an existing association, on a new one, or later (PS3.4 §J.3.3, PS3.7 §10.1.1).

import { aNumber, aValueOf, checkOptions, isPlainObject, type OptionTable, wrongReturn } from '@x/pdu/internal';
import { DEFAULT_TRANSFER_SYNTAXES } from '../../data-set/dataset.ts';
import { nEventReport } from '../../message/operations.ts';
import { crypto } from '../../node-modules.ts';
import { type OpenSessionOptions, openSession } from '../../session/scu.ts';
import { defineServiceClass, type ServiceSession } from '../../session/service-class.ts';
import type { DeliveryClaim } from '../delivery/delivery-claims.ts';
import { DeliveryLoop } from '../delivery/delivery-loop.ts';
import { type DeliveryClock, RETRY_RULES, type RetryOptions } from '../delivery/retry-options.ts';
import { type OnFailure, reportFailure } from '../provider.ts';
import {
  createEventQueue,
  type EventClaim,
  type EventQueue,
  type EventReport,
  type QueuedEvent,
} from './event-queue.ts';

/** How to request an association with a peer: the options of `openSession`, without services and contexts. */
export type PeerAddress = OpenSessionOptions extends infer O
  ? O extends unknown
    ? Omit<O, 'services' | 'serves' | 'contexts' | 'signal'>
    : never
  : never;

/** Options of an `EventDelivery`. */
export interface EventDeliveryOptions extends RetryOptions {
  /** Gives the address of an AE title; undefined if it is not known (yet). The attempt has failed then. */
  readonly resolvePeer: (aeTitle: string) => PeerAddress | undefined | Promise<PeerAddress | undefined>;
  /** Keeps events until they are delivered. Default: a queue in memory, which is lost with the process. */
  readonly queue?: EventQueue;
  /** Number of attempts before an event is given up. Default 100, which takes about 15 hours. */
  readonly maximumAttempts?: number;
  /** Number of peers that receive events at the same time; each receives one event at a time. Default 8. */
  readonly maximumPeers?: number;
  /** Called after each attempt that failed. */
  readonly onFailure?: OnFailure<DeliveryFailure>;
}

/** An attempt to deliver an event report that failed. */
export interface DeliveryFailure {
  /** Why the attempt failed. */
  readonly error: unknown;
  /** The report that was not delivered. */
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
  readonly #clock: Pick<DeliveryClock, 'now'>;
  /** By the ids of the events. */
  readonly #sessions = new Map<string, ServiceSession>();
  /** By peer. */
  readonly #claims = new Map<string, EventClaim>();
  readonly #loop: DeliveryLoop<QueuedEvent>;
  readonly #unwatch: (() => void) | undefined;

  constructor(options: EventDeliveryOptions) {
    const { maximumPeers, firstDelay, longestDelay, clock } = checkOptions(DELIVERY_OPTIONS, options);
    this.#options = options;
    this.#clock = clock ?? Date;
    const queue = options.queue ?? createEventQueue();
    this.#queue = queue;
    this.#loop = new DeliveryLoop<QueuedEvent>({
      ...(maximumPeers !== undefined && { maximumDestinations: maximumPeers }),
      ...(firstDelay !== undefined && { firstDelay }),
      ...(longestDelay !== undefined && { longestDelay }),
      ...(clock && { clock }),
      next: (exceptPeers) => this.#next(exceptPeers),
      destinationOf: ({ report }) => report.peer,
      remove: (id) => queue.remove(id),
      postpone: (event) => this.#postpone(event),
      ...(queue.claim && { claims: { of: (peer) => this.#claimOf(peer), wake: async () => {} } }),
      attempt: (event, signal) => this.#attempt(event, signal),
    });
    this.#unwatch = queue.watch?.(() => this.#loop.look());
    // A durable queue may hold events from before a restart.
    this.#loop.look();
  }

  /**
   * Accepts an event: settles when the queue has it, and delivers it in the background. `session` is a session with the peer,
   * which is used if its association still exists. Give an `id` if the same event may be handed over twice: it then replaces
   * a waiting event of that id. `put` adds the event to the queue, if something else is to be stored at the same time.
   * @throws the error of the queue; Error if the delivery is closed.
   */
  async deliver(
    report: EventReport,
    session?: ServiceSession,
    id: string = crypto().randomUUID(),
    put: EventQueue['put'] = (event, isNear) => this.#queue.put(event, isNear),
  ): Promise<void> {
    if (this.#loop.signal.aborted) throw new Error('the event delivery is closed');
    if (session) this.#remember(id, session);
    try {
      const event = { id, report, attempts: 0, notBefore: this.#clock.now() };
      await put(event, session?.association.state === 'Sta6');
    } catch (error) {
      this.#sessions.delete(id);
      throw error;
    }
    this.#loop.look();
  }

  /** Ends the current attempts. Events that are not delivered yet stay in the queue. */
  async close(): Promise<void> {
    this.#unwatch?.();
    await this.#loop.close(new Error('the event delivery is closed'));
    this.#sessions.clear();
    // Those whose attempts have not begun.
    for (const claim of this.#claims.values()) await claim.end().catch(() => {});
    this.#claims.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Other processes may deliver the events, so that their sessions are not used. */
  #remember(id: string, session: ServiceSession): void {
    const [first] = this.#sessions.keys();
    if (first !== undefined && this.#sessions.size >= MOST_SESSIONS) this.#sessions.delete(first);
    this.#sessions.set(id, session);
  }

  async #next(exceptPeers: ReadonlySet<string>): Promise<QueuedEvent | undefined> {
    if (!this.#queue.claim) return this.#queue.next(exceptPeers);
    const claim = await this.#queue.claim(exceptPeers);
    if (!claim) return undefined;
    this.#claims.set(claim.event.report.peer, claim);
    // By the clock of the queue, its time has come.
    return { ...claim.event, notBefore: 0 };
  }

  async #postpone(event: QueuedEvent): Promise<void> {
    const claim = this.#claims.get(event.report.peer);
    if (claim) await claim.postpone(event.attempts, Math.max(0, event.notBefore - this.#clock.now()));
    else await this.#queue.put(event);
  }

  /** Peers do not rest: each event has its own time. */
  #claimOf(peer: string): DeliveryClaim | undefined {
    const claim = this.#claims.get(peer);
    if (!claim) return undefined;
    const release = () => {
      this.#claims.delete(peer);
      return claim.end();
    };
    return { failures: 0, signal: claim.signal, release };
  }

  async #attempt(event: QueuedEvent, signal: AbortSignal): Promise<void> {
    const { id, report } = event;
    try {
      if (!(await this.#deliverOnSession(id, report, signal))) await this.#deliverOnNewAssociation(report, signal);
    } catch (error) {
      if (signal.aborted) return;
      const isGivenUp = event.attempts + 1 >= (this.#options.maximumAttempts ?? MAXIMUM_ATTEMPTS);
      reportFailure(this.#options.onFailure, { error, report, isGivenUp });
      await this.#loop.failed(event, isGivenUp);
      return;
    }
    await this.#loop.delivered(event);
  }

  /** Whether the event was delivered on an existing association. */
  async #deliverOnSession(id: string, report: EventReport, signal: AbortSignal): Promise<boolean> {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    if (session?.association.state !== 'Sta6') return false;
    try {
      await this.#send(session, report, signal);
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      return false;
    }
  }

  async #deliverOnNewAssociation(report: EventReport, signal: AbortSignal): Promise<void> {
    const peer = await this.#options.resolvePeer(report.peer);
    if (!peer) throw new Error(`no address is known for ${report.peer}`);
    if (!isPlainObject(peer)) throw wrongReturn('resolvePeer', peer, '{ host, port } or undefined');
    // PS3.7 Annex D.3.3.4: the requestor of this association is the SCP.
    const roles = { scu: false, scp: true };
    const contexts = [
      {
        abstractSyntax: report.abstractSyntax ?? report.sopClass,
        transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES,
        roles,
      },
    ];
    const session = await openSession({
      ...peer,
      services: [],
      contexts,
      signal,
    } as OpenSessionOptions);
    try {
      await this.#send(session, report, signal);
    } catch (error) {
      session.abort();
      throw error;
    }
    await session[Symbol.asyncDispose]();
  }

  async #send(session: ServiceSession, report: EventReport, signal: AbortSignal): Promise<void> {
    const { peer: _, abstractSyntax: __, ...request } = report;
    await session.use(eventReporting(report)).eventReport(request, { signal });
  }
}

const MAXIMUM_ATTEMPTS = 100;

/** The most sessions that are remembered for events that wait. */
const MOST_SESSIONS = 10_000;

/** N-EVENT-REPORT of the report's SOP class, on contexts of its abstract syntax only. */
function eventReporting({ sopClass, abstractSyntax = sopClass }: EventReport) {
  return defineServiceClass({
    name: 'event reporting',
    operations: { eventReport: nEventReport },
    sopClasses: {
      ...(abstractSyntax !== sopClass && {
        Named: { uid: sopClass, operations: [] },
      }),
      Carrier: {
        uid: abstractSyntax,
        operations: ['eventReport'],
        includes: [sopClass],
      },
    },
  });
}

const DELIVERY_OPTIONS: OptionTable<EventDeliveryOptions> = {
  of: 'EventDelivery',
  rules: {
    ...RETRY_RULES,
    resolvePeer: aValueOf('function'),
    queue: aValueOf('object'),
    maximumAttempts: aNumber,
    maximumPeers: aNumber,
    onFailure: aValueOf('function'),
  },
  required: ['resolvePeer'],
};
