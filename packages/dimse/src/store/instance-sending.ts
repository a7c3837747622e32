// Sends instances to one peer, within the windows of its associations (PS3.7 §9.1.1, PS3.4 Annex B).

import { AssociationAbortedError, ConnectionLostError, StateError, TimeoutError } from '@x/net';
import { AbandonedMessageError, Condition } from '@x/net/internal';
import { DimseError, NoContextError, NotSentError, RequestError } from '../message/errors.ts';
import { categoryIn, describeStatus } from '../message/status.ts';
import { storage } from '../services/storage.ts';
import { InstanceQueue, type Opening } from './instance-queue.ts';
import type { DescribedInstance, InstanceSource, SendableInstance } from './instance-source.ts';
import type { StoreTarget } from './store-associations.ts';

/** The result of sending an instance. */
export interface StoreOutcome extends DescribedInstance {
  /** `skipped`: it had been sent before. */
  readonly result: 'sent' | 'warning' | 'failed' | 'skipped';
  /** The status of the response, if there was one. */
  readonly status?: number;
  /** The reason for a warning or failure, in words. */
  readonly reason?: string;
  readonly error?: Error;
}

export interface SendOptions {
  /** The targets, which are used in parallel. */
  readonly targets: readonly StoreTarget[];
  readonly isChecked: boolean;
  /** The Move Originator of C-STORE as a sub-operation of C-MOVE. */
  readonly moveOriginator?: { readonly aeTitle: string; readonly messageId: number };
  readonly priority?: number;
  /** Whether an instance had been sent before. */
  readonly isSkipped?: (instance: DescribedInstance) => boolean;
}

/** Sends the instances of one source through lanes, each of which has one C-STORE outstanding. */
export class InstanceSending {
  readonly queue: InstanceQueue;
  readonly #options: SendOptions;
  readonly #outcomes: StoreOutcome[] = [];
  readonly #retried = new Set<SendableInstance>();
  /** The targets that accept more instances. */
  readonly #alive: Set<StoreTarget>;
  readonly #most: number;
  readonly #runningOn = new Map<StoreTarget, number>();
  #running = 0;
  #inFlight = 0;
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;
  /** The reason why nothing more can be sent. */
  #dead: { readonly error: Error } | undefined;
  /** An outcome was added or taken, or a lane has ended. */
  readonly #changed = new Condition();

  constructor(instances: Iterable<InstanceSource> | AsyncIterable<InstanceSource>, options: SendOptions) {
    this.queue = new InstanceQueue(instances, options.isChecked);
    this.#options = options;
    this.#alive = new Set(options.targets);
    this.#most = options.targets.reduce((sum, { lanes }) => sum + lanes, 0);
  }

  /** The number of known instances without an outcome that was taken. */
  get remaining(): number {
    return this.queue.waiting + this.#inFlight + this.#outcomes.length;
  }

  /** The reason why the peer could not be reached, or was lost for good. */
  get unreachable(): Error | undefined {
    return this.#dead?.error;
  }

  /**
   * The outcome of each instance, in the order in which they end. If the loop is slow, at most a window of instances is sent
   * ahead.
   * @throws the error of the source of instances, after the outcomes of the instances before it.
   */
  async *outcomes(): AsyncGenerator<StoreOutcome, void, undefined> {
    await this.queue.fill();
    const lanes = this.#start();
    try {
      for (;;) {
        const outcome = this.#outcomes.shift();
        this.#changed.notify();
        if (outcome) yield outcome;
        else if (this.#running === 0) {
          // The last lane of a lost target may have put instances back.
          if (this.queue.waiting === 0 || this.#isStopped || this.#failure) break;
          lanes.push(...this.#start());
        } else await this.#changed.wait();
      }
      if (this.#failure) throw this.#failure.error;
    } finally {
      await this.stop();
      await Promise.all(lanes);
    }
  }

  /** Stops sending. Instances that are being sent are completed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#changed.notify();
    await this.queue.stop();
  }

  #start(): Promise<void>[] {
    // If no target is left, the lanes of the first one give each instance its failure.
    const targets = this.#alive.size > 0 ? [...this.#alive] : this.#options.targets.slice(0, 1);
    return targets.flatMap((target) => {
      this.#running += target.lanes;
      this.#runningOn.set(target, target.lanes);
      return Array.from({ length: target.lanes }, () => this.#lane(target));
    });
  }

  /** Never rejects. */
  async #lane(target: StoreTarget): Promise<void> {
    try {
      while (this.#alive.has(target) || this.#dead) {
        const next = await this.queue.take();
        if (!next) break;
        this.#inFlight++;
        const outcome = await this.#outcomeOf(next, target);
        this.#inFlight--;
        if (!outcome) continue;
        this.#outcomes.push(outcome);
        this.#changed.notify();
        while (this.#outcomes.length > this.#most && !this.#isStopped) await this.#changed.wait();
      }
    } catch (error) {
      this.#failure ??= { error };
    }
    const left = (this.#runningOn.get(target) ?? 0) - 1;
    this.#runningOn.set(target, left);
    // A peer that accepts one association at a time waits for this before it accepts the next.
    if (left === 0) await target.close();
    this.#running--;
    this.#changed.notify();
  }

  /** The outcome, or undefined if the instance was put back to be sent again. Never rejects. */
  async #outcomeOf(
    next: Awaited<ReturnType<InstanceQueue['take']>> & object,
    target: StoreTarget,
  ): Promise<StoreOutcome | undefined> {
    const { instance } = next;
    const { path, sopClass, sopInstance, transferSyntax, length } = instance;
    const known: DescribedInstance = Object.fromEntries(
      Object.entries({ path, sopClass, sopInstance, transferSyntax, length }).filter(
        ([, value]) => value !== undefined,
      ),
    );
    if ('error' in next) return failed(known, next.error);
    const isSkipped = this.#options.isSkipped?.(known);
    if (!isSkipped && !this.#dead) return this.#send(next, known, target);
    this.queue.placed(next.instance);
    await closed(next);
    return isSkipped || !this.#dead
      ? { ...known, result: 'skipped' }
      : failed(known, new NotSentError(this.#dead.error));
  }

  async #send(next: Opening, known: DescribedInstance, target: StoreTarget): Promise<StoreOutcome | undefined> {
    const { moveOriginator, priority } = this.#options;
    const { instance, opening } = next;
    const { sopClass, sopInstance, transferSyntax } = instance;
    let session: Awaited<ReturnType<StoreTarget['sessionFor']>>;
    try {
      session = await target.sessionFor(instance, () => this.queue.upcoming());
    } catch (error) {
      await closed(next);
      return this.#isLast(target, error as Error)
        ? failed(known, new NotSentError(error as Error))
        : this.#again(instance);
    } finally {
      this.queue.placed(instance);
    }
    try {
      await using open = disposable(await opening);
      const { status } = await session.use(storage).store({
        sopClass,
        sopInstance,
        transferSyntax,
        data: open.data,
        ...(priority !== undefined && { priority }),
        ...(moveOriginator && {
          moveOriginatorAeTitle: moveOriginator.aeTitle,
          moveOriginatorMessageId: moveOriginator.messageId,
        }),
      });
      target.sent(session);
      const isWarning = categoryIn(storage.statuses, status) === 'warning';
      if (!isWarning) return { ...known, result: 'sent', status };
      return { ...known, result: 'warning', status, reason: describeStatus(status, storage.statuses) };
    } catch (error) {
      await closed(next);
      const isAlive = session.association.isEstablished;
      if (isAlive || !(error instanceof RequestError)) return failed(known, error as Error);
      const fault = faultOf(error);
      if (!target.lost(session, fault !== 'peer') && this.#isLast(target, error)) return failed(known, error);
      // Storing an instance twice is harmless, so it is tried once more on another association.
      const mayRepeat = fault !== 'instance' && instance.isRepeatable && !this.#retried.has(instance);
      if (!mayRepeat) return failed(known, error);
      this.#retried.add(instance);
      return this.#again(instance);
    }
  }

  #again(instance: SendableInstance): undefined {
    this.queue.giveBack(instance);
    return undefined;
  }

  /** Removes a target; returns whether it was the last one. */
  #isLast(target: StoreTarget, error: Error): boolean {
    this.#alive.delete(target);
    if (this.#alive.size > 0) return false;
    this.#dead ??= { error };
    return true;
  }
}

function failed(known: DescribedInstance, error: Error): StoreOutcome {
  const status = error instanceof DimseError ? { status: error.status } : {};
  const reason = error instanceof NoContextError ? error.message : explain(error);
  return { ...known, result: 'failed', ...status, reason, error };
}

function explain(error: Error): string {
  if (!(error instanceof DimseError)) return error.message;
  const comment = error.errorComment ? `: ${error.errorComment}` : '';
  return `${describeStatus(error.status, storage.statuses)}${comment}`;
}

/** The cause of the end of an association: this instance or another one could not be read, or the peer. */
function faultOf({ phase, cause }: RequestError): 'instance' | 'other instance' | 'peer' {
  if (cause instanceof AbandonedMessageError) return 'other instance';
  const isPeers = [AssociationAbortedError, ConnectionLostError, StateError, TimeoutError].some(
    (kind) => cause instanceof kind,
  );
  return phase === 'await-response' || isPeers ? 'peer' : 'instance';
}

async function closed({ opening }: Opening): Promise<void> {
  await opening.then(
    (open) => open.close(),
    () => {},
  );
}

function disposable<O extends { close(): Promise<void> }>(open: O): O & AsyncDisposable {
  return Object.assign({ [Symbol.asyncDispose]: () => open.close() }, open);
}
