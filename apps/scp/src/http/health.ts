// The health of this process for load balancers and cluster managers: `/healthz` says whether it should get new
// associations, and `/livez` whether it runs.

import { setTimeout } from 'node:timers/promises';
import { answerJson, type Route } from './http-server.ts';

/** A service that the archive depends on. */
export interface HealthCheck {
  /** Names the service in responses, logs and metrics, such as `database`. */
  readonly name: string;
  /** Rejects unless the service answers. Must settle soon after the signal aborts. */
  check(signal: AbortSignal): Promise<unknown>;
}

/** Milliseconds from the end of a check to the next one. */
const CHECK_INTERVAL = 2_000;
/** Milliseconds after which a check has failed. Longer than a busy but working service takes. */
const CHECK_TIMEOUT = 5_000;

export interface HealthOptions {
  /** Milliseconds from the end of a check to the next one. Default 2 s. */
  readonly interval?: number;
  /** Milliseconds after which a check has failed. Default 5 s. */
  readonly timeout?: number;
  /** Is called if a check fails that was good or has not been made before, and if it is good again. */
  readonly changed?: (name: string, error: unknown) => void;
}

/** Checks services again and again, each apart from the others, from its creation until it is disposed of. */
export class Health implements Disposable {
  readonly #states = new Map<string, CheckState>();
  readonly #stop = new AbortController();
  readonly #options: Required<HealthOptions>;

  constructor(checks: readonly HealthCheck[], options: HealthOptions = {}) {
    this.#options = { interval: CHECK_INTERVAL, timeout: CHECK_TIMEOUT, changed: () => {}, ...options };
    for (const each of checks) {
      this.#states.set(each.name, 'unknown');
      void this.#repeat(each);
    }
  }

  /** By the name of the service. */
  get states(): Readonly<Record<string, CheckState>> {
    return Object.fromEntries(this.#states);
  }

  /** Whether the last check of each service was good. */
  get isGood(): boolean {
    return [...this.#states.values()].every((state) => state === 'good');
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  /** Never rejects. */
  async #repeat(each: HealthCheck): Promise<void> {
    const stopped = this.#stop.signal;
    const { interval, timeout } = this.#options;
    while (!stopped.aborted) {
      const late = new AbortController();
      const timer = globalThis
        .setTimeout(() => {
          const error = new Error(`no answer within ${timeout / 1000} s`);
          // A check that does not heed the signal counts as failed, too.
          this.#enter(each.name, error);
          late.abort(error);
        }, timeout)
        .unref();
      try {
        await each.check(AbortSignal.any([stopped, late.signal]));
        if (!late.signal.aborted) this.#enter(each.name);
      } catch (error) {
        this.#enter(each.name, error);
      }
      clearTimeout(timer);
      await setTimeout(interval, undefined, { signal: stopped }).catch(() => {});
    }
  }

  #enter(name: string, error?: unknown): void {
    if (this.#stop.signal.aborted) return;
    const state = error === undefined ? 'good' : 'failed';
    const before = this.#states.get(name);
    this.#states.set(name, state);
    if (before !== state && !(before === 'unknown' && state === 'good')) this.#options.changed(name, error);
  }
}

/** `unknown` until the first check has ended. */
export type CheckState = 'unknown' | 'good' | 'failed';

/** `/healthz` and `/livez`. */
export function healthRoutes({
  health,
  isListening,
  isStopping,
}: {
  readonly health: Pick<Health, 'isGood' | 'states'>;
  isListening(): boolean;
  /** Whether the archive was told to stop. It still accepts associations during `--stop-delay`. */
  isStopping(): boolean;
}): Record<string, Route> {
  return {
    '/healthz': (_request, response) => {
      const isServing = isListening() && !isStopping();
      const isReady = isServing && health.isGood;
      const checks = health.states;
      answerJson(response, isReady ? 200 : 503, {
        status: isReady ? 'ready' : isServing ? 'unavailable' : 'draining',
        ...(Object.keys(checks).length > 0 && { checks }),
      });
    },
    // A process that waits for its database must not be killed for it.
    '/livez': (_request, response) => answerJson(response, 200, { status: 'alive' }),
  };
}
