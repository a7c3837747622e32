// The claims of several processes that deliver from one queue: each destination is attempted by one of them at a time.

/** The destinations that this process has claimed. */
export interface DeliveryClaims {
  /** The claim of a destination, which the queue made before it gave an entry that is due. */
  of(destination: string): DeliveryClaim | undefined;
  /** Lets the destinations that rest be attempted again at once, all or one. */
  wake(destination?: string): Promise<void>;
}

/** A destination that no other process attempts meanwhile. */
export interface DeliveryClaim {
  /** The failures of the destination since its last success, by all processes. */
  readonly failures: number;
  /** Aborted if the claim is lost, so that another process may attempt the destination. */
  readonly signal: AbortSignal;
  /** Ends the claim. No process attempts the destination before `restsUntil`, a time of the clock. */
  release(state: DestinationState): Promise<void>;
}

/** What all processes know of a destination. */
export interface DestinationState {
  /** Its failures since its last success. */
  readonly failures: number;
  /** The time before which it is not attempted. Default: it is attempted at once. */
  readonly restsUntil?: number;
}
