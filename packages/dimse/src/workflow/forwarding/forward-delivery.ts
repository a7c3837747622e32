// Forwarding: instances of an archive are sent to other peers, now or later (PS3.4 Annex B).

import { aNumber, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { DimseError, NoContextError, NotSentError, RequestError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';
import type { InstanceSource } from '../../store/instance-source.ts';
import { type StoreInstancesOptions, storeInstances } from '../../store/store-instances.ts';
import type { StoreOutcome } from '../../store/store-outcome.ts';
import { DeliveryLoop } from '../delivery/delivery-loop.ts';
import { type DeliveryClock, RETRY_RULES, type RetryOptions } from '../delivery/retry-options.ts';
import { type OnFailure, reportFailure } from '../provider.ts';
import { createForwardQueue, type ForwardQueue, forwardId, type QueuedInstance } from './forward-queue.ts';

/** A destination of instances. */
export interface ForwardDestination {
  /** The peer, and how instances are sent to it. */
  readonly peer: Omit<StoreInstancesOptions, 'skipped' | 'signal'>;
  /**
   * The number of attempts after which an instance that the peer refuses for good is kept as failed. Attempts at a peer that
   * cannot be reached or has no resources left do not end. Default 5.
   */
  readonly maximumAttempts?: number;
  /**
   * The time from which instances may be sent, in milliseconds of the clock: `now` or an earlier time if they may be sent
   * now. Default: always.
   */
  readonly opens?: (now: number) => number;
}

/** Options of a `ForwardDelivery`. */
export interface ForwardDeliveryOptions extends RetryOptions {
  /** The destination of a name; undefined if it is not known (now): its instances wait until `wake` is called. */
  readonly destination: (name: string) => ForwardDestination | undefined;
  /** The instance to send, which is opened when its turn comes; undefined if it does not exist any more. */
  readonly source: (instance: QueuedInstance) => InstanceSource | undefined | Promise<InstanceSource | undefined>;
  /** Keeps instances until they are forwarded. Default: a queue in memory, which is lost with the process. */
  readonly queue?: ForwardQueue;
  /** Number of destinations that instances are sent to at the same time. Default 8. */
  readonly maximumDestinations?: number;
  /** Called after each attempt, with its outcome. Anything it throws is ignored. */
  readonly onOutcome?: OnFailure<ForwardOutcome>;
}

/** The result of an attempt to forward an instance, or to reach a destination. */
export interface ForwardOutcome {
  /** Name of the destination. */
  readonly destination: string;
  /** The instance; undefined if the destination could not be reached, so that the attempt of none counts. */
  readonly instance?: QueuedInstance;
  /**
   * `sent`, also with a warning; `retried` later; `failed` for good, so that it stays in the queue until somebody decides; or
   * `missing`, because it does not exist any more.
   */
  readonly result: 'sent' | 'retried' | 'failed' | 'missing';
  /** The reason of a warning or failure. */
  readonly reason?: string;
  /** The error of a failure, if there is one. */
  readonly error?: unknown;
}

/** The instances that are sent on one association. */
const BATCH = 200;

/**
 * Forwards instances. The queue keeps each instance until the peer has answered with success or a warning. If an association
 * ends between a request and its response, the instance is sent again, and the peer keeps it once. A destination that cannot be
 * reached is tried again with growing delays and does not hold up others.
 */
export class ForwardDelivery implements AsyncDisposable {
  readonly #options: ForwardDeliveryOptions;
  readonly #queue: ForwardQueue;
  readonly #clock: Pick<DeliveryClock, 'now'>;
  readonly #loop: DeliveryLoop<QueuedInstance>;

  constructor(options: ForwardDeliveryOptions) {
    const {
      queue = createForwardQueue(),
      firstDelay,
      longestDelay,
      clock,
      maximumDestinations,
    } = checkOptions<ForwardDeliveryOptions>(FORWARD_OPTIONS, options);
    this.#options = options;
    this.#queue = queue;
    this.#clock = clock ?? Date;
    this.#loop = new DeliveryLoop<QueuedInstance>({
      ...(maximumDestinations !== undefined && { maximumDestinations }),
      ...(firstDelay !== undefined && { firstDelay }),
      ...(longestDelay !== undefined && { longestDelay }),
      ...(clock && { clock }),
      claims: queue.claims,
      next: (exceptDestinations) => queue.next(exceptDestinations),
      destinationOf: ({ destination }) => destination,
      remove: (id) => queue.remove(id),
      postpone: (instance) => queue.change(instance),
      attempt: (instance, signal) => this.#attempt(instance, signal),
    });
    // A durable queue may hold instances from before a restart.
    this.#loop.look();
  }

  /**
   * Accepts an instance: settles when the queue has it, and sends it in the background. An instance that already waits for
   * the destination is not added again.
   * @throws the error of the queue; Error if the delivery is closed
   */
  async forward(
    instance: Pick<QueuedInstance, 'destination' | 'study' | 'series' | 'sopInstance'>,
    priority = 0,
  ): Promise<void> {
    if (this.#loop.signal.aborted) throw new Error('the forwarding is closed');
    const { destination, study, series, sopInstance } = instance;
    const key = { destination, study, series, sopInstance };
    await this.#queue.put({ id: forwardId(key), ...key, priority, attempts: 0, notBefore: this.#clock.now() });
    this.#loop.look();
  }

  /** Looks at the queue: to be called when somebody else has added or changed entries. */
  look(): void {
    this.#loop.look();
  }

  /** Tries destinations that wait for their next attempt at once, all or one: their addresses may have changed. */
  wake(destination?: string): void {
    this.#loop.wake(destination);
  }

  /** The time before which a destination is not attempted, because it failed or is closed; otherwise undefined. */
  restsUntil(destination: string): number | undefined {
    return this.#loop.restsUntil(destination);
  }

  /** Aborts the associations. Instances without a response stay in the queue. */
  async close(): Promise<void> {
    await this.#loop.close(new Error('the forwarding is closed'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Sends the instances for a destination that are due. */
  async #attempt(first: QueuedInstance, signal: AbortSignal): Promise<void> {
    const { destination: name } = first;
    const destination = this.#options.destination(name);
    const now = this.#clock.now();
    const opens = destination ? (destination.opens?.(now) ?? now) : Number.POSITIVE_INFINITY;
    if (!destination || opens > now) {
      this.#loop.rest(name, opens);
      return;
    }
    const due = await this.#queue.due(name, now, BATCH);
    // If the clock was set back, the first one is not due by its time.
    const batch = due.some(({ id }) => id === first.id) ? due : [first, ...due];
    const run = new Run(destination, batch);
    const sources = this.#sources(run, signal);
    for await (const outcome of storeInstances(sources, { ...destination.peer, signal } as StoreInstancesOptions)) {
      const instance = run.take(outcome);
      if (!instance) run.strays.push(outcome);
      else if (outcome.result === 'failed') run.failures.push([instance, outcome]);
      else {
        run.hasSucceeded = true;
        await this.#loop.delivered(instance);
        this.#tell({ destination: name, instance, result: 'sent', ...reasonOf(outcome) });
      }
    }
    // An instance whose sending was ended has not failed.
    if (signal.aborted) return;
    run.failOthers();
    await this.#settle(run, name);
  }

  /** The instances of a batch, until the destination closes. */
  async *#sources(run: Run, signal: AbortSignal): AsyncGenerator<InstanceSource> {
    for (const instance of run.batch) {
      const now = this.#clock.now();
      if (signal.aborted || (run.destination.opens?.(now) ?? now) > now) return;
      let source: InstanceSource | undefined;
      try {
        source = await this.#options.source(instance);
      } catch (error) {
        run.failures.push([instance, { result: 'failed', error: error as Error, reason: (error as Error).message }]);
        continue;
      }
      if (source) {
        run.begin(instance);
        yield source;
        continue;
      }
      await this.#loop.delivered(instance);
      this.#tell({ destination: instance.destination, instance, result: 'missing' });
    }
  }

  async #settle(run: Run, destination: string): Promise<void> {
    const { maximumAttempts = MAXIMUM_ATTEMPTS } = run.destination;
    let unreachable: StoreOutcome | undefined;
    let isRefusing = !run.hasSucceeded;
    for (const [instance, outcome] of run.failures) {
      const { error } = outcome;
      if (error instanceof NotSentError) {
        unreachable ??= outcome;
        continue;
      }
      // A lost association is the fault of an instance only if the peer takes others.
      const isTransient = hasNoRoom(error) || (error instanceof RequestError && !run.hasSucceeded);
      if (!isTransient) isRefusing = false;
      const isFailed = !isTransient && instance.attempts + 1 >= maximumAttempts;
      const { reason = 'failed' } = outcome;
      await this.#loop.failed({ ...instance, failure: reason, ...(isFailed && { isFailed }) });
      const result = isFailed ? 'failed' : 'retried';
      this.#tell({ destination, instance, result, reason, error });
    }
    if (unreachable || (isRefusing && run.failures.length > 0)) this.#loop.rest(destination);
    if (unreachable) {
      const { error, reason = '' } = unreachable;
      this.#tell({ destination, result: 'retried', reason, error: error?.cause ?? error });
    }
  }

  #tell(outcome: ForwardOutcome): void {
    reportFailure(this.#options.onOutcome, outcome);
  }
}

/** One association's worth of instances. */
class Run {
  readonly destination: ForwardDestination;
  readonly batch: readonly QueuedInstance[];
  readonly failures: [QueuedInstance, StoreOutcome][] = [];
  /** Outcomes of none of these instances: their files cannot be read, or are other instances. */
  readonly strays: StoreOutcome[] = [];
  hasSucceeded = false;
  /** Those that are being sent, by SOP Instance UID: it may be that of several instances. */
  readonly #begun = new Map<string, QueuedInstance[]>();

  constructor(destination: ForwardDestination, batch: readonly QueuedInstance[]) {
    this.destination = destination;
    this.batch = batch;
  }

  begin(instance: QueuedInstance): void {
    const same = this.#begun.get(instance.sopInstance);
    if (same) same.push(instance);
    else this.#begun.set(instance.sopInstance, [instance]);
  }

  take({ sopInstance = '' }: StoreOutcome): QueuedInstance | undefined {
    return this.#begun.get(sopInstance)?.shift();
  }

  /** Notes as failed, with the outcomes left over, those that were begun and have no outcome: they would be tried for ever. */
  failOthers(): void {
    for (const instance of [...this.#begun.values()].flat()) {
      const stray = this.strays.shift();
      const reason = stray?.reason ?? `its source gave another instance: ${stray?.sopInstance ?? 'none'}`;
      const error = stray?.error ?? new Error(reason);
      this.failures.push([instance, { result: 'failed', reason, error }]);
    }
  }
}

function reasonOf({ reason }: StoreOutcome): Pick<ForwardOutcome, 'reason'> {
  return reason === undefined ? {} : { reason };
}

/** Whether the peer refused an instance because it has no resources now (PS3.4 Table B.2-1, PS3.7 §C.5.15). */
function hasNoRoom(error: unknown): boolean {
  if (error instanceof NoContextError || !(error instanceof DimseError)) return false;
  return (error.status & 0xff00) === Status.OutOfResources || error.status === Status.ResourceLimitation;
}

const MAXIMUM_ATTEMPTS = 5;

const FORWARD_OPTIONS: OptionTable<ForwardDeliveryOptions> = {
  of: 'ForwardDelivery',
  rules: {
    ...RETRY_RULES,
    destination: aValueOf('function'),
    source: aValueOf('function'),
    queue: aValueOf('object'),
    maximumDestinations: aNumber,
    onOutcome: aValueOf('function'),
  },
  required: ['destination', 'source'],
};
