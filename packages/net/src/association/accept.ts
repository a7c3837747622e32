// Accepting or rejecting an association on one connection (PS3.8 §7.1).

import type { Duplex } from 'node:stream';
import {
  AcseRejectReason,
  type AssociateReject,
  type AssociateRequest,
  DICOM_APPLICATION_CONTEXT,
  PresentationRejectReason,
  RejectResult,
  RejectSource,
  UserRejectReason,
} from '@x/pdu';
import { checkOptions, isPlainObject, ownGetter, wrongReturn } from '@x/pdu/internal';
import { ConnectionLostError, TimeoutError } from '../errors.ts';
import { checkPeerMaximumLength } from '../limits.ts';
import { quirksOf } from '../negotiation/peer-profiles.ts';
import { startTimer } from '../timeouts.ts';
import type { TlsSession } from '../transport/tls.ts';
import { UpperLayerConnection } from '../upper-layer/connection.ts';
import type { ConnectionOptions } from '../upper-layer/connection-options.ts';
import { type ConnectionSettings, connectionSettings } from '../upper-layer/connection-settings.ts';
import { type Acceptance, associateAccept } from './associate-accept.ts';
import { type AcceptingListener, Association } from './association.ts';
import { type AssociationTrace, type EstablishmentWatch, establish } from './diagnostics.ts';
import { releaseWhenIdle } from './idle-release.ts';
import { ACCEPT_ASSOCIATION_OPTIONS, ACCEPT_OPTIONS, REJECT_OPTIONS } from './option-tables.ts';
import { connectionOptions, type LocalOptions } from './request.ts';

/** The facts on which a decision is based. */
export interface AssociationRequest {
  /** The id that the association will have, for logs. */
  readonly id: string;
  /** The A-ASSOCIATE-RQ as it was received. */
  readonly request: AssociateRequest;
  /** AE title of the requestor, without padding. */
  readonly callingAeTitle: string;
  /** AE title that the requestor calls, without padding. */
  readonly calledAeTitle: string;
  /** The peer's address and port, if the transport has them. */
  readonly address?: string;
  /** The peer's TCP port, if the transport has one. */
  readonly port?: number;
  /** The TLS session, if the connection is secure: a decision may bind its certificate to AE titles. */
  readonly tls?: TlsSession;
  /** Aborts when the connection ends, because a decision is no longer needed. */
  readonly signal: AbortSignal;
}

/** Codes of A-ASSOCIATE-RJ: see `RejectResult`, `RejectSource` and the reasons. */
export type Rejection = Pick<AssociateReject, 'result' | 'source' | 'reason'>;

/** The result of `accept` and `reject`. */
export type Decision = { readonly accept: Acceptance } | { readonly reject: Rejection };

/** Accepts the association, with the proposed contexts that the policy supports. @throws OptionError. */
export function accept(acceptance: Acceptance): Decision {
  return { accept: checkOptions<Acceptance>(ACCEPT_OPTIONS, acceptance) };
}

/** Rejects the association. Default: permanently, by the service user, without a reason. @throws OptionError. */
export function reject(rejection: Partial<Rejection> = {}): Decision {
  checkOptions<Rejection>(REJECT_OPTIONS, rejection);
  const { result = RejectResult.Permanent, source = RejectSource.ServiceUser } = rejection;
  return { reject: { result, source, reason: rejection.reason ?? UserRejectReason.NoReasonGiven } };
}

/** Decides on a request, within the association timeout. */
export type Decide = (request: AssociationRequest, connection: UpperLayerConnection) => Decision | Promise<Decision>;

/** The options of `acceptAssociation`. */
export interface AcceptAssociationOptions extends LocalOptions, Pick<ConnectionOptions, 'peer' | 'strict'> {
  readonly decide: Decide;
  /** The listener that accepted the connection, for `Association.listener`. */
  readonly listener?: AcceptingListener;
}

/**
 * Waits on a connected transport for A-ASSOCIATE-RQ, and answers it as decided. Settles with undefined if the request
 * was rejected, or if the peer closed the connection before it sent one.
 * @throws the error of `decide`, after rejecting the request with 'temporary congestion'; AssociationAbortedError,
 * ConnectionLostError, TimeoutError; OptionError.
 */
export async function acceptAssociation(
  transport: Duplex,
  options: AcceptAssociationOptions,
): Promise<Association | undefined> {
  checkOptions<AcceptAssociationOptions>(ACCEPT_ASSOCIATION_OPTIONS, options);
  const { peer, decide, onConnection, listener } = options;
  const connection = new UpperLayerConnection(transport, 'acceptor', peer ? { peer } : {}, acceptorSettings(options));
  onConnection?.(connection);
  return acceptOn(connection, options, decide, listener);
}

/** The settings of the connections of an acceptor with these options. */
export function acceptorSettings(options: LocalOptions & Pick<ConnectionOptions, 'strict'>): ConnectionSettings {
  return connectionSettings({ ...connectionOptions(options), ...(options.strict && { strict: true }) });
}

/** The same as `acceptAssociation`, on a connection that has received nothing, for options that were checked. */
export async function acceptOn(
  connection: UpperLayerConnection,
  options: LocalOptions,
  decide: Decide,
  listener?: AcceptingListener,
): Promise<Association | undefined> {
  const { value: request } = await connection.next();
  if (request?.type !== 'A-ASSOCIATE-RQ') return undefined;
  const describe = (): AssociationTrace => {
    const { callingAeTitle, calledAeTitle } = request;
    return { role: 'acceptor', callingAeTitle, calledAeTitle, ...connection.peer };
  };
  return establish(describe, (watch) => answer({ connection, request, options, decide, listener, watch }));
}

/** A request that was received, and the things that its answer depends on. */
interface Received {
  readonly connection: UpperLayerConnection;
  readonly request: AssociateRequest;
  readonly options: LocalOptions;
  readonly decide: Decide;
  readonly listener: AcceptingListener | undefined;
  readonly watch: EstablishmentWatch | undefined;
}

async function answer(received: Received): Promise<Association | undefined> {
  const { connection, request, options, decide, listener, watch } = received;
  watch?.connected(connection);
  try {
    const asked = unacceptable(request, connection.peerName) ?? askFor(request, connection, decide);
    const decision = asked instanceof Promise ? await asked : asked;
    if ('reject' in decision) {
      watch?.rejected(decision.reject);
      await connection.send({ type: 'A-ASSOCIATE-RJ', ...decision.reject });
      return undefined;
    }
    const quirks = quirksOf(options.peerProfiles, { aeTitle: request.callingAeTitle, ...request.userInformation });
    const acceptance = associateAccept(request, decision.accept, options, quirks);
    await connection.send(acceptance);
    const { lenientRoles = options.lenientRoles } = quirks;
    const association = new Association(connection, request, acceptance, { lenientRoles, listener });
    releaseWhenIdle(association, connection.timeouts.idle);
    return association;
  } catch (error) {
    // Without an answer the peer would wait. Aborting does nothing if it was rejected.
    if (connection.state === 'Sta3') {
      watch?.rejected(CONGESTION);
      await connection.send({ type: 'A-ASSOCIATE-RJ', ...CONGESTION });
    }
    connection.abort(error instanceof Error ? { cause: error } : {});
    throw error;
  }
}

/** The decision: a value if it was made at once, and else a promise. @throws ReturnValueError; the errors of `decide`. */
function askFor(
  request: AssociateRequest,
  connection: UpperLayerConnection,
  decide: Decide,
): Decision | Promise<Decision> {
  const decision: unknown = decide(new IncomingRequest(connection, request), connection);
  const isLater = typeof decision === 'object' && decision !== null && 'then' in decision;
  return isLater ? inTime(decision as Promise<Decision>, connection) : checkedDecision(decision);
}

function checkedDecision(decision: unknown): Decision {
  if (!isDecision(decision)) throw wrongReturn('decide', decision, 'the result of accept() or reject()');
  return decision;
}

function isDecision(value: unknown): value is Decision {
  if (!isPlainObject(value)) return false;
  const { accept, reject } = value;
  if (isPlainObject(accept)) return typeof accept.supports === 'function';
  return isPlainObject(reject) && [reject.result, reject.source, reject.reason].every(Number.isInteger);
}

/** A request with the facts of its connection. */
class IncomingRequest implements AssociationRequest {
  /** Made when it is read: most decisions do not need it. */
  static readonly #SIGNAL = ownGetter<IncomingRequest>(function () {
    this.#gone ??= abortedAtEndOf(this.#connection);
    return this.#gone.signal;
  });
  readonly id: string;
  readonly request: AssociateRequest;
  readonly callingAeTitle: string;
  readonly calledAeTitle: string;
  declare readonly address?: string;
  declare readonly port?: number;
  declare readonly tls?: TlsSession;
  declare readonly signal: AbortSignal;
  readonly #connection: UpperLayerConnection;
  #gone: AbortController | undefined;

  constructor(connection: UpperLayerConnection, request: AssociateRequest) {
    const { id, peer, tls } = connection;
    this.id = id;
    this.request = request;
    this.callingAeTitle = request.callingAeTitle;
    this.calledAeTitle = request.calledAeTitle;
    Object.assign(this, peer, tls && { tls });
    this.#connection = connection;
    Object.defineProperty(this, 'signal', IncomingRequest.#SIGNAL);
  }
}

function abortedAtEndOf(connection: UpperLayerConnection): AbortController {
  const gone = new AbortController();
  if (connection.ended) gone.abort(connection.ended.error);
  else void connection.closed.then(({ error }) => gone.abort(error));
  return gone;
}

/** The decision, which may never settle: the wait ends with the connection, and at the association timeout. */
async function inTime(decision: Promise<Decision>, connection: UpperLayerConnection): Promise<Decision> {
  const { association } = connection.timeouts;
  const stop = startTimer(association, () =>
    connection.abort({
      cause: new TimeoutError('association', association, 'no decision on the association was made'),
    }),
  );
  let isDecided = false;
  const gone = connection.closed.then(({ error }): never => {
    // The error of an association that ends after the decision belongs to its user.
    if (isDecided) return undefined as never;
    throw error ?? new ConnectionLostError(`${connection.peerName} closed the connection`, connection.state);
  });
  try {
    return checkedDecision(await Promise.race([decision, gone]));
  } finally {
    isDecided = true;
    stop();
  }
}

/** The rejection of requests that the service provider cannot accept (PS3.8 §9.2.3, AE-6). */
function unacceptable(request: AssociateRequest, peerName: string): Decision | undefined {
  if ((request.protocolVersion & 1) === 0)
    return reject({ source: RejectSource.ServiceProviderAcse, reason: AcseRejectReason.ProtocolVersionNotSupported });
  // There is one application context, so that a request without its name can mean no other.
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

/** The rejection of requests that cannot be decided on now. */
export const CONGESTION: Rejection = {
  result: RejectResult.Transient,
  source: RejectSource.ServiceProviderPresentation,
  reason: PresentationRejectReason.TemporaryCongestion,
};
