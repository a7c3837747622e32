// Performed procedure steps: the interface of their store, and a store in memory (PS3.4 §F.7).

import { aNumber, checkOptions, type OptionTable } from '@x/pdu/internal';
import type { DataSet } from '../../data-set/dataset.ts';
import { SharedRoom } from '../shared-room.ts';

/**
 * Keeps performed procedure steps by SOP Instance UID. A change is safe when its promise has settled.
 * `performedProcedureStepStoreContract` of `@x/dimse/store-contracts` checks an implementation.
 */
export interface PerformedProcedureStepStore {
  /**
   * Adds a step; false if the UID is already in use.
   * @param creator AE title of the peer that creates it.
   * @throws DimseError (0213H) if the store is full, or has reached its limit for this peer, so that one peer cannot use all
   * of it.
   */
  add(sopInstance: string, step: DataSet, creator?: string): Promise<boolean>;
  /** The attributes of a step; undefined if the store does not have it. */
  get(sopInstance: string): Promise<DataSet | undefined>;
  /**
   * Replaces a step atomically with the result of `change`, and gives it; undefined if the store does not have the step.
   * @throws the error of `change`, which leaves the step as it was.
   */
  change(sopInstance: string, change: (step: DataSet) => DataSet): Promise<DataSet | undefined>;
  /**
   * Removes the steps that became COMPLETED or DISCONTINUED before a time in milliseconds since 1970, and gives their number.
   * Providers do not call it: the owner of the store should, regularly.
   */
  removeFinished(before: number): Promise<number>;
}

interface StepLimits {
  readonly maximumSteps?: number;
  readonly maximumStepsOfPeer?: number;
}

/**
 * Creates a store in memory, which is lost with the process. `maximumSteps` is 10,000 by default, and
 * `maximumStepsOfPeer`, those that one peer created, half of that.
 */
export function createPerformedProcedureStepStore(limits?: StepLimits): PerformedProcedureStepStore {
  const { maximumSteps = 10_000, maximumStepsOfPeer = Math.ceil(maximumSteps / 2) } = checkOptions(
    STORE_LIMITS,
    limits,
  );
  const steps = new Map<string, DataSet>();
  const finishedAt = new Map<string, number>();
  const creators = new SharedRoom('performed procedure steps', maximumSteps, maximumStepsOfPeer);
  const put = (sopInstance: string, step: DataSet) => {
    steps.set(sopInstance, step);
    if (isFinishedStep(step)) finishedAt.set(sopInstance, finishedAt.get(sopInstance) ?? Date.now());
  };
  return {
    async add(sopInstance, step, creator = '') {
      if (steps.has(sopInstance)) return false;
      creators.take(sopInstance, creator);
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
        creators.free(sopInstance);
        finishedAt.delete(sopInstance);
      }
      return removed.length;
    },
  };
}

/** Whether a step is COMPLETED or DISCONTINUED, and can no longer be changed (§F.7.2.2). */
export function isFinishedStep({ PerformedProcedureStepStatus: status }: DataSet): boolean {
  return status === 'COMPLETED' || status === 'DISCONTINUED';
}

const STORE_LIMITS: OptionTable<StepLimits> = {
  of: 'createPerformedProcedureStepStore',
  rules: { maximumSteps: aNumber, maximumStepsOfPeer: aNumber },
};
