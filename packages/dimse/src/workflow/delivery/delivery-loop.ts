// The loop that delivers what waits in a queue: event reports, instances to forward, and whatever an application queues.

import { onAbort } from '@x/net/internal';
import { aNumber, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { nextTurn } from '../../turns.ts';
import type { DeliveryClaim, DeliveryClaims } from './delivery-claims.ts';
import {
  type DeliveryClock,
  FIRST_DELAY,
  LONGEST_DELAY,
  RETRY_RULES,
  type RetryOptions,
  SYSTEM_CLOCK,
} from './retry-options.ts';

/** An entry of a queue. */
export interface QueuedEntry {
  /** Unique in the queue. */
  readonly id: string;
  /** Number of attempts that have failed. */
  readonly attempts: number;
  /** Time of the clock, in milliseconds, before which no attempt is made. */
  readonly notBefore: number;
}

/** Options of a `DeliveryLoop`: the queue, and the way its entries are delivered. */
export interface DeliveryLoopOptions<Entry extends QueuedEntry> extends RetryOptions {
  /** Number of destinations that are attempted at the same time. Default 8. */
  readonly maximumDestinations?: number;
  /** The entry with the earliest `notBefore`, apart from those for these destinations. */
  readonly next: (exceptDestinations: ReadonlySet<string>) => Promise<Entry | undefined>;
  /** The claims that `next` makes, if several processes share the queue. It is then looked at every 5 s at least. */
  readonly claims?: DeliveryClaims | undefined;
  /** The destination of an entry. Each destination is attempted by one call at a time. */
  readonly destinationOf: (entry: Entry) => string;
  /** Removes an entry. */
  readonly remove: (id: string) => Promise<void>;
  /** Stores the number of attempts and the time of the next one of an entry that was not delivered. */
  readonly postpone: (entry: Entry) => Promise<void>;
  /**
   * Delivers an entry, and may deliver more of its destination. It tells the loop how each ended: by `delivered`, `failed` or
   * `rest`. If it does none of these, the entry is attempted again at once.
   */
  readonly attempt: (entry: Entry, signal: AbortSignal) => Promise<void>;
}

/**
 * Takes entries of a queue in the order of their times, and attempts several destinations at the same time. An entry stays in
 * the queue until it is delivered, so that a durable queue loses nothing with the process.
 */
export class DeliveryLoop<Entry extends QueuedEntry> implements AsyncDisposable {
  readonly #work: DeliveryLoopOptions<Entry>;
  readonly #limits: Required<Omit<RetryOptions, 'clock'>> & { readonly maximumDestinations: number };
  readonly #clock: DeliveryClock;
  readonly #busy = new Map<string, Promise<void>>();
  /** Destinations that are not attempted before a time of the clock. */
  readonly #resting = new Map<string, number>();
  /** Failures of each destination since its last success. */
  readonly #failures = new Map<string, number>();
  readonly #closing = new AbortController();
  #cancelWake: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;

  constructor(options: DeliveryLoopOptions<Entry>) {
    const {
      firstDelay = FIRST_DELAY,
      longestDelay = LONGEST_DELAY,
      maximumDestinations = 8,
      clock = SYSTEM_CLOCK,
    } = checkOptions<DeliveryLoopOptions<Entry>>(LOOP_OPTIONS, options);
    this.#work = options;
    this.#limits = { firstDelay, longestDelay, maximumDestinations };
    this.#clock = clock;
  }

  /** Aborted when the loop is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** The time before which a destination is not attempted, if it rests. */
  restsUntil(destination: string): number | undefined {
    const until = this.#resting.get(destination);
    return until !== undefined && until > this.#clock.now() ? until : undefined;
  }

  /** Looks at the queue: to be called when entries were added or changed. */
  look(): void {
    if (this.#closing.signal.aborted) return;
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = this.#start()
      .catch((error) => {
        // The queue failed; it may work later.
        this.#wakeIn(this.#limits.firstDelay);
        return error;
      })
      .then(() => {
        this.#looking = undefined;
        if (!this.#lookAgain) return;
        this.#lookAgain = false;
        this.look();
      });
  }

  /** Attempts destinations that rest again at once, all or one: their addresses may have changed. */
  wake(destination?: string): void {
    if (destination === undefined) this.#resting.clear();
    else this.#resting.delete(destination);
    const { claims } = this.#work;
    if (!claims) this.look();
    else
      void claims
        .wake(destination)
        .catch(() => {})
        .then(() => this.look());
  }

  /** An entry was delivered. It must not be delivered again because the queue failed to remove it. */
  async delivered(entry: Entry): Promise<void> {
    this.#failures.delete(this.#work.destinationOf(entry));
    for (;;) {
      try {
        return await this.#work.remove(entry.id);
      } catch (error) {
        if (this.#closing.signal.aborted) throw error;
        await this.#pause(this.#limits.firstDelay);
      }
    }
  }

  /** An entry was not delivered: it is attempted again later, or with `isGivenUp` removed from the queue. */
  async failed(entry: Entry, isGivenUp = false): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const attempts = entry.attempts + 1;
    const delay = this.#delay(entry.attempts);
    try {
      if (isGivenUp) await this.#work.remove(entry.id);
      else await this.#work.postpone({ ...entry, attempts, notBefore: this.#clock.now() + delay });
    } catch {
      // The queue could not store the new time, so that it would give the event again at once.
      await this.#pause(delay);
    }
  }

  /**
   * A destination is not attempted until this time, but at most for the longest delay. By default it has failed as a whole: it
   * rests the longer the more often it has failed since its last success.
   */
  rest(destination: string, until?: number): void {
    const now = this.#clock.now();
    if (until !== undefined) {
      this.#resting.set(destination, Math.min(until, now + this.#limits.longestDelay));
      return;
    }
    const failures = this.#failures.get(destination) ?? 0;
    this.#failures.set(destination, failures + 1);
    this.#resting.set(destination, now + this.#delay(failures));
  }

  /** Ends the current attempts. Entries that are not delivered yet stay in the queue. */
  async close(reason: Error): Promise<void> {
    this.#closing.abort(reason);
    this.#cancelWake?.();
    await this.#looking;
    await Promise.all(this.#busy.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(new Error('the delivery is closed'));
  }

  async #start(): Promise<void> {
    const { maximumDestinations } = this.#limits;
    this.#cancelWake?.();
    while (this.#busy.size < maximumDestinations && !this.#closing.signal.aborted) {
      const now = this.#clock.now();
      const earliest = this.#endRests(now);
      const entry = await this.#work.next(new Set([...this.#busy.keys(), ...this.#resting.keys()]));
      if (this.#closing.signal.aborted) return;
      const wait = entry ? this.#waitFor(entry.notBefore) : undefined;
      if (!entry || wait !== undefined || !this.#isMine(entry)) {
        const sooner = Math.min(wait ?? Number.POSITIVE_INFINITY, earliest - now, this.#interval);
        if (Number.isFinite(sooner)) this.#wakeIn(sooner);
        return;
      }
      this.#begin(entry);
    }
  }

  #isMine(entry: Entry): boolean {
    const { claims, destinationOf } = this.#work;
    return !claims || claims.of(destinationOf(entry)) !== undefined;
  }

  #begin(entry: Entry): void {
    const destination = this.#work.destinationOf(entry);
    const claim = this.#work.claims?.of(destination);
    if (claim) this.#failures.set(destination, claim.failures);
    this.#busy.set(
      destination,
      this.#attempt(entry, claim)
        .catch(() => {})
        .then(() => claim && this.#release(destination, claim))
        .then(() => {
          this.#busy.delete(destination);
          this.look();
        }),
    );
  }

  async #attempt(entry: Entry, claim: DeliveryClaim | undefined): Promise<void> {
    // A queue that answers at once and a peer without an address must not keep everything else from its turn.
    await nextTurn();
    const { signal } = this.#closing;
    await this.#work.attempt(entry, claim ? AbortSignal.any([signal, claim.signal]) : signal);
  }

  /** Leaves the state of a destination to all processes. If that fails, this one keeps to it. */
  async #release(destination: string, claim: DeliveryClaim): Promise<void> {
    const [failures = 0, restsUntil] = [this.#failures.get(destination), this.#resting.get(destination)];
    try {
      await claim.release({ failures, ...(restsUntil !== undefined && { restsUntil }) });
      this.#failures.delete(destination);
      this.#resting.delete(destination);
    } catch {
      // The claim ends by itself.
    }
  }

  /** Milliseconds after which the queue is looked at again, because other processes change it. */
  get #interval(): number {
    return this.#work.claims ? Math.min(SHARED_INTERVAL, this.#limits.longestDelay) : Number.POSITIVE_INFINITY;
  }

  /** Milliseconds until a time; undefined if it has come. */
  #waitFor(time: number): number | undefined {
    const wait = time - this.#clock.now();
    // Nothing waits for longer than the longest delay, unless the clock was set back since: then its time has come.
    return wait > 0 && wait <= this.#limits.longestDelay ? wait : undefined;
  }

  /** Ends the rests whose time has come; returns the time at which the next one ends. */
  #endRests(now: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const [destination, until] of this.#resting)
      if (this.#waitFor(until) === undefined) this.#resting.delete(destination);
      else if (until > now) earliest = Math.min(earliest, until);
    return earliest;
  }

  #wakeIn(milliseconds: number): void {
    if (this.#closing.signal.aborted) return;
    this.#cancelWake?.();
    // The delay of a timer is limited to 31 bits.
    this.#cancelWake = this.#clock.wake(Math.min(milliseconds, 2 ** 31 - 1), () => this.look());
  }

  #delay(attempts: number): number {
    const { firstDelay, longestDelay } = this.#limits;
    const longest = Math.min(longestDelay, firstDelay * 2 ** Math.min(attempts, 30));
    return longest * (1 - Math.random() / 4);
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
}

const SHARED_INTERVAL = 5000;

const LOOP_OPTIONS: OptionTable<DeliveryLoopOptions<never>> = {
  of: 'DeliveryLoop',
  rules: {
    ...RETRY_RULES,
    maximumDestinations: aNumber,
    next: aValueOf('function'),
    claims: aValueOf('object'),
    destinationOf: aValueOf('function'),
    remove: aValueOf('function'),
    postpone: aValueOf('function'),
    attempt: aValueOf('function'),
  },
  required: ['next', 'destinationOf', 'remove', 'postpone', 'attempt'],
};
