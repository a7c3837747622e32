// The memory that a peer can make an association take, as named limits in bytes.

import { DEFAULT_MAXIMUM_LENGTH } from '@x/pdu/internal';
import { DEFAULT_HIGH_WATER_MARK } from '../upper-layer/connection-options.ts';
import { LARGEST_WRITE } from './message-encoder.ts';
import { LONGEST_QUEUE } from './message-sender.ts';

/** The defaults of the limits that bound the memory of an association, in bytes. */
export const DEFAULT_MEMORY_LIMITS = {
  /** The request and its answer, which the association keeps: 1 MiB of bytes, and the objects for at most 20,000 items. */
  request: 6 * 1024 * 1024,
  /** A PDU that is incomplete, or larger than the rest of `receivedPdus`: `maximumLength`. */
  pdu: DEFAULT_MAXIMUM_LENGTH,
  /** Received PDUs that wait to be pulled, with the objects that hold them: `highWaterMark`. */
  receivedPdus: DEFAULT_HIGH_WATER_MARK,
  /** The bytes that Node.js reads from the transport at once. */
  chunk: 64 * 1024,
  /** Two batches of a message that are handed to the transport. */
  outgoingBatches: 2 * LARGEST_WRITE,
  /** Commands that the local application has given to `send`, with 1 KiB for each. */
  queuedCommands: LONGEST_QUEUE,
} as const;
