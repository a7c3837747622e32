// Responses: as handlers give them, and as the caller of an operation with many responses receives them: C-FIND, C-GET and
// C-MOVE (PS3.7 §9.1.2 to §9.1.4).

import type { Fields } from '../message/field.ts';
import type { Sent } from '../message/operation.ts';

/** The properties that every response has, in addition to those of its operation. */
export interface ResponseStatus {
  /** (0000,0900) Status: see `Status`. */
  readonly status: number;
  /** (0000,0902) Error Comment. */
  readonly errorComment?: string;
  /** (0000,0901) Offending Element: tags as `0xggggeeee`. */
  readonly offendingElements?: readonly number[];
  /** (0000,0903) Error ID. */
  readonly errorId?: number;
  /** The data set of one of many responses, if it cannot be decoded. The other responses are not affected. */
  readonly unreadable?: UnreadableDataSet;
}

/** A data set that cannot be decoded. */
export interface UnreadableDataSet {
  /** Why it cannot be decoded. */
  readonly error: Error;
  /** The data set as it was received, in the encoding of `transferSyntax`. */
  readonly bytes: Uint8Array;
  /** UID of the transfer syntax of the bytes. */
  readonly transferSyntax: string;
}

/**
 * The responses to one request: an async iterable of the pending ones, and `final` for the last one.
 *
 * - A failure status makes the loop throw DimseError and rejects `final`; success and warnings end the loop.
 * - Leaving the loop early sends C-CANCEL and returns at once; responses that arrive later are dropped.
 * - A signal that is aborted ends the loop with its reason, even if all responses have arrived.
 * - A slow loop fills a bounded queue; then the association is not read until the loop takes a response. If other calls
 *   on the association are waiting for their responses (the body of the loop may have made them), reading continues; when
 *   10,000 responses, or `maximumQueuedLength` bytes, are queued, this call fails.
 * - Awaiting `final` without a loop drops the pending responses. It rejects if one of them cannot be decoded.
 * - A response whose data set cannot be decoded has `unreadable` instead. The loop goes on.
 */
export interface Responses<R extends ResponseStatus> extends AsyncIterable<R> {
  /** Resolves to the final response. Rejects with DimseError for a failure status, or with the reason why none came. */
  readonly final: Promise<R>;
  /** The Message ID of the request; undefined until the request is being sent. */
  readonly messageId: number | undefined;
  /**
   * The pending responses. They can be iterated once.
   * @throws TypeError if they were iterated before, or dropped.
   */
  [Symbol.asyncIterator](): AsyncGenerator<R, void, undefined>;
  /**
   * Restarts the wait for the next response: call it if there is other evidence that the operation continues, for example
   * when a sub-operation of a C-MOVE arrives on another association.
   */
  progressed(): void;
}

/** The result of a handler: a status, or a status with the properties of the response. */
export type Answer<F extends Fields> = number | (ResponseStatus & Sent<F>);

/** A pending response. The default of `status` is Pending (FF00H). */
export type PendingAnswer<F extends Fields> = Partial<ResponseStatus> & Sent<F>;
