// Describes an instance for the index, in the same way at reception, at reconciliation and whenever its file is read again.

import type { UntypedDataSet } from '@x/dimse';
import { isDeflated } from '@x/dimse/data-set';
import type { IndexedInstance } from './archive-index.ts';
import { ExtractReader } from './extract-reader.ts';

/** An instance as the index is to have it. */
export interface DescribedInstance {
  readonly instance: IndexedInstance;
  /** Its attributes, all of which a response can carry. Its UIDs are those of `instance`. */
  readonly attributes: UntypedDataSet;
  /** The elements that were left out or read leniently, with the reason of each. */
  readonly faults: readonly string[];
}

/** @param extract The attributes to index, as encoded in the transfer syntax of the instance: see `decodeExtract`. */
export function describeInstance(instance: IndexedInstance, extract: Uint8Array): DescribedInstance {
  const { study, series, sopInstance, sopClass, transferSyntax, length, file } = instance;
  const { attributes, faults } = EXTRACTS.read(extract, transferSyntax);
  const described: Record<string, unknown> = { ...attributes, SOPInstanceUID: sopInstance, SOPClassUID: sopClass };
  setOrRemove(described, 'StudyInstanceUID', study);
  setOrRemove(described, 'SeriesInstanceUID', series);
  // A deflated data set of odd length is sent with a byte of padding (PS3.5 §A.5).
  const isPadded = isDeflated(transferSyntax) && Number(length) % 2 === 1;
  return {
    instance: {
      ...{ study, series, sopInstance, sopClass, transferSyntax, length: isPadded ? Number(length) + 1 : length },
      ...(file !== undefined && { file }),
    },
    attributes: described,
    faults,
  };
}

const EXTRACTS = new ExtractReader();

function setOrRemove(attributes: Record<string, unknown>, keyword: string, uid: string): void {
  if (uid !== '') attributes[keyword] = uid;
  else delete attributes[keyword];
}
