// Why the provider ends an association by itself, in words: A-P-ABORT (PS3.8 §7.4).

import { AbortSource, PduError } from '@x/pdu';
import { abortReasonOf } from '@x/pdu/internal';
import { AssociationAbortedError, ConnectionLostError } from '../errors.ts';
import { foreignProtocol } from '../transport/foreign-protocol.ts';
import { type TlsError, tlsErrorOf } from '../transport/tls-error.ts';
import type { TransportConnection } from '../transport/transport-connection.ts';
import { STATES, type State } from './state-machine.ts';
import type { UpperLayerEvent } from './upper-layer.ts';

/** The peer broke the protocol: it sent what the state does not allow, or what is no PDU. */
export function protocolError(
  { type, error }: UpperLayerEvent,
  { state, peerName, firstBytes }: { state: State; peerName: string; firstBytes: Uint8Array | undefined },
): AssociationAbortedError {
  const fault = error ?? new PduError('unexpected-pdu', `${type} came in ${state} (${STATES[state]})`);
  const other = foreignProtocol(firstBytes);
  const cause = other ? new PduError(fault.fault, `${peerName} speaks ${other}, not DICOM`) : fault;
  const abort = { source: AbortSource.ServiceProvider, reason: abortReasonOf(fault.fault), by: 'local' } as const;
  return new AssociationAbortedError(peerName, abort, cause);
}

/** The transport closed before the association had ended. */
export function lostError(
  { error: cause, firstBytes, tls }: Pick<TransportConnection, 'error' | 'firstBytes' | 'tls'>,
  { during, peerName }: { during: State; peerName: string },
): ConnectionLostError | TlsError {
  // A server that speaks TLS 1.3 may refuse our certificate after the handshake.
  const refused = tlsErrorOf(cause, peerName);
  if (refused) return refused;
  const why = cause ? ` (${cause.message})` : '';
  // Servers that speak TLS and cannot say so close, too; and those that miss a certificate of ours.
  const expected = tls ? 'a certificate of ours' : 'TLS';
  const hint = during === 'Sta5' && !firstBytes ? `, without a word: does it expect ${expected}?` : '';
  return new ConnectionLostError(
    `${peerName} closed the connection in ${during} (${STATES[during]})${why}${hint}`,
    during,
    cause,
  );
}
