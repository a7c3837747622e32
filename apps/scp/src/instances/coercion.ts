// Coercion: attributes of an instance that arrives are changed before it is kept (PS3.4 §B.4.1.2). Its data set is written as it
// arrives, and then once more as it is edited, so that pixel data are never in memory.

import { type DicomFile, DimseError, type IncomingData, Status, type UntypedDataSet } from '@x/dimse';
import { type DataSetEdit, editDataSet } from '@x/dimse/data-set';
import { chunksOf } from './file-chunks.ts';
import type { InstanceDescription } from './instance-store.ts';

/** The changes of one instance. */
export interface CoercionPlan {
  readonly edits: readonly DataSetEdit[];
  /** The tags of the attributes that change. */
  readonly tags: readonly number[];
}

export interface Coercion {
  /** Whether any instance is changed now. */
  readonly isInUse: boolean;
  /**
   * Decides how an instance is changed; undefined if it is not.
   * @param attributes Those to index.
   * @param open Opens the data set as it has arrived. The caller closes it.
   * @throws DimseError with the status to answer, if the instance cannot be changed as it should be
   */
  planFor(
    instance: InstanceDescription,
    attributes: UntypedDataSet,
    open: () => Promise<DicomFile>,
  ): Promise<CoercionPlan | undefined>;
}

/** The data set of a file with changes, as data that arrive. */
export function coercedData(file: DicomFile, { edits }: CoercionPlan): IncomingData {
  const chunks = () => editDataSet(chunksOf(file.dataSet), file.transferSyntax, edits);
  return {
    [Symbol.asyncIterator]: chunks,
    async *batches() {
      try {
        for await (const chunk of chunks()) yield [chunk];
      } catch (error) {
        // The data set has been checked, so it is not at fault.
        const { message } = error as Error;
        throw new DimseError(Status.ProcessingFailure, { errorComment: `coercion failed: ${message}`, cause: error });
      }
    },
  };
}
