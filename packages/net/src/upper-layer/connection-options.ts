// What an Upper Layer connection is made with.

import type { Timeouts } from '../timeouts.ts';
import type { TransportAddress } from '../transport/transport-connection.ts';

/** What we announce unless told otherwise, in bytes: large PDUs cost less. */
export const DEFAULT_MAXIMUM_LENGTH = 256 * 1024;

/** Bytes of PDUs received that wait to be pulled, unless told otherwise. */
export const DEFAULT_HIGH_WATER_MARK = 1024 * 1024;

/** How an `UpperLayerConnection` is bounded, timed and named. */
export interface ConnectionOptions {
  /** Longest P-DATA-TF PDU accepted, in bytes of its length field. Default 256 KiB; what we announce must not exceed it. */
  readonly maximumLength?: number;
  /** See `Timeouts`: `artim`, `release` and `write` are those of a connection. */
  readonly timeouts?: Partial<Timeouts>;
  /** Bytes of received PDUs that may wait to be pulled before the transport is no longer read. Default 1 MiB. */
  readonly highWaterMark?: number;
  /** How the peer is called in errors. Default its address. */
  readonly peerName?: string;
  /** Where the peer is, if not where the transport says: behind a load balancer. */
  readonly peer?: TransportAddress;
}
