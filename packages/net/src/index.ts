// The public names of @x/net, and those of @x/pdu that they show.

export {
  AbortReason,
  AbortSource,
  AcseRejectReason,
  type AssociateAccept,
  type AssociateReject,
  type AssociateRequest,
  type CommonExtendedNegotiation,
  DICOM_APPLICATION_CONTEXT,
  describeAbort,
  describeContextResult,
  describeReject,
  type ExtendedNegotiation,
  encodePdu,
  isValidAeTitle,
  isValidUid,
  MAXIMUM_PRESENTATION_CONTEXTS,
  type Pdu,
  PduError,
  PresentationContextResult,
  type PresentationDataValue,
  PresentationRejectReason,
  RejectResult,
  RejectSource,
  renderPdu,
  summarizePdu,
  type UserIdentity,
  type UserIdentityResponse,
  UserRejectReason,
} from '@x/pdu';
export {
  type Acceptance,
  type AssociationRequest,
  accept,
  acceptAssociation,
  type Decide,
  type Decision,
  type Rejection,
  reject,
} from './accept.ts';
export { type AcceptorRules, decideBy, type IdentityVerdict } from './acceptor-policy.ts';
export { Association, type Peer } from './association.ts';
export type { AssociationLimitOptions } from './association-limits.ts';
export { type AssociationPoolOptions, createAssociationPool } from './association-pool.ts';
export { encodeConversation, type SaidBytes } from './capture/captured-conversation.ts';
export type { CapturedFault, CapturedPdu } from './capture/captured-pdu.ts';
export { type CaptureOptions, ConversationCapture, createCapture } from './capture/conversation-capture.ts';
export { maskedPdu } from './capture/masked-pdu.ts';
export { CaptureError } from './capture/pcapng.ts';
export { readConversations } from './capture/read-conversations.ts';
export type { Endpoint } from './capture/tcp-packets.ts';
export { UpperLayerConnection } from './connection.ts';
export type { Closed, ConnectionEvents } from './connection-events.ts';
export { type ConnectionOptions, DEFAULT_MAXIMUM_LENGTH } from './connection-options.ts';
export { ASSOCIATION_END, ASSOCIATION_START, type AssociationEnd, type AssociationStart } from './diagnostics.ts';
export { type Address, openTransport } from './dial.ts';
export {
  AssociationAbortedError,
  AssociationRejectedError,
  ConnectionLostError,
  StateError,
  TimeoutError,
} from './errors.ts';
export {
  answerFlags,
  decodeQueryOptions,
  decodeRetrieveOptions,
  decodeStorageOptions,
  decodeWorklistOptions,
  encodeQueryOptions,
  encodeRetrieveOptions,
  encodeStorageOptions,
  encodeWorklistOptions,
  type QueryOptions,
  type RetrieveOptions,
  type StorageOptions,
  type WorklistOptions,
} from './extended-negotiation.ts';
export { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from './implementation.ts';
export {
  DEFAULT_MAXIMUM_ASSOCIATIONS,
  DEFAULT_MAXIMUM_PENDING_CONNECTIONS,
  LARGEST_ACCEPTED_LENGTH,
  SMALLEST_PEER_MAXIMUM_LENGTH,
} from './limits.ts';
export {
  type DrainReport,
  type ListenAddress,
  Listener,
  type ListenerCounters,
  type ListenerEvents,
  type ListenOptions,
  listen,
} from './listen.ts';
export type { DataSource, OutgoingMessage, PositionedSource } from './message-encoder.ts';
export type { NegotiatedExtension, NegotiatedIdentity, OperationsWindow } from './negotiated-options.ts';
export {
  type AcceptancePolicy,
  type AcceptedContext,
  explainRefused,
  type ProposedContext,
  type RefusedContext,
  type Roles,
  type SupportedContext,
} from './negotiation.ts';
export { associatedPair, type PairOptions } from './pair.ts';
export type { PeerMatch, PeerProfile, PeerQuirks } from './peer-profiles.ts';
export { type ContextNeed, planAssociations } from './plan-associations.ts';
export { Pool } from './pool.ts';
export { poolKey } from './pool-key.ts';
export { type Lease, type Poolable, PoolError, type PoolOptions } from './pool-options.ts';
export { type ProxiedPeer, type ProxyHeader, ProxyProtocolError, parseProxyHeader } from './proxy-protocol.ts';
export { type Destination, type LocalOptions, type RequestOptions, requestAssociation } from './request.ts';
export { classifyFailure, type FailureClass, type RetryPolicy, withRetry } from './retry.ts';
export {
  ACTIONS,
  type ActionName,
  type EventName,
  type Role,
  STATES,
  type State,
  TRANSITIONS,
  transition,
} from './state-machine.ts';
export { DEFAULT_TIMEOUTS, type Timeouts } from './timeouts.ts';
export type { TlsClientOptions, TlsIdentity, TlsServerOptions, TlsSession, TlsTrust } from './tls.ts';
export { TlsError, type TlsFault } from './tls-error.ts';
export { DEFAULT_TLS_PROFILE, TLS_PROFILES, type TlsProfile, type TlsProfileName, tlsProfile } from './tls-profile.ts';
export type { IncomingConnection, ProxyProtocolOptions, TransportAcceptorOptions } from './transport-acceptor.ts';
export type { TransportAddress } from './transport-connection.ts';
export type { StateChange } from './upper-layer.ts';
export {
  type IdentityOptions,
  jsonWebTokenIdentity,
  kerberosIdentity,
  passcodeIdentity,
  type ReadUserIdentity,
  readUserIdentity,
  samlIdentity,
  UserIdentityType,
  usernameIdentity,
} from './user-identity.ts';
export { WatchedEmitter } from './watched-emitter.ts';
