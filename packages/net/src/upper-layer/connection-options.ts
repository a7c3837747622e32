// The options of an Upper Layer connection.

import { AbortReason, AbortSource } from '@x/pdu';
import { aNumber, anObjectOf, anything, aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { TIMEOUT_RULES, type Timeouts } from '../timeouts.ts';
import type { TransportAddress } from '../transport/transport-connection.ts';

/** The default limit of received bytes that wait to be pulled. */
export const DEFAULT_HIGH_WATER_MARK = 1024 * 1024;

/** Limits, timeouts and names of an `UpperLayerConnection`. */
export interface ConnectionOptions {
  /** Longest P-DATA-TF PDU accepted, in bytes of its length field. Must not be less than announced. Default 256 KiB. */
  readonly maximumLength?: number;
  /** See `Timeouts`: `artim`, `release`, `write` and `data` are those of a connection. */
  readonly timeouts?: Partial<Timeouts>;
  /**
   * The least average rate at which the peer must send a command set or a data set, in bytes per second. It is measured
   * every 10 s from the first byte; time in which the transport is not read does not count. A slower peer is aborted.
   * Default 0: any rate.
   */
  readonly minimumRate?: number;
  /** Whether faults in the form of a received A-ASSOCIATE-RQ end the connection: see `PduDecoderOptions`. Default false. */
  readonly strict?: boolean;
  /** Bytes of received PDUs that may wait to be pulled before the transport is no longer read. Default 1 MiB. */
  readonly highWaterMark?: number;
  /** The name of the peer in errors. Default its address. */
  readonly peerName?: string;
  /** The peer's address, if it is not that of the transport: behind a load balancer. */
  readonly peer?: TransportAddress;
}

export const CONNECTION_OPTIONS: OptionTable<ConnectionOptions> = {
  of: 'UpperLayerConnection',
  rules: {
    maximumLength: aNumber,
    timeouts: anObjectOf<Timeouts>(TIMEOUT_RULES),
    // `IncomingWatch` checks it.
    minimumRate: anything,
    strict: aValueOf('boolean'),
    highWaterMark: aNumber,
    peerName: aValueOf('string'),
    peer: aValueOf('object'),
  },
};

/** The options of `abort`. */
export interface AbortOptions {
  readonly source?: number;
  readonly reason?: number;
  readonly cause?: Error;
}

const ABORT_OPTIONS: OptionTable<AbortOptions> = {
  of: 'abort',
  rules: { source: aNumber, reason: aNumber, cause: anything },
};

/** The options of `abort` with their defaults. @throws OptionError. */
export function checkedAbort(options?: AbortOptions) {
  const {
    source = AbortSource.ServiceUser,
    reason = AbortReason.NotSpecified,
    cause,
  } = checkOptions(ABORT_OPTIONS, options);
  return { source, reason, cause };
}
