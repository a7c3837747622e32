// Sends instances to one peer, within the windows of its associations (PS3.7 §9.1.1, PS3.4 Annex B).

import { Condition } from '@x/net/internal';
import { DimseError, NotSentError, PeerLostError, RequestError } from '../message/errors.ts';
import { categoryIn, describeStatus } from '../message/status.ts';
import type { DataSetTranscoder } from '../pixel-data/decompressor.ts';
import { storage } from '../services/storage.ts';
import { FAULTS_OF_PEER, type Fault, faultOf } from './association-fault.ts';
import { closed, InstanceQueue, type Next, type Opening } from './instance-queue.ts';
import type { DescribedInstance, InstanceSource, OpenInstance, SendableInstance } from './instance-source.ts';
import { sentData, sentTransferSyntax } from './sent-data.ts';
import type { RecoveryLimits, StoreSession, StoreTarget } from './store-associations.ts';
import { failed, type StoreOutcome } from './store-outcome.ts';
import { LOST_ASSOCIATIONS, Suspects } from './suspects.ts';

export interface SendOptions {
  /** The targets, which are used in parallel. */
  readonly targets: readonly StoreTarget[];
  readonly isChecked: boolean;
  /** See `StoreInstancesOptions.plannedFirst`. */
  readonly plannedFirst?: number | undefined;
  /** The Move Originator of C-STORE as a sub-operation of C-MOVE. */
  readonly moveOriginator?: { readonly aeTitle: string; readonly messageId: number };
  readonly priority?: number;
  readonly transcoder?: DataSetTranscoder | undefined;
  readonly recovery?: RecoveryLimits;
  /** Whether an instance had been sent before. */
  readonly isSkipped?: (instance: DescribedInstance) => boolean;
}

/** Sends the instances of one source through lanes, each of which has one C-STORE outstanding. */
export class InstanceSending {
  readonly queue: InstanceQueue;
  readonly #options: SendOptions;
  readonly #outcomes: StoreOutcome[] = [];
  readonly #suspects = new Suspects();
  /** Associations that were lost since the last response. */
  #lostInARow = 0;
  /** The targets that accept more instances. */
  readonly #alive: Set<StoreTarget>;
  readonly #most: number;
  readonly #runningOn = new Map<StoreTarget, number>();
  /** The lanes that each target has been given. */
  readonly #given = new Map<StoreTarget, number>();
  readonly #lanes: Promise<void>[] = [];
  #running = 0;
  #inFlight = 0;
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;
  /** The reason why nothing more can be sent. */
  #dead: { readonly error: Error } | undefined;
  /** An outcome was added or taken, or a lane has ended. */
  readonly #changed = new Condition();

  constructor(instances: Iterable<InstanceSource> | AsyncIterable<InstanceSource>, options: SendOptions) {
    this.queue = new InstanceQueue(instances, options.isChecked, options.plannedFirst);
    this.#options = options;
    this.#alive = new Set(options.targets);
    this.#most = options.targets.reduce((sum, { mostLanes }) => sum + mostLanes, 0);
  }

  /** The number of known instances without an outcome that was taken. */
  get remaining(): number {
    return this.#waiting + this.#inFlight + this.#outcomes.length;
  }

  get #waiting(): number {
    return this.queue.waiting + this.#suspects.waiting;
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
    this.#start();
    try {
      for (;;) {
        const outcome = this.#outcomes.shift();
        this.#changed.notify();
        if (outcome) yield outcome;
        else if (this.#running === 0) {
          // The last lane of a lost target may have put instances back.
          if (this.#waiting === 0 || this.#isStopped || this.#failure) break;
          this.#start();
        } else await this.#changed.wait();
      }
      if (this.#failure) throw this.#failure.error;
    } finally {
      await this.stop();
      await Promise.all(this.#lanes);
    }
  }

  /** Stops sending. Instances that are being sent are completed. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#changed.notify();
    this.#suspects.stop();
    await this.queue.stop();
  }

  #start(): void {
    this.#given.clear();
    // If no target is left, the lanes of the first one give each instance its failure.
    const targets = this.#alive.size > 0 ? [...this.#alive] : this.#options.targets.slice(0, 1);
    for (const target of targets) this.#giveLanes(target);
  }

  /** Starts the lanes that a target does not have yet: it has more when an association has told its window. */
  #giveLanes(target: StoreTarget): void {
    const given = this.#given.get(target) ?? 0;
    const more = target.lanes - given;
    if (more <= 0 || this.#isStopped) return;
    this.#given.set(target, given + more);
    this.#running += more;
    this.#runningOn.set(target, (this.#runningOn.get(target) ?? 0) + more);
    for (let lane = 0; lane < more; lane++) this.#lanes.push(this.#lane(target));
  }

  /** Never rejects. */
  async #lane(target: StoreTarget): Promise<void> {
    const mayContinue = () => this.#alive.has(target) || this.#dead !== undefined;
    const sendAlone = (suspect: SendableInstance) => this.#process(this.queue.open(suspect), target);
    try {
      while (mayContinue()) {
        if (this.#suspects.waiting > 0) await this.#suspects.turn(async () => {}, sendAlone, mayContinue);
        const next = this.queue.takeKnown() ?? (await this.queue.take());
        if (!next) break;
        if ('error' in next) await this.#process(next, target);
        else if (mayContinue() && this.#suspects.enter()) {
          await this.#process(next, target);
          this.#suspects.leave();
        } else if (!(await this.#suspects.turn(() => this.#process(next, target), sendAlone, mayContinue))) {
          this.queue.placed(next.instance);
          await closed(next);
          this.queue.giveBack(next.instance);
        }
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

  async #process(next: Next, target: StoreTarget): Promise<void> {
    this.#inFlight++;
    const ending = this.#outcomeOf(next, target);
    const outcome = ending instanceof Promise ? await ending : ending;
    this.#inFlight--;
    if (!outcome) return;
    this.#outcomes.push(outcome);
    this.#changed.notify();
  }

  /** The outcome, or undefined if the instance was put back to be sent again. Never rejects. */
  #outcomeOf(next: Next, target: StoreTarget): StoreOutcome | undefined | Promise<StoreOutcome | undefined> {
    const known = knownOf(next.instance);
    if ('error' in next) return failed(known, next.error);
    const isSkipped = this.#options.isSkipped?.(known);
    if (!isSkipped && !this.#dead) return this.#send(next, known, target);
    this.queue.placed(next.instance);
    const outcome: StoreOutcome =
      isSkipped || !this.#dead ? { ...known, result: 'skipped' } : failed(known, new NotSentError(this.#dead.error));
    return closed(next).then(() => outcome);
  }

  async #send(next: Opening, known: DescribedInstance, target: StoreTarget): Promise<StoreOutcome | undefined> {
    const { moveOriginator, priority, transcoder } = this.#options;
    const { instance, opening } = next;
    const { sopClass, sopInstance, transferSyntax } = instance;
    let session: StoreSession;
    try {
      const found = target.sessionFor(instance, () => this.#upcoming());
      session = found instanceof Promise ? await found : found;
    } catch (error) {
      await closed(next);
      if (this.#isLast(target, error as Error)) return failed(known, new NotSentError(error as Error));
      this.queue.giveBack(instance);
      return undefined;
    } finally {
      this.queue.placed(instance);
    }
    let wasAlone = true;
    let open: OpenInstance | undefined;
    try {
      open = opening instanceof Promise ? await opening : opening;
      const accepted = sentTransferSyntax(session.association, instance, transcoder);
      const sending = sentData(open.data, transferSyntax, accepted, transcoder);
      const sent = sending instanceof Promise ? await sending : sending;
      const underWay = this.#suspects.begin(session);
      const storing = session.use(storage).store({
        sopClass,
        sopInstance,
        transferSyntax: accepted,
        data: sent.data,
        ...(priority !== undefined && { priority }),
        ...(moveOriginator && {
          moveOriginatorAeTitle: moveOriginator.aeTitle,
          moveOriginatorMessageId: moveOriginator.messageId,
        }),
      });
      let status: number;
      try {
        // The request is on its way: the next ones are read while its response is awaited.
        this.#giveLanes(target);
        this.queue.openAhead();
        ({ status } = await storing);
      } finally {
        sent.end();
        wasAlone = underWay.end();
      }
      const closing = open.close();
      if (closing) await closing;
      this.#lostInARow = 0;
      const isWarning = categoryIn(storage.statuses, status) === 'warning';
      const answered = { ...known, ...(accepted !== transferSyntax && { sentTransferSyntax: accepted }) };
      if (!isWarning) return { ...answered, result: 'sent', status };
      return { ...answered, result: 'warning', status, reason: describeStatus(status, storage.statuses) };
    } catch (error) {
      await open?.close();
      if (error instanceof DimseError) this.#lostInARow = 0;
      const isAlive = session.association.isEstablished;
      if (isAlive || !(error instanceof RequestError)) return failed(known, error as Error);
      const fault = faultOf(error);
      if (!this.#goesOn(session, target, error, fault)) return failed(known, error);
      if (fault === 'instance') return failed(known, error);
      if (fault === 'peer') {
        if (!this.#suspects.mayRepeat(instance, wasAlone)) return failed(known, error);
        this.#suspects.add(instance);
      } else if (instance.isRepeatable) this.queue.giveBack(instance);
      else return failed(known, error);
      return undefined;
    }
  }

  *#upcoming(): Generator<SendableInstance> {
    yield* this.#suspects;
    yield* this.queue.upcoming();
  }

  /** Counts the loss of a session. Returns whether anything more can be sent. */
  #goesOn(session: StoreSession, target: StoreTarget, error: RequestError, fault: Fault): boolean {
    const { lostAssociations = LOST_ASSOCIATIONS } = this.#options.recovery ?? {};
    const canReopen = target.lost(session);
    // Each lane that used the session calls this, but it counts once. A file that cannot be read is not the peer's fault.
    if (this.#suspects.lost(session) && FAULTS_OF_PEER.has(fault)) this.#lostInARow++;
    if (canReopen && this.#lostInARow < lostAssociations) return true;
    if (!canReopen) return !this.#isLast(target, error);
    this.#alive.clear();
    this.#die(new PeerLostError(this.#lostInARow, error.cause));
    return false;
  }

  /** Removes a target; returns whether it was the last one. */
  #isLast(target: StoreTarget, error: Error): boolean {
    this.#alive.delete(target);
    if (this.#alive.size === 0) this.#die(error);
    else this.#suspects.wake();
    return this.#alive.size === 0;
  }

  #die(error: Error): void {
    this.#dead ??= { error };
    this.#suspects.wake();
  }
}

/** The properties that are known, without those that are undefined. */
function knownOf({ path, sopClass, sopInstance, transferSyntax, length }: DescribedInstance): DescribedInstance {
  return {
    ...(path !== undefined && { path }),
    ...(sopClass !== undefined && { sopClass }),
    ...(sopInstance !== undefined && { sopInstance }),
    ...(transferSyntax !== undefined && { transferSyntax }),
    ...(length !== undefined && { length }),
  };
}
