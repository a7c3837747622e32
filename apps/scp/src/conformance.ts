// A conformance statement written from what runs: PS3.2 in outline, Markdown in form.

import { hostname } from 'node:os';
import {
  DATA_SET_TRANSFER_SYNTAXES,
  DEFAULT_SESSION_TIMEOUTS,
  type ScpOptions,
  type Service,
  storage,
  supportedCharacterSets,
  uidName,
} from '@x/dimse';
import { DEFAULT_TIMEOUTS, DEFAULT_TLS_PROFILE, IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from '@x/net';
import type { Options } from './options.ts';

/** The statement for an archive of these options. */
export function conformanceStatement(options: Options, scp: ScpOptions): string {
  const sections = [
    `# DICOM conformance statement: dimse-scp as ${scp.aeTitle}`,
    overview(scp),
    implementation(options),
    associations(options, scp),
    ...scp.services.map((service) => serviceSection(service, scp)),
    outgoing(options),
    extendedNegotiation(),
    media(),
    characterSets(),
    security(options),
    configuration(options),
  ];
  return `${sections.join('\n\n')}\n`;
}

function overview({ services, calls = [] }: ScpOptions): string {
  const rows = services.map((service) => {
    const isUser = calls.includes(service.serviceClass) || service.roles?.scp === true;
    return [service.serviceClass.name, isUser ? 'yes' : 'no', 'yes'];
  });
  return `## 1. Overview\n\nA small archive. Network services:\n\n${table(['Service class', 'User (SCU)', 'Provider (SCP)'], rows)}`;
}

function implementation({ aet, port, host }: Options): string {
  return `## 2. Implementation\n\n${table(
    ['', ''],
    [
      ['AE title', aet],
      ['Address', `${host ?? hostname()}:${port}`],
      ['Implementation Class UID', IMPLEMENTATION_CLASS_UID],
      ['Implementation Version Name', IMPLEMENTATION_VERSION_NAME],
      ['Application context', '1.2.840.10008.3.1.1.1'],
    ],
  )}`;
}

function associations(options: Options, { asynchronousOperations, timeouts = {} }: ScpOptions): string {
  const { maxAssociations, maxPdu, promiscuousCalled, acceptCalling, users, aet } = options;
  const { invoked, performed } = asynchronousOperations ?? { invoked: 1, performed: 1 };
  const all = { ...DEFAULT_TIMEOUTS, ...DEFAULT_SESSION_TIMEOUTS, ...timeouts };
  const shown = ['artim', 'idle', 'response', 'retrieve', 'release', 'write'] as const;
  return `## 3. Associations\n\n${table(
    ['Policy', 'Value'],
    [
      ['Associations at once', String(maxAssociations)],
      ['Maximum PDU length announced', maxPdu === 0 ? 'unlimited' : `${maxPdu} bytes`],
      ['Called AE titles', promiscuousCalled ? 'any' : aet],
      ['Calling AE titles', acceptCalling?.join(', ') ?? 'any'],
      ['User identity', users ? 'required: user name, or user name and passcode' : 'not asked for'],
      ['Asynchronous operations window', `${performed} performed, ${invoked} invoked, to peers that propose one`],
      ['Presentation contexts', 'accepted by abstract syntax; of the transfer syntaxes the first we take'],
    ],
  )}\n\n${table(
    ['Timeout', 'Seconds'],
    shown.map((name) => [name, all[name] === 0 ? 'never' : String(all[name] / 1000)]),
  )}`;
}

function serviceSection(service: Service, { calls = [] }: ScpOptions): string {
  const { serviceClass, handlers, otherSopClasses } = service;
  const performed = Object.keys(serviceClass.operations)
    .filter((name) => handlers[name])
    .map((name) => serviceClass.operations[name]?.name ?? name);
  const sopClasses = Object.values(serviceClass.sopClasses)
    .filter(({ operations }) => operations.some((name) => handlers[name]))
    .map(({ uid }) => [uidName(uid), `\`${uid}\``]);
  const roles = service.roles ?? { scu: true, scp: false };
  const requestor = [roles.scu && 'SCU', (roles.scp || calls.includes(serviceClass)) && 'SCP'].filter(Boolean);
  const others = otherSopClasses ? [['others, private ones among them', '']] : [];
  const statuses = Object.entries(serviceClass.statuses).map(([code, [kind, meaning]]) => [
    `${Number(code).toString(16).toUpperCase().padStart(4, '0')}H`,
    kind,
    meaning,
  ]);
  return [
    `## ${serviceClass.name}`,
    `Operations performed: ${performed.join(', ')}. Roles of the association's requestor: ${requestor.join(', ')}.`,
    `Transfer syntaxes: ${transferSyntaxesOf(service)}.`,
    table(['SOP class', 'UID'], [...sopClasses, ...others]),
    ...(statuses.length > 0 ? [table(['Status', 'Kind', 'Meaning'], statuses)] : []),
  ].join('\n\n');
}

function transferSyntaxesOf({ serviceClass, transferSyntaxes }: Service): string {
  if (transferSyntaxes && transferSyntaxes !== 'any') return transferSyntaxes.map(uidName).join(', ');
  if (transferSyntaxes === 'any' || serviceClass === storage)
    return 'any, private ones too; instances are kept and sent as they are';
  return DATA_SET_TRANSFER_SYNTAXES.map(uidName).join(', ');
}

function outgoing({ peer = [], notify = [], window }: Options): string {
  const rows = peer.map(({ aeTitle, host, port }) => [
    aeTitle,
    `${host}:${port}`,
    notify.includes(aeTitle) ? 'yes' : 'no',
  ]);
  const known =
    rows.length > 0
      ? table(['AE title', 'Address', 'Told of procedure steps'], rows)
      : 'No peers are configured: nothing is moved, and event reports go out on the associations of those who asked.';
  return `## Associations we ask for\n\nFor C-MOVE, one association for each destination, proposing a presentation context for each SOP class and transfer syntax to be sent, and a window of ${window}; for event reports, one with the role of SCP.\n\n${known}`;
}

function extendedNegotiation(): string {
  return '## Extended negotiation\n\nQuery/Retrieve (FIND): relational queries, combined date and time, fuzzy matching of names. Modality Worklist: fuzzy matching of names. SCP/SCU role selection is answered as the tables above say.';
}

function media(): string {
  return '## Media\n\nInstances are kept as DICOM files (PS3.10). No media storage application profile is claimed.';
}

function characterSets(): string {
  return `## Character sets\n\nSpecific Character Set (0008,0005) is honoured in queries and answers: ${supportedCharacterSets().join(', ')}. Instances are kept as they are.`;
}

function security({ tlsCert, tlsCa, tlsProfile }: Options): string {
  if (tlsCert === undefined) return '## Security\n\nConnections are not secure: no certificate is configured.';
  const profile = tlsProfile ?? DEFAULT_TLS_PROFILE;
  return `## Security\n\nTLS by the profile ${profile} (PS3.15 Annex B). ${tlsCa === undefined ? 'Clients need no certificate.' : 'Clients must show a certificate of a configured authority.'}`;
}

function configuration({ fsync, window, drain }: Options): string {
  return `## Configuration\n\nSuccess is answered to C-STORE once the instance is in its final file and in the index${fsync ? ', and on the disk' : ''}. Up to ${window} operations are performed at once on an association. When stopped, associations may finish for ${drain / 1000} s. All settings are options of the command line or of its configuration file.`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
