// Rates for plots: bytes and operations per second, and durations of operations.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { OPERATION_CHANNEL, type OperationTrace } from '@x/dimse';

/** The event of an operation that has ended. */
export const OPERATION_ENDED = `tracing:${OPERATION_CHANNEL}:asyncEnd`;

export interface Rates {
  /** Bytes per second. */
  readonly received: number;
  readonly sent: number;
  /** Operations that ended per second. */
  readonly operations: number;
  /** Milliseconds: the median and the 95th percentile. */
  readonly median: number;
  readonly slow: number;
}

/** Bytes since the start. */
export interface Traffic {
  readonly received: number;
  readonly sent: number;
}

/** Measures from its creation until it is disposed of. */
export class RateMeter implements Disposable {
  readonly #traffic: () => Traffic;
  #before: Traffic;
  #at = performance.now();
  #durations: number[] = [];
  readonly #operationEnded = (message: unknown) => {
    if (this.#durations.length < MOST_DURATIONS) this.#durations.push((message as OperationTrace).duration ?? 0);
  };

  constructor(traffic: () => Traffic) {
    this.#traffic = traffic;
    this.#before = traffic();
    subscribe(OPERATION_ENDED, this.#operationEnded);
  }

  /** Since the last sample. */
  rates(): Rates {
    const [now, at] = [this.#traffic(), performance.now()];
    const { received, sent } = this.#before;
    const seconds = Math.max((at - this.#at) / 1000, 0.001);
    const durations = this.#durations.sort((one, other) => one - other);
    [this.#before, this.#at, this.#durations] = [now, at, []];
    const quantile = (share: number) =>
      durations[Math.min(Math.floor(durations.length * share), durations.length - 1)] ?? 0;
    return {
      received: (now.received - received) / seconds,
      sent: (now.sent - sent) / seconds,
      operations: durations.length / seconds,
      median: quantile(0.5),
      slow: quantile(0.95),
    };
  }

  [Symbol.dispose](): void {
    unsubscribe(OPERATION_ENDED, this.#operationEnded);
  }
}

const MOST_DURATIONS = 10_000;
