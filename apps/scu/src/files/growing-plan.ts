// The plan of a transfer that begins before all files are known: the first files are planned, then others while they are sent.

import type { HeldFiles } from '@x/dimse';
import { type PlannedInstance, planFiles, type Unsendable } from './store-plan.ts';

export class GrowingPlan {
  readonly #source: AsyncGenerator<PlannedInstance | Unsendable, void, undefined>;
  readonly #known: PlannedInstance[] = [];
  readonly #unsendable: Unsendable[] = [];
  #isComplete = false;

  private constructor(paths: readonly string[], signal: AbortSignal, files: HeldFiles | undefined) {
    this.#source = planFiles(paths, signal, files);
  }

  /**
   * Plans the first files: as many that can be sent, default 96, and those between them that cannot.
   * @param files Holds the files that can be sent; the caller closes it
   * @throws UsageError if there is nothing to send
   */
  static async begin(
    paths: readonly string[],
    signal: AbortSignal,
    first = PLANNED_FIRST,
    files?: HeldFiles,
  ): Promise<GrowingPlan> {
    const plan = new GrowingPlan(paths, signal, files);
    while (plan.#known.length < first && !plan.#isComplete) {
      const { done, value } = await plan.#source.next();
      if (done) plan.#isComplete = true;
      else if ('result' in value) plan.#unsendable.push(value);
      else plan.#known.push(value);
    }
    return plan;
  }

  /** Those of the first files that can be sent. */
  get known(): readonly PlannedInstance[] {
    return this.#known;
  }

  /** Those of the first files that cannot be sent. */
  get unsendable(): readonly Unsendable[] {
    return this.#unsendable;
  }

  /** All files that can be sent, `times` times. Those that become known are given to `found`, too. Can be read once. */
  instances(
    times: number,
    found: (planned: PlannedInstance | Unsendable) => void,
  ): readonly PlannedInstance[] | AsyncIterable<PlannedInstance> {
    return this.#isComplete && times === 1 ? this.#known : this.#all(times, found);
  }

  async *#all(
    times: number,
    found: (planned: PlannedInstance | Unsendable) => void,
  ): AsyncGenerator<PlannedInstance, void, undefined> {
    yield* this.#known;
    // Only for repetitions, because there may be millions.
    const later: PlannedInstance[] = [];
    if (!this.#isComplete)
      for await (const planned of this.#source) {
        found(planned);
        if ('result' in planned) continue;
        if (times > 1) later.push(planned);
        yield planned;
      }
    for (let time = 1; time < times; time++) {
      yield* this.#known;
      yield* later;
    }
  }
}

/**
 * The number of files for which the presentation contexts of the first association are planned. The others are planned while
 * the peer answers. All of them can be held, so that none is opened twice.
 */
export const PLANNED_FIRST = 96;
