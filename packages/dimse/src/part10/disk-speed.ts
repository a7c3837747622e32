// Decides whether file calls are made synchronously or handed to another thread.
//
// A call that the system's cache answers takes less time than handing it over. As soon as one call shows that the disk
// is
// slow, calls are handed over for a while, so that other associations do not wait for the disk.

/** In milliseconds: a call that takes this long shows a slow disk; calls are then handed over for this time. */
const SLOW_CALL = 20;
const SLOW_PERIOD = 10_000;
let slowUntil = 0;

/** Whether a call was slow within the last 10 s, so that file calls are made in another thread. */
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
    if (ended - begun > SLOW_CALL) slowUntil = ended + SLOW_PERIOD;
  }
}
