// The options of transports, with their rules: TLS, and the address of a peer.

import { aNumber, anObjectOf, anything, aValueOf, type OptionRules, type OptionTable } from '@x/pdu/internal';
import type { TlsClientOptions, TlsServerOptions } from './tls.ts';
import type { TlsIdentity } from './tls-files.ts';

const text = aValueOf('string');

const IDENTITY_RULES: OptionRules<TlsIdentity> = { key: anything, cert: anything, passphrase: text };
const TRUST_RULES = { profile: anything, ca: anything, crl: anything };

const TLS_CLIENT_RULES: OptionRules<TlsClientOptions> = {
  ...TRUST_RULES,
  ...IDENTITY_RULES,
  servername: text,
  verify: text,
};

export const TLS_SERVER_RULES: OptionRules<TlsServerOptions> = {
  ...TRUST_RULES,
  ...IDENTITY_RULES,
  clientCertificate: text,
  names: aValueOf('object'),
};

/** The address of a peer: see `Address`. */
export const PEER_RULES = {
  host: text,
  port: aNumber,
  family: anything,
  localAddress: text,
  tls: anObjectOf<TlsClientOptions>(TLS_CLIENT_RULES),
};

/** The new certificates of a listener. */
export const RELOAD_OPTIONS: OptionTable<TlsServerOptions> = {
  of: 'reload',
  rules: TLS_SERVER_RULES,
  required: ['key', 'cert'],
  elsewhere: { tls: 'listen; reload takes the value of `tls`' },
};
