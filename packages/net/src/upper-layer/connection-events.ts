// What a connection tells those who watch it, and how it ended.

import type { Pdu } from '@x/pdu';
import type { StateChange } from './upper-layer.ts';

/** How a connection ended, and through whom. */
export interface Closed {
  readonly how: 'released' | 'rejected' | 'aborted' | 'lost';
  readonly by: 'local' | 'peer';
  /** Why, unless it was released or closed before anything was asked. */
  readonly error?: Error;
}

/** For watching: remove every listener, and the connection works all the same. */
export interface ConnectionEvents {
  /** Bytes as they arrive, before they are decoded; the view is valid during the event. */
  bytes: [chunk: Uint8Array];
  /** Bytes as they are handed to the transport; the views are valid during the event. */
  written: [buffers: readonly Uint8Array[]];
  /** A PDU was received or handed to the transport. Fragments are valid during the event. */
  pdu: [direction: 'sent' | 'received', pdu: Pdu];
  transition: [change: StateChange];
  closed: [closed: Closed];
}
