// The security section of the conformance statement (PS3.2 §N.8).

import { DEFAULT_TLS_PROFILE, TLS_PROFILES } from '@x/net';
import type { Options } from '../options.ts';
import { NOT_SUPPORTED, type Section, table } from './numbered-sections.ts';

/** Section 8. */
export function securitySection(options: Options): Section {
  const { users, proxy, port, http } = options;
  const ports = [
    ['DIMSE', String(port)],
    ...(http === undefined ? [] : [['pages for operators (HTTP)', String(http)]]),
  ];
  return {
    title: 'Security',
    sections: [
      {
        title: 'Introduction',
        text: 'The archive is meant for a network whose hosts are known. AE titles are not a means of authentication.',
      },
      {
        title: 'External network requirements',
        text: `None. Names of peers are resolved by the system. ${proxy ? 'Load balancers send the PROXY protocol.' : 'The PROXY protocol is not used.'}`,
      },
      { title: 'TCP port configuration', text: table(['Use', 'Port'], ports) },
      {
        title: 'DICOM security profiles support',
        sections: [
          { title: 'Secure use profiles', text: NOT_SUPPORTED },
          { title: 'Secure transport connection profiles', text: [transport(options), ...profiles()] },
          { title: 'Media storage security profiles', text: NOT_SUPPORTED },
          { title: 'Attribute confidentiality profiles', text: NOT_SUPPORTED },
          {
            title: 'Digital signature profiles',
            text: 'Not supported. Signatures of instances stay valid, because instances are kept and sent bit for bit.',
          },
          {
            title: 'Additional profiles',
            text: options.auditLog
              ? 'Audit trail messages of PS3.15 §A.5 are written to a file.'
              : 'Audit trail messages of PS3.15 §A.5 are not configured (`--audit-log`).',
          },
        ],
      },
      {
        title: 'User identity negotiation support',
        sections: [
          { title: 'Association initiation', text: 'User identity is not proposed.' },
          {
            title: 'Association acceptance',
            text: users
              ? 'Types 1 (user name) and 2 (user name and passcode) are accepted, with a response if it is requested. Others, and requests without an identity, are rejected: permanent, service provider (ACSE), no reason given (PS3.7 §D.3.3.7.3).'
              : 'User identities are ignored, and a requested response is not sent.',
          },
        ],
      },
      { title: 'Web services security features', text: NOT_SUPPORTED },
      {
        title: 'Other security features',
        text: 'Calling AE titles, associations and connections can be limited, also for each peer. Checks of identities are limited, too, and slow down after failures.',
      },
    ],
  };
}

function transport({ tlsCert, tlsCa, tlsProfile }: Options): string {
  if (tlsCert === undefined) return 'Connections are not secured: no certificate is configured.';
  const profile = tlsProfile ?? DEFAULT_TLS_PROFILE;
  return `TLS with the profile ${profile} (PS3.15 Annex B). ${tlsCa === undefined ? 'Clients need no certificate.' : 'Clients must present a certificate of a configured authority.'}`;
}

function profiles(): string[] {
  const rows = Object.entries(TLS_PROFILES).map(([option, profile]) => {
    const { section, minVersion, maxVersion, cipherSuites } = profile;
    const keys = 'minimumKeyLength' in profile ? profile.minimumKeyLength : undefined;
    return [
      `\`${option}\``,
      section,
      minVersion === maxVersion ? minVersion : `${minVersion} to ${maxVersion}`,
      keys ? `RSA ${keys.rsa}, EC ${keys.ec} bits` : 'no bound',
      cipherSuites.join(', '),
    ];
  });
  return [
    'The profiles that `--tls-profile` offers:',
    table(['Profile', 'Section', 'TLS', 'Shortest key', 'Cipher suites'], rows),
    NOT_OFFERED,
  ];
}

/** Why PS3.15 §B.13 is not complete. */
const NOT_OFFERED =
  'Of PS3.15 §B.13, three suites are not offered: TLS_AES_128_CCM_8_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 and TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8. Their tag has 64 bits, and OpenSSL offers them only at security level 0, which would also allow keys shorter than the profile does. The optional suites with Camellia are not offered, because Node.js does not have them. A peer that has only these suites cannot connect. All other suites of the profile are offered.';
