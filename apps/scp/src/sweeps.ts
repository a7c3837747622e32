// Work that is repeated regularly, and a clock for it.

/** Repeated work. Disposing of it ends it, when the current repetition has ended. */
export interface Sweeps extends AsyncDisposable {
  /** Settles when the work has been done once. */
  readonly firstSweep: Promise<void>;
}

/** Does the work soon and every hour. @param sweep Must not reject. */
export function everyHour(sweep: () => Promise<void>): Sweeps {
  return every(HOUR, sweep);
}

/** Does the work soon and after each of these intervals, in milliseconds. @param sweep Must not reject. */
export function every(interval: number, sweep: () => Promise<void>): Sweeps {
  const firstSweep = sweep();
  let sweeping = firstSweep;
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep);
  }, interval).unref();
  return {
    firstSweep,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await sweeping;
    },
  };
}

/**
 * The time in milliseconds since 1970, by a clock that does not run faster than it should: if the system's clock jumps forward
 * while the archive runs, nothing is removed before its time.
 */
export function steadyTime(
  now: () => number = Date.now,
  elapsed: () => number = () => performance.now(),
): () => number {
  const offset = now() - elapsed();
  return () => Math.min(now(), offset + elapsed());
}

const HOUR = 3_600_000;
