// Many instances to one peer: sent through a window, each with what became of it (PS3.7 §9.1.1, PS3.4 Annex B).

import { AssociationAbortedError, ConnectionLostError, StateError, TimeoutError } from '@x/net';
import { DimseError, NoContextError, RequestError } from './errors.ts';
import { InstanceQueue, type Opening } from './instance-queue.ts';
import type { DescribedInstance, InstanceSource, SendableInstance } from './instance-source.ts';
import { storage } from './services/storage.ts';
import { categoryIn, describeStatus } from './status.ts';
import type { StoreTarget } from './store-associations.ts';

/** What became of an instance. */
export interface StoreOutcome extends DescribedInstance {
  /** `skipped`: a report says that it was sent before. */
  readonly result: 'sent' | 'warning' | 'failed' | 'skipped';
  /** What the peer answered, if it did. */
  readonly status?: number;
  /** What a warning or failure is about, in words. */
  readonly reason?: string;
  readonly error?: Error;
}

export interface SendOptions {
  readonly target: StoreTarget;
  readonly isChecked: boolean;
  /** For C-STORE as a sub-operation of C-MOVE. */
  readonly moveOriginator?: { readonly aeTitle: string; readonly messageId: number };
  readonly priority?: number;
  /** Instances that were sent before. */
  readonly isSkipped?: (instance: DescribedInstance) => boolean;
}

/** Instances on their way. */
export class InstanceSending {
  readonly queue: InstanceQueue;
  readonly #options: SendOptions;
  readonly #outcomes: StoreOutcome[] = [];
  readonly #retried = new Set<SendableInstance>();
  #running = 0;
  #inFlight = 0;
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;
  /** Why nothing more can be sent. */
  #dead: { readonly error: Error } | undefined;
  #wakeReader: () => void = () => {};
  #wakeLanes: (() => void)[] = [];

  constructor(instances: Iterable<InstanceSource> | AsyncIterable<InstanceSource>, options: SendOptions) {
    this.queue = new InstanceQueue(instances, options.isChecked);
    this.#options = options;
  }

  /** Instances known that nothing has become of yet. */
  get remaining(): number {
    return this.queue.waiting + this.#inFlight + this.#outcomes.length;
  }

  /** Why the peer could not be reached, or was lost for good. */
  get unreachable(): Error | undefined {
    return this.#dead?.error;
  }

  /**
   * What becomes of the instances, as it does. While nobody asks for the next, at most a window of them is sent.
   * @throws what the source of instances throws, once all it gave before is done with.
   */
  async *outcomes(): AsyncGenerator<StoreOutcome, void, undefined> {
    const { target } = this.#options;
    await this.queue.fill();
    this.#running = target.lanes;
    const lanes = Array.from({ length: target.lanes }, () => this.#lane());
    try {
      for (;;) {
        const outcome = this.#outcomes.shift();
        for (const wake of this.#wakeLanes.splice(0)) wake();
        if (outcome) yield outcome;
        else if (this.#running === 0) break;
        else
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
      }
      if (this.#failure) throw this.#failure.error;
    } finally {
      await this.stop();
      await Promise.all(lanes);
    }
  }

  /** No more are begun; those under way come to their end. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const wake of this.#wakeLanes.splice(0)) wake();
    await this.queue.stop();
  }

  /** Never rejects. */
  async #lane(): Promise<void> {
    try {
      for (let next = await this.queue.take(); next; next = await this.queue.take()) {
        this.#inFlight++;
        const outcome = await this.#outcomeOf(next);
        this.#inFlight--;
        if (!outcome) continue;
        this.#outcomes.push(outcome);
        this.#wakeReader();
        while (this.#outcomes.length > this.#options.target.lanes && !this.#isStopped)
          await new Promise<void>((resolve) => this.#wakeLanes.push(resolve));
      }
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#running--;
    this.#wakeReader();
  }

  /** Undefined when it is to be sent again. Never rejects. */
  async #outcomeOf(next: Awaited<ReturnType<InstanceQueue['take']>> & object): Promise<StoreOutcome | undefined> {
    const { instance } = next;
    const { path, sopClass, sopInstance, transferSyntax, length } = instance;
    const known: DescribedInstance = Object.fromEntries(
      Object.entries({ path, sopClass, sopInstance, transferSyntax, length }).filter(
        ([, value]) => value !== undefined,
      ),
    );
    if ('error' in next) return failed(known, next.error);
    if (this.#options.isSkipped?.(known)) {
      await closed(next);
      return { ...known, result: 'skipped' };
    }
    if (this.#dead) {
      await closed(next);
      return failed(known, this.#dead.error);
    }
    return this.#send(next, known);
  }

  async #send(next: Opening, known: DescribedInstance): Promise<StoreOutcome | undefined> {
    const { target, moveOriginator, priority } = this.#options;
    const { instance, opening } = next;
    const { sopClass, sopInstance, transferSyntax } = instance;
    let session: Awaited<ReturnType<StoreTarget['sessionFor']>>;
    try {
      session = await target.sessionFor(instance, () => this.queue.upcoming());
    } catch (error) {
      this.#dead ??= { error: error as Error };
      await closed(next);
      return failed(known, error as Error);
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
      const isWarning = categoryIn(storage.statuses, status) === 'warning';
      if (!isWarning) return { ...known, result: 'sent', status };
      return { ...known, result: 'warning', status, reason: describeStatus(status, storage.statuses) };
    } catch (error) {
      await closed(next);
      const isAlive = session.association.isEstablished;
      if (isAlive || !(error instanceof RequestError)) return failed(known, error as Error);
      const fault = faultOf(error);
      if (!target.lost(session, fault !== 'peer')) this.#dead ??= { error };
      // Storing an instance twice does no harm: it is tried once more, on another association.
      else if (fault !== 'instance' && instance.isRepeatable && !this.#retried.has(instance)) {
        this.#retried.add(instance);
        this.queue.giveBack(instance);
        return undefined;
      }
      return failed(known, error);
    }
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

/** What an association ended for: the instance itself could not be read, another one could not, or the peer's doing. */
function faultOf({ phase, cause }: RequestError): 'instance' | 'other instance' | 'peer' {
  if (cause instanceof Error && cause.name === 'AbandonedMessageError') return 'other instance';
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
