// References to composite instances in requests and reports of storage commitment (PS3.4 Tables J.3-1 and J.3-2).

import { text } from '../../data-set/access.ts';
import type { DataSet } from '../../data-set/dataset.ts';

/** A composite instance, by its UIDs. */
export interface ReferencedInstance {
  readonly sopClass: string;
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
