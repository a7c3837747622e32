// Listening to an AbortSignal that may be absent, or aborted already.

/**
 * Calls the listener once, with the signal's reason, when the signal aborts; immediately if it has aborted already.
 * Without a signal it does nothing. Returns a function that removes the listener; it may be called any number of times.
 */
export function onAbort(signal: AbortSignal | undefined, listener: (reason: unknown) => void): () => void {
  if (!signal) return nothing;
  if (signal.aborted) {
    listener(signal.reason);
    return nothing;
  }
  const aborted = () => listener(signal.reason);
  signal.addEventListener('abort', aborted, { once: true });
  return () => signal.removeEventListener('abort', aborted);
}

/** The same promise, but rejects with the signal's reason if the signal aborts first. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const removeListener = onAbort(signal, reject);
    void promise.then(resolve, reject).finally(removeListener);
  });
}

function nothing(): void {}
