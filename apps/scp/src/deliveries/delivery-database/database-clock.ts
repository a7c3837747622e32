// The clock of a shared database, by which all its processes tell the time.

import type { DeliveryClock } from '@x/dimse/workflow';
import type { DeliveryQueries } from './delivery-database.ts';

export class DatabaseClock implements DeliveryClock {
  readonly #queries: DeliveryQueries;
  /** Milliseconds between the clock of the database and the steady clock of the process. */
  #offset = 0;
  #setAt = Number.NEGATIVE_INFINITY;

  constructor(queries: DeliveryQueries) {
    this.#queries = queries;
  }

  /** Asks for the time, unless that was done a moment ago. */
  async set(): Promise<void> {
    const before = performance.now();
    if (before < this.#setAt + INTERVAL) return;
    const [row] = await this.#queries.rows<{ now: number }>(NOW);
    if (row) this.#offset = row.now - before;
    this.#setAt = before;
  }

  now(): number {
    return Math.floor(performance.now() + this.#offset);
  }

  readonly wake = wakeIn;
}

/** See `DeliveryClock.wake`. */
export function wakeIn(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds).unref();
  return () => clearTimeout(timer);
}

const NOW = 'select extract(epoch from clock_timestamp())::double precision * 1000 as now';
const INTERVAL = 10_000;
