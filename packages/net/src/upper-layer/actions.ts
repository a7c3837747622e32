// What the actions of the state machine do on a connection: PDUs out, indications, ARTIM, the close (PS3.8 Tables 9-6 to 9-9).

import { AbortReason, AbortSource, encodePdu, type Pdu } from '@x/pdu';
import { abortReasonOf } from '@x/pdu/internal';
import { AssociationAbortedError, AssociationRejectedError, TimeoutError } from '../errors.ts';
import { startTimer, type Timeouts } from '../timeouts.ts';
import type { TransportConnection } from '../transport/transport-connection.ts';
import type { Closed } from './connection-events.ts';
import { lostError, protocolError } from './provider-abort.ts';
import type { Effects, UpperLayer, UpperLayerEvent } from './upper-layer.ts';

/** What the actions act on. */
export interface ActedOn {
  readonly transport: TransportConnection;
  readonly upperLayer: UpperLayer;
  readonly timeouts: Timeouts;
  /** How the peer is called in errors. */
  readonly peerName: string;
  /** Gives a PDU to whoever pulls; until then it takes so many bytes. */
  readonly give: (pdu: Pdu, size: number) => void;
  /** The association has ended; what was received can still be pulled, unless it ended in an error. */
  readonly end: (closed: Closed, keepReceived?: boolean) => void;
  /** Tells those who watch. */
  readonly sent: (pdu: Pdu) => void;
}

export class ConnectionEffects implements Effects {
  readonly #on: ActedOn;
  #stopTimer = () => {};

  constructor(on: ActedOn) {
    this.#on = on;
  }

  /** The transport is there already. */
  connect({ buffers }: UpperLayerEvent): void {
    this.#on.upperLayer.handle({ type: 'transport connected', ...(buffers && { buffers }) });
  }

  send({ type, buffers }: UpperLayerEvent): void {
    const { transport, upperLayer, end } = this.#on;
    transport.write(buffers ?? []);
    // The last word is said: what is left is the peer's close.
    if (type === 'A-RELEASE response' && upperLayer.state === 'Sta13') end({ how: 'released', by: 'peer' });
    if (type === 'A-ASSOCIATE response (reject)') end({ how: 'rejected', by: 'local' });
  }

  indicate({ pdu }: UpperLayerEvent): void {
    const { upperLayer, give, end } = this.#on;
    if (!pdu) return;
    if (pdu.type === 'A-ABORT') {
      end({
        how: 'aborted',
        by: 'peer',
        error: new AssociationAbortedError(this.#on.peerName, { ...pdu, by: 'peer' }),
      });
      return;
    }
    give(pdu, sizeOf(pdu));
    if (pdu.type === 'A-ASSOCIATE-RJ')
      end({ how: 'rejected', by: 'peer', error: new AssociationRejectedError(this.#on.peerName, pdu) }, true);
    if (pdu.type === 'A-RELEASE-RP' && upperLayer.state === 'Sta1') end({ how: 'released', by: 'local' });
  }

  close(event: UpperLayerEvent): void {
    const { transport, timeouts, peerName, end } = this.#on;
    if (event.type === 'A-ABORT') this.indicate(event);
    if (event.type === 'ARTIM expired') {
      const error = new TimeoutError('artim', timeouts.artim, `${peerName} did not send A-ASSOCIATE-RQ`);
      end({ how: 'lost', by: 'local', error });
      transport.destroy();
    }
    transport.close();
  }

  startArtim(): void {
    const { timeouts, upperLayer } = this.#on;
    this.#stopTimer();
    this.#stopTimer = startTimer(timeouts.artim, () => upperLayer.handle({ type: 'ARTIM expired' }));
  }

  stopArtim(): void {
    this.#stopTimer();
  }

  sendUserAbort(event: UpperLayerEvent): void {
    this.#on.transport.write(event.buffers ?? this.abortPdu(AbortSource.ServiceUser, AbortReason.NotSpecified));
    // Before there is an association, a broken protocol is answered like this.
    if (event.type !== 'A-ABORT request') this.#endByProtocolError(event);
  }

  sendProviderAbort({ error }: UpperLayerEvent): void {
    const { transport, upperLayer } = this.#on;
    // AA-7: who does not read what it is told need not be told again.
    if (upperLayer.stateBefore === 'Sta13' && transport.bytesQueued > LARGEST_BACKLOG) return;
    const reason = abortReasonOf(error?.fault ?? 'unexpected-pdu');
    transport.write(this.abortPdu(AbortSource.ServiceProvider, reason));
  }

  indicateProviderAbort(event: UpperLayerEvent): void {
    const { transport, upperLayer, peerName, end } = this.#on;
    if (event.type !== 'transport closed') this.#endByProtocolError(event);
    else end({ how: 'lost', by: 'peer', error: lostError(transport, { during: upperLayer.stateBefore, peerName }) });
  }

  /** An A-ABORT that is about to be sent. */
  abortPdu(source: number, reason: number): Uint8Array[] {
    const pdu: Pdu = { type: 'A-ABORT', source, reason };
    this.#on.sent(pdu);
    return encodePdu(pdu);
  }

  #endByProtocolError(event: UpperLayerEvent): void {
    const { transport, upperLayer, peerName, end } = this.#on;
    const { firstBytes } = transport;
    const error = protocolError(event, { state: upperLayer.stateBefore, peerName, firstBytes });
    end({ how: 'aborted', by: 'local', error });
  }
}

const PIECE_SIZE = 256;
const LARGEST_BACKLOG = 64 * 1024;

/** The bytes and what is held for each piece of them: many empty ones take memory, too. */
function sizeOf(pdu: Pdu): number {
  if (pdu.type !== 'P-DATA-TF') return PIECE_SIZE;
  let size = pdu.values.length * PIECE_SIZE;
  for (const { fragments } of pdu.values) for (const fragment of fragments) size += fragment.length;
  return size;
}
