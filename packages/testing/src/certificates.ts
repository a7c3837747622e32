// Certificates for tests: an authority, certificates that it signs, and a revocation list.

import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from '@peculiar/x509';

/** In PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface IssueOptions {
  readonly name?: string;
  /** Host names and addresses. Default localhost and 127.0.0.1. */
  readonly hosts?: readonly string[];
  /** Days from now until the validity begins and ends. Default -1 and 1. */
  readonly days?: readonly [from: number, to: number];
  /** RSA with this number of bits, or a curve. Default P-256. */
  readonly keyType?: 'P-256' | 'RSA-1024' | 'RSA-2048';
}

export interface Authority {
  /** In PEM. */
  readonly cert: string;
  issue(options?: IssueOptions): Promise<Identity>;
  /** Makes an intermediate authority, signed by this one. */
  subordinate(name: string): Promise<Authority>;
  /** Makes a revocation list of these certificates, in PEM. */
  revoke(...certificates: readonly string[]): Promise<string>;
}

export function createAuthority(name = 'Authority'): Promise<Authority> {
  return authority(name, undefined);
}

interface Signer {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

async function authority(name: string, above: Signer | undefined): Promise<Authority> {
  const keys = await generateKeys('P-256');
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${name}`,
    issuer: above?.certificate.subject ?? `CN=${name}`,
    ...validity([-1, 2]),
    signingKey: (above?.keys ?? keys).privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: SIGNING,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const own: Signer = { certificate, keys };
  const cert = certificate.toString('pem');
  return {
    cert,
    async issue(options = {}) {
      const { key, cert: issued } = await issue(own, options);
      return { key, cert: above ? `${issued}\n${cert}` : issued };
    },
    subordinate: (subordinateName) => authority(subordinateName, own),
    async revoke(...certificates) {
      const { X509Certificate: Parsed } = await import('@peculiar/x509');
      const list = await X509CrlGenerator.create({
        issuer: certificate.subject,
        thisUpdate: new Date(Date.now() - DAY),
        nextUpdate: new Date(Date.now() + DAY),
        signingKey: keys.privateKey,
        signingAlgorithm: SIGNING,
        entries: certificates.map((pem) => ({
          serialNumber: new Parsed(pem).serialNumber,
          revocationDate: new Date(Date.now() - DAY),
        })),
        extensions: [await AuthorityKeyIdentifierExtension.create(keys.publicKey)],
      });
      return PemConverter.encode(list.rawData, 'X509 CRL');
    },
  };
}

async function issue(signer: Signer, options: IssueOptions): Promise<Identity> {
  const { name = 'peer', hosts = ['localhost', '127.0.0.1'], days = [-1, 1], keyType = 'P-256' } = options;
  const keys = await generateKeys(keyType);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${name}`,
    issuer: signer.certificate.subject,
    ...validity(days),
    signingKey: signer.keys.privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: SIGNING,
    extensions: [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
      await AuthorityKeyIdentifierExtension.create(signer.keys.publicKey),
    ],
  });
  const exported = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: PemConverter.encode(exported, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}

const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
const DAY = 24 * 60 * 60 * 1000;

function generateKeys(keyType: NonNullable<IssueOptions['keyType']>): Promise<webcrypto.CryptoKeyPair> {
  if (keyType === 'P-256')
    return crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: keyType === 'RSA-1024' ? 1024 : 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  // Makes it positive, without leading zeros.
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function validity([from, to]: readonly [number, number]) {
  return { notBefore: new Date(Date.now() + from * DAY), notAfter: new Date(Date.now() + to * DAY) };
}
