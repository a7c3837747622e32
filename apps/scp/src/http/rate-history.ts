// The rates of the last minute and of the last hour, so that plots are filled when a page is opened.

import type { Rates } from './rates.ts';

/** Points of each plot. */
export const POINTS = 240;
/** Samples that make one point of the hour: four samples a second, one point in 15 seconds. */
export const SAMPLES_PER_POINT = 60;

/** Both plots, the oldest point first. */
export interface History {
  readonly minute: readonly Rates[];
  readonly hour: readonly Rates[];
}

/** Keeps at most 240 points of each. */
export class RateHistory {
  readonly #minute: Rates[] = [];
  readonly #hour: Rates[] = [];
  #sinceLastPoint = 0;

  /** Takes a sample. Returns the point of the hour if this sample completes one. */
  add(rates: Rates): Rates | undefined {
    this.#minute.push(rates);
    if (this.#minute.length > POINTS) this.#minute.shift();
    if (++this.#sinceLastPoint < SAMPLES_PER_POINT) return undefined;
    this.#sinceLastPoint = 0;
    const point = summary(this.#minute.slice(-SAMPLES_PER_POINT));
    this.#hour.push(point);
    if (this.#hour.length > POINTS) this.#hour.shift();
    return point;
  }

  get all(): History {
    return { minute: this.#minute, hour: this.#hour };
  }
}

/** The means of the rates, and the durations of the samples in which operations ended. */
function summary(samples: readonly Rates[]): Rates {
  const mean = (name: keyof Rates, of: readonly Rates[]) =>
    of.reduce((sum, rates) => sum + rates[name], 0) / Math.max(of.length, 1);
  const busy = samples.filter(({ operations }) => operations > 0);
  return {
    received: mean('received', samples),
    sent: mean('sent', samples),
    operations: mean('operations', samples),
    median: mean('median', busy),
    slow: Math.max(...busy.map(({ slow }) => slow), 0),
  };
}
