// The secure transport connection profiles of PS3.15 Annex B as TLS settings. All require TLS 1.2 or later.

import type { SecureContextOptions } from 'node:tls';

/** The protocol versions, cipher suites and keys that a profile allows. */
export interface TlsProfile {
  /** The name in the standard. */
  readonly name: string;
  /** The section of the standard that defines it, or defined it before it was retired. */
  readonly section: string;
  /** The oldest TLS version that is allowed. */
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  /** The newest TLS version that is allowed. */
  readonly maxVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Cipher suites by OpenSSL's names, the strongest first. */
  readonly cipherSuites: readonly string[];
  /** Shortest key of a peer's certificate in bits, `rsa` and `ec`. Absent if the profile sets no bound. */
  readonly minimumKeyLength?: { readonly rsa: number; readonly ec: number };
}

const TLS_1_3 = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];
const ECDHE_GCM = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
];
const DHE_GCM = ['DHE-RSA-AES256-GCM-SHA384', 'DHE-RSA-AES128-GCM-SHA256'];

/** The profiles by the names that options take. */
export const TLS_PROFILES = {
  /** TLS 1.3 preferred, TLS 1.2 with the cipher suites of RFC 9325. */
  'bcp195-rfc8996': {
    name: 'BCP 195 RFC 8996, 9325 TLS Secure Transport Connection Profile',
    section: 'PS3.15 §B.12',
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: [...TLS_1_3, ...ECDHE_GCM],
  },
  /**
   * A closed list of cipher suites, and bounds for keys. Its suites with Camellia are not offered, because OpenSSL and
   * Node.js do not support them; nor those with CCM_8, which OpenSSL's default security level refuses.
   */
  'bcp195-rfc8996-modified': {
    name: 'Modified BCP 195 RFC 8996, 9325 TLS Secure Transport Connection Profile',
    section: 'PS3.15 §B.13',
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: [
      ...TLS_1_3,
      'TLS_AES_128_CCM_SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-AES256-CCM',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
      'ECDHE-RSA-CHACHA20-POLY1305',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES128-CCM',
    ],
    minimumKeyLength: { rsa: 2048, ec: 256 },
  },
  /** For peers that require the retired profile: no static RSA and no downgrade. */
  'bcp195-nd': {
    name: 'Non-Downgrading BCP 195 TLS Profile',
    section: 'PS3.15 §B.10 (retired)',
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    cipherSuites: [...TLS_1_3, ...ECDHE_GCM, ...DHE_GCM],
  },
  /** For peers that require the retired profile: TLS 1.2 with a closed list of cipher suites. */
  'bcp195-extended': {
    name: 'Extended BCP 195 TLS Profile',
    section: 'PS3.15 §B.11 (retired)',
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.2',
    cipherSuites: [...ECDHE_GCM, ...DHE_GCM],
    minimumKeyLength: { rsa: 2048, ec: 256 },
  },
} as const satisfies Readonly<Record<string, TlsProfile>>;

/** The names of `TLS_PROFILES`. */
export type TlsProfileName = keyof typeof TLS_PROFILES;

/** The current profile, used by default. */
export const DEFAULT_TLS_PROFILE: TlsProfileName = 'bcp195-rfc8996';

/** A profile as options of OpenSSL. The type does not allow TLS versions below 1.2. */
export function secureContextOptions(profile: TlsProfile): SecureContextOptions {
  return {
    minVersion: profile.minVersion,
    maxVersion: profile.maxVersion,
    ciphers: profile.cipherSuites.join(':'),
    honorCipherOrder: true,
    // For the suites with DHE: groups of 2048 bits and more.
    dhparam: 'auto',
  };
}

/** The profile with this name, or the given profile. @throws RangeError if there is no profile with this name. */
export function tlsProfile(profile: TlsProfileName | TlsProfile = DEFAULT_TLS_PROFILE): TlsProfile {
  if (typeof profile !== 'string') return profile;
  if (!Object.hasOwn(TLS_PROFILES, profile))
    throw new RangeError(`'${profile}' is not a TLS profile; choose ${Object.keys(TLS_PROFILES).join(', ')}`);
  return TLS_PROFILES[profile];
}
