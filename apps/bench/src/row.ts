// A row of the benchmark: its contestants, their results, and the verdicts.

import type { Collections, Peaks } from './processes.ts';

/** The duration of one turn and the work done in it. */
export interface Turn {
  /** Distinguishes several turns of one contestant in a round, for example `cold` and `warm`. */
  readonly label?: string;
  readonly milliseconds: number;
  /** In the row's unit: megabytes, instances or round trips. */
  readonly amount: number;
  /** How many instances, echoes or associations: CPU and collections are given per operation. Default: `amount`. */
  readonly operations?: number;
  /** Largest resident memory of the sending and the receiving process, in bytes. */
  readonly peaks?: Peaks;
  /** CPU of the receiving process, in milliseconds. */
  readonly cpu?: number;
  /** CPU of the sending process, in milliseconds. */
  readonly senderCpu?: number;
  /** Garbage collections of the receiving process. */
  readonly collections?: Collections | undefined;
}

export interface Standing {
  readonly name: string;
  /** Medians over the turns, in the row's unit per second; and the slowest and fastest turn. */
  readonly rate: number;
  readonly slowest: number;
  readonly fastest: number;
  /** The largest of all turns, in MB. */
  readonly peaks?: Peaks;
  /** Median CPU of the receiving process per operation, in milliseconds. */
  readonly cpu?: number;
  /** Median CPU of the sending process per operation, in milliseconds. */
  readonly senderCpu?: number;
  /** Medians of the receiving process per thousand operations. */
  readonly collections?: Collections;
}

/** One curve of a plot. */
export interface Curve {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  readonly name: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly curves: readonly Curve[];
}

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly standings: readonly Standing[];
  readonly verdicts: readonly Verdict[];
  /** Contestants that were left out or failed, and further results. */
  readonly notes: readonly string[];
  /** Exact counts, for example system calls for each instance: less is better. */
  readonly counts?: Readonly<Record<string, number>>;
  readonly plots?: readonly Plot[];
  /** Whether a contestant failed. */
  readonly failed?: boolean;
  /** The time that its measurement took. */
  readonly seconds?: number;
}

export interface Verdict {
  readonly target: string;
  readonly value: number;
  readonly bound: number;
  /** Whether more is better. */
  readonly isRate: boolean;
  readonly met: boolean;
}
