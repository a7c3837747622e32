// The timeouts and limits of a session.

import type { DataSetLimits } from '../data-set/data-set-limits.ts';
import type { DataSet, DataSetCodec } from '../data-set/dataset.ts';
import type { MessageExchange, ReceivedMessage } from '../message/message.ts';
import type { MessageData } from '../message/message-data.ts';

/** Timeouts in milliseconds. 0 or Infinity disables a timeout. */
export interface SessionTimeouts {
  /** Until the next response to a request, counted from the request or the previous response. Default: 60 s. */
  readonly response: number;
  /**
   * The same for C-GET and C-MOVE, which may take long between responses. C-STORE requests of the peer on this association
   * and calls of `Responses.progressed` restart it as well. Default: 10 min.
   */
  readonly retrieve: number;
  /** For a whole C-GET or C-MOVE, which is then cancelled. Default: 0. */
  readonly retrieveTotal: number;
  /**
   * For the handler of a request, in all, with the data that it reads. Then the signal of the handler aborts, and the request
   * is answered with A700H (C-STORE), C001H (C-FIND, C-GET, C-MOVE) or 0110H (others), unless the handler ends within another
   * second with an answer of its own. A handler that never ends counts for `maximumPerforming`. Default: 0.
   */
  readonly handler: number;
  /** Until the final response after C-CANCEL; then the association is aborted. Default: 10 s. */
  readonly cancel: number;
}

/** The default timeouts of sessions. */
export const DEFAULT_SESSION_TIMEOUTS: SessionTimeouts = {
  response: 60_000,
  retrieve: 600_000,
  retrieveTotal: 0,
  handler: 0,
  cancel: 10_000,
};

/** Limits of the memory that a peer can use by one association. */
export interface SessionLimits {
  /**
   * The longest data set that is read into memory, in bytes. Default: 16 MiB; for identifiers of C-FIND, C-GET and C-MOVE
   * 1 MiB (`IDENTIFIER_LIMITS`).
   */
  readonly maximumDataSetLength: number;
  /**
   * The most requests of the peer that are performed or answered at once if the negotiated window is larger or unlimited.
   * Further requests are answered with A700H, Out of Resources, or 0213H, Resource Limitation. Default: 1,024.
   */
  readonly maximumPerforming: number;
  /**
   * Bytes of the data sets of all requests that are performed at once, as they were received. A data set that exceeds it is
   * answered like one that is too long. If no other request has a data set, only the limit of one data set counts.
   * Default: 32 MiB.
   */
  readonly maximumPerformingLength: number;
  /**
   * Bytes of the pending responses of one call that wait for its loop, as they were received, with 1 KiB for each. At this
   * length, or at 64 responses, nothing more is read. If that is not possible, because another call waits for responses
   * behind them, the call fails at this length, or at 10,000 responses. Default: 16 MiB.
   */
  readonly maximumQueuedLength: number;
}

/** The default limits of sessions. */
export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  maximumDataSetLength: 16 * 1024 * 1024,
  maximumPerforming: 1024,
  maximumPerformingLength: 32 * 1024 * 1024,
  maximumQueuedLength: 16 * 1024 * 1024,
};

/** Completes the given limits with the defaults. */
export function limitsOf(given: Partial<SessionLimits>): SessionLimits {
  const entries = Object.entries(DEFAULT_SESSION_LIMITS) as [keyof SessionLimits, number][];
  return Object.fromEntries(entries.map(([name, limit]) => [name, given[name] ?? limit])) as unknown as SessionLimits;
}

/** Options of a session, for requestors and acceptors. */
export interface SessionOptions extends Partial<SessionLimits>, Partial<DataSetLimits> {
  /** Milliseconds by name; those left out have their defaults. */
  readonly timeouts?: Partial<SessionTimeouts>;
  /** Encodes and decodes data sets. Default: a codec for the uncompressed transfer syntaxes of the standard. */
  readonly codec?: DataSetCodec;
  /**
   * Called for a request whose Command Field neither the standard nor a service defines, and for a response to none of the
   * outstanding requests. The result decides: `answer` (the default) sends 0211H, Unrecognized Operation, to a request and
   * drops a response; `abort` aborts the association; `ignore` sends nothing, because this function has sent a response by
   * `exchange.respond` or none is wanted. The next message is read after this function has
   * settled; data that it did not read are dropped. If it throws, `handlerError` is emitted and the request is answered.
   */
  readonly onUnknownCommand?: (
    message: ReceivedMessage,
    exchange: MessageExchange,
  ) => UnknownCommandAction | Promise<UnknownCommandAction>;
}

/** The result of `SessionOptions.onUnknownCommand`. */
export type UnknownCommandAction = 'answer' | 'abort' | 'ignore';

/**
 * Reads and decodes the data set of a message.
 * @throws RangeError if the data set is longer, or DataSetError if it is malformed or exceeds another limit.
 */
export type ReadDataSet = (data: MessageData, transferSyntax: string, limits: DataSetLimits) => Promise<DataSet>;
