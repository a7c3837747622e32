// Secure transport connections: TLS as client and as server by the profiles of PS3.15 Annex B.

import { AsyncLocalStorage } from 'node:async_hooks';
import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, createSecureContext, createServer, type SecureContext, type Server, TLSSocket } from 'node:tls';
import { asError, TimeoutError } from '../errors.ts';
import { onAbort } from '../on-abort.ts';
import { startTimer } from '../timeouts.ts';
import { TlsError, tlsErrorOf } from './tls-error.ts';
import { secureContextOptions, type TlsProfile, type TlsProfileName, tlsProfile } from './tls-profile.ts';

type Pem = string | Uint8Array;

/** Who we are: a private key, and the certificate with those between it and its authority. In PEM. */
export interface TlsIdentity {
  readonly key: Pem;
  readonly cert: Pem;
  readonly passphrase?: string;
}

/** What both sides may say. */
export interface TlsTrust {
  /** Default the current one: BCP 195 with RFC 8996 and 9325. */
  readonly profile?: TlsProfileName | TlsProfile;
  /** Authorities that are trusted, in PEM. Default those that come with Node.js. */
  readonly ca?: Pem | readonly Pem[];
  /** Certificate revocation lists, in PEM: one for each authority, or certificates of the others are refused. */
  readonly crl?: Pem | readonly Pem[];
}

/** The secure side of `requestAssociation` and `openTransport`. */
export interface TlsClientOptions extends TlsTrust, Partial<TlsIdentity> {
  /** The name sent as SNI, and looked for in the server's certificate. Default the host, if it is a name. */
  readonly servername?: string;
  /**
   * How much of the server's certificate is verified: `host` also for whom it is, `chain` only who signed it and when,
   * `nothing` not at all: encrypted, but to whomever. Default `host`.
   */
  readonly verify?: 'host' | 'chain' | 'nothing';
}

/** The secure side of `listen`. */
export interface TlsServerOptions extends TlsTrust, TlsIdentity {
  /** Whether clients must show a certificate, may, or are not asked. Default required where `ca` is given. */
  readonly clientCertificate?: 'required' | 'requested' | 'none';
  /** Other identities by the host name that clients ask for (SNI): `archive.example`, `*.example`. */
  readonly names?: Readonly<Record<string, TlsIdentity>>;
}

/** What is known of a secure connection. */
export interface TlsSession {
  /** `TLSv1.2` or `TLSv1.3`. */
  readonly protocol: string;
  /** The cipher suite by its IANA name. */
  readonly cipherSuite: string;
  /** The peer's certificate, if it showed one. */
  readonly certificate?: X509Certificate;
  /** Whether that certificate was verified. */
  readonly isAuthorized: boolean;
  /** The host name the client asked for. */
  readonly servername?: string;
}

/** What is known of a transport that may be a secure one. */
export function tlsSessionOf(transport: unknown): TlsSession | undefined {
  if (!(transport instanceof TLSSocket)) return undefined;
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

/**
 * Makes a connected socket secure, as client.
 * @throws TlsError; TimeoutError 'handshake'; the signal's reason. The socket is destroyed then.
 */
export function secureAsClient(
  socket: Socket,
  host: string,
  options: TlsClientOptions,
  peer: string,
  handshakeTimeout: number,
  signal?: AbortSignal,
): Promise<TLSSocket> {
  const { verify = 'host' } = options;
  const profile = tlsProfile(options.profile);
  const servername = options.servername ?? (isIP(host) ? undefined : host);
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const secured = connect({
      socket,
      host: options.servername ?? host,
      secureContext: contextOf(options),
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

/** Makes accepted sockets secure, as server; its identity and whom it trusts may change while it runs. */
export class TlsAcceptor {
  readonly #server: Server;
  // The server tells of a connection by its TLS socket alone; whose it is, the asynchronous context knows.
  readonly #handshake = new AsyncLocalStorage<{ done(result: TLSSocket | Error): void }>();
  #options: TlsServerOptions;
  #names: ReadonlyMap<string, SecureContext> = new Map();

  /** @throws the system's error for a key or certificate that cannot be used. */
  constructor(options: TlsServerOptions) {
    this.#options = options;
    this.#server = createServer({
      ...contextSettings(options),
      // Asked for always, so that a reload may begin to require it; refused below, where the reason is known.
      requestCert: mustAskForCertificate(options),
      rejectUnauthorized: false,
      // Ours has a name and a bound of its own.
      handshakeTimeout: 0x7fffffff,
      SNICallback: (servername, callback) => callback(null, this.#contextFor(servername)),
    });
    this.#names = contextsByName(options);
    this.#server.on('secureConnection', (socket) => this.#handshake.getStore()?.done(socket));
    this.#server.on('tlsClientError', (error) => this.#handshake.getStore()?.done(error));
  }

  /**
   * New certificates, keys, authorities, revocation lists, profile: for the connections to come; those that are there
   * go on. Whether clients are asked for a certificate stays as it was. @throws the system's error; then nothing changes.
   */
  reload(options: TlsServerOptions): void {
    const names = contextsByName(options);
    const settings = contextSettings(options);
    createSecureContext(settings);
    this.#server.setSecureContext(settings);
    this.#names = names;
    this.#options = { ...options, clientCertificate: askedOf(this.#options) };
  }

  /** @throws TlsError; TimeoutError 'handshake'. The socket is destroyed then. */
  accept(socket: Duplex, peer: string, handshakeTimeout: number): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const done = (result: TLSSocket | Error) => {
        stop();
        socket.removeListener('close', closed);
        if (result instanceof TLSSocket) {
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
        // Not before the alert that tells the peer is out.
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
      // Declared as an error, it is the code of one.
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
    Object.entries(names).map(([name, identity]) => [name.toLowerCase(), contextOf({ ...trust, ...identity })]),
  );
}

function contextOf(options: TlsTrust & Partial<TlsIdentity>): SecureContext {
  return createSecureContext(contextSettings(options));
}

function contextSettings({ profile, ca, crl, key, cert, passphrase }: TlsTrust & Partial<TlsIdentity>) {
  return {
    ...secureContextOptions(tlsProfile(profile)),
    ...(ca !== undefined && { ca: buffers(ca) }),
    ...(crl !== undefined && { crl: buffers(crl) }),
    ...(key !== undefined && { key: Buffer.from(key) }),
    ...(cert !== undefined && { cert: Buffer.from(cert) }),
    ...(passphrase !== undefined && { passphrase }),
  };
}

function buffers(pem: Pem | readonly Pem[]): Buffer[] {
  const all = typeof pem === 'string' || pem instanceof Uint8Array ? [pem] : pem;
  return all.map((one) => Buffer.from(one));
}

/** By its bytes: a client's `getPeerX509Certificate` gives it the first time only. */
function peerCertificate(socket: TLSSocket): X509Certificate | undefined {
  const { raw } = socket.getPeerCertificate() ?? {};
  return raw && new X509Certificate(raw);
}

/** The profile's bound for keys, which OpenSSL's security levels do not know. */
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

/** Curves below 256 bits that OpenSSL still knows. */
const CURVE_LENGTHS: Readonly<Record<string, number>> = {
  secp192k1: 192,
  prime192v1: 192,
  secp224k1: 224,
  secp224r1: 224,
};
