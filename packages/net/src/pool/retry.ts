// Asking again where that may help, and can do no harm: which failures of an association are passing ones.

import { setTimeout as delay } from 'node:timers/promises';
import { AssociationRejectedError, ConnectionLostError, TimeoutError } from '../errors.ts';

/**
 * What kind of failure it is. `final` are those that will happen again, those nobody knows, and all that happened once
 * the association was there: what was sent may have been performed.
 */
export type FailureClass = 'transient-rejection' | 'no-connection' | 'no-answer' | 'final';

/** What is tried again, how often, and after how long. */
export interface RetryPolicy {
  /** Times to try again for each kind of failure. Default 4 each; `final` is never tried again. */
  readonly retries?: Partial<Record<Exclude<FailureClass, 'final'>, number>>;
  /** Milliseconds before the first retry; it doubles with each further one. Default 500. */
  readonly firstDelay?: number;
  /** Longest delay in milliseconds. Default 30 s. */
  readonly longestDelay?: number;
  /** 0 to 1, uniformly: the delay is between half and all of what is due, so that many do not come back at once. */
  readonly random?: () => number;
  /** Waits; rejects when the signal aborts. */
  readonly wait?: (milliseconds: number, signal?: AbortSignal) => Promise<unknown>;
}

/** @see FailureClass */
export function classifyFailure(error: unknown): FailureClass {
  if (error instanceof AssociationRejectedError) return error.isTransient ? 'transient-rejection' : 'final';
  if (error instanceof ConnectionLostError) {
    if (error.during === 'Sta4') return 'no-connection';
    return error.during === 'Sta5' ? 'no-answer' : 'final';
  }
  if (!(error instanceof TimeoutError)) return 'final';
  if (error.waitingFor === 'connect' || error.waitingFor === 'handshake') return 'no-connection';
  return error.waitingFor === 'association' ? 'no-answer' : 'final';
}

/**
 * Tries until it succeeds, the failure is final, or its kind has been tried often enough.
 * @throws the last failure, or the signal's reason.
 */
export async function withRetry<T>(
  attempt: (number: number) => Promise<T>,
  policy: RetryPolicy = {},
  signal?: AbortSignal,
): Promise<T> {
  const { retries = {}, firstDelay = 500, longestDelay = 30_000, random = Math.random, wait = waitFor } = policy;
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
      await wait(due * (0.5 + random() / 2), signal);
    }
  }
}

const DEFAULT_RETRIES = 4;

async function waitFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal && { signal });
  } catch {
    // What it rejects with is not the reason itself.
    signal?.throwIfAborted();
  }
}
