// The conformance statement, generated from the services that run: the outline of PS3.2, as Markdown.

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
import { windowOf } from '@x/net/internal';
import type { Options } from './options.ts';

/** The statement for an archive of these options. */
export function conformanceStatement(options: Options, scp: ScpOptions): string {
  const sections = [
    `# DICOM conformance statement: dimse-scp as ${scp.aeTitle}`,
    overview(scp),
    '## 2. Introduction\n\nThis statement is for people who connect other systems to this one. The program generated it from its options; other options give another statement. Conformance of both sides does not prove that they interoperate: test the connection.',
    '## 3. Networking\n\n### 3.1 Implementation model\n\nOne application entity. It accepts associations and performs the requested operations. It requests associations itself to move instances and to report events.',
    `### 3.2 AE specification: ${scp.aeTitle}`,
    associations(options, scp),
    outgoing(options),
    '#### 3.2.3 Association acceptance policy\n\nThe accepted presentation contexts, by service class. A context is refused if its abstract syntax is not listed below (result 3) or if it has none of the listed transfer syntaxes (result 4).',
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
  return `## 1. Conformance statement overview\n\nA small archive with these network services:\n\n${table(['Service class', 'User (SCU)', 'Provider (SCP)'], rows)}`;
}

/** Whether the archive is also a user of the service class: it answers C-GET and C-MOVE by C-STORE, and reports events. */
function isUserOf({ serviceClass, roles }: Service, calls: ScpOptions['calls'] = []): boolean {
  return calls.includes(serviceClass) || roles?.scp === true;
}

function network({ port, host, tlsCert }: Options): string {
  const how = tlsCert === undefined ? 'TCP' : 'TLS over TCP';
  return `### 3.3 Network interfaces\n\n${how}, IPv4 and IPv6, at ${host ?? hostname()} port ${port}.`;
}

function associations(options: Options, { asynchronousOperations, timeouts = {} }: ScpOptions): string {
  const { maxAssociations, maxPdu, promiscuousCalled, acceptCalling, users, aet } = options;
  const { invoke, perform } = windowOf(asynchronousOperations);
  const number = (operations: number) => (Number.isFinite(operations) ? operations : 'unlimited');
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
      ['User identity', users ? 'required: user name, or user name and passcode' : 'not required'],
      [
        'Asynchronous operations window',
        `${number(perform)} performed, ${number(invoke)} invoked, to peers that propose one`,
      ],
      ['Presentation contexts', 'accepted by abstract syntax; the first supported transfer syntax of each is chosen'],
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
  const others = otherSopClasses ? [['any other, including private ones', '']] : [];
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
    return 'any, including private ones; instances are kept and sent unchanged';
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
      ? table(['AE title', 'Address', 'Notified of procedure steps'], rows)
      : 'No peers are configured: instances cannot be moved, and event reports are only sent on the association of the request.';
  const activities = table(
    ['Activity', 'Service', 'Role', 'Presentation contexts proposed'],
    [
      ['C-MOVE of a peer', 'C-STORE', 'SCU', 'one for each SOP class and transfer syntax of the instances'],
      ['Result of a storage commitment request', 'N-EVENT-REPORT', 'SCP', 'Storage Commitment Push Model'],
      [
        'Change of a performed procedure step, to notified peers',
        'N-EVENT-REPORT',
        'SCP',
        'its notification SOP class',
      ],
      ['Event of a subscribed work item', 'N-EVENT-REPORT', 'SCP', 'Unified Procedure Step - Event'],
    ],
  );
  const how = `Roles other than SCU are negotiated by SCP/SCU role selection. Moves propose a window of ${window} operations. Event reports are sent on the association of the request while it is open. A report that cannot be delivered is retried, up to 100 times in all.`;
  return `#### 3.2.2 Association initiation policy\n\n${activities}\n\n${how}\n\n${known}`;
}

function extendedNegotiation(): string {
  return '#### 3.2.4 Extended negotiation\n\nQuery/Retrieve (FIND): relational queries, combined date and time, fuzzy matching of names, timezone query adjustment, empty value matching, multiple value matching. Modality Worklist and Unified Procedure Step (FIND): fuzzy matching of names, timezone query adjustment. SCP/SCU role selection is answered as stated in the tables above.';
}

function media(): string {
  return '## 4. Media interchange\n\nInstances are kept as DICOM files (PS3.10). No media storage application profile is claimed.';
}

function characterSets(): string {
  return `## 5. Support of character sets\n\nSpecific Character Set (0008,0005) is honoured in queries: ${supportedCharacterSets().join(', ')}. Responses are in the character set of the request if it has all their characters, else in ISO_IR 192. Instances are kept unchanged.`;
}

function security({ tlsCert, tlsCa, tlsProfile }: Options): string {
  if (tlsCert === undefined) return '## 6. Security\n\nConnections are not secured: no certificate is configured.';
  const profile = tlsProfile ?? DEFAULT_TLS_PROFILE;
  return `## 6. Security\n\nTLS with the profile ${profile} (PS3.15 Annex B). ${tlsCa === undefined ? 'Clients need no certificate.' : 'Clients must present a certificate of a configured authority.'}`;
}

function configuration({ fsync, window, drain }: Options): string {
  return `### 3.4 Configuration\n\nC-STORE is answered with Success once the instance is in its final file and in the index${fsync ? ', both on disk' : ''}. Up to ${window} operations are performed at the same time on an association. When the archive stops, associations have ${drain / 1000} s to finish. All settings are options of the command line or of its configuration file.`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
