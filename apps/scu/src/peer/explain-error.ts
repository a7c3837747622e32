// Errors in one line: the attempt, the peer, its answer, and advice.

import type { PeerCertificate } from 'node:tls';
import { nearestFileHint } from '@x/cli/nearest-file';
import { type PeerAddress, peerText } from '@x/cli/peer';
import { ExitCode, InterruptedError, UsageError } from '@x/cli/program';
import { DimseError, NoContextError, NotDicomError, PeerLostError, RequestError } from '@x/dimse';
import {
  AcseRejectReason,
  AssociationAbortedError,
  AssociationRejectedError,
  ConnectionLostError,
  describeReject,
  NotConnectedError,
  PduError,
  RejectSource,
  TimeoutError,
  TlsError,
  UserRejectReason,
} from '@x/net';
import { CodedError } from '@x/pdu/internal';

export interface Explanation {
  readonly line: string;
  readonly exitCode: number;
}

/** The error to report if results cannot be written. */
export function outputLost(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE') return new InterruptedError(': the reader of the results has closed the pipe');
  return new UsageError(`the results cannot be written: ${systemErrorText(error)}`);
}

/** The peer accepted a request for storage commitment but did not report the result. */
export class NoReportError extends CodedError {
  static override readonly name: string = 'NoReportError';
  readonly code = 'NO_REPORT';
}

export function explainError(error: unknown, peer?: PeerAddress, callingAeTitle = ''): Explanation {
  const whom = peer ? peerText(peer) : 'the peer';
  if (error instanceof InterruptedError) return { line: error.message, exitCode: ExitCode.Interrupted };
  // The messages of both name the file.
  if (error instanceof UsageError || error instanceof NotDicomError)
    return { line: error.message, exitCode: ExitCode.Usage };
  if (error instanceof RequestError) return explainError(error.cause, peer, callingAeTitle);
  if (error instanceof DimseError) {
    const comment = error.errorComment ? `: ${JSON.stringify(error.errorComment)}` : '';
    const attributes = error.attributes === undefined ? '' : `: ${error.attributes}`;
    return { line: `${whom} answered: ${error.description}${comment}${attributes}`, exitCode: ExitCode.Failure };
  }
  if (error instanceof NoReportError) return { line: error.message, exitCode: ExitCode.Failure };
  if (error instanceof NoContextError)
    return {
      line: `${whom} does not support this: ${error.message}. Run dimse-scu doctor to see which services it supports.`,
      exitCode: ExitCode.Failure,
    };
  const association = explainAssociation(error, whom, callingAeTitle);
  if (association) return { line: association, exitCode: ExitCode.NoAssociation };
  const { path } = error as NodeJS.ErrnoException;
  const words = systemErrorText(error as NodeJS.ErrnoException) + nearestFileHint(error);
  return { line: path === undefined ? words : `${path}: ${words}`, exitCode: ExitCode.Usage };
}

/** Describes an error of the operating system, without the path. */
export function systemErrorText(error: NodeJS.ErrnoException & { readonly port?: number }): string {
  const { code = '', message, port } = error;
  if (code === 'EADDRINUSE' && port !== undefined) return `port ${port} is in use: choose another port`;
  if (code === 'EACCES' && port !== undefined) return `port ${port} requires privileges: choose a port from 1024 on`;
  return SYSTEM_ERRORS[code] ?? message;
}

function explainAssociation(error: unknown, whom: string, callingAeTitle: string): string | undefined {
  if (error instanceof PeerLostError) {
    const last = explainAssociation(error.cause, whom, callingAeTitle) ?? String(error.cause);
    return `gave up: ${error.associations} associations in a row were lost without a response; the last one: ${last}`;
  }
  if (error instanceof AssociationRejectedError)
    return `${whom} rejected the association: ${describeReject(error)}.${adviceOnRejection(error, callingAeTitle)}`;
  if (error instanceof AssociationAbortedError) {
    const { cause } = error;
    if (cause instanceof InterruptedError || cause instanceof TimeoutError)
      return explainAssociation(cause, whom, callingAeTitle) ?? 'interrupted';
    if (error.by === 'peer') return `${error.message}. Its log may say why.`;
    if (cause instanceof PduError) return `${named(cause.message, whom)}. Is this the right port?`;
    return error.message;
  }
  if (error instanceof TlsError) return `${error.message}.${adviceOnTls(error)}`;
  if (error instanceof NotConnectedError)
    return `${error.message}. Check the host, the port, and whether the peer is running.`;
  if (error instanceof ConnectionLostError) {
    const hint =
      error.during === 'Sta5' ? ' It may not accept our AE title or address, or may not speak DICOM on this port.' : '';
    return `${error.message}${error.message.endsWith('?') ? '' : '.'}${hint}`;
  }
  if (error instanceof TimeoutError) {
    const option = error.waitingFor === 'connect' ? '--connect-timeout' : '--timeout';
    return `${error.message}. The peer may be busy, or the network may block the connection. Wait longer with ${option}.`;
  }
  return undefined;
}

/** The message with the peer in front, unless it starts with the peer. */
function named(message: string, whom: string): string {
  return message.startsWith(whom) ? message : `${whom}: ${message}`;
}

function adviceOnRejection({ source, reason, isTransient }: AssociationRejectedError, callingAeTitle: string): string {
  if (source === RejectSource.ServiceUser) {
    if (reason === UserRejectReason.CallingAeTitleNotRecognized)
      return ` It knows you as '${callingAeTitle}': use --calling, or ask its administrator.`;
    if (reason === UserRejectReason.CalledAeTitleNotRecognized)
      return ' Put its AE title before the @, as in AET@host:port, or ask its administrator for the title.';
    if (reason === UserRejectReason.NoReasonGiven && !isTransient)
      return ` Many peers do this if they do not know the AE title before the @ or ours, '${callingAeTitle}': use --calling, or ask its administrator.`;
  }
  // PS3.7 §D.3.3.7.3: this is the rejection of a user identity.
  if (source === RejectSource.ServiceProviderAcse && reason === AcseRejectReason.NoReasonGiven && !isTransient)
    return ' It may need a user identity, or not accept the one it got: see --user.';
  return isTransient ? ' Try again later.' : ' Ask its administrator.';
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'file or folder does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EEXIST: 'a file with this name exists',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of the path is not a folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many levels of symbolic links',
  EMFILE: 'too many files are open',
  EIO: 'the disk reported an error',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is exceeded',
  EROFS: 'the disk is read-only',
};

function adviceOnTls({ fault, by, cause }: TlsError): string {
  if (fault === 'not-tls') return ' Leave out --tls, or use the port that expects TLS.';
  if (fault === 'untrusted' && by === 'local') return ' Specify its authority with --tls-ca.';
  if (fault === 'wrong-host') {
    const { subjectaltname = '', subject } =
      (cause as { readonly cert?: Partial<PeerCertificate> } | undefined)?.cert ?? {};
    const names = subjectaltname.replaceAll(/(?:DNS|IP Address):/g, '') || subject?.CN;
    return ` Use the host name in its certificate${names ? `: ${JSON.stringify(names)}` : ''}.`;
  }
  if (fault === 'certificate-required') return ' Specify one with --tls-cert and --tls-key.';
  if (by === 'peer' && /^(?:untrusted|certificate-refused|revoked|expired)$/.test(fault))
    return ' Specify another one with --tls-cert and --tls-key, or ask its administrator.';
  if (fault === 'protocol-version' || fault === 'no-common-cipher-suite') return ' Try another --tls-profile.';
  return '';
}
