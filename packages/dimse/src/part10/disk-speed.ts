// Decides whether file calls are made synchronously or handed to another thread.
//
// A call that the system's cache answers takes less time than handing it over. As soon as calls show that the disk is slow,
// they are handed over for a while, so that other associations do not wait for the disk. One slow call shows nothing: on a
// busy machine another process may have had its turn in the middle of it.

/** In milliseconds: a second call that takes this long, within a second of the first, shows a slow disk. */
const SLOW_CALL = 20;
const SAME_PERIOD = 1000;
/** In milliseconds: calls are then handed over for this time. */
const SLOW_PERIOD = 10_000;
let lastSlowCall = Number.NEGATIVE_INFINITY;
let slowUntil = 0;

/** Whether calls were slow within the last 10 s, so that file calls are made in another thread. */
export function isDiskSlow(): boolean {
  return performance.now() < slowUntil;
}

/** Makes a call and measures how long it takes. */
export function timed<Result>(call: () => Result): Result {
  const begun = performance.now();
  try {
    return call();
  } finally {
    const ended = performance.now();
    if (ended - begun > SLOW_CALL) {
      if (begun - lastSlowCall < SAME_PERIOD) slowUntil = ended + SLOW_PERIOD;
      lastSlowCall = ended;
    }
  }
}
