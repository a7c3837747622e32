// Performs C-GET and C-MOVE: sends instances in sub-operations and reports their counts (PS3.4 §C.4.2 and §C.4.3).

import type { Address, LocalOptions } from '@x/net';
import { Condition, onAbort } from '@x/net/internal';
import {
  aNumber,
  anObjectOf,
  aValueOf,
  checkOptions,
  isPlainObject,
  type OptionTable,
  wrongReturn,
} from '@x/pdu/internal';
import { DimseError, PeerLostError, RequestError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import type { DataSetTranscoder } from '../pixel-data/decompressor.ts';
import { QueryRetrieveStatus } from '../services/query-retrieve-model.ts';
import type { OpenSessionOptions } from '../session/scu.ts';
import type { HandlerContext } from '../session/service-class.ts';
import { InstanceSending } from '../store/instance-sending.ts';
import type { InstanceSource } from '../store/instance-source.ts';
import {
  BorrowedAssociation,
  RECOVERY_RULES,
  type RecoveryLimits,
  StoreAssociations,
  type StoreTarget,
} from '../store/store-associations.ts';
import type { StoreOutcome } from '../store/store-outcome.ts';
import { type RetrieveAnswer, type SubOperationCounts, SubOperations } from './sub-operations.ts';

/** Options of `performGet` and `performMove`. */
export interface RetrieveOptions {
  /** Milliseconds between pending responses; 0 sends one after each sub-operation. Default: 1 s. */
  readonly interval?: number;
  /** Gives instances for which no context was accepted in other transfer syntaxes: see `storeInstances`. Default: none. */
  readonly transcoder?: DataSetTranscoder;
  /** The number of instances. If it is not given, all of them are taken from the source before the first is sent. */
  readonly total?: number;
  /** Called with the outcome of each instance. Errors that it throws are ignored. */
  readonly onSubOperation?: (outcome: StoreOutcome) => void;
}

/** The address of a move destination and the calling AE title to use. */
export type MoveDestination = Address &
  Omit<LocalOptions, 'timeouts'> & {
    /** The AE title of the C-MOVE provider. */
    readonly callingAeTitle: string;
    /** Milliseconds by name; those left out have their defaults. */
    readonly timeouts?: NonNullable<OpenSessionOptions['timeouts']>;
  };

/** Options of `performMove`. */
export interface MoveOptions extends RetrieveOptions {
  /** The asynchronous operations window to propose to the destination. Default: 1, which is not negotiated. */
  readonly window?: number;
  /** How the retrieval continues after the association with the destination was lost. */
  readonly recovery?: RecoveryLimits;
}

type Instances = Iterable<InstanceSource> | AsyncIterable<InstanceSource>;
type Performed = AsyncGenerator<SubOperationCounts, RetrieveAnswer, undefined>;

/**
 * Performs C-GET as a handler: `get: (request, context) => performGet(found, context)`. Instances are sent on the same
 * association, each on a context that was negotiated for its SOP class and transfer syntax. An uncompressed instance without
 * one is re-encoded for a context of another uncompressed transfer syntax; a compressed one is transcoded only by
 * `transcoder`. Other ones fail. Instances are never held in memory. The SCP must list `storage` in its `calls`.
 */
export function performGet(instances: Instances, context: HandlerContext, options: RetrieveOptions = {}): Performed {
  checkOptions(RETRIEVE_OPTIONS, options);
  return new Retrieving(context, options, new BorrowedAssociation(context.session)).run(instances);
}

/**
 * Performs C-MOVE as a handler. `resolve` looks up the destination by its AE title; A801H is answered if it is unknown,
 * A702H if it cannot be reached (PS3.4 Table C.4-2). Associations are planned for the kinds of instances. A lost association
 * is reopened, and only the instance that it was lost on fails, as in `storeInstances`. The sub-operations name the requestor
 * as their Move Originator.
 */
export async function* performMove(
  instances: Instances,
  destination: string,
  resolve: (aeTitle: string) => MoveDestination | undefined | Promise<MoveDestination | undefined>,
  context: HandlerContext,
  options: MoveOptions = {},
): Performed {
  const { window = 1, recovery = {}, transcoder } = checkOptions(MOVE_OPTIONS, options);
  const address = await resolve(destination);
  if (address && !(isPlainObject(address) && typeof address.host === 'string' && typeof address.port === 'number'))
    throw wrongReturn('resolve', address, '{ host, port } or undefined');
  if (!address) {
    const errorComment = `the move destination '${destination}' is unknown`.slice(0, 64);
    throw new DimseError(QueryRetrieveStatus.MoveDestinationUnknown, { errorComment });
  }
  const ending = new AbortController();
  const target = new StoreAssociations(
    {
      ...address,
      calledAeTitle: destination,
      ...(window > 1 && { asynchronousOperations: { invoke: window, perform: 1 } }),
    },
    ending.signal,
    { ...recovery, transcoder },
  );
  return yield* new Retrieving(context, options, target, ending).run(instances);
}

/** One C-GET or C-MOVE that is being performed. */
class Retrieving {
  readonly #context: HandlerContext;
  readonly #options: MoveOptions;
  readonly #target: StoreTarget;
  /** Aborts the associations that this retrieval opened; undefined for C-GET. */
  readonly #ending: AbortController | undefined;
  #subOperations = new SubOperations(0);
  #unreachable: Error | undefined;
  #failure: unknown;
  #isOver = false;
  /** A sub-operation has ended, the interval has passed, or all is over. */
  readonly #changed = new Condition();

  constructor(context: HandlerContext, options: MoveOptions, target: StoreTarget, ending?: AbortController) {
    this.#context = context;
    this.#options = options;
    this.#target = target;
    this.#ending = ending;
  }

  async *run(instances: Instances): Performed {
    const { signal, callingAeTitle, messageId } = this.#context;
    const { total, recovery, transcoder } = this.#options;
    const all = total === undefined ? await collected(instances, signal) : instances;
    this.#subOperations = new SubOperations(Array.isArray(all) ? all.length : (total ?? 0));
    const sending = new InstanceSending(all, {
      targets: [this.#target],
      isChecked: false,
      transcoder,
      ...(recovery && { recovery }),
      // Only C-MOVE has a Move Originator (PS3.7 §9.1.1.1).
      ...(this.#ending && { moveOriginator: { aeTitle: callingAeTitle, messageId } }),
    });
    let giveUp: NodeJS.Timeout | undefined;
    const stop = () => {
      void sending.stop();
      // The requestor waits for the final response: sub-operations that take longer than the grace are aborted.
      const grace = isCancel(signal) ? CANCEL_GRACE : 0;
      giveUp ??= setTimeout(() => this.#ending?.abort(signal.reason), grace);
    };
    const stopListening = onAbort(signal, stop);
    const working = this.#work(sending);
    try {
      yield* this.#pendings();
    } finally {
      // A cancel ends this generator at a `yield`: the answer has the counts so far.
      if (!this.#isOver) stop();
      await working;
      clearTimeout(giveUp);
      stopListening();
      await this.#target.close(signal.aborted && !isCancel(signal) ? signal.reason : undefined);
      // biome-ignore lint/correctness/noUnsafeFinally: no error is pending here
      if (signal.aborted) return this.#subOperations.answer(true);
    }
    if (this.#failure === undefined) return this.#answer();
    if (!(this.#failure instanceof DimseError)) throw this.#failure;
    const { status, errorComment } = this.#failure;
    const { remaining: _, ...answer } = this.#subOperations.answer(false);
    return { ...answer, status, ...(errorComment !== undefined && { errorComment: errorComment.slice(0, 64) }) };
  }

  #answer(): RetrieveAnswer {
    const unreachable = this.#unreachable;
    const answer = this.#subOperations.answer(false);
    if (!unreachable || answer.status !== QueryRetrieveStatus.SubOperationsNotPerformed) return answer;
    return { ...answer, errorComment: `destination cannot be reached: ${unreachable.message}`.slice(0, 64) };
  }

  /** Sends all instances. Never rejects. */
  async #work(sending: InstanceSending): Promise<void> {
    try {
      for await (const outcome of sending.outcomes()) this.#count(outcome);
    } catch (error) {
      this.#failure = error;
    }
    const { unreachable } = sending;
    // A destination that was reached and then lost only fails sub-operations.
    if (!(unreachable instanceof RequestError || unreachable instanceof PeerLostError)) this.#unreachable = unreachable;
    this.#isOver = true;
    this.#changed.notify();
  }

  #count(outcome: StoreOutcome): void {
    const { result, status = Status.Success, sopInstance, reason = '' } = outcome;
    if (result === 'failed') this.#subOperations.failed(sopInstance, reason);
    else this.#subOperations.answered(status);
    try {
      this.#options.onSubOperation?.(outcome);
    } catch {
      // An observer must not affect the retrieval.
    }
    this.#changed.notify();
  }

  /** Pending responses: the first at once, then one per interval, so that the requestor sees progress. */
  async *#pendings(): AsyncGenerator<SubOperationCounts, void, undefined> {
    const { interval = DEFAULT_INTERVAL } = this.#options;
    const { signal } = this.#context;
    for (;;) {
      // The final response reports the last sub-operation.
      const { counts, ended } = this.#subOperations;
      if (this.#isOver || signal.aborted || counts.remaining === 0) break;
      yield counts;
      await this.#pause(interval, ended);
    }
    while (!this.#isOver) await this.#changed.wait();
  }

  async #pause(interval: number, ended: number): Promise<void> {
    let isDue = false;
    const due = () => {
      isDue = true;
      this.#changed.notify();
    };
    const timer = interval > 0 ? setTimeout(due, interval) : undefined;
    const hasChanged = () => interval === 0 && this.#subOperations.ended !== ended;
    while (!this.#isOver && !isDue && !hasChanged()) await this.#changed.wait();
    clearTimeout(timer);
  }
}

async function collected(instances: Instances, signal: AbortSignal): Promise<readonly InstanceSource[]> {
  if (Array.isArray(instances)) return instances;
  const all: InstanceSource[] = [];
  for await (const instance of instances) {
    signal.throwIfAborted();
    all.push(instance);
  }
  return all;
}

function isCancel({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof DimseError && reason.status === Status.Cancel;
}

const DEFAULT_INTERVAL = 1000;
/** Milliseconds in which sub-operations may end after a C-MOVE was cancelled. */
const CANCEL_GRACE = 5000;

const RETRIEVE_OPTIONS: OptionTable<RetrieveOptions> = {
  of: 'performGet',
  rules: {
    interval: aNumber,
    total: aNumber,
    onSubOperation: aValueOf('function'),
    transcoder: aValueOf('object'),
  },
};

const MOVE_OPTIONS: OptionTable<MoveOptions> = {
  of: 'performMove',
  rules: { ...RETRIEVE_OPTIONS.rules, window: aNumber, recovery: anObjectOf<RecoveryLimits>(RECOVERY_RULES) },
};
