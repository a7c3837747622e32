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
 * Decodes the data set of a response, without a promise if it is short and has arrived. If it is one of many, one that cannot be
 * decoded costs that response alone.
 * @throws DataSetError if it is the only response; RangeError if it is too long; the error of the association; or rejects with
 * them.
 */
export function readContent(
  data: MessageData,
  transferSyntax: string,
  operation: Operation,
  codec: DataSetCodec,
  limits: DataSetLimits,
): ResponseContent | Promise<ResponseContent> {
  const decode = (bytes: Uint8Array) => decoded(bytes, transferSyntax, operation, codec, limits);
  const bytes = data.collectAtHand(limits.maximumDataSetLength);
  return bytes ? decode(bytes) : data.collect(limits.maximumDataSetLength).then(decode);
}

function decoded(
  bytes: Uint8Array,
  transferSyntax: string,
  { answers }: Operation,
  codec: DataSetCodec,
  limits: DataSetLimits,
): ResponseContent | Promise<ResponseContent> {
  const unread = (error: unknown): ResponseContent => {
    if (answers === 'one' || !(error instanceof DataSetError)) throw error;
    return { unreadable: { error, bytes, transferSyntax } };
  };
  try {
    const dataSet = decodeWith(codec, bytes, transferSyntax, limits);
    return dataSet instanceof Promise ? dataSet.then((read) => ({ dataSet: read }), unread) : { dataSet };
  } catch (error) {
    return unread(error);
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
