// Whether files can be used at once, or calls be handed to another thread.
//
// A call to the system's cache takes less time than handing it over. As soon as one call shows that the disk is slow,
// calls are handed over for a while, and nobody else has to wait for it.

/** Milliseconds: a call this long shows a slow disk, which is then believed to be slow for so long. */
const SLOW_CALL = 20;
const SLOW_PERIOD = 10_000;
let slowUntil = 0;

export function isDiskSlow(): boolean {
  return performance.now() < slowUntil;
}

/** Makes a call, and notices how long it takes. */
export function timed<Result>(call: () => Result): Result {
  const begun = performance.now();
  try {
    return call();
  } finally {
    const ended = performance.now();
    if (ended - begun > SLOW_CALL) slowUntil = ended + SLOW_PERIOD;
  }
}
