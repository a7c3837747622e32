// Retries after transient failures that happened before the association was established.

import { aNumber, anObjectOf, aValueOf, checkOptions, type OptionTable, wrongReturn } from '@x/pdu/internal';
import { AssociationRejectedError, ConnectionLostError, NotConnectedError, TimeoutError } from '../errors.ts';
import { timers } from '../node-modules.ts';

/**
 * The kind of a failure. `final` failures are permanent ones, unknown ones, and all failures of an established
 * association, because the peer may have performed a request.
 */
export type FailureClass = 'transient-rejection' | 'no-connection' | 'no-answer' | 'final';

/** Number and delay of retries. */
export interface RetryPolicy {
  /** Number of retries for each kind of failure. Default 4 each; `final` failures are never retried. */
  readonly retries?: Partial<Record<Exclude<FailureClass, 'final'>, number>>;
  /** Milliseconds before the first retry; the delay doubles with each further one. Default 500. */
  readonly firstDelay?: number;
  /** Longest delay in milliseconds. Default 30 s. */
  readonly longestDelay?: number;
  /** Uniform from 0 to 1. It shortens each delay by up to half, so that many clients do not retry at the same time. */
  readonly random?: () => number;
  /** Waits; rejects when the signal aborts. */
  readonly wait?: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
}

/** @see FailureClass */
export function classifyFailure(error: unknown): FailureClass {
  if (error instanceof AssociationRejectedError) return error.isTransient ? 'transient-rejection' : 'final';
  if (error instanceof NotConnectedError) return 'no-connection';
  if (error instanceof ConnectionLostError) return error.during === 'Sta5' ? 'no-answer' : 'final';
  if (!(error instanceof TimeoutError)) return 'final';
  if (error.waitingFor === 'connect' || error.waitingFor === 'handshake') return 'no-connection';
  return error.waitingFor === 'association' ? 'no-answer' : 'final';
}

/**
 * Calls `attempt` until it succeeds, fails with a final failure, or the retries of its kind are used up.
 * @throws the last failure, or the signal's reason; OptionError; ReturnValueError.
 */
export async function withRetry<T>(
  attempt: (number: number) => Promise<T>,
  policy: RetryPolicy = {},
  signal?: AbortSignal,
): Promise<T> {
  const {
    retries = {},
    firstDelay = 500,
    longestDelay = 30_000,
    random = Math.random,
    wait = waitFor,
  } = checkOptions(RETRY_OPTIONS, policy);
  const failures = new Map<FailureClass, number>();
  for (let number = 1; ; number++) {
    signal?.throwIfAborted();
    try {
      return await attempt(number);
    } catch (error) {
      const kind = classifyFailure(error);
      const failed = (failures.get(kind) ?? 0) + 1;
      if (kind === 'final' || failed > (retries[kind] ?? DEFAULT_RETRIES)) throw error;
      failures.set(kind, failed);
      const due = Math.min(longestDelay, firstDelay * 2 ** (number - 1));
      await wait(due * (0.5 + checkedRandom(random()) / 2), signal);
    }
  }
}

function checkedRandom(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw wrongReturn('random', value, 'a number from 0 to 1');
}

const DEFAULT_RETRIES = 4;

export const RETRY_OPTIONS: OptionTable<RetryPolicy> = {
  of: 'withRetry',
  rules: {
    retries: anObjectOf<NonNullable<RetryPolicy['retries']>>({
      'transient-rejection': aNumber,
      'no-connection': aNumber,
      'no-answer': aNumber,
    }),
    firstDelay: aNumber,
    longestDelay: aNumber,
    random: aValueOf('function'),
    wait: aValueOf('function'),
  },
};

async function waitFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await timers().setTimeout(milliseconds, undefined, signal && { signal });
  } catch {
    // The rejection is an AbortError, not the signal's reason.
    signal?.throwIfAborted();
  }
}
