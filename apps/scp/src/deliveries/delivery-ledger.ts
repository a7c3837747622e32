// The outcomes of deliveries since the start, by destination.

export interface DeliveryRecord {
  /** Deliveries that succeeded. */
  readonly sent: number;
  /** Attempts that failed. */
  readonly failures: number;
  /** Milliseconds since 1970. */
  readonly lastSuccess?: number;
  readonly lastFailure?: number;
  /** Why the last failure was one. */
  readonly reason?: string;
}

export class DeliveryLedger {
  readonly #records = new Map<string, DeliveryRecord>();

  /** Notes an attempt. Destinations are those of the options, so that they are few. */
  note(destination: string, result: 'sent' | 'retried' | 'failed' | 'missing', reason: string): void {
    const before = this.of(destination);
    const now = Date.now();
    this.#records.set(
      destination,
      result === 'sent'
        ? { ...before, sent: before.sent + 1, lastSuccess: now }
        : {
            ...before,
            failures: before.failures + 1,
            lastFailure: now,
            reason: reason || 'it does not exist any more',
          },
    );
  }

  of(destination: string): DeliveryRecord {
    return this.#records.get(destination) ?? { sent: 0, failures: 0 };
  }
}
