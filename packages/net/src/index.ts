// The public names of @x/net, and the names of @x/pdu that appear in them.

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
  OptionError,
  type Pdu,
  PduError,
  PresentationContextResult,
  type PresentationDataValue,
  PresentationRejectReason,
  RejectResult,
  RejectSource,
  ReturnValueError,
  renderPdu,
  summarizePdu,
  type UserIdentity,
  type UserIdentityResponse,
  UserRejectReason,
} from '@x/pdu';
export { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '@x/pdu/internal';
export {
  type AssociationRequest,
  accept,
  acceptAssociation,
  type Decide,
  type Decision,
  type Rejection,
  reject,
} from './association/accept.ts';
export { type AcceptorRules, decideBy } from './association/acceptor-policy.ts';
export type { Acceptance } from './association/associate-accept.ts';
export { type AcceptingListener, Association } from './association/association.ts';
export type { AssociationUser, Peer } from './association/association-parties.ts';
export { ASSOCIATION_ACCEPTED_CHANNEL, ASSOCIATION_CHANNEL, type AssociationTrace } from './association/diagnostics.ts';
export {
  type IdentityCheckCounters,
  type IdentityCheckLimits,
  type IdentityVerdict,
  type LimitedVerifyIdentity,
  limitIdentityChecks,
  type VerifyIdentity,
} from './association/identity-checks.ts';
export { Listener, type ListenOptions, listen } from './association/listen.ts';
export type { DrainReport, ListenerCounters, ListenerEvents } from './association/listener-reports.ts';
export { DEFAULT_MEMORY_LIMITS } from './association/memory-limits.ts';
export type { DataSource, OutgoingMessage, PositionedSource } from './association/message-encoder.ts';
export { associatedPair, type PairOptions } from './association/pair.ts';
export { type Destination, type LocalOptions, type RequestOptions, requestAssociation } from './association/request.ts';
export {
  AssociationAbortedError,
  AssociationRejectedError,
  ConnectionLostError,
  NotConnectedError,
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
} from './negotiation/extended-negotiation.ts';
export type {
  NegotiatedExtension,
  NegotiatedIdentity,
  OperationsWindow,
  WindowOption,
} from './negotiation/negotiated-options.ts';
export {
  type AcceptancePolicy,
  type AcceptedContext,
  explainRefused,
  type ProposedContext,
  type RefusedContext,
  type Roles,
  type SupportedContext,
} from './negotiation/negotiation.ts';
export type { PeerMatch, PeerProfile, PeerQuirks } from './negotiation/peer-profiles.ts';
export { type ContextNeed, planAssociations } from './negotiation/plan-associations.ts';
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
} from './negotiation/user-identity.ts';
export { type AssociationPool, type AssociationPoolOptions, createAssociationPool } from './pool/association-pool.ts';
export { type Lease, PoolError } from './pool/pool-options.ts';
export { type RetryPolicy, withRetry } from './pool/retry.ts';
export { DEFAULT_TIMEOUTS, type Timeouts } from './timeouts.ts';
export type { TracedWork } from './trace.ts';
export { type Address, openTransport } from './transport/dial.ts';
export { type ProxiedPeer, ProxyProtocolError } from './transport/proxy-protocol.ts';
export type { TlsClientOptions, TlsServerOptions, TlsSession, TlsTrust } from './transport/tls.ts';
export { TlsError, type TlsFault } from './transport/tls-error.ts';
export type { TlsIdentity } from './transport/tls-files.ts';
export { DEFAULT_TLS_PROFILE, TLS_PROFILES, type TlsProfile, type TlsProfileName } from './transport/tls-profile.ts';
export type { IncomingConnection, ProxyProtocolOptions } from './transport/transport-acceptor.ts';
export type { TransportAddress } from './transport/transport-connection.ts';
export type { ConnectionAddresses, ListenAddress, TransportServer } from './transport/transport-server.ts';
export { UpperLayerConnection } from './upper-layer/connection.ts';
export type { Closed, ConnectionEvents } from './upper-layer/connection-events.ts';
export type { ConnectionOptions } from './upper-layer/connection-options.ts';
export {
  ACTIONS,
  type ActionName,
  type EventName,
  type Role,
  STATES,
  type State,
  TRANSITIONS,
  transition,
} from './upper-layer/state-machine.ts';
export type { StateChange } from './upper-layer/upper-layer.ts';
