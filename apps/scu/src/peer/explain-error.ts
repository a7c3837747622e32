// Errors in one line: what was attempted, with whom, what came back, what to try.

import type { PeerCertificate } from 'node:tls';
import { type PeerAddress, peerText } from '@x/cli/peer';
import { ExitCode, InterruptedError, UsageError } from '@x/cli/program';
import { DimseError, NoContextError, NotDicomError, RequestError } from '@x/dimse';
import {
  AssociationAbortedError,
  AssociationRejectedError,
  ConnectionLostError,
  describeReject,
  PduError,
  RejectSource,
  TimeoutError,
  TlsError,
  UserRejectReason,
} from '@x/net';

export interface Explanation {
  readonly line: string;
  readonly exitCode: number;
}

/** What it means that results cannot be written. */
export function outputLost(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE') return new InterruptedError(': nobody reads the results any more');
  return new UsageError(`the results cannot be written: ${systemErrorText(error)}`);
}

/** The peer took a request for storage commitment, and has not told what came of it. */
export class NoReportError extends Error {
  override readonly name = 'NoReportError';
}

export function explainError(error: unknown, peer?: PeerAddress, callingAeTitle = ''): Explanation {
  const whom = peer ? peerText(peer) : 'the peer';
  if (error instanceof InterruptedError) return { line: error.message, exitCode: ExitCode.Interrupted };
  // Both say themselves which file it is.
  if (error instanceof UsageError || error instanceof NotDicomError)
    return { line: error.message, exitCode: ExitCode.Usage };
  if (error instanceof RequestError) return explainError(error.cause, peer, callingAeTitle);
  if (error instanceof DimseError) {
    const comment = error.errorComment ? `: ${JSON.stringify(error.errorComment)}` : '';
    return { line: `${whom} answered: ${error.description}${comment}`, exitCode: ExitCode.Failure };
  }
  if (error instanceof NoReportError) return { line: error.message, exitCode: ExitCode.Failure };
  if (error instanceof NoContextError)
    return {
      line: `${whom} does not offer it: ${error.message}. What it offers is told by dimse-scu doctor.`,
      exitCode: ExitCode.Failure,
    };
  const association = explainAssociation(error, whom, callingAeTitle);
  if (association) return { line: association, exitCode: ExitCode.NoAssociation };
  const { path } = error as NodeJS.ErrnoException;
  const words = systemErrorText(error as NodeJS.ErrnoException);
  return { line: path === undefined ? words : `${path}: ${words}`, exitCode: ExitCode.Usage };
}

/** What the system says, in words, without the path. */
export function systemErrorText(error: NodeJS.ErrnoException & { readonly port?: number }): string {
  const { code = '', message, port } = error;
  if (code === 'EADDRINUSE' && port !== undefined) return `port ${port} is in use: choose another one`;
  if (code === 'EACCES' && port !== undefined) return `port ${port} may not be listened at: take one from 1024 on`;
  return SYSTEM_ERRORS[code] ?? message;
}

function explainAssociation(error: unknown, whom: string, callingAeTitle: string): string | undefined {
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
  if (error instanceof ConnectionLostError) {
    if (error.during === 'Sta4') return `${error.message}. Check the host, the port, and whether the peer is running.`;
    const hint = error.during === 'Sta5' ? ' It may not know us, or not speak DICOM on this port.' : '';
    return `${error.message}${error.message.endsWith('?') ? '' : '.'}${hint}`;
  }
  if (error instanceof TimeoutError) {
    const option = error.waitingFor === 'connect' ? '--connect-timeout' : '--timeout';
    return `${error.message}. Is it busy, or is something between us in the way? Wait longer with ${option}.`;
  }
  return undefined;
}

/** With the peer's name before it, where it is not there. */
function named(message: string, whom: string): string {
  return message.startsWith(whom) ? message : `${whom}: ${message}`;
}

function adviceOnRejection({ source, reason, isTransient }: AssociationRejectedError, callingAeTitle: string): string {
  if (source === RejectSource.ServiceUser) {
    if (reason === UserRejectReason.CallingAeTitleNotRecognized)
      return ` It knows you as '${callingAeTitle}': use --calling, or ask its administrator.`;
    if (reason === UserRejectReason.CalledAeTitleNotRecognized)
      return ' Write its AE title before the @, as in AET@host:port, or ask its administrator for it.';
    if (reason === UserRejectReason.NoReasonGiven && !isTransient)
      return ` Many do so where they do not know the AE title before the @, or ours, '${callingAeTitle}': use --calling, or ask its administrator.`;
  }
  return isTransient ? ' Try again later.' : ' Ask its administrator.';
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'the permission is missing',
  EPERM: 'the permission is missing',
  EEXIST: 'there is a file of this name',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links lead round and round',
  EMFILE: 'too many files are open',
  EIO: 'the disk does not answer',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'the disk is read-only',
};

function adviceOnTls({ fault, by, cause }: TlsError): string {
  if (fault === 'not-tls') return ' Leave out --tls, or ask for the port on which it does.';
  if (fault === 'untrusted' && by === 'local') return ' Name its authority with --tls-ca.';
  if (fault === 'wrong-host') {
    const { subjectaltname = '', subject } =
      (cause as { readonly cert?: Partial<PeerCertificate> } | undefined)?.cert ?? {};
    const names = subjectaltname.replaceAll(/(?:DNS|IP Address):/g, '') || subject?.CN;
    return ` Call it by the name in its certificate${names ? `: ${JSON.stringify(names)}` : ''}.`;
  }
  if (fault === 'certificate-required') return ' Give one with --tls-cert and --tls-key.';
  if (by === 'peer' && /^(?:untrusted|certificate-refused|revoked|expired)$/.test(fault))
    return ' Give another one with --tls-cert and --tls-key, or ask its administrator.';
  if (fault === 'protocol-version' || fault === 'no-common-cipher-suite') return ' Try another --tls-profile.';
  return '';
}
