// The codes for rejecting, aborting and refusing in PS3.8 Tables 9-18, 9-21 and 9-26, with their meaning in words.

import type { PduFault } from './errors.ts';
import type { Abort, AssociateReject } from './pdu.ts';

/** Result of an A-ASSOCIATE-RJ (PS3.8 Table 9-21). */
export const RejectResult = {
  /** The same request will be rejected again. */
  Permanent: 1,
  /** The same request may be accepted later. */
  Transient: 2,
} as const;

/** Source of an A-ASSOCIATE-RJ (PS3.8 Table 9-21). */
export const RejectSource = {
  /** The application: reasons are in `UserRejectReason`. */
  ServiceUser: 1,
  /** The association control function: reasons are in `AcseRejectReason`. */
  ServiceProviderAcse: 2,
  /** The presentation function: reasons are in `PresentationRejectReason`. */
  ServiceProviderPresentation: 3,
} as const;

/** Reasons of an A-ASSOCIATE-RJ if the source is the service user. */
export const UserRejectReason = {
  /** The service user gives no reason. */
  NoReasonGiven: 1,
  /** The acceptor does not support the application context. */
  ApplicationContextNameNotSupported: 2,
  /** The acceptor does not know the calling AE title. */
  CallingAeTitleNotRecognized: 3,
  /** The acceptor does not have the called AE title. */
  CalledAeTitleNotRecognized: 7,
} as const;

/** Reasons of an A-ASSOCIATE-RJ if the source is the service provider's ACSE related function. */
export const AcseRejectReason = {
  /** The provider gives no reason. */
  NoReasonGiven: 1,
  /** The protocol version is not 1. */
  ProtocolVersionNotSupported: 2,
} as const;

/** Reasons of an A-ASSOCIATE-RJ if the source is the service provider's presentation related function. */
export const PresentationRejectReason = {
  /** Too much to do now: try later. */
  TemporaryCongestion: 1,
  /** A limit is reached, for example of associations at once. */
  LocalLimitExceeded: 2,
} as const;

/** Source of an A-ABORT (PS3.8 Table 9-26). */
export const AbortSource = {
  /** The application. */
  ServiceUser: 0,
  /** The Upper Layer, because of a protocol error. */
  ServiceProvider: 2,
} as const;

/** Reason of an A-ABORT if the source is the service provider (PS3.8 Table 9-26). */
export const AbortReason = {
  /** The provider gives no reason. */
  NotSpecified: 0,
  /** The PDU type is unknown. */
  UnrecognizedPdu: 1,
  /** The PDU is not allowed in the state of the association. */
  UnexpectedPdu: 2,
  /** A parameter of the PDU is unknown. */
  UnrecognizedPduParameter: 4,
  /** A parameter of the PDU is not allowed there. */
  UnexpectedPduParameter: 5,
  /** A parameter of the PDU has a value that is not allowed. */
  InvalidPduParameterValue: 6,
} as const;

/** Result of a presentation context in an A-ASSOCIATE-AC (PS3.8 Table 9-18). */
export const PresentationContextResult = {
  /** The context is accepted. */
  Acceptance: 0,
  /** The service user rejects the context. */
  UserRejection: 1,
  /** The service provider rejects the context without a reason. */
  NoReason: 2,
  /** The acceptor does not support the abstract syntax. */
  AbstractSyntaxNotSupported: 3,
  /** The acceptor supports none of the transfer syntaxes. */
  TransferSyntaxesNotSupported: 4,
} as const;

/** The A-ABORT reason for a fault in a received PDU. */
export function abortReasonOf(fault: PduFault): number {
  return FAULT_REASONS[fault];
}

/** A rejection in words: `calling AE title not recognized (permanent, by the service user)`. Unknown codes are numbers. */
export function describeReject({
  result,
  source,
  reason,
}: Pick<AssociateReject, 'result' | 'source' | 'reason'>): string {
  const words = REJECT_REASONS[source]?.[reason] ?? `reason ${reason}`;
  return `${words} (${REJECT_RESULTS[result] ?? `result ${result}`}, by ${REJECT_SOURCES[source] ?? `source ${source}`})`;
}

/** An abort in words: `unexpected PDU (by the service provider)`. A service user's reason is not significant. */
export function describeAbort({ source, reason }: Pick<Abort, 'source' | 'reason'>): string {
  if (source === AbortSource.ServiceUser) return 'aborted by the service user';
  if (source !== AbortSource.ServiceProvider) return `reason ${reason} (by source ${source})`;
  return `${ABORT_REASONS[reason] ?? `reason ${reason}`} (by the service provider)`;
}

/** The result of a presentation context in words: `abstract syntax not supported`. */
export function describeContextResult(result: number): string {
  return CONTEXT_RESULTS[result] ?? `result ${result}`;
}

const FAULT_REASONS: Readonly<Record<PduFault, number>> = {
  'reason-not-specified': AbortReason.NotSpecified,
  'unrecognized-pdu': AbortReason.UnrecognizedPdu,
  'unexpected-pdu': AbortReason.UnexpectedPdu,
  'unrecognized-parameter': AbortReason.UnrecognizedPduParameter,
  'unexpected-parameter': AbortReason.UnexpectedPduParameter,
  'invalid-parameter-value': AbortReason.InvalidPduParameterValue,
};

type Words = Readonly<Record<number, string>>;

const REJECT_RESULTS: Words = { 1: 'permanent', 2: 'transient' };

const REJECT_SOURCES: Words = {
  1: 'the service user',
  2: 'the service provider (ACSE)',
  3: 'the service provider (presentation)',
};

const REJECT_REASONS: Readonly<Record<number, Words>> = {
  1: {
    1: 'no reason given',
    2: 'application context name not supported',
    3: 'calling AE title not recognized',
    7: 'called AE title not recognized',
  },
  2: { 1: 'no reason given', 2: 'protocol version not supported' },
  3: { 1: 'temporary congestion', 2: 'local limit exceeded' },
};

const ABORT_REASONS: Words = {
  0: 'reason not specified',
  1: 'unrecognized PDU',
  2: 'unexpected PDU',
  4: 'unrecognized PDU parameter',
  5: 'unexpected PDU parameter',
  6: 'invalid PDU parameter value',
};

const CONTEXT_RESULTS: Words = {
  0: 'accepted',
  1: 'rejected by the user',
  2: 'rejected by the provider, no reason given',
  3: 'abstract syntax not supported',
  4: 'transfer syntaxes not supported',
};
