// The network details of the conformance statement: associations, presentation contexts, statuses (PS3.2 §N.7).

import { hostname } from 'node:os';
import {
  DATA_SET_TRANSFER_SYNTAXES,
  DEFAULT_SESSION_TIMEOUTS,
  type ScpOptions,
  type Service,
  storage,
  uidName,
} from '@x/dimse';
import {
  DEFAULT_TIMEOUTS,
  DICOM_APPLICATION_CONTEXT,
  IMPLEMENTATION_CLASS_UID,
  IMPLEMENTATION_VERSION_NAME,
} from '@x/net';
import { windowOf } from '@x/net/internal';
import type { Options } from '../options.ts';
import { type Section, table, unnumbered } from './numbered-sections.ts';

/** Whether the archive is also a user of the service class: it answers C-GET and C-MOVE by C-STORE, and reports events. */
export function isUserOf({ serviceClass, roles }: Service, calls: ScpOptions['calls'] = []): boolean {
  return calls.includes(serviceClass) || roles?.scp === true;
}

/** The archive itself, or an area: an application entity with its options. */
export interface DescribedEntity {
  readonly options: Options;
  readonly scp: ScpOptions;
}

/** Section 7. @param areas Beside the archive itself. */
export function networkSection({ options, scp }: DescribedEntity, areas: readonly DescribedEntity[]): Section {
  return {
    title: 'Network and media communication details',
    sections: [
      {
        title: 'General',
        sections: [{ title: 'General association parameters', text: [associations(options, scp), timeouts(scp)] }],
      },
      {
        title: 'Specifications',
        sections: [entitySection({ options, scp }), ...areas.map(entitySection)],
      },
      {
        title: 'Status codes',
        sections: [
          { title: 'General communication and failure behaviour', text: table(['Exception', 'Behaviour'], FAILURES) },
          {
            title: 'DIMSE services',
            text: [
              'The statuses of PS3.7 Annex C, and those of the service classes:',
              ...scp.services.flatMap(({ serviceClass: { name, statuses } }) => statusText(name, statuses)),
            ],
          },
          { title: 'DICOM web services', text: 'Not supported.' },
        ],
      },
    ],
  };
}

function entitySection({ options, scp }: DescribedEntity): Section {
  return {
    title: `Application entity ${scp.aeTitle}`,
    sections: [
      {
        title: 'Sequencing of activities',
        text: 'The archive performs requests as they arrive, up to the window at once on an association. C-STORE is answered when the instance is in its final file and in the index. The sub-operations of a retrieval end before its final response. A cancelled retrieval completes the sub-operations that have begun.',
      },
      { title: 'Association parameters', text: policies(options) },
      { title: 'Association initiation', text: outgoing(options) },
      {
        title: 'Association acceptance',
        text: [
          'The accepted presentation contexts, by service class. A context is refused if its abstract syntax is not listed below, or is not a UID (result 3), if it has none of the listed transfer syntaxes (result 4), or if no role is left (result 1). Of several transfer syntaxes, the first supported one is chosen, and registered ones before private ones.',
          ...scp.services.map((service) => serviceText(service, scp)),
          unnumbered(5, 'Extended negotiation', EXTENDED_NEGOTIATION),
        ],
      },
    ],
  };
}

const EXTENDED_NEGOTIATION =
  'Query/Retrieve (FIND): relational queries, combined date and time, fuzzy matching of names, timezone query adjustment, empty value matching, multiple value matching. Modality Worklist and Unified Procedure Step (FIND): fuzzy matching of names, timezone query adjustment. Other extended negotiation, and common extended negotiation, are not answered. SCP/SCU role selection is answered as stated for each service class. The asynchronous operations window is negotiated. User identity is negotiated as stated in the section on security.';

/** Each exception with the reaction of the archive. */
const FAILURES: readonly (readonly [exception: string, behaviour: string])[] = [
  [
    'The called AE title is not that of the archive',
    'A-ASSOCIATE-RJ: permanent, service user, called AE title not recognized (1, 1, 7)',
  ],
  [
    'The calling AE title is not accepted',
    'A-ASSOCIATE-RJ: permanent, service user, calling AE title not recognized (1, 1, 3)',
  ],
  [
    'The user identity is missing or not accepted, with `--users`',
    'A-ASSOCIATE-RJ: permanent, service provider (ACSE), no reason given (1, 2, 1)',
  ],
  [
    'Protocol version 1 is not proposed',
    'A-ASSOCIATE-RJ: permanent, service provider (ACSE), protocol version not supported (1, 2, 2)',
  ],
  [
    'The application context is not that of DICOM',
    'A-ASSOCIATE-RJ: permanent, service user, application context name not supported (1, 1, 2)',
  ],
  [
    'Too many associations, or too many of one peer',
    'A-ASSOCIATE-RJ: transient, service provider (presentation), local limit exceeded (2, 3, 2)',
  ],
  [
    'The archive cannot decide now',
    'A-ASSOCIATE-RJ: transient, service provider (presentation), temporary congestion (2, 3, 1)',
  ],
  [
    'A PDU is malformed, unexpected, or longer than announced',
    'A-ABORT: service provider, with the reason of PS3.8 Table 9-26',
  ],
  ['A timeout of the table above expires', 'A-ABORT; the log names the timeout and what was awaited'],
  ['The association is lost during C-STORE', 'The incomplete instance is removed'],
  ['The disk is full, or a file cannot be written', 'C-STORE: A700H; the instance is not kept'],
  ['A data set cannot be read', 'C-STORE: C000H or A900H; C-FIND, C-MOVE, C-GET: A900H or C000H; N-services: 0110H'],
  ['A required attribute is missing or empty', 'N-services: 0120H or 0121H, with the Attribute Identifier List'],
  ['C-MOVE to a destination that is unknown', 'A801H'],
  ['C-MOVE to a destination that cannot be reached', 'A702H; the Error Comment has the reason'],
  ['Some sub-operations of a retrieval fail', 'B000H, with the Failed SOP Instance UID List; A702H if all fail'],
  ['An association with a destination is lost', 'It is opened again; the instance on which it was lost twice fails'],
  ['A report cannot be delivered', 'It is sent again later, up to 100 times'],
  ['The archive stops', 'It accepts no more associations, lets those that exist finish, then aborts them'],
];

function associations(options: Options, { asynchronousOperations }: ScpOptions): string {
  const { invoke, perform } = windowOf(asynchronousOperations);
  const number = (operations: number) => (Number.isFinite(operations) ? operations : 'unlimited');
  const { maxAssociations, maxPdu, host, port, tlsCert } = options;
  return table(
    ['Parameter', 'Value'],
    [
      ['Application context', DICOM_APPLICATION_CONTEXT],
      ['Implementation Class UID', IMPLEMENTATION_CLASS_UID],
      ['Implementation Version Name', IMPLEMENTATION_VERSION_NAME],
      ['Associations at once, as acceptor', String(maxAssociations)],
      ['Associations at once, as requestor', 'one for each retrieval (C-MOVE), and one for each peer with reports'],
      ['Maximum PDU length announced', maxPdu === 0 ? 'unlimited' : `${maxPdu} bytes`],
      [
        'Asynchronous operations window',
        `${number(perform)} performed, ${number(invoke)} invoked, to peers that propose one`,
      ],
      [
        'Network',
        `${tlsCert === undefined ? 'TCP' : 'TLS over TCP'}, IPv4 and IPv6, at ${host ?? hostname()} port ${port}`,
      ],
    ],
  );
}

function timeouts({ timeouts: given = {} }: ScpOptions): string {
  const all = { ...DEFAULT_TIMEOUTS, ...DEFAULT_SESSION_TIMEOUTS, ...given };
  const seconds = (value: number) => (value === 0 ? 'never' : String(value / 1000));
  return table(
    ['Timeout', 'Seconds'],
    Object.entries(all).map(([name, value]) => [name, seconds(value)]),
  );
}

const RIGHTS = [
  ['read', 'Calling AE titles that may query and retrieve'],
  ['write', 'Calling AE titles that may store and change'],
  ['move', 'Calling AE titles that may have instances sent to peers'],
] as const;

function policies({ promiscuousCalled, acceptCalling, users, aet, strict, rights = {} }: Options): string {
  const titles = (all: readonly string[] | undefined) => all?.join(', ') ?? 'any';
  return table(
    ['Policy', 'Value'],
    [
      ['Called AE titles', promiscuousCalled ? 'any' : aet],
      ['Calling AE titles', titles(acceptCalling)],
      ...RIGHTS.filter(([right]) => rights[right]).map(([right, words]) => [words, titles(rights[right])]),
      ['User identity', users ? 'required: user name, or user name and passcode' : 'not required'],
      ['Requests that deviate from PS3.8 in form', strict ? 'A-ABORT' : 'accepted if their meaning is clear'],
    ],
  );
}

function serviceText(service: Service, { calls = [] }: ScpOptions): string {
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
  return unnumbered(
    5,
    serviceClass.name,
    `Operations performed: ${performed.join(', ')}. Roles of the association's requestor: ${requestor.join(', ')}.`,
    `Transfer syntaxes: ${transferSyntaxesOf(service)}.`,
    table(['SOP class', 'UID'], [...sopClasses, ...others]),
  );
}

function statusText(name: string, statuses: Service['serviceClass']['statuses']): string[] {
  const rows = Object.entries(statuses).map(([code, [kind, meaning]]) => [
    `${Number(code).toString(16).toUpperCase().padStart(4, '0')}H`,
    kind,
    meaning,
  ]);
  return rows.length > 0 ? [unnumbered(5, `Statuses of ${name}`, table(['Status', 'Kind', 'Meaning'], rows))] : [];
}

function transferSyntaxesOf({ serviceClass, transferSyntaxes }: Service): string {
  if (transferSyntaxes && transferSyntaxes !== 'any' && transferSyntaxes.at(-1) !== 'any')
    return transferSyntaxes.map(uidName).join(', ');
  if (transferSyntaxes === 'any' || serviceClass === storage)
    return 'any, including private ones; instances are kept unchanged';
  return DATA_SET_TRANSFER_SYNTAXES.map(uidName).join(', ');
}

function outgoing({ peer = [], notify = [], window }: Options): string[] {
  const rows = peer.map(({ aeTitle, host, port }) => [
    aeTitle,
    `${host}:${port}`,
    notify.includes(aeTitle) ? 'yes' : 'no',
  ]);
  const known =
    rows.length > 0
      ? table(['AE title', 'Address', 'Notified of procedure steps'], rows)
      : 'No peers are configured: instances cannot be moved, and event reports are only sent on the association of the request.';
  const how = `Roles other than SCU are negotiated by SCP/SCU role selection. Moves propose a window of ${window} operations. Event reports are sent on the association of the request while it is open.`;
  return [table(['Activity', 'Service', 'Role', 'Presentation contexts proposed'], ACTIVITIES), how, known];
}

const ACTIVITIES = [
  ['C-MOVE of a peer', 'C-STORE', 'SCU', 'one for each SOP class and transfer syntax of the instances'],
  ['Result of a storage commitment request', 'N-EVENT-REPORT', 'SCP', 'Storage Commitment Push Model'],
  ['Change of a performed procedure step, to notified peers', 'N-EVENT-REPORT', 'SCP', 'its notification SOP class'],
  ['Event of a subscribed work item', 'N-EVENT-REPORT', 'SCP', 'Unified Procedure Step - Event'],
] as const;
