// The options of secure connections, as the applications share them.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TLS_PROFILES, type TlsClientOptions, type TlsProfileName, type TlsServerOptions } from '@x/net';
import type { Command } from 'commander';
import { oneOf } from './option-values.ts';
import { UsageError } from './program.ts';

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

/** Adds what a client takes. */
export function withTlsClientOptions(command: Command): Command {
  return withTlsFileOptions(
    command
      .option('--tls', 'make the connection secure', false)
      .option('--tls-insecure', 'do not verify the certificate of the peer', false),
    'who may have signed the certificate of the peer (default: public authorities)',
  );
}

/** Adds what a server takes. */
export function withTlsServerOptions(command: Command): Command {
  return withTlsFileOptions(command, 'clients must show a certificate that one of these has signed');
}

/** @throws UsageError for options that do not go together, or files that cannot be read. */
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

/** @throws UsageError for options that do not go together, or files that cannot be read. */
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
    .option('--tls-cert <file>', 'our certificate, in PEM, and those between it and its authority')
    .option('--tls-key <file>', 'the private key of our certificate, in PEM');
}

interface Identity {
  readonly cert: Uint8Array;
  readonly key: Uint8Array;
}

/** What OpenSSL would say of them later says neither the file nor what is wrong with it. */
function readIdentity(certPath: string, keyPath: string): Identity {
  const [cert, key] = [readCertificates(certPath), readFile(keyPath)];
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey({ key });
  } catch {
    throw new UsageError(`${keyPath} holds no private key in PEM that can be read without a passphrase`);
  }
  if (!new X509Certificate(cert).checkPrivateKey(privateKey))
    throw new UsageError(`the private key in ${keyPath} is not that of the certificate in ${certPath}`);
  return { cert, key };
}

function readCertificates(path: string): Buffer {
  const pem = readFile(path);
  try {
    // The first of them.
    new X509Certificate(pem);
  } catch {
    throw new UsageError(`${path} holds no certificate in PEM`);
  }
  return pem;
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`a file for secure connections cannot be read: ${(error as Error).message}`);
  }
}
