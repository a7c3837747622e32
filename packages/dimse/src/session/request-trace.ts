// The trace of a request that is performed: see `OPERATION_CHANNEL`.

import type { Association } from '@x/net';
import { isWatched, type OperationCourse, traceOperation } from '../message/diagnostics.ts';
import type { ReceivedMessage } from '../message/message.ts';
import { messageName } from '../message/operations.ts';

/** A request that was received, with its trace if somebody watches it. */
export interface PerformedRequest {
  readonly message: ReceivedMessage;
  readonly trace: OperationCourse | undefined;
}

/** The trace of a request; undefined without a subscriber. */
export function traceRequest(association: Association, { command }: ReceivedMessage): OperationCourse | undefined {
  if (!isWatched()) return undefined;
  const { commandField, messageId, affectedSopClassUid, requestedSopClassUid } = command;
  const sopClass = affectedSopClassUid ?? requestedSopClassUid;
  return traceOperation({
    association,
    as: 'performed',
    operation: messageName(commandField).replace(/-RQ$/, ''),
    ...(sopClass !== undefined && { sopClass }),
    ...(messageId !== undefined && { messageId }),
  });
}

/** Ends the trace with the final response, which the association has taken; unless it had ended, and did not. */
export function concludeRequest(trace: OperationCourse, status: number): void {
  const { work } = trace;
  const { isEstablished, state, connection } = work.association;
  if (isEstablished || state === 'Sta8') {
    work.status = status;
    trace.conclude();
  } else trace.conclude(connection.ended?.error ?? new Error('the association ended before the final response'));
}

/** Notes in the trace how many bytes of data the request had, as far as they were read. */
export function noteLength({ message, trace }: PerformedRequest): void {
  if (trace) trace.work.requestLength = message.data?.length ?? 0;
}
