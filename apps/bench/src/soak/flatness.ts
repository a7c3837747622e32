// Whether a measured quantity stays level while the load goes on.

export interface Flatness {
  /** The smallest sample of the first quarter after the warm-up, and of the last quarter. */
  readonly before: number;
  readonly after: number;
  readonly isFlat: boolean;
}

/**
 * Compares the floors of the first and last quarter of the samples, after a fifth of them for the warm-up. Floors are
 * compared because garbage that waits for its collection is not a leak.
 * @param allowance how much the floor may rise, in the unit of the samples
 */
export function flatness(samples: readonly number[], allowance: number): Flatness {
  const warm = samples.slice(Math.floor(samples.length / 5));
  const quarter = Math.max(1, Math.floor(warm.length / 4));
  const before = Math.min(...warm.slice(0, quarter));
  const after = Math.min(...warm.slice(-quarter));
  return { before, after, isFlat: after - before <= allowance };
}
