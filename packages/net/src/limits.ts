// Bounds that keep a hostile or mistaken peer from costing much.

import { PduError } from '@x/pdu';

/** What we take at most in one P-DATA-TF PDU when we announced no limit: 128 MiB. */
export const LARGEST_ACCEPTED_LENGTH = 128 * 1024 * 1024;

/** The smallest maximum length we serve: below it, headers outweigh what they carry, and below 8 nothing fits at all. */
export const SMALLEST_PEER_MAXIMUM_LENGTH = 128;

/** Associations a listener holds at once, unless told otherwise. */
export const DEFAULT_MAXIMUM_ASSOCIATIONS = 256;

/** Connections without an association a listener holds at once, unless told otherwise. */
export const DEFAULT_MAXIMUM_PENDING_CONNECTIONS = 1024;

/** @throws PduError when the peer announced a maximum length too small to work with; 0, no limit, is not. */
export function checkPeerMaximumLength(maximumLength: number | undefined, peerName: string): void {
  if (maximumLength === undefined || maximumLength === 0 || maximumLength >= SMALLEST_PEER_MAXIMUM_LENGTH) return;
  throw new PduError(
    'invalid-parameter-value',
    `${peerName} announced a maximum length of ${maximumLength} bytes; the least we can serve is ${SMALLEST_PEER_MAXIMUM_LENGTH}`,
    ['userInformation', 'maximumLength'],
  );
}
