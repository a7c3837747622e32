// The timeouts of connections and associations.

import { anything, type OptionRules } from '@x/pdu/internal';
import { onAbort } from './on-abort.ts';

/** Times in milliseconds. 0 or Infinity waits without limit; undefined means the default. */
export interface Timeouts {
  /** For the transport connection. Default 10 s. */
  readonly connect: number;
  /** For the TLS handshake, as client and as server. Default 10 s. */
  readonly handshake: number;
  /**
   * ARTIM (PS3.8 §9.1.5): for A-ASSOCIATE-RQ after the connection is made, and for the peer to close it after the
   * association has ended. Default 30 s.
   */
  readonly artim: number;
  /** For the answer to A-ASSOCIATE-RQ: the peer's, or the local decision. Default 30 s. */
  readonly association: number;
  /** For A-RELEASE-RP. Default 10 s. */
  readonly release: number;
  /** For the peer to take at least a part of the bytes being sent. Default 60 s. */
  readonly write: number;
  /**
   * For the next byte of an incomplete PDU or message, in either role. Does not run while the local reader is behind and
   * the transport is not read. Default 60 s.
   */
  readonly data: number;
  /**
   * Until an acceptor releases an association on which nothing is sent or received and no operation runs. Default 5
   * min.
   */
  readonly idle: number;
}

/** The defaults of all timeouts. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connect: 10_000,
  handshake: 10_000,
  artim: 30_000,
  association: 30_000,
  release: 10_000,
  write: 60_000,
  data: 60_000,
  idle: 300_000,
};

/** The rules of the names; `timeoutsOf` checks the values. */
export const TIMEOUT_RULES: OptionRules<Timeouts> = {
  connect: anything,
  handshake: anything,
  artim: anything,
  association: anything,
  release: anything,
  write: anything,
  data: anything,
  idle: anything,
};

/** Completes the given timeouts with the defaults. @throws RangeError for a negative time or NaN. */
export function timeoutsOf(given: Partial<Timeouts> = {}): Timeouts {
  const timeouts: Record<string, number> = { ...DEFAULT_TIMEOUTS };
  for (const [name, milliseconds] of Object.entries(given) as [string, number | undefined][]) {
    if (milliseconds === undefined) continue;
    if (!(milliseconds >= 0))
      throw new RangeError(`timeout '${name}' is ${milliseconds}, not a number of milliseconds`);
    timeouts[name] = milliseconds;
  }
  return timeouts as unknown as Timeouts;
}

/** Calls back once after the time; never if it is 0 or Infinity. Returns a function that stops the timer. */
export function startTimer(milliseconds: number, expired: () => void): () => void {
  if (milliseconds === 0 || milliseconds === Number.POSITIVE_INFINITY) return () => {};
  const timer = setTimeout(expired, Math.min(milliseconds, LONGEST_TIMER));
  return () => clearTimeout(timer);
}

/** Whether the promise settles within the time and before the signal aborts. 0 or Infinity waits without limit. */
export async function settledWithin(
  promise: Promise<unknown>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<boolean> {
  let end = () => {};
  const late = new Promise<false>((resolve) => {
    end = () => resolve(false);
  });
  const stop = startTimer(milliseconds, end);
  const removeListener = onAbort(signal, end);
  const settled = promise.then(
    () => true as const,
    () => true as const,
  );
  const result = await Promise.race([settled, late]);
  stop();
  removeListener();
  return result;
}

/** The longest time that `setTimeout` takes, 24.8 days: longer ones would expire at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;
