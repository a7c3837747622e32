// How a session waits, and how much it takes at once.

import type { DataSet } from './dataset.ts';
import type { MessageData } from './message.ts';

/** Milliseconds; 0 or Infinity waits for ever. */
export interface SessionTimeouts {
  /** For the next response of a request, from when it was sent or the last one came. Default 60 s. */
  readonly response: number;
  /** For the final response after C-CANCEL; then the association is aborted. Default 10 s. */
  readonly cancel: number;
}

export const DEFAULT_SESSION_TIMEOUTS: SessionTimeouts = { response: 60_000, cancel: 10_000 };

export interface SessionOptions {
  readonly timeouts?: Partial<SessionTimeouts>;
  /** Longest data set that is collected whole (identifiers, attribute lists), in bytes. Default 16 MiB. */
  readonly maximumDataSetLength?: number;
}

/** Reads a message's data set whole, up to the session's limit. @throws RangeError or DataSetError. */
export type ReadDataSet = (data: MessageData, transferSyntax: string) => Promise<DataSet>;
