// References to composite instances in requests and reports of storage commitment (PS3.4 Tables J.3-1 and J.3-2).

import { items, text } from '../../data-set/access.ts';
import type { DataSet } from '../../data-set/dataset.ts';
import { Step, type Steps } from '../../turns.ts';

/** A composite instance, by its UIDs. */
export interface ReferencedInstance {
  /** SOP Class UID. */
  readonly sopClass: string;
  /** SOP Instance UID. */
  readonly sopInstance: string;
}

/** The item of a sequence that references an instance. */
export function asItem({ sopClass, sopInstance }: ReferencedInstance): DataSet {
  return { ReferencedSOPClassUID: sopClass, ReferencedSOPInstanceUID: sopInstance };
}

/** The instance that an item references. A UID that the item lacks is empty. */
export function asInstance(item: DataSet): ReferencedInstance {
  return { sopClass: text(item.ReferencedSOPClassUID), sopInstance: text(item.ReferencedSOPInstanceUID) };
}

/** The instances that the items of a sequence reference, in steps: a peer may send a million items. */
export function* referencedInstances(sequence: unknown): Steps<ReferencedInstance[]> {
  const step = new Step();
  const instances: ReferencedInstance[] = [];
  for (const item of items(sequence)) {
    instances.push(asInstance(item));
    if (step.add(UNITS_OF_REFERENCE)) yield step.end();
  }
  return instances;
}

/** Whether two lists have the same instances in the same order, in steps. */
export function* isSameList(one: readonly ReferencedInstance[], other: readonly ReferencedInstance[]): Steps<boolean> {
  if (one.length !== other.length) return false;
  const step = new Step();
  for (const [index, { sopClass, sopInstance }] of one.entries()) {
    const { sopClass: otherClass, sopInstance: otherInstance } = other[index] as ReferencedInstance;
    if (sopClass !== otherClass || sopInstance !== otherInstance) return false;
    if (step.add(1)) yield step.end();
  }
  return true;
}

/** The items that reference instances, in steps. */
export function* referencingItems(instances: readonly ReferencedInstance[]): Steps<DataSet[]> {
  const step = new Step();
  const found: DataSet[] = [];
  for (const instance of instances) {
    found.push(asItem(instance));
    if (step.add(1)) yield step.end();
  }
  return found;
}

/** An item and its two elements. */
const UNITS_OF_REFERENCE = 3;
