// Requesting an association (PS3.8 §7.1).

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
  checkOptions,
  DEFAULT_MAXIMUM_LENGTH,
  IMPLEMENTATION_CLASS_UID,
  IMPLEMENTATION_VERSION_NAME,
  optionsIn,
} from '@x/pdu/internal';
import {
  AssociationAbortedError,
  AssociationRejectedError,
  asError,
  ConnectionLostError,
  TimeoutError,
} from '../errors.ts';
import { checkPeerMaximumLength, LARGEST_ACCEPTED_LENGTH } from '../limits.ts';
import { type WindowOption, wireWindow } from '../negotiation/negotiated-options.ts';
import { type ProposedContext, proposeContexts } from '../negotiation/negotiation.ts';
import { cappedLength, type PeerProfile, type PeerQuirks, quirksOf } from '../negotiation/peer-profiles.ts';
import { onAbort } from '../on-abort.ts';
import { startTimer, TIMEOUT_RULES, type Timeouts, timeoutsOf } from '../timeouts.ts';
import { type Address, addressText, dialSecurely } from '../transport/dial.ts';
import { UpperLayerConnection } from '../upper-layer/connection.ts';
import type { ConnectionOptions } from '../upper-layer/connection-options.ts';
import { Association } from './association.ts';
import { type AssociationTrace, type EstablishmentWatch, establish } from './diagnostics.ts';
import { REQUEST_OPTIONS } from './option-tables.ts';

/** Options of either side of an association. */
export interface LocalOptions {
  /** Longest P-DATA-TF PDU to receive, in bytes; announced to the peer. 0 announces no limit. Default 256 KiB. */
  readonly maximumLength?: number;
  /**
   * Longest P-DATA-TF PDU accepted from peers that exceed the announced length, in bytes; longer ones end the
   * association. Default the announced length.
   */
  readonly toleratedLength?: number;
  /** Announced to the peer (PS3.7 §D.3.3.2). Default `IMPLEMENTATION_CLASS_UID`. */
  readonly implementationClassUid?: string;
  /** Announced to the peer, 1 to 16 characters. Default `IMPLEMENTATION_VERSION_NAME`. */
  readonly implementationVersionName?: string;
  /** Milliseconds by name; those left out have their defaults. 0 and `Infinity` disable a timeout. */
  readonly timeouts?: Partial<Timeouts>;
  /**
   * The least average rate at which the peer must send a command set or a data set, in bytes per second, measured over
   * at least 10 s in which we read. A slower peer is aborted. Default 0: any rate.
   */
  readonly minimumRate?: number;
  /** Received bytes that may wait to be pulled; beyond this the transport is paused. Default 1 MiB. */
  readonly highWaterMark?: number;
  /** Exceptions for peers with known defects. */
  readonly peerProfiles?: readonly PeerProfile[];
  /**
   * Treats roles that only one side mentioned as agreed, for peers that answer role selection wrongly. Default false,
   * as the standard requires (PS3.7 §D.3.3.4).
   */
  readonly lenientRoles?: boolean | undefined;
  /** Called with each connection before anything is sent or received, so that listeners see the first PDU. */
  readonly onConnection?: (connection: UpperLayerConnection) => void;
}

/** An address to connect to, or the `socket`: a stream that is already connected. */
export type Destination = Address | { readonly socket: Duplex };

/** The peer to associate with, and the association to propose. */
export type RequestOptions = Destination &
  LocalOptions & {
    /** Our AE title, 1 to 16 characters. */
    readonly callingAeTitle: string;
    /** The AE title of the peer, 1 to 16 characters. */
    readonly calledAeTitle: string;
    /** 1 to 128 presentation contexts. */
    readonly contexts: readonly ProposedContext[];
    /**
     * How many operations may be outstanding at once in each direction: the asynchronous operations window to propose (PS3.7
     * §D.3.3.3). 0 = unlimited. Default: none is proposed, which is one operation.
     */
    readonly asynchronousOperations?: WindowOption;
    /** The user identity to send: see `usernameIdentity` and similar functions. */
    readonly userIdentity?: UserIdentity;
    /** Options of SOP classes: see `encodeQueryOptions` and similar functions. */
    readonly extendedNegotiations?: readonly ExtendedNegotiation[];
    /** Service classes of specialized SOP classes. The acceptor does not answer them (PS3.7 §D.3.3.6). */
    readonly commonExtendedNegotiations?: readonly CommonExtendedNegotiation[];
    /** Aborting it closes the connection, or aborts the association if A-ASSOCIATE-RQ was sent. */
    readonly signal?: AbortSignal;
  };

/**
 * Connects, sends A-ASSOCIATE-RQ, and settles when the peer has accepted it. The peer may have accepted some of the
 * contexts only, or none: see `Association.contexts`.
 * @throws AssociationRejectedError, AssociationAbortedError, NotConnectedError, ConnectionLostError, TlsError; TimeoutError 'connect',
 * 'handshake' or 'association'; OptionError; RangeError for no contexts or more than 128; PduError for invalid AE titles or UIDs;
 * the signal's reason.
 */
export async function requestAssociation(options: RequestOptions): Promise<Association> {
  checkOptions<RequestOptions>(REQUEST_OPTIONS, options);
  return openAssociation(options);
}

/** The same, for options that were checked. */
export function openAssociation(options: RequestOptions): Promise<Association> {
  const describe = (): AssociationTrace => {
    const { callingAeTitle, calledAeTitle } = options;
    const address = 'socket' in options ? {} : { address: options.host, port: options.port };
    return { role: 'requestor', callingAeTitle, calledAeTitle, ...address };
  };
  return establish(describe, (watch) => open(options, watch));
}

async function open(options: RequestOptions, watch?: EstablishmentWatch): Promise<Association> {
  const request = associateRequest(options);
  // Throws if the request cannot be encoded, before a connection is made.
  encodePdu(request);
  const { signal } = options;
  const timeouts = timeoutsOf(options.timeouts);
  const transport = 'socket' in options ? options.socket : await dialSecurely(options, timeouts, signal);
  const peerName = 'socket' in options ? options.calledAeTitle : `${options.calledAeTitle}@${addressText(options)}`;
  const connection = new UpperLayerConnection(transport, 'requestor', { ...connectionOptions(options), peerName });
  watch?.connected(connection);
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
    if (answer?.type === 'A-ASSOCIATE-RJ') {
      watch?.rejected(answer);
      throw new AssociationRejectedError(peerName, answer);
    }
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
    return new Association(connection, request, answer, { lenientRoles });
  } catch (error) {
    connection.abort({ cause: asError(error) });
    signal?.throwIfAborted();
    // The timeout is the reason for the abort, and says more.
    throw error instanceof AssociationAbortedError && error.cause instanceof TimeoutError ? error.cause : error;
  } finally {
    stop();
    removeListener();
  }
}

/** The options of the connection, from those of the association. */
export function connectionOptions(options: LocalOptions): ConnectionOptions {
  const { maximumLength = DEFAULT_MAXIMUM_LENGTH, toleratedLength = 0, highWaterMark, minimumRate } = options;
  return {
    maximumLength: maximumLength === 0 ? LARGEST_ACCEPTED_LENGTH : Math.max(maximumLength, toleratedLength),
    // A session has more timeouts.
    timeouts: optionsIn(TIMEOUT_RULES, options.timeouts),
    ...(highWaterMark !== undefined && { highWaterMark }),
    ...(minimumRate !== undefined && { minimumRate }),
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
      ...(window !== undefined && { asynchronousOperationsWindow: wireWindow('requestor', window) }),
      ...(roleSelections.length > 0 && { roleSelections }),
      ...(extendedNegotiations && { extendedNegotiations }),
      ...(commonExtendedNegotiations && { commonExtendedNegotiations }),
      ...(userIdentity && { userIdentity }),
    },
  };
}
