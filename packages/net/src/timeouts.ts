// How long the upper layer waits, and for what.

import { onAbort } from './on-abort.ts';

/** Milliseconds; 0 or Infinity waits for ever. What is left undefined has its default. */
export interface Timeouts {
  /** For the transport connection. Default 10 s. */
  readonly connect: number;
  /** For the TLS handshake, as client and as server. Default 10 s. */
  readonly handshake: number;
  /** ARTIM (PS3.8 §9.1.5): for A-ASSOCIATE-RQ after a connection, and for the close after the end. Default 30 s. */
  readonly artim: number;
  /** For the answer to A-ASSOCIATE-RQ, from the peer or from the local decision. Default 30 s. */
  readonly association: number;
  /** For A-RELEASE-RP. Default 10 s. */
  readonly release: number;
  /** For the peer to take any more of what is being sent. Default 60 s. */
  readonly write: number;
  /** Until an acceptor releases an association on which nothing is sent, received or under way. Default 5 min. */
  readonly idle: number;
}

/** The timeouts of those who say nothing about them. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connect: 10_000,
  handshake: 10_000,
  artim: 30_000,
  association: 30_000,
  release: 10_000,
  write: 60_000,
  idle: 300_000,
};

/** All timeouts: those given, and the defaults of the others. @throws RangeError for a negative time, and for NaN. */
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

/** Calls back after the time, if there is one. Returns the way to stop it. */
export function startTimer(milliseconds: number, expired: () => void): () => void {
  if (milliseconds === 0 || milliseconds === Number.POSITIVE_INFINITY) return () => {};
  const timer = setTimeout(expired, Math.min(milliseconds, LONGEST_TIMER));
  return () => clearTimeout(timer);
}

/** Whether it settles within the time, if there is one, and before the signal aborts. */
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

/** 24.8 days: what is longer would run out at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;
