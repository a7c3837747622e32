// The failures of TLS as typed errors with a reason in words.

import { CodedError } from '@x/pdu/internal';

/** The kind of failure. */
export type TlsFault =
  /** The peer does not speak TLS on this connection. */
  | 'not-tls'
  /** A certificate is not signed by a trusted authority. */
  | 'untrusted'
  | 'expired'
  | 'not-yet-valid'
  | 'revoked'
  /** The certificate is for another host. */
  | 'wrong-host'
  /** A client certificate is required, but was not given. */
  | 'certificate-required'
  /** The certificate was refused for another reason: its purpose, its form, or its subject. */
  | 'certificate-refused'
  /** The certificate's key is shorter than the profile allows. */
  | 'weak-key'
  | 'protocol-version'
  | 'no-common-cipher-suite'
  /** The peer closed the connection before it was secure. */
  | 'closed'
  | 'handshake-failed';

/** A secure connection could not be made, or has failed. `cause` is the system's error, if there is one. */
export class TlsError extends CodedError {
  static override readonly name: string = 'TlsError';
  /** `TLS_` and the fault in capitals: `TLS_WRONG_HOST`. */
  readonly code: string;
  /** The fault by name. */
  readonly fault: TlsFault;
  /** The side that found the fault: `peer` if the peer sent an alert. */
  readonly by: 'local' | 'peer';

  constructor(peer: string, fault: TlsFault, by: 'local' | 'peer', cause?: unknown) {
    const words = by === 'peer' ? BY_PEER[fault] : BY_US[fault];
    const detail = fault === 'handshake-failed' && cause instanceof Error ? `: ${cause.message}` : '';
    super(`no secure connection with ${peer}: ${words}${detail}`, { cause });
    this.code = `TLS_${fault.replaceAll('-', '_').toUpperCase()}`;
    this.fault = fault;
    this.by = by;
  }
}

/** The typed error for a system error of TLS; undefined for other errors. */
export function tlsErrorOf(error: unknown, peer: string): TlsError | undefined {
  const { code } = (error ?? {}) as { code?: string };
  if (error instanceof TlsError) return error;
  if (code === undefined) return undefined;
  const by = code.includes('_ALERT_') ? 'peer' : 'local';
  for (const [pattern, fault] of FAULTS) if (pattern.test(code)) return new TlsError(peer, fault, by, error);
  return /^ERR_(?:SSL|TLS)_/.test(code) ? new TlsError(peer, 'handshake-failed', by, error) : undefined;
}

/** Faults by the error codes of OpenSSL and Node.js; the first match counts. */
const FAULTS: readonly (readonly [code: RegExp, fault: TlsFault])[] = [
  [/^ERR_SSL_(?:WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|BAD_RECORD_TYPE|RECORD_LENGTH)/, 'not-tls'],
  [/PACKET_LENGTH_TOO_LONG|UNEXPECTED_RECORD/, 'not-tls'],
  [/CERT_HAS_EXPIRED|CERTIFICATE_EXPIRED|CRL_HAS_EXPIRED/, 'expired'],
  [/NOT_YET_VALID/, 'not-yet-valid'],
  [/CERT_REVOKED|CERTIFICATE_REVOKED/, 'revoked'],
  [/ALTNAME_INVALID|HOSTNAME_MISMATCH/, 'wrong-host'],
  [/DID_NOT_RETURN_A_CERTIFICATE|CERTIFICATE_REQUIRED/, 'certificate-required'],
  [
    /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER|GET_CRL)|CERT_UNTRUSTED|UNKNOWN_CA|CERT_CHAIN|CERT_SIGNATURE/,
    'untrusted',
  ],
  [/KEY_TOO_SMALL|MD_TOO_WEAK/, 'weak-key'],
  [/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS|VERSION_TOO_(?:LOW|HIGH)/, 'protocol-version'],
  [/NO_SHARED_CIPHER|NO_CIPHERS|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY/, 'no-common-cipher-suite'],
  [/CERTIFICATE|ACCESS_DENIED|INVALID_PURPOSE|INVALID_CA/, 'certificate-refused'],
];

const BY_US: Readonly<Record<TlsFault, string>> = {
  'not-tls': 'it does not speak TLS on this port',
  untrusted: 'its certificate is not signed by an authority that is trusted here',
  expired: 'its certificate has expired',
  'not-yet-valid': 'its certificate is not valid yet',
  revoked: 'its certificate has been revoked',
  'wrong-host': 'its certificate is for another host',
  'certificate-required': 'it gave no certificate, and one is required',
  'certificate-refused': 'its certificate cannot be accepted',
  'weak-key': 'the key of its certificate is shorter than the profile allows',
  'protocol-version': 'it offers no version of TLS that is allowed here',
  'no-common-cipher-suite': 'it offers no cipher suite that is allowed here',
  closed: 'it closed the connection before it was secure',
  'handshake-failed': 'the handshake failed',
};

const BY_PEER: Readonly<Record<TlsFault, string>> = {
  ...BY_US,
  untrusted: 'it does not trust the authority that signed our certificate',
  expired: 'it says that our certificate has expired',
  revoked: 'it says that our certificate has been revoked',
  'certificate-required': 'it requires a certificate, and we gave none',
  'certificate-refused': 'it does not accept our certificate',
  'protocol-version': 'it allows no version of TLS that we offer',
  'no-common-cipher-suite': 'it accepts none of the cipher suites or certificates that we offer',
  'weak-key': 'it finds the key of our certificate too short',
};
