// TLS as client and as server, with the profiles of PS3.15 Annex B.

import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext, Server, TLSSocket } from 'node:tls';
import { asError, TimeoutError } from '../errors.ts';
import { asyncHooks, crypto, net, tls } from '../node-modules.ts';
import { onAbort } from '../on-abort.ts';
import { startTimer } from '../timeouts.ts';
import { TlsError, tlsErrorOf } from './tls-error.ts';
import { checkPem, identityFault, type Pem, pemList, type TlsIdentity } from './tls-files.ts';
import { secureContextOptions, type TlsProfile, type TlsProfileName, tlsProfile } from './tls-profile.ts';

/** TLS options of both sides. */
export interface TlsTrust {
  /** Default `bcp195-rfc8996`: BCP 195 with RFC 8996 and 9325. */
  readonly profile?: TlsProfileName | TlsProfile;
  /** Trusted authorities in PEM. Default those that come with Node.js. */
  readonly ca?: Pem | readonly Pem[];
  /** Certificate revocation lists in PEM. Give one for each authority; certificates of other authorities are refused. */
  readonly crl?: Pem | readonly Pem[];
}

/** TLS options of `requestAssociation` and `openTransport`. */
export interface TlsClientOptions extends TlsTrust, Partial<TlsIdentity> {
  /** The name sent as SNI and expected in the server's certificate. Default the host, if it is a name. */
  readonly servername?: string;
  /**
   * How the server's certificate is verified. `host`: its signature, its dates and its host name. `chain`: its signature
   * and its dates. `nothing`: not at all; the connection is encrypted, but the peer is not authenticated. Default `host`.
   */
  readonly verify?: 'host' | 'chain' | 'nothing';
}

/** TLS options of `listen`. */
export interface TlsServerOptions extends TlsTrust, TlsIdentity {
  /** Whether clients must show a certificate, may show one, or are not asked. Default `required` if `ca` is given. */
  readonly clientCertificate?: 'required' | 'requested' | 'none';
  /** Other identities by the host name that clients request (SNI): `archive.example`, `*.example`. */
  readonly names?: Readonly<Record<string, TlsIdentity>>;
}

/** Facts about a secure connection. */
export interface TlsSession {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly protocol: string;
  /** The cipher suite by its IANA name. */
  readonly cipherSuite: string;
  /** The peer's certificate, if it sent one. */
  readonly certificate?: X509Certificate;
  /** Whether that certificate was verified. */
  readonly isAuthorized: boolean;
  /** The host name that the client requested. */
  readonly servername?: string;
}

/** The TLS session of a transport; undefined if it is not secure. */
export function tlsSessionOf(transport: unknown): TlsSession | undefined {
  if (!isTlsSocket(transport)) return undefined;
  const certificate = peerCertificate(transport);
  const { servername } = transport as TLSSocket & { readonly servername?: string | false };
  return {
    protocol: transport.getProtocol() ?? '',
    cipherSuite: transport.getCipher()?.standardName ?? '',
    isAuthorized: transport.authorized,
    ...(certificate && { certificate }),
    ...(servername && { servername }),
  };
}

/** `encrypted` is read first, so that `node:tls` is not loaded for a plain connection. */
function isTlsSocket(transport: unknown): transport is TLSSocket {
  return (transport as Partial<TLSSocket>).encrypted === true && transport instanceof tls().TLSSocket;
}

/**
 * Secures a connected socket with TLS as client.
 * @throws TlsError; OptionError; TimeoutError 'handshake'; the signal's reason. If it throws, the socket is destroyed.
 */
export async function secureAsClient(
  socket: Socket,
  host: string,
  options: TlsClientOptions,
  peer: string,
  handshakeTimeout: number,
  signal?: AbortSignal,
): Promise<TLSSocket> {
  const { verify = 'host' } = options;
  const profile = tlsProfile(options.profile);
  const servername = options.servername ?? (net().isIP(host) ? undefined : host);
  let secureContext: SecureContext;
  try {
    signal?.throwIfAborted();
    secureContext = contextOf(options);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return new Promise((resolve, reject) => {
    const secured = tls().connect({
      socket,
      host: options.servername ?? host,
      secureContext,
      rejectUnauthorized: verify !== 'nothing',
      ...(servername && { servername }),
      ...(verify !== 'host' && { checkServerIdentity: () => undefined }),
    });
    const settle = (error?: Error) => {
      stop();
      removeListener();
      secured.removeListener('error', failed);
      secured.removeListener('secureConnect', connected);
      socket.removeListener('close', closed);
      if (error === undefined) {
        resolve(secured);
        return;
      }
      secured.on('error', () => {});
      secured.destroy();
      socket.destroy();
      reject(error);
    };
    const stop = startTimer(handshakeTimeout, () =>
      settle(new TimeoutError('handshake', handshakeTimeout, `${peer} did not complete the TLS handshake`)),
    );
    const failed = (error: Error) => settle(tlsErrorOf(error, peer) ?? new TlsError(peer, 'closed', 'peer', error));
    const closed = () => settle(new TlsError(peer, 'closed', 'peer'));
    const connected = () => settle(weakKey(secured, profile, peer));
    secured.once('error', failed);
    secured.once('secureConnect', connected);
    socket.once('close', closed);
    const removeListener = onAbort(signal, (reason) => settle(asError(reason)));
  });
}

/** Secures accepted connections with TLS as server. Its certificates and authorities can be replaced while it runs. */
export class TlsAcceptor {
  readonly #server: Server;
  // The server's events only name the TLS socket; the asynchronous context leads back to the handshake.
  readonly #handshake = new (asyncHooks().AsyncLocalStorage)<{ done(result: TLSSocket | Error): void }>();
  #options: TlsServerOptions;
  #names: ReadonlyMap<string, SecureContext> = new Map();

  /** @throws OptionError for a key, a certificate or a list that cannot be used. */
  constructor(options: TlsServerOptions) {
    this.#options = options;
    contextOf(options);
    this.#server = tls().createServer({
      ...contextSettings(options),
      // Certificates are refused below, because the reason is known there.
      requestCert: mustAskForCertificate(options),
      rejectUnauthorized: false,
      // `accept` has its own timeout, with a typed error.
      handshakeTimeout: 0x7fffffff,
      SNICallback: (servername, callback) => callback(null, this.#contextFor(servername)),
    });
    this.#names = contextsByName(options);
    this.#server.on('secureConnection', (socket) => this.#handshake.getStore()?.done(socket));
    this.#server.on('tlsClientError', (error) => this.#handshake.getStore()?.done(error));
  }

  /**
   * Replaces certificates, keys, authorities, revocation lists and the profile for new connections. Open connections
   * continue. Whether clients are asked for a certificate does not change.
   * @throws OptionError; then nothing is replaced.
   */
  reload(options: TlsServerOptions): void {
    const names = contextsByName(options);
    contextOf(options);
    this.#server.setSecureContext(contextSettings(options));
    this.#names = names;
    this.#options = { ...options, clientCertificate: askedOf(this.#options) };
  }

  /** @throws TlsError; TimeoutError 'handshake'. If it throws, the connection is destroyed. */
  accept(socket: Duplex, peer: string, handshakeTimeout: number): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const done = (result: TLSSocket | Error) => {
        stop();
        socket.removeListener('close', closed);
        if (result instanceof tls().TLSSocket) {
          const error = this.#refusal(result, peer);
          if (!error) {
            resolve(result);
            return;
          }
          result.on('error', () => {});
          result.destroy();
          reject(error);
          return;
        }
        socket.on('error', () => {});
        // Destroyed later, so that the alert for the peer is sent first.
        setImmediate(() => socket.destroy());
        reject(result instanceof TimeoutError ? result : (tlsErrorOf(result, peer) ?? closedError(result)));
      };
      const closedError = (cause?: Error) => new TlsError(peer, 'closed', 'peer', cause);
      const stop = startTimer(handshakeTimeout, () =>
        done(new TimeoutError('handshake', handshakeTimeout, `${peer} did not complete the TLS handshake`)),
      );
      const closed = () => done(closedError());
      socket.once('close', closed);
      this.#handshake.run({ done }, () => this.#server.emit('connection', socket));
    });
  }

  #refusal(socket: TLSSocket, peer: string): TlsError | undefined {
    const hasCertificate = peerCertificate(socket) !== undefined;
    const asked = askedOf(this.#options);
    if (!hasCertificate) return asked === 'required' ? new TlsError(peer, 'certificate-required', 'local') : undefined;
    const { authorizationError } = socket;
    if (asked !== 'none' && !socket.authorized) {
      // It is declared as an Error, but is the code of an error.
      const code = String((authorizationError as { code?: string } | undefined)?.code ?? authorizationError);
      const cause = Object.assign(new Error(`the certificate is refused: ${code}`), { code });
      return tlsErrorOf(cause, peer) ?? new TlsError(peer, 'certificate-refused', 'local', cause);
    }
    return weakKey(socket, tlsProfile(this.#options.profile), peer);
  }

  #contextFor(servername: string): SecureContext | undefined {
    const name = servername.toLowerCase();
    return this.#names.get(name) ?? this.#names.get(name.replace(/^[^.]+/, '*'));
  }
}

function askedOf({ clientCertificate, ca }: TlsServerOptions): 'required' | 'requested' | 'none' {
  return clientCertificate ?? (ca === undefined ? 'none' : 'required');
}

function mustAskForCertificate(options: TlsServerOptions): boolean {
  return askedOf(options) !== 'none';
}

function contextsByName(options: TlsServerOptions): ReadonlyMap<string, SecureContext> {
  const { profile, ca, crl, names = {} } = options;
  const trust = { ...(profile && { profile }), ...(ca && { ca }), ...(crl && { crl }) };
  return new Map(
    Object.entries(names).map(([name, identity]) => [
      name.toLowerCase(),
      contextOf({ ...trust, ...identity }, `tls.names.${name}`),
    ]),
  );
}

/** @throws OptionError for a key, a certificate or a list that cannot be used. @param within The path of the options. */
function contextOf(options: TlsTrust & Partial<TlsIdentity>, within = 'tls'): SecureContext {
  checkPem(options, within);
  try {
    return tls().createSecureContext(contextSettings(options));
  } catch (error) {
    throw identityFault(options, within, error);
  }
}

function contextSettings({ profile, ca, crl, key, cert, passphrase }: TlsTrust & Partial<TlsIdentity>) {
  return {
    ...secureContextOptions(tlsProfile(profile)),
    ...(ca !== undefined && { ca: pemList(ca).map((one) => Buffer.from(one)) }),
    ...(crl !== undefined && { crl: pemList(crl).map((one) => Buffer.from(one)) }),
    ...(key !== undefined && { key: Buffer.from(key) }),
    ...(cert !== undefined && { cert: Buffer.from(cert) }),
    ...(passphrase !== undefined && { passphrase }),
  };
}

/** Parsed from its bytes, because a client's `getPeerX509Certificate` returns it only once. */
function peerCertificate(socket: TLSSocket): X509Certificate | undefined {
  const { raw } = socket.getPeerCertificate() ?? {};
  return raw && new (crypto().X509Certificate)(raw);
}

/** Checks the profile's bound for keys, which OpenSSL's security levels cannot express. */
function weakKey(socket: TLSSocket, { minimumKeyLength }: TlsProfile, peer: string): TlsError | undefined {
  const details = peerCertificate(socket)?.publicKey;
  if (!minimumKeyLength || !details) return undefined;
  const { modulusLength, namedCurve } = details.asymmetricKeyDetails ?? {};
  const isWeak =
    modulusLength !== undefined
      ? modulusLength < minimumKeyLength.rsa
      : namedCurve !== undefined && (CURVE_LENGTHS[namedCurve] ?? minimumKeyLength.ec) < minimumKeyLength.ec;
  return isWeak ? new TlsError(peer, 'weak-key', 'local') : undefined;
}

/** Curves below 256 bits that OpenSSL supports. */
const CURVE_LENGTHS: Readonly<Record<string, number>> = {
  secp192k1: 192,
  prime192v1: 192,
  secp224k1: 224,
  secp224r1: 224,
};
