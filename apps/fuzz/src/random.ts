// Pseudo-random numbers that a seed determines, so that a run can be repeated.

export class Random {
  #state: number;

  constructor(seed: number) {
    // A state of zero would stay zero.
    this.#state = seed >>> 0 || 0x9e3779b9;
  }

  /** An integer from 0 to `limit` − 1. The generator is xorshift32. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % Math.max(limit, 1);
  }

  /** True once in `times` calls on average. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of the values. @throws RangeError if there are none. */
  of<Value>(values: readonly Value[]): Value {
    if (values.length === 0) throw new RangeError('there is nothing to choose from');
    return values[this.below(values.length)] as Value;
  }
}
