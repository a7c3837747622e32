// Asking for an association: PS3.8 §7.1.

import type { Duplex } from 'node:stream';
import {
  type AssociateRequest,
  type CommonExtendedNegotiation,
  DICOM_APPLICATION_CONTEXT,
  type ExtendedNegotiation,
  encodePdu,
  type UserIdentity,
} from '@x/pdu';
import {
  AssociationAbortedError,
  AssociationRejectedError,
  asError,
  ConnectionLostError,
  TimeoutError,
} from '../errors.ts';
import { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '../implementation.ts';
import { checkPeerMaximumLength, LARGEST_ACCEPTED_LENGTH } from '../limits.ts';
import type { OperationsWindow } from '../negotiation/negotiated-options.ts';
import { type ProposedContext, proposeContexts } from '../negotiation/negotiation.ts';
import { cappedLength, type PeerProfile, type PeerQuirks, quirksOf } from '../negotiation/peer-profiles.ts';
import { onAbort } from '../on-abort.ts';
import { startTimer, type Timeouts, timeoutsOf } from '../timeouts.ts';
import { type Address, addressText, openTransport } from '../transport/dial.ts';
import { UpperLayerConnection } from '../upper-layer/connection.ts';
import { type ConnectionOptions, DEFAULT_MAXIMUM_LENGTH } from '../upper-layer/connection-options.ts';
import { Association } from './association.ts';
import { traceAssociation } from './diagnostics.ts';

/** What both sides say of themselves. */
export interface LocalOptions {
  /** Longest P-DATA-TF PDU we want to receive, in bytes; announced to the peer. Default 256 KiB; 0 announces no limit. */
  readonly maximumLength?: number;
  /**
   * Longest P-DATA-TF PDU taken from peers that do not keep to what we announced, in bytes; longer ones end the
   * association. Default what we announced: none is tolerated.
   */
  readonly toleratedLength?: number;
  readonly implementationClassUid?: string;
  readonly implementationVersionName?: string;
  readonly timeouts?: Partial<Timeouts>;
  /** Bytes received that may wait to be pulled before the transport is no longer read. Default 1 MiB. */
  readonly highWaterMark?: number;
  /** What is done differently for certain peers. */
  readonly peerProfiles?: readonly PeerProfile[];
  /**
   * Takes roles that only one side spoke of as agreed on, for peers that answer roles wrongly. Default false: they are
   * not, as the standard has it (PS3.7 §D.3.3.4).
   */
  readonly lenientRoles?: boolean | undefined;
  /** Called with each connection before anything is sent or received on it, to watch it from the first PDU. */
  readonly onConnection?: (connection: UpperLayerConnection) => void;
}

/** An address to connect to, or a stream that is connected already. */
export type Destination = Address | { readonly socket: Duplex };

/** Whom to ask for an association, and what for. */
export type RequestOptions = Destination &
  LocalOptions & {
    readonly callingAeTitle: string;
    readonly calledAeTitle: string;
    readonly contexts: readonly ProposedContext[];
    /** The asynchronous operations window to propose (PS3.7 §D.3.3.3); 0 = unlimited. Default none. */
    readonly asynchronousOperations?: OperationsWindow;
    /** Who asks: `usernameIdentity` and its like. */
    readonly userIdentity?: UserIdentity;
    /** Options of SOP classes: `encodeQueryOptions` and its like. */
    readonly extendedNegotiations?: readonly ExtendedNegotiation[];
    /** What unusual SOP classes are like. There is no answer to it (PS3.7 §D.3.3.6). */
    readonly commonExtendedNegotiations?: readonly CommonExtendedNegotiation[];
    /** Gives up: the connection is closed, or the association aborted. */
    readonly signal?: AbortSignal;
  };

/**
 * Connects, asks for an association, and settles when the peer has accepted it, if only one context.
 * @throws AssociationRejectedError, AssociationAbortedError, ConnectionLostError, TlsError; TimeoutError 'connect',
 * 'handshake' or 'association'; RangeError for none or more than 128 contexts; PduError for AE titles or UIDs that are none; the
 * signal's reason.
 */
export async function requestAssociation(options: RequestOptions): Promise<Association> {
  const request = associateRequest(options);
  // What cannot be encoded is refused before anybody is called.
  encodePdu(request);
  const { signal } = options;
  const timeouts = timeoutsOf(options.timeouts);
  const transport = 'socket' in options ? options.socket : await openTransport(options, timeouts, signal);
  const peerName = 'socket' in options ? options.calledAeTitle : `${options.calledAeTitle}@${addressText(options)}`;
  const connection = new UpperLayerConnection(transport, 'requestor', { ...connectionOptions(options), peerName });
  options.onConnection?.(connection);
  const { association } = timeouts;
  const stop = startTimer(association, () =>
    connection.abort({
      cause: new TimeoutError('association', association, `${peerName} did not answer A-ASSOCIATE-RQ`),
    }),
  );
  const removeListener = onAbort(signal, (reason) => connection.abort({ cause: asError(reason) }));
  try {
    await connection.send(request);
    const { value: answer } = await connection.next();
    if (answer?.type === 'A-ASSOCIATE-RJ') throw new AssociationRejectedError(peerName, answer);
    if (answer?.type !== 'A-ASSOCIATE-AC') throw new ConnectionLostError(`${peerName} closed the connection`, 'Sta5');
    try {
      checkPeerMaximumLength(answer.userInformation.maximumLength, peerName);
    } catch (cause) {
      connection.abort({ cause: asError(cause) });
      await connection.next();
    }
    const { lenientRoles = options.lenientRoles } = quirksOf(options.peerProfiles, {
      aeTitle: options.calledAeTitle,
      ...answer.userInformation,
    });
    const established = new Association(connection, request, answer, { lenientRoles });
    traceAssociation(established);
    return established;
  } catch (error) {
    connection.abort({ cause: asError(error) });
    signal?.throwIfAborted();
    // Our own timer speaks for itself.
    throw error instanceof AssociationAbortedError && error.cause instanceof TimeoutError ? error.cause : error;
  } finally {
    stop();
    removeListener();
  }
}

/** What a connection is made with, from what both sides say. */
export function connectionOptions(options: LocalOptions): ConnectionOptions {
  const { maximumLength = DEFAULT_MAXIMUM_LENGTH, toleratedLength = 0, timeouts, highWaterMark } = options;
  return {
    maximumLength: maximumLength === 0 ? LARGEST_ACCEPTED_LENGTH : Math.max(maximumLength, toleratedLength),
    ...(timeouts && { timeouts }),
    ...(highWaterMark !== undefined && { highWaterMark }),
  };
}

/** The sub-items of User Information that both sides send. */
export function localInformation(options: LocalOptions, quirks: PeerQuirks) {
  return {
    maximumLength: cappedLength(options.maximumLength ?? DEFAULT_MAXIMUM_LENGTH, quirks.maximumLength),
    implementationClassUid: options.implementationClassUid ?? IMPLEMENTATION_CLASS_UID,
    implementationVersionName: options.implementationVersionName ?? IMPLEMENTATION_VERSION_NAME,
  };
}

function associateRequest(options: RequestOptions): AssociateRequest {
  const { presentationContexts, roleSelections } = proposeContexts(options.contexts);
  const quirks = quirksOf(options.peerProfiles, { aeTitle: options.calledAeTitle });
  const { userIdentity } = options;
  const window = quirks.omitAsynchronousOperations ? undefined : options.asynchronousOperations;
  const { extendedNegotiations, commonExtendedNegotiations } = quirks.omitExtendedNegotiation
    ? ({} as Partial<RequestOptions>)
    : options;
  return {
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle: options.calledAeTitle,
    callingAeTitle: options.callingAeTitle,
    applicationContextName: DICOM_APPLICATION_CONTEXT,
    presentationContexts,
    userInformation: {
      ...localInformation(options, quirks),
      ...(window && {
        asynchronousOperationsWindow: { maximumInvoked: window.invoked, maximumPerformed: window.performed },
      }),
      ...(roleSelections.length > 0 && { roleSelections }),
      ...(extendedNegotiations && { extendedNegotiations }),
      ...(commonExtendedNegotiations && { commonExtendedNegotiations }),
      ...(userIdentity && { userIdentity }),
    },
  };
}
