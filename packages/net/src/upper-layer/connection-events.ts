// The events of a connection, and how it ended.

import type { Pdu } from '@x/pdu';
import type { End } from './state-machine.ts';
import type { StateChange } from './upper-layer.ts';

/** How a connection ended. */
export interface Closed extends End {
  /** Why it ended. Absent if it was released or rejected locally, or if the peer closed before it sent a request. */
  readonly error?: Error;
}

/** For watching only: the connection does not depend on any listener. */
export interface ConnectionEvents {
  /** Bytes as they arrive, before they are decoded; the view is valid during the event. */
  bytes: [chunk: Uint8Array];
  /** Bytes as they are handed to the transport; the views are valid during the event. */
  written: [buffers: readonly Uint8Array[]];
  /** A PDU was received or handed to the transport. Fragments are valid during the event. */
  pdu: [direction: 'sent' | 'received', pdu: Pdu];
  /** The state machine made a step. */
  transition: [change: StateChange];
  /** The association has ended, or the transport is closed. */
  closed: [closed: Closed];
}
