// Being asked for an association: PS3.8 §7.1, the acceptor's side on one connection.

import type { Duplex } from 'node:stream';
import {
  AcseRejectReason,
  type AssociateAccept,
  type AssociateReject,
  type AssociateRequest,
  DICOM_APPLICATION_CONTEXT,
  PresentationRejectReason,
  RejectResult,
  RejectSource,
  type UserIdentityResponse,
  UserRejectReason,
} from '@x/pdu';
import { TimeoutError } from '../errors.ts';
import { checkPeerMaximumLength } from '../limits.ts';
import { answerExtendedNegotiations, answerWindow, type OperationsWindow } from '../negotiation/negotiated-options.ts';
import { type AcceptancePolicy, answerContexts } from '../negotiation/negotiation.ts';
import { type PeerQuirks, quirksOf } from '../negotiation/peer-profiles.ts';
import { onAbort } from '../on-abort.ts';
import { startTimer } from '../timeouts.ts';
import type { TlsSession } from '../transport/tls.ts';
import { UpperLayerConnection } from '../upper-layer/connection.ts';
import type { ConnectionOptions } from '../upper-layer/connection-options.ts';
import { Association } from './association.ts';
import { traceAssociation } from './diagnostics.ts';
import { releaseWhenIdle } from './idle-release.ts';
import { connectionOptions, type LocalOptions, localInformation } from './request.ts';

/** What a decision is made on. */
export interface AssociationRequest {
  /** What the association is called in logs, if it comes to be. */
  readonly id: string;
  /** The A-ASSOCIATE-RQ as it came. */
  readonly request: AssociateRequest;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  /** Where it comes from, if the transport knows. */
  readonly address?: string;
  readonly port?: number;
  /** The secure connection it came on, if it is one: its certificate may be bound to AE titles. */
  readonly tls?: TlsSession;
  /** Aborts when the peer is gone, so that a decision that takes its time need not be finished. */
  readonly signal: AbortSignal;
}

/** Codes of A-ASSOCIATE-RJ: see `RejectResult`, `RejectSource` and the reasons. */
export type Rejection = Pick<AssociateReject, 'result' | 'source' | 'reason'>;

/** What an acceptor answers with. */
export interface Acceptance extends AcceptancePolicy {
  /** The window to answer a proposed one with (PS3.7 §D.3.3.3): each number at most the one proposed. Default none. */
  readonly asynchronousOperations?: OperationsWindow;
  /** Sent where the requestor asked for it. Default none. */
  readonly userIdentityResponse?: UserIdentityResponse;
}

/** What `accept` and `reject` give. */
export type Decision = { readonly accept: Acceptance } | { readonly reject: Rejection };

/** Accepts, with what the policy supports of the contexts proposed. */
export function accept(acceptance: Acceptance): Decision {
  return { accept: acceptance };
}

/** Rejects. Default: permanently, by the service user, without a reason. */
export function reject(rejection: Partial<Rejection> = {}): Decision {
  const { result = RejectResult.Permanent, source = RejectSource.ServiceUser } = rejection;
  return { reject: { result, source, reason: rejection.reason ?? UserRejectReason.NoReasonGiven } };
}

/** Decides on a request; may take its time, up to the association timeout. */
export type Decide = (request: AssociationRequest, connection: UpperLayerConnection) => Decision | Promise<Decision>;

/**
 * Waits on a connected transport for A-ASSOCIATE-RQ, and answers it as decided. Gives undefined where no association
 * came of it without anybody's fault: rejected, or closed before anything was asked.
 * @throws what `decide` throws, after the peer was told of temporary congestion; AssociationAbortedError,
 * ConnectionLostError, TimeoutError.
 */
export async function acceptAssociation(
  transport: Duplex,
  options: LocalOptions & Pick<ConnectionOptions, 'peer'> & { readonly decide: Decide },
): Promise<Association | undefined> {
  const connection = new UpperLayerConnection(transport, 'acceptor', {
    ...connectionOptions(options),
    ...(options.peer && { peer: options.peer }),
  });
  options.onConnection?.(connection);
  const { value: request } = await connection.next();
  if (request?.type !== 'A-ASSOCIATE-RQ') return undefined;
  const { timeouts } = connection;
  const gone = new AbortController();
  const stop = startTimer(timeouts.association, () =>
    connection.abort({ cause: new TimeoutError('association', timeouts.association, 'no decision was made') }),
  );
  void connection.closed.then(({ error }) => gone.abort(error));
  try {
    const decision =
      unacceptable(request, connection.peerName) ?? (await askFor(request, connection, options, gone.signal));
    if ('reject' in decision) {
      await connection.send({ type: 'A-ASSOCIATE-RJ', ...decision.reject });
      return undefined;
    }
    const quirks = quirksOf(options.peerProfiles, { aeTitle: request.callingAeTitle, ...request.userInformation });
    const answer = associateAccept(request, decision.accept, options, quirks);
    await connection.send(answer);
    const { lenientRoles = options.lenientRoles } = quirks;
    const association = new Association(connection, request, answer, { lenientRoles });
    traceAssociation(association);
    releaseWhenIdle(association, timeouts.idle);
    return association;
  } catch (error) {
    // Without an answer the peer would wait; where it has one, this does nothing.
    connection.abort(error instanceof Error ? { cause: error } : {});
    throw error;
  } finally {
    stop();
  }
}

async function askFor(
  request: AssociateRequest,
  connection: UpperLayerConnection,
  { decide }: { readonly decide: Decide },
  signal: AbortSignal,
): Promise<Decision> {
  const { callingAeTitle, calledAeTitle } = request;
  try {
    const gone = new Promise<never>((_, reject) => {
      onAbort(signal, reject);
    });
    // Where deciding throws at once, nobody waits for it.
    gone.catch(() => {});
    const { peer, tls } = connection;
    const { id } = connection;
    const asked = { id, request, callingAeTitle, calledAeTitle, ...peer, ...(tls && { tls }), signal };
    // A decision may never be made: the end of the connection is the end of waiting for it.
    return await Promise.race([decide(asked, connection), gone]);
  } catch (error) {
    if (connection.state === 'Sta3') await connection.send({ type: 'A-ASSOCIATE-RJ', ...CONGESTION });
    throw error;
  }
}

/** What the service provider itself refuses (PS3.8 §9.2.3, AE-6). */
function unacceptable(request: AssociateRequest, peerName: string): Decision | undefined {
  if ((request.protocolVersion & 1) === 0)
    return reject({ source: RejectSource.ServiceProviderAcse, reason: AcseRejectReason.ProtocolVersionNotSupported });
  if ((request.applicationContextName ?? DICOM_APPLICATION_CONTEXT) !== DICOM_APPLICATION_CONTEXT)
    return reject({ reason: UserRejectReason.ApplicationContextNameNotSupported });
  try {
    checkPeerMaximumLength(request.userInformation.maximumLength, peerName);
  } catch {
    return reject({
      source: RejectSource.ServiceProviderPresentation,
      reason: PresentationRejectReason.LocalLimitExceeded,
    });
  }
  return undefined;
}

function associateAccept(
  request: AssociateRequest,
  acceptance: Acceptance,
  options: LocalOptions,
  quirks: PeerQuirks,
): AssociateAccept {
  const { presentationContexts, roleSelections } = answerContexts(request, acceptance);
  const extendedNegotiations = quirks.omitExtendedNegotiation
    ? []
    : answerExtendedNegotiations(request, presentationContexts, acceptance);
  const { userIdentityResponse } = acceptance;
  const { asynchronousOperationsWindow: window, userIdentity } = request.userInformation;
  return {
    type: 'A-ASSOCIATE-AC',
    protocolVersion: 1,
    calledAeTitle: request.calledAeTitle,
    callingAeTitle: request.callingAeTitle,
    applicationContextName: DICOM_APPLICATION_CONTEXT,
    presentationContexts,
    userInformation: {
      ...localInformation(options, quirks),
      // Whoever proposes a window is answered, if with the default of one.
      ...(window &&
        !quirks.omitAsynchronousOperations && {
          asynchronousOperationsWindow: answerWindow(window, acceptance.asynchronousOperations),
        }),
      ...(roleSelections.length > 0 && { roleSelections }),
      ...(extendedNegotiations.length > 0 && { extendedNegotiations }),
      ...(userIdentityResponse && userIdentity?.positiveResponseRequested && { userIdentityResponse }),
    },
  };
}

const CONGESTION: Rejection = {
  result: RejectResult.Transient,
  source: RejectSource.ServiceProviderPresentation,
  reason: PresentationRejectReason.TemporaryCongestion,
};
