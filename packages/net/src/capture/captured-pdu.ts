// What a capture says: PDUs by their speakers (PS3.8 §9.3), and where it cannot be understood any more.

import type { Pdu } from '@x/pdu';
import type { Endpoint } from './tcp-packets.ts';

/** Something that was said, in the order of the file. */
export interface CapturedPdu {
  /** A number for the connection, counted from 1. */
  readonly conversation: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** Whether the requestor of the association says it. */
  readonly byRequestor: boolean;
  readonly pdu: Pdu;
}

/** What was said cannot be understood from here on. */
export interface CapturedFault extends Omit<CapturedPdu, 'pdu'> {
  readonly fault: Error;
}
