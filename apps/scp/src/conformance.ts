// A conformance statement written from what runs: PS3.2 in outline, Markdown in form.

import { hostname } from 'node:os';
import {
  DATA_SET_TRANSFER_SYNTAXES,
  DEFAULT_SESSION_TIMEOUTS,
  type ScpOptions,
  type Service,
  storage,
  uidName,
} from '@x/dimse';
import { supportedCharacterSets } from '@x/dimse/data-set';
import {
  DEFAULT_TIMEOUTS,
  DEFAULT_TLS_PROFILE,
  DICOM_APPLICATION_CONTEXT,
  IMPLEMENTATION_CLASS_UID,
  IMPLEMENTATION_VERSION_NAME,
} from '@x/net';
import type { Options } from './options.ts';

/** The statement for an archive of these options. */
export function conformanceStatement(options: Options, scp: ScpOptions): string {
  const sections = [
    `# DICOM conformance statement: dimse-scp as ${scp.aeTitle}`,
    overview(scp),
    '## 2. Introduction\n\nFor those who connect other systems to this one. It was written by the program itself, from the options it was given: others make another statement. That both sides conform does not show that they work together: try it.',
    '## 3. Networking\n\n### 3.1 Implementation model\n\nOne application entity. It waits for associations, performs what is asked for on them, and asks for associations itself to move instances and to report events.',
    `### 3.2 AE specification: ${scp.aeTitle}`,
    associations(options, scp),
    outgoing(options),
    '#### 3.2.3 Association acceptance policy\n\nWhat is accepted, by service class. A context whose abstract syntax is not below is refused (3), one without a transfer syntax of those named, too (4).',
    ...scp.services.map((service) => serviceSection(service, scp)),
    extendedNegotiation(),
    network(options),
    configuration(options),
    media(),
    characterSets(),
    security(options),
  ];
  return `${sections.join('\n\n')}\n`;
}

function overview({ services, calls = [] }: ScpOptions): string {
  const rows = services.map((service) => {
    const isUser = isUserOf(service, calls);
    return [service.serviceClass.name, isUser ? 'yes' : 'no', 'yes'];
  });
  return `## 1. Conformance statement overview\n\nA small archive. Network services:\n\n${table(['Service class', 'User (SCU)', 'Provider (SCP)'], rows)}`;
}

/** Whether we are its user, too: by C-STORE to answer C-GET and C-MOVE, or because we report events of it. */
function isUserOf({ serviceClass, roles }: Service, calls: ScpOptions['calls'] = []): boolean {
  return calls.includes(serviceClass) || roles?.scp === true;
}

function network({ port, host, tlsCert }: Options): string {
  const how = tlsCert === undefined ? 'TCP' : 'TLS over TCP';
  return `### 3.3 Network interfaces\n\n${how}, IPv4 and IPv6, at ${host ?? hostname()} port ${port}.`;
}

function associations(options: Options, { asynchronousOperations, timeouts = {} }: ScpOptions): string {
  const { maxAssociations, maxPdu, promiscuousCalled, acceptCalling, users, aet } = options;
  const { invoked, performed } = asynchronousOperations ?? { invoked: 1, performed: 1 };
  const all = { ...DEFAULT_TIMEOUTS, ...DEFAULT_SESSION_TIMEOUTS, ...timeouts };
  return `#### 3.2.1 Association policies\n\n${table(
    ['Policy', 'Value'],
    [
      ['Application context', DICOM_APPLICATION_CONTEXT],
      ['Implementation Class UID', IMPLEMENTATION_CLASS_UID],
      ['Implementation Version Name', IMPLEMENTATION_VERSION_NAME],
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
    Object.entries(all).map(([name, value]) => [name, value === 0 ? 'never' : String(value / 1000)]),
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
    `##### ${serviceClass.name}`,
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
  const activities = table(
    ['Activity', 'Service', 'Our role', 'Presentation contexts proposed'],
    [
      ['C-MOVE of a peer', 'C-STORE', 'SCU', 'one for each SOP class and transfer syntax of the instances to be sent'],
      ['Storage commitment that is decided', 'N-EVENT-REPORT', 'SCP', 'Storage Commitment Push Model'],
      ['A performed procedure step, to those notified', 'N-EVENT-REPORT', 'SCP', 'its notification SOP class'],
      ['A work item that is subscribed to', 'N-EVENT-REPORT', 'SCP', 'Unified Procedure Step - Event'],
    ],
  );
  const how = `Roles other than SCU are negotiated by SCP/SCU role selection. Moves propose a window of ${window} operations. Event reports go out on the association they were asked for on while it lives; what cannot be told is tried again, 100 times in all.`;
  return `#### 3.2.2 Association initiation policy\n\n${activities}\n\n${how}\n\n${known}`;
}

function extendedNegotiation(): string {
  return '#### 3.2.4 Extended negotiation\n\nQuery/Retrieve (FIND): relational queries, combined date and time, fuzzy matching of names. Modality Worklist: fuzzy matching of names. SCP/SCU role selection is answered as the tables above say.';
}

function media(): string {
  return '## 4. Media interchange\n\nInstances are kept as DICOM files (PS3.10). No media storage application profile is claimed.';
}

function characterSets(): string {
  return `## 5. Support of character sets\n\nSpecific Character Set (0008,0005) is honoured in queries and answers: ${supportedCharacterSets().join(', ')}. Instances are kept as they are.`;
}

function security({ tlsCert, tlsCa, tlsProfile }: Options): string {
  if (tlsCert === undefined) return '## 6. Security\n\nConnections are not secure: no certificate is configured.';
  const profile = tlsProfile ?? DEFAULT_TLS_PROFILE;
  return `## 6. Security\n\nTLS by the profile ${profile} (PS3.15 Annex B). ${tlsCa === undefined ? 'Clients need no certificate.' : 'Clients must show a certificate of a configured authority.'}`;
}

function configuration({ fsync, window, drain }: Options): string {
  return `### 3.4 Configuration\n\nSuccess is answered to C-STORE once the instance is in its final file and in the index${fsync ? ', and on the disk' : ''}. Up to ${window} operations are performed at once on an association. When stopped, associations may finish for ${drain / 1000} s. All settings are options of the command line or of its configuration file.`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
