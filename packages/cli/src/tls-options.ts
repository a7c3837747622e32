// The options for TLS that the applications share.

import type { KeyObject } from 'node:crypto';
import { TLS_PROFILES, type TlsClientOptions, type TlsProfileName, type TlsServerOptions } from '@x/net';
import type { Command } from 'commander';
import { nearestFileHint } from './nearest-file.ts';
import { crypto } from './node-modules.ts';
import { oneOf } from './option-values.ts';
import { UsageError } from './program.ts';
import { readRegularFileSync } from './regular-file.ts';

export interface TlsFileOptions {
  readonly tlsProfile?: TlsProfileName;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export interface TlsClientCommandOptions extends TlsFileOptions {
  readonly tls: boolean;
  readonly tlsInsecure: boolean;
}

/** Adds the options of a client. */
export function withTlsClientOptions(command: Command): Command {
  return withTlsFileOptions(
    command
      .option('--tls', 'connect with TLS', false)
      .option('--tls-insecure', 'do not verify the certificate of the peer', false),
    'accepted authorities for the certificate of the peer, in PEM (default: public authorities)',
  );
}

/** Adds the options of a server. */
export function withTlsServerOptions(command: Command): Command {
  return withTlsFileOptions(command, 'require client certificates signed by one of these authorities, in PEM');
}

/** @throws UsageError for options that contradict each other, and files that cannot be read */
export function tlsClientOptions(options: TlsClientCommandOptions): TlsClientOptions | undefined {
  const { tls, tlsInsecure, tlsProfile, tlsCa, tlsCert, tlsKey } = options;
  if (!tls) {
    if (tlsInsecure || tlsProfile || tlsCa || tlsCert || tlsKey) throw new UsageError('the --tls-… options need --tls');
    return undefined;
  }
  if ((tlsCert === undefined) !== (tlsKey === undefined)) throw new UsageError('--tls-cert and --tls-key go together');
  return {
    ...(tlsProfile && { profile: tlsProfile }),
    ...(tlsCa && { ca: readCertificates(tlsCa) }),
    ...(tlsCert && tlsKey && readIdentity(tlsCert, tlsKey)),
    ...(tlsInsecure && { verify: 'nothing' as const }),
  };
}

/** @throws UsageError for options that contradict each other, and files that cannot be read */
export function tlsServerOptions({ tlsProfile, tlsCa, tlsCert, tlsKey }: TlsFileOptions): TlsServerOptions | undefined {
  if (tlsCert === undefined || tlsKey === undefined) {
    if (tlsCert || tlsKey || tlsCa || tlsProfile)
      throw new UsageError('secure connections need both --tls-cert and --tls-key');
    return undefined;
  }
  return {
    ...readIdentity(tlsCert, tlsKey),
    ...(tlsCa && { ca: readCertificates(tlsCa) }),
    ...(tlsProfile && { profile: tlsProfile }),
  };
}

function withTlsFileOptions(command: Command, meaningOfCa: string): Command {
  const profiles = Object.keys(TLS_PROFILES) as TlsProfileName[];
  return command
    .option('--tls-profile <name>', profiles.join(', '), oneOf(...profiles))
    .option('--tls-ca <file>', meaningOfCa)
    .option('--tls-cert <file>', 'our certificate and the intermediate certificates, in PEM')
    .option('--tls-key <file>', 'private key of our certificate, in PEM');
}

interface Identity {
  readonly cert: Uint8Array;
  readonly key: Uint8Array;
}

/** Checks the files here because the later errors of OpenSSL name neither the file nor the mistake. */
function readIdentity(certPath: string, keyPath: string): Identity {
  const [cert, key] = [readCertificates(certPath), readFile(keyPath)];
  let privateKey: KeyObject;
  try {
    privateKey = crypto().createPrivateKey({ key });
  } catch {
    throw new UsageError(`${keyPath} does not contain a private key in PEM that can be read without a passphrase`);
  }
  if (!new (crypto().X509Certificate)(cert).checkPrivateKey(privateKey))
    throw new UsageError(`the private key in ${keyPath} does not belong to the certificate in ${certPath}`);
  return { cert, key };
}

function readCertificates(path: string): Buffer {
  const pem = readFile(path);
  try {
    // This checks the first certificate of the file.
    new (crypto().X509Certificate)(pem);
  } catch {
    throw new UsageError(`${path} does not contain a certificate in PEM`);
  }
  return pem;
}

function readFile(path: string): Buffer {
  try {
    return readRegularFileSync(path, MAXIMUM_LENGTH);
  } catch (error) {
    throw new UsageError(
      `a file for TLS cannot be read: ${path}: ${(error as Error).message}${nearestFileHint(error)}`,
    );
  }
}

/** Bundles of public authorities have about 200 KiB. */
const MAXIMUM_LENGTH = 16 * 1024 * 1024;
