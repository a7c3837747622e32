// The effects of the actions on a connection: PDUs, indications, ARTIM, the close (PS3.8 Tables 9-6 to 9-9).

import { AbortReason, AbortSource, encodePdu, type Pdu } from '@x/pdu';
import { abortReasonOf } from '@x/pdu/internal';
import { startTimer, type Timeouts } from '../timeouts.ts';
import type { TransportConnection } from '../transport/transport-connection.ts';
import type { Closed } from './connection-events.ts';
import { errorOfEnd } from './end-errors.ts';
import type { End } from './state-machine.ts';
import type { Effects, Raise, StateChange, UpperLayerEvent } from './upper-layer.ts';

/** The parts of a connection that the effects act on. */
export interface ActedOn {
  readonly transport: TransportConnection;
  readonly timeouts: Timeouts;
  /** The name of the peer in errors. */
  readonly peerName: string;
  /** Passes a PDU to the user; `size` is the memory in bytes that it takes until it is pulled. */
  readonly give: (pdu: Pdu, size: number) => void;
  /** Tells the user how the association has ended. */
  readonly end: (closed: Closed) => void;
  /** Called for each A-ABORT that is sent. */
  readonly sent: (pdu: Pdu) => void;
}

export class ConnectionActions implements Effects {
  readonly #on: ActedOn;
  #stopTimer = () => {};

  constructor(on: ActedOn) {
    this.#on = on;
  }

  /** The transport is connected already. */
  connect({ buffers = [] }: UpperLayerEvent, _: StateChange, raise: Raise): void {
    raise({ type: 'transport connected', buffers });
  }

  send({ buffers = [] }: UpperLayerEvent): void {
    this.#on.transport.write(buffers);
  }

  indicate({ pdu }: UpperLayerEvent): void {
    // A-ABORT is indicated by the error that the association ends with.
    if (pdu && pdu.type !== 'A-ABORT') this.#on.give(pdu, sizeOf(pdu));
  }

  close(): void {
    this.#on.transport.close();
  }

  startArtim(_: UpperLayerEvent, __: StateChange, raise: Raise): void {
    const { timeouts, transport } = this.#on;
    this.#stopTimer();
    this.#stopTimer = startTimer(timeouts.artim, () => {
      raise({ type: 'ARTIM expired' });
      // The close of a peer that has been silent for so long is not awaited.
      transport.destroy();
    });
  }

  stopArtim(): void {
    this.#stopTimer();
  }

  sendUserAbort({ abort }: UpperLayerEvent): void {
    this.#sendAbort(abort?.source ?? AbortSource.ServiceUser, abort?.reason ?? AbortReason.NotSpecified);
  }

  sendProviderAbort({ error }: UpperLayerEvent, { action }: StateChange): void {
    // A peer that keeps sending in Sta13 and does not read need not be told again.
    if (action === 'AA-7' && this.#on.transport.bytesQueued > LARGEST_BACKLOG) return;
    this.#sendAbort(AbortSource.ServiceProvider, abortReasonOf(error?.fault ?? 'unexpected-pdu'));
  }

  /** A-P-ABORT is indicated by the error that the association ends with. */
  indicateProviderAbort(): void {}

  end(end: End, event: UpperLayerEvent, { from }: StateChange): void {
    const error = errorOfEnd(end, event, from, this.#on);
    this.#on.end({ ...end, ...(error && { error }) });
  }

  #sendAbort(source: number, reason: number): void {
    const pdu: Pdu = { type: 'A-ABORT', source, reason };
    this.#on.sent(pdu);
    this.#on.transport.write(encodePdu(pdu));
  }
}

const PIECE_SIZE = 256;
const LARGEST_BACKLOG = 64 * 1024;

/** The bytes, and the objects that hold each piece of them: many empty pieces take memory, too. */
function sizeOf(pdu: Pdu): number {
  if (pdu.type !== 'P-DATA-TF') return PIECE_SIZE;
  let size = pdu.values.length * PIECE_SIZE;
  for (const { fragments } of pdu.values) for (const fragment of fragments) size += fragment.length;
  return size;
}
