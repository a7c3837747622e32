// Performed procedure steps: the interface to where they are kept, and a place in memory (PS3.4 §F.7).

import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import { Status } from '../../message/status.ts';

/**
 * Where performed procedure steps are kept, by SOP Instance UID. What a method has settled for is kept.
 * `performedProcedureStepStoreContract` of `@x/dimse/store-contracts` tries whether an implementation does what is said here.
 */
export interface PerformedProcedureStepStore {
  /** Whether it was added: not where there is one of this UID. @throws DimseError (0213H) when there is no room. */
  add(sopInstance: string, step: DataSet): Promise<boolean>;
  get(sopInstance: string): Promise<DataSet | undefined>;
  /** Replaces a step by what `change` makes of it, with nothing in between; undefined if there is none. @throws what it throws. */
  change(sopInstance: string, change: (step: DataSet) => DataSet): Promise<DataSet | undefined>;
  /**
   * Forgets steps that became COMPLETED or DISCONTINUED before a time in milliseconds since 1970; how many. No provider
   * calls it: whoever keeps the store does, now and then.
   */
  removeFinished(before: number): Promise<number>;
}

/** A store that ends with the process. `maximumSteps` is 10,000 by default. */
export function createPerformedProcedureStepStore({
  maximumSteps = 10_000,
}: {
  readonly maximumSteps?: number;
} = {}): PerformedProcedureStepStore {
  const steps = new Map<string, DataSet>();
  const finishedAt = new Map<string, number>();
  const put = (sopInstance: string, step: DataSet) => {
    steps.set(sopInstance, step);
    if (isFinishedStep(step)) finishedAt.set(sopInstance, finishedAt.get(sopInstance) ?? Date.now());
  };
  return {
    async add(sopInstance, step) {
      if (steps.has(sopInstance)) return false;
      if (steps.size >= maximumSteps) throw new DimseError(Status.ResourceLimitation);
      put(sopInstance, step);
      return true;
    },
    async get(sopInstance) {
      return steps.get(sopInstance);
    },
    async change(sopInstance, change) {
      const step = steps.get(sopInstance);
      if (!step) return undefined;
      const changed = change(step);
      put(sopInstance, changed);
      return changed;
    },
    async removeFinished(before) {
      const removed = [...finishedAt].filter(([, time]) => time < before);
      for (const [sopInstance] of removed) {
        steps.delete(sopInstance);
        finishedAt.delete(sopInstance);
      }
      return removed.length;
    },
  };
}

/** Whether a step has ended, and is changed no more (§F.7.2.2). */
export function isFinishedStep({ PerformedProcedureStepStatus: status }: DataSet): boolean {
  return status === 'COMPLETED' || status === 'DISCONTINUED';
}
