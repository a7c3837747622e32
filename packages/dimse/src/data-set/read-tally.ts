// Counts the elements and the work of reading a data set.

import { Step } from '../turns.ts';
import { DataSetError } from './data-set-error.ts';
import type { DataSetLimits } from './data-set-limits.ts';

/** The limits that the reader applies. */
export type ReadLimits = Partial<Pick<DataSetLimits, 'maximumElements' | 'maximumElementsPerItem'>>;

/** Counts the elements that have been read of a data set, at all levels, and the work of the present step. */
export class ReadTally {
  readonly step = new Step();
  readonly mostPerItem: number;
  readonly #most: number;
  #elements = 0;

  constructor({ maximumElements = Number.POSITIVE_INFINITY, maximumElementsPerItem }: ReadLimits) {
    this.#most = maximumElements;
    this.mostPerItem = maximumElementsPerItem ?? Number.POSITIVE_INFINITY;
  }

  /** Counts an element, item or fragment. Returns whether the step should end. */
  add(tag: number, offset: number): boolean {
    if (++this.#elements > this.#most)
      throw new DataSetError(`is element ${this.#elements}; the data set may have ${this.#most}`, {
        tag,
        offset,
        limit: 'maximumElements',
      });
    return this.step.add(1);
  }
}
