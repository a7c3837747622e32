// The associations of a pool, and the callers that wait for one.

/** An association of a pool. */
export interface Entry<Resource> {
  readonly key: string;
  readonly resource: Resource;
  /** Whether its idle time is over. */
  isExpired: boolean;
  stopIdle: () => void;
  stopKeepAlive: () => void;
}

/** A caller that waits. */
export interface Waiter<Resource> {
  readonly key: string;
  give(entry: Entry<Resource>): void;
  fail(error: unknown): void;
  readonly request: unknown;
}

export function stopTimers({ stopIdle, stopKeepAlive }: Entry<unknown>): void {
  stopIdle();
  stopKeepAlive();
}
