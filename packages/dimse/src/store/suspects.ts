// The instances that were under way when an association was lost. One of them may be the cause: each is sent again alone.

import { Condition } from '@x/net/internal';
import type { SendableInstance } from './instance-source.ts';
import type { StoreSession } from './store-associations.ts';

/** A C-STORE that has begun. */
export interface UnderWay {
  /** Tells that it has ended. @returns whether it was the only one on its session when the session was lost. */
  end(): boolean;
}

/**
 * Keeps suspects and the turns of the lanes: any number of lanes send at once, or one lane sends a suspect while no other
 * lane sends. "At once" is over all associations, because a peer that crashes loses all of them.
 */
export class Suspects {
  readonly #waiting: SendableInstance[] = [];
  readonly #losses = new WeakMap<SendableInstance, number>();
  readonly #underWay = new WeakMap<StoreSession, number>();
  /** The number of instances under way on a session when it was lost. */
  readonly #company = new WeakMap<StoreSession, number>();
  #sending = 0;
  #isAlone = false;
  #isStopped = false;
  readonly #changed = new Condition();

  /** The number of suspects that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  [Symbol.iterator](): Iterator<SendableInstance> {
    return this.#waiting[Symbol.iterator]();
  }

  /** Adds an instance to send again alone. */
  add(instance: SendableInstance): void {
    this.#waiting.push(instance);
    this.#changed.notify();
  }

  /** Counts a loss of which the instance is the cause, or may be. Returns whether it may be sent again. */
  mayRepeat(instance: SendableInstance, wasAlone: boolean): boolean {
    const losses = (this.#losses.get(instance) ?? 0) + (wasAlone ? 1 : 0);
    this.#losses.set(instance, losses);
    return instance.isRepeatable && losses < LOSSES_OF_CULPRIT;
  }

  /** Tells that a C-STORE begins on a session. */
  begin(session: StoreSession): UnderWay {
    this.#underWay.set(session, (this.#underWay.get(session) ?? 0) + 1);
    return {
      end: () => {
        const left = this.#underWay.get(session) ?? 1;
        this.#underWay.set(session, left - 1);
        return (this.#company.get(session) ?? left) === 1;
      },
    };
  }

  /** Tells that a session was lost. Returns whether this is news. */
  lost(session: StoreSession): boolean {
    if (this.#company.has(session)) return false;
    this.#company.set(session, this.#underWay.get(session) ?? 0);
    return true;
  }

  /**
   * Waits for the turn of a lane and performs `send`, or `sendAlone` for each suspect that waits. Returns whether `send`
   * was performed: not if `mayContinue` returns false before.
   */
  async turn(
    send: () => Promise<void>,
    sendAlone: (suspect: SendableInstance) => Promise<void>,
    mayContinue: () => boolean,
  ): Promise<boolean> {
    while (mayContinue() && !this.#isStopped) {
      if (this.enter()) {
        await send().finally(() => this.leave());
        return true;
      }
      if (this.#isAlone || this.#sending > 0) await this.#changed.wait();
      else {
        this.#isAlone = true;
        const suspect = this.#waiting.shift() as SendableInstance;
        await sendAlone(suspect).finally(() =>
          this.#ended(() => {
            this.#isAlone = false;
          }),
        );
      }
    }
    return false;
  }

  /** Takes the turn of a lane if it need not wait for it. It must `leave` after it has sent. */
  enter(): boolean {
    if (this.#isStopped || this.#isAlone || this.#waiting.length > 0) return false;
    this.#sending++;
    return true;
  }

  /** Ends the turn of a lane. */
  leave(): void {
    this.#ended(() => this.#sending--);
  }

  /** Wakes the lanes that wait, because they may have to stop. */
  wake(): void {
    this.#changed.notify();
  }

  /** No lane gets another turn. */
  stop(): void {
    this.#isStopped = true;
    this.wake();
  }

  #ended(change: () => void): void {
    change();
    this.#changed.notify();
  }
}

/** An instance that was alone on an association that was lost, this number of times, is not sent again. */
export const LOSSES_OF_CULPRIT = 2;
/** Default of `RecoveryLimits.lostAssociations`. */
export const LOST_ASSOCIATIONS = 20;
