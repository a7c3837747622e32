// The content of a capture: PDUs with their senders (PS3.8 §9.3), and faults.

import type { Pdu } from '@x/pdu';
import type { Endpoint } from './tcp-packets.ts';

/** An entry of a capture, in the order of the file. */
export interface CapturedPdu {
  /** A number for the connection, counted from 1. */
  readonly conversation: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The end that sent it. */
  readonly from: Endpoint;
  /** The end that received it. */
  readonly to: Endpoint;
  /** Whether the requestor of the association sent it. */
  readonly byRequestor: boolean;
  /** The decoded PDU. */
  readonly pdu: Pdu;
}

/** One direction of the conversation cannot be decoded from here on. */
export interface CapturedFault extends Omit<CapturedPdu, 'pdu'> {
  /** Why the bytes cannot be decoded. */
  readonly fault: Error;
}
