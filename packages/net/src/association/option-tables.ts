// The options of `requestAssociation` and `listen`, with their rules. The calls of `checkOptions` name the types that they must
// cover; types that are defined above this file cannot be named here.

import {
  aListOf,
  aNumber,
  anObjectOf,
  anything,
  aValueOf,
  aWindow,
  type OptionRules,
  type OptionTable,
} from '../check-options.ts';
import type { Timeouts } from '../timeouts.ts';
import type { TlsClientOptions, TlsIdentity, TlsServerOptions } from '../transport/tls.ts';
import type { ProxyProtocolOptions } from '../transport/transport-acceptor.ts';
import type { ListenAddress } from '../transport/transport-server.ts';

const text = aValueOf('string');
const callback = aValueOf('function');
const flag = aValueOf('boolean');

// `timeoutsOf` checks the values.
export const TIMEOUT_RULES: OptionRules<Timeouts> = {
  connect: anything,
  handshake: anything,
  artim: anything,
  association: anything,
  release: anything,
  write: anything,
  data: anything,
  idle: anything,
};

const IDENTITY_RULES: OptionRules<TlsIdentity> = { key: anything, cert: anything, passphrase: text };
const TRUST_RULES = { profile: anything, ca: anything, crl: anything };

const TLS_CLIENT_RULES: OptionRules<TlsClientOptions> = {
  ...TRUST_RULES,
  ...IDENTITY_RULES,
  servername: text,
  verify: text,
};

const TLS_SERVER_RULES: OptionRules<TlsServerOptions> = {
  ...TRUST_RULES,
  ...IDENTITY_RULES,
  clientCertificate: text,
  names: aValueOf('object'),
};

export const LOCAL_RULES = {
  maximumLength: aNumber,
  toleratedLength: aNumber,
  implementationClassUid: text,
  implementationVersionName: text,
  // `UpperLayerConnection` checks it.
  minimumRate: anything,
  highWaterMark: aNumber,
  peerProfiles: aListOf(aValueOf('object')),
  lenientRoles: flag,
  onConnection: callback,
};

/** The options of a request, but its contexts and timeouts. */
export const REQUEST_RULES = {
  ...LOCAL_RULES,
  host: text,
  port: aNumber,
  family: anything,
  localAddress: text,
  tls: anObjectOf<TlsClientOptions>(TLS_CLIENT_RULES),
  socket: aValueOf('object'),
  callingAeTitle: text,
  calledAeTitle: text,
  asynchronousOperations: aWindow,
  userIdentity: aValueOf('object'),
  extendedNegotiations: aListOf(aValueOf('object')),
  commonExtendedNegotiations: aListOf(aValueOf('object')),
  signal: aValueOf('object'),
};

export const REQUEST_OPTIONS = {
  of: 'requestAssociation',
  rules: {
    ...REQUEST_RULES,
    contexts: aListOf(aValueOf('object')),
    timeouts: anObjectOf<Timeouts>(TIMEOUT_RULES),
  },
  required: ['callingAeTitle', 'calledAeTitle', 'contexts'],
  elsewhere: { services: 'openSession', aeTitle: 'createScp' },
};

export const ACCEPTOR_RULES = {
  maximumAssociations: aNumber,
  maximumAssociationsPerCallingAe: anything,
  maximumAssociationsPerAddress: aNumber,
  maximumConnectionsPerAddress: aNumber,
  // `ConnectionLimits` checks it.
  connectionsPerSecond: anything,
  tls: anObjectOf<TlsServerOptions>(TLS_SERVER_RULES, ['key', 'cert']),
  proxyProtocol: anObjectOf<ProxyProtocolOptions>({ from: aListOf(text) }, ['from']),
  admit: callback,
};

const ADDRESS_RULES: OptionRules<ListenAddress> = { port: aNumber, host: text, ipv6Only: flag, backlog: aNumber };

/** The address of `listen`, whose other options are `elsewhere`. */
export function addressOptions(of: string, elsewhere: Readonly<Record<string, string>>): OptionTable<ListenAddress> {
  return { of, rules: ADDRESS_RULES, required: ['port'], elsewhere };
}

/** The place of each of these options. */
export function placesOf(rules: object, place: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(rules).map((name) => [name, place]));
}

export const LISTEN_OPTIONS = {
  of: 'listen',
  rules: {
    ...LOCAL_RULES,
    ...ACCEPTOR_RULES,
    timeouts: anObjectOf<Timeouts>(TIMEOUT_RULES),
    strict: flag,
    decide: callback,
    serve: callback,
    maximumPendingConnections: aNumber,
  },
  required: ['decide', 'serve'],
  elsewhere: placesOf(ADDRESS_RULES, 'the address, the first argument of listen'),
};

export const LISTEN_ADDRESS = addressOptions('listen', placesOf(LISTEN_OPTIONS.rules, 'the second argument of listen'));
