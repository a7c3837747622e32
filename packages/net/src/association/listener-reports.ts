// The reports of a listener: events, counters, and the result of closing it.

import { OptionError } from '@x/pdu';
import { CodedError, ReturnValueError } from '@x/pdu/internal';
import type { UpperLayerConnection } from '../upper-layer/connection.ts';
import { warn } from '../watched-emitter.ts';
import type { Association } from './association.ts';

/** Events of a listener. They only inform: the listener works without handlers. */
export interface ListenerEvents {
  /** A connection was admitted. Nothing has been read from it. */
  connection: [connection: UpperLayerConnection];
  /** An association was accepted. */
  association: [association: Association];
  /**
   * A connection or an association failed. The peer was informed if that was possible. `connection` is absent if the
   * failure came before there was one: in a TLS handshake, in a PROXY protocol header, or in `admit`.
   */
  failed: [error: unknown, connection?: UpperLayerConnection];
}

/** How many of the associations that were open when the listener closed have finished, and how many were aborted. */
export interface DrainReport {
  /** Associations that ended by themselves. */
  readonly finished: number;
  /** Associations that were aborted. */
  readonly aborted: number;
  /** Milliseconds until everything was closed. */
  readonly duration: number;
}

/** Counts since the listener was made. */
export interface ListenerCounters {
  /** Connections that were accepted. */
  readonly connections: number;
  /** Of these: closed by the peer before it sent anything, as health checks do. */
  readonly probes: number;
  /** Not admitted by `admit`. */
  readonly notAdmitted: number;
  /** Closed at once, because of `maximumConnectionsPerAddress` or `connectionsPerSecond`. */
  readonly limited: number;
  /** Dropped in favour of others: see `maximumPendingConnections`. */
  readonly dropped: number;
  /** Associations that were accepted. */
  readonly associations: number;
  /** Requests that were answered with A-ASSOCIATE-RJ. */
  readonly rejections: number;
  /** Connections and associations that failed. */
  readonly failures: number;
}

/**
 * Warns of an error that the program itself caused, in `decide` or `serve`: it has neither a code of the system nor of these
 * packages, or is about options and returned values.
 */
export function warnOfMistake(error: unknown): void {
  const isMistake = error instanceof OptionError || error instanceof ReturnValueError;
  const isExpected = error instanceof CodedError || (error as Partial<NodeJS.ErrnoException>)?.code !== undefined;
  if (isMistake || !isExpected) warn('an association failed', error, 'ListenerError');
}
