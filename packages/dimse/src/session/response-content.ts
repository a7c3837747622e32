// The data set of a response.

import { DataSetError } from '../data-set/data-set-error.ts';
import type { DataSetLimits } from '../data-set/data-set-limits.ts';
import { type DataSet, type DataSetCodec, decodeWith } from '../data-set/dataset.ts';
import type { CommandSet } from '../message/command-set.ts';
import type { MessageData } from '../message/message-data.ts';
import type { Operation } from '../message/operation.ts';
import type { ResponseStatus, UnreadableDataSet } from './responses.ts';

/** The data set of a response, if it has one. */
export interface ResponseContent {
  readonly dataSet?: DataSet;
  readonly unreadable?: UnreadableDataSet;
}

/**
 * Decodes the data set of a response. If it is one of many, one that cannot be decoded costs that response alone.
 * @throws DataSetError if it is the only response; RangeError if it is too long; the error of the association.
 */
export async function readContent(
  data: MessageData,
  transferSyntax: string,
  { answers }: Operation,
  codec: DataSetCodec,
  limits: DataSetLimits,
): Promise<ResponseContent> {
  const bytes = await data.collect(limits.maximumDataSetLength);
  try {
    return { dataSet: await decodeWith(codec, bytes, transferSyntax, limits) };
  } catch (error) {
    if (answers === 'one' || !(error instanceof DataSetError)) throw error;
    return { unreadable: { error, bytes, transferSyntax } };
  }
}

/** The details of a response, besides its status and the properties of its operation. */
export function responseDetails(
  { errorComment, offendingElements, errorId }: CommandSet,
  unreadable: UnreadableDataSet | undefined,
): Omit<ResponseStatus, 'status'> {
  return {
    ...(unreadable && { unreadable }),
    ...(errorComment !== undefined && { errorComment }),
    ...(offendingElements && { offendingElements }),
    ...(errorId !== undefined && { errorId }),
  };
}
