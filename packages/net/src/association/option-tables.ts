// The options of `requestAssociation` and `listen`, with their rules. The calls of `checkOptions` name the types that they must
// cover; types that are defined above this file cannot be named here.

import {
  aListOf,
  aNumber,
  anObjectOf,
  anything,
  aSignal,
  aValueOf,
  aWindow,
  type OptionRules,
  type OptionTable,
} from '@x/pdu/internal';
import { TIMEOUT_RULES, type Timeouts } from '../timeouts.ts';
import { PEER_RULES, TLS_SERVER_RULES } from '../transport/option-tables.ts';
import type { TlsServerOptions } from '../transport/tls.ts';
import type { ProxyProtocolOptions } from '../transport/transport-acceptor.ts';
import type { ListenAddress } from '../transport/transport-server.ts';

const text = aValueOf('string');
const callback = aValueOf('function');
const flag = aValueOf('boolean');

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
  ...PEER_RULES,
  socket: aValueOf('object'),
  callingAeTitle: text,
  calledAeTitle: text,
  asynchronousOperations: aWindow,
  userIdentity: aValueOf('object'),
  extendedNegotiations: aListOf(aValueOf('object')),
  commonExtendedNegotiations: aListOf(aValueOf('object')),
  signal: aSignal,
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

/** An answer to a request: see `Acceptance`. */
export const ACCEPTANCE_RULES = {
  supports: callback,
  supportsRelated: callback,
  extendedNegotiation: callback,
  prefer: text,
  asynchronousOperations: aWindow,
};

export const ACCEPT_OPTIONS = {
  of: 'accept',
  rules: { ...ACCEPTANCE_RULES, userIdentityResponse: aValueOf('object') },
  required: ['supports'],
};

export const REJECT_OPTIONS = { of: 'reject', rules: { result: aNumber, source: aNumber, reason: aNumber } };

export const ACCEPT_ASSOCIATION_OPTIONS = {
  of: 'acceptAssociation',
  rules: {
    ...LOCAL_RULES,
    timeouts: anObjectOf<Timeouts>(TIMEOUT_RULES),
    peer: aValueOf('object'),
    strict: flag,
    decide: callback,
    listener: aValueOf('object'),
  },
  required: ['decide'],
  elsewhere: { ...placesOf(ACCEPTOR_RULES, 'listen'), serve: 'listen', maximumPendingConnections: 'listen' },
};

export const DECIDE_OPTIONS = {
  of: 'decideBy',
  rules: {
    ...ACCEPTANCE_RULES,
    calledAeTitles: aListOf(text),
    callingAeTitles: aListOf(text),
    verifyIdentity: callback,
  },
  required: ['supports'],
};

export const CLOSE_OPTIONS: OptionTable<{ readonly drain?: number; readonly signal?: AbortSignal }> = {
  of: 'close',
  rules: { drain: aNumber, signal: aSignal },
};

/** A function with one option, `signal`. */
export function signalOptions(of: string): OptionTable<{ readonly signal?: AbortSignal }> {
  return { of, rules: { signal: aSignal } };
}
