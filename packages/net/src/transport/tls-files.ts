// Faults of keys and certificates in words: OpenSSL's own errors name neither the option nor the mistake.

import { OptionError } from '@x/pdu';
import { crypto } from '../node-modules.ts';

export type Pem = string | Uint8Array;

/** A private key, and its certificate followed by the intermediate certificates. In PEM. */
export interface TlsIdentity {
  /** The private key. */
  readonly key: Pem;
  /** The certificate, then the intermediate certificates. */
  readonly cert: Pem;
  /** Decrypts the key, if it is encrypted. */
  readonly passphrase?: string;
}

/** The options of a client or a server that OpenSSL reads. */
interface Settings {
  readonly ca?: Pem | readonly Pem[];
  readonly crl?: Pem | readonly Pem[];
  readonly key?: Pem;
  readonly cert?: Pem;
  readonly passphrase?: string;
}

/**
 * Checks that authorities and revocation lists have something in PEM, because OpenSSL passes over other text, such as the
 * path of a file, and that key and certificate are given together.
 * @throws OptionError
 */
export function checkPem({ ca, crl, key, cert }: Settings, within: string): void {
  for (const pem of pemList(ca))
    if (!CERTIFICATE.test(textOf(pem))) throw invalid(`${within}.ca`, 'contains no certificate in PEM');
  for (const pem of pemList(crl))
    if (!REVOCATION_LIST.test(textOf(pem))) throw invalid(`${within}.crl`, 'contains no revocation list in PEM');
  const [missing, given] = key === undefined ? ['key', 'cert'] : ['cert', 'key'];
  if ((key === undefined) !== (cert === undefined))
    throw new OptionError(
      'OPTION_MISSING',
      `${within}.${missing}`,
      `the option '${within}.${missing}' is missing: it goes with '${within}.${given}'`,
    );
}

/** The error of OpenSSL in words, if a key or a certificate is the reason; otherwise that error. */
export function identityFault({ key, cert, passphrase }: Settings, within: string, error: unknown): unknown {
  if (key === undefined || cert === undefined) return error;
  const { X509Certificate, createPrivateKey } = crypto();
  const certificate = orUndefined(() => new X509Certificate(cert));
  if (!certificate) return invalid(`${within}.cert`, 'contains no certificate in PEM', error);
  const privateKey = orUndefined(() =>
    createPrivateKey({ key: Buffer.from(key), ...(passphrase !== undefined && { passphrase }) }),
  );
  if (!privateKey)
    return invalid(
      `${within}.key`,
      `contains no private key in PEM that can be read with${passphrase ? ' this' : 'out a'} passphrase`,
      error,
    );
  if (!certificate.checkPrivateKey(privateKey))
    return invalid(`${within}.key`, `is not the private key of the certificate in '${within}.cert'`, error);
  return error;
}

const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/;
const REVOCATION_LIST = /-----BEGIN X509 CRL-----/;

/** One or several, as a list. */
export function pemList(pem: Pem | readonly Pem[] = []): readonly Pem[] {
  return typeof pem === 'string' || pem instanceof Uint8Array ? [pem] : pem;
}

function textOf(pem: Pem): string {
  return typeof pem === 'string' ? pem : Buffer.from(pem.buffer, pem.byteOffset, pem.length).toString('latin1');
}

function invalid(option: string, words: string, cause?: unknown): OptionError {
  const error = new OptionError('OPTION_INVALID', option, `the option '${option}' ${words}`);
  return cause === undefined ? error : Object.assign(error, { cause });
}

function orUndefined<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
