// The error that an association ends with, for each end that the table of the state machine knows.

import { type Abort, AbortSource, type AssociateReject, PduError } from '@x/pdu';
import { abortReasonOf } from '@x/pdu/internal';
import { AssociationAbortedError, AssociationRejectedError, ConnectionLostError, TimeoutError } from '../errors.ts';
import type { Timeouts } from '../timeouts.ts';
import { foreignProtocol } from '../transport/foreign-protocol.ts';
import { type TlsError, tlsErrorOf } from '../transport/tls-error.ts';
import type { TransportConnection } from '../transport/transport-connection.ts';
import { type End, STATES, type State } from './state-machine.ts';
import type { UpperLayerEvent } from './upper-layer.ts';

/** The facts about a connection that its errors state. */
export interface ErrorFacts {
  readonly peerName: string;
  readonly timeouts: Pick<Timeouts, 'artim'>;
  readonly transport: Pick<TransportConnection, 'error' | 'firstBytes' | 'tls'>;
}

/** The error for an end that an event led to in a state; `undefined` if the end is not a failure. */
export function errorOfEnd(
  { how, by }: End,
  event: UpperLayerEvent,
  during: State,
  facts: ErrorFacts,
): Error | undefined {
  return ERRORS[`${how} by ${by}`]?.(event, during, facts);
}

type MakeError = (event: UpperLayerEvent, during: State, facts: ErrorFacts) => Error | undefined;

const ERRORS: Readonly<Partial<Record<`${End['how']} by ${End['by']}`, MakeError>>> = {
  'rejected by peer': ({ pdu }, _, { peerName }) => new AssociationRejectedError(peerName, pdu as AssociateReject),
  'aborted by peer': ({ pdu }, _, { peerName }) =>
    new AssociationAbortedError(peerName, { ...(pdu as Abort), by: 'peer' }),
  'aborted by local': ({ abort, ...event }, during, facts) =>
    abort
      ? new AssociationAbortedError(facts.peerName, { ...abort, by: 'local' }, abort.cause)
      : protocolError(event, during, facts),
  'lost by local': (_, __, { peerName, timeouts: { artim } }) =>
    new TimeoutError('artim', artim, `${peerName} did not send A-ASSOCIATE-RQ`),
  'lost by peer': (_, during, facts) => lostError(during, facts),
};

/** The provider aborts because the peer sent invalid bytes or a PDU that the state does not allow (PS3.8 §7.4). */
function protocolError(
  { type, error }: UpperLayerEvent,
  during: State,
  { peerName, transport }: ErrorFacts,
): AssociationAbortedError {
  const fault = error ?? new PduError('unexpected-pdu', `${type} came in ${during} (${STATES[during]})`);
  const other = foreignProtocol(transport.firstBytes);
  const cause = other ? new PduError(fault.fault, `${peerName} speaks ${other}, not DICOM`) : fault;
  const abort = { source: AbortSource.ServiceProvider, reason: abortReasonOf(fault.fault), by: 'local' } as const;
  return new AssociationAbortedError(peerName, abort, cause);
}

/** The transport closed before the association had ended. */
function lostError(
  during: State,
  { peerName, transport: { error: cause, firstBytes, tls } }: ErrorFacts,
): ConnectionLostError | TlsError | undefined {
  // Closing before any request is a health check, not an error.
  if (during === 'Sta2') return undefined;
  // A server that speaks TLS 1.3 may refuse our certificate after the handshake.
  const refused = tlsErrorOf(cause, peerName);
  if (refused) return refused;
  const why = cause ? ` (${cause.message})` : '';
  // Servers that expect TLS, or a certificate, often close without sending anything.
  const expected = tls ? 'a client certificate, or refuse ours' : 'TLS';
  const hint = during === 'Sta5' && !firstBytes ? ` without an answer; does it expect ${expected}?` : '';
  return new ConnectionLostError(
    `${peerName} closed the connection in ${during} (${STATES[during]})${why}${hint}`,
    during,
    cause,
  );
}
