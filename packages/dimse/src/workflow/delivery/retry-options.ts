// The options that say when the delivery of an entry is attempted again.

import { aNumber, aValueOf, type OptionRules } from '@x/pdu/internal';

/** A clock, which tests can replace. */
export interface DeliveryClock {
  /** The time in milliseconds; since 1970 if the queue is durable. */
  now(): number;
  /** Calls `callback` after these milliseconds. Returns a function that cancels the call. */
  wake(milliseconds: number, callback: () => void): () => void;
}

/** How often and when deliveries are attempted. */
export interface RetryOptions {
  /**
   * Milliseconds before the second attempt. The delay doubles with each further attempt; a random part of up to a quarter is
   * subtracted, so that entries that failed together are not retried together. Default 5 s.
   */
  readonly firstDelay?: number;
  /** Maximum delay in milliseconds. Default 10 min. */
  readonly longestDelay?: number;
  /** Default: the system's clock. */
  readonly clock?: DeliveryClock;
}

export const RETRY_RULES: OptionRules<RetryOptions> = {
  firstDelay: aNumber,
  longestDelay: aNumber,
  clock: aValueOf('object'),
};

export const FIRST_DELAY = 5000;
export const LONGEST_DELAY = 600_000;

export const SYSTEM_CLOCK: DeliveryClock = {
  now: () => Date.now(),
  wake(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
