// The tracing channel of `node:diagnostics_channel` that tells of operations. Without subscribers it costs one check for each.

import type { Association, DataSource, TracedWork } from '@x/net';
import { Trace } from '@x/net/internal';
import { lazily } from '@x/pdu/internal';
import { diagnosticsChannel } from '../node-modules.ts';

/**
 * The name of the tracing channel of operations (`tracingChannel` of `node:diagnostics_channel`). Each event has an
 * `OperationTrace`. `start` is published when an operation is called, or when its request was received: the handler runs
 * inside, so that it has the context that `start.bindStore` or `around` gives it. `asyncEnd` is published with the final
 * response, with the error of a call, or when the association ends before that. `error` comes before `asyncEnd` if an operation
 * ended without a final response, and if a call failed because of its status.
 */
export const OPERATION_CHANNEL = 'dicom.operation';

/** An operation on `OPERATION_CHANNEL`. The same object is published with each event, and completed meanwhile. */
export interface OperationTrace extends TracedWork {
  /** The association that carries the request. */
  readonly association: Association;
  /** `invoked` for requests sent, `performed` for requests received. */
  readonly as: 'invoked' | 'performed';
  /** `C-STORE`, … */
  readonly operation: string;
  /** The SOP class of the request. Absent if the request has none, or the caller named none. */
  readonly sopClass?: string;
  /** Present when the request is sent: at `end` or, if the call waits for a place in the window, at `asyncEnd`. */
  messageId?: number;
  /** The status of the final response; absent without one. */
  status?: number;
  /** The bytes of the data set of the request that were sent or received; 0 without one. */
  requestLength: number;
  /** The bytes of the data sets of all its responses that were received, or given to the association to be sent. */
  responseLength: number;
}

const operations = lazily(() => diagnosticsChannel().tracingChannel<OperationTrace, OperationTrace>(OPERATION_CHANNEL));

/** The trace of one operation. */
export type OperationCourse = Trace<OperationTrace>;

/** Whether there is a subscriber. Asked once for each operation, when it begins. */
export function isWatched(): boolean {
  return operations().hasSubscribers;
}

/** The trace of an operation that begins, if `isWatched`. */
export function traceOperation(begun: Omit<OperationTrace, 'requestLength' | 'responseLength'>): OperationCourse {
  return new Trace<OperationTrace>(operations(), { ...begun, requestLength: 0, responseLength: 0 });
}

/** The same data, whose bytes are added to `field` of the trace: when they are read, if their length is not known. */
export function measured<Data extends DataSource | undefined>(
  data: Data,
  { work }: OperationCourse,
  field: 'requestLength' | 'responseLength',
): Data | DataSource {
  if (data === undefined) return data;
  if (Symbol.asyncIterator in data) return counted(data, work, field);
  work[field] += data.length;
  return data;
}

async function* counted(
  parts: AsyncIterable<Uint8Array>,
  work: OperationTrace,
  field: 'requestLength' | 'responseLength',
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const part of parts) {
    work[field] += part.length;
    yield part;
  }
}
