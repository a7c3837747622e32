// How a session waits, and how much it takes at once.

import type { DataSet, DataSetCodec } from '../data-set/dataset.ts';
import type { MessageExchange, ReceivedMessage } from '../message/message.ts';
import type { MessageData } from '../message/message-data.ts';

/** Milliseconds; 0 or Infinity waits for ever. */
export interface SessionTimeouts {
  /** For the next response of a request, from when it was sent or the last one came. Default 60 s. */
  readonly response: number;
  /**
   * The same for C-GET and C-MOVE, which may be silent for long. What counts beside responses: C-STORE requests of the
   * peer on this association, and what `Responses.progressed` is told. Default 10 min.
   */
  readonly retrieve: number;
  /** For a whole C-GET or C-MOVE; then it is cancelled. Default 0. */
  readonly retrieveTotal: number;
  /** For the final response after C-CANCEL; then the association is aborted. Default 10 s. */
  readonly cancel: number;
}

/** What sessions wait for unless they are told otherwise. */
export const DEFAULT_SESSION_TIMEOUTS: SessionTimeouts = {
  response: 60_000,
  retrieve: 600_000,
  retrieveTotal: 0,
  cancel: 10_000,
};

/** How a session waits, and how much it takes; the same for both ends. */
export interface SessionOptions {
  readonly timeouts?: Partial<SessionTimeouts>;
  /** Longest data set that is collected whole (identifiers, attribute lists), in bytes. Default 16 MiB. */
  readonly maximumDataSetLength?: number;
  /** What encodes and decodes data sets. Default: the standard's uncompressed transfer syntaxes. */
  readonly codec?: DataSetCodec;
  /**
   * What becomes of a request with a command that neither the standard nor a service knows. `answer`, the default, is
   * 0211H, Unrecognized Operation; `abort` ends the association; `ignore` leaves it to this function, which may have
   * answered by `exchange.respond`. The next message is read when it has settled; data it has not read are dropped.
   * Where it throws, that is a `handlerError`, and the request is answered.
   */
  readonly onUnknownCommand?: (
    message: ReceivedMessage,
    exchange: MessageExchange,
  ) => UnknownCommandAction | Promise<UnknownCommandAction>;
}

/** See `SessionOptions.onUnknownCommand`. */
export type UnknownCommandAction = 'answer' | 'abort' | 'ignore';

/** Reads a message's data set whole, up to a limit: by default the session's. @throws RangeError or DataSetError. */
export type ReadDataSet = (data: MessageData, transferSyntax: string, limit?: number) => Promise<DataSet>;
