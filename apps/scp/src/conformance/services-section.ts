// The services of the conformance statement: the behaviour of the archive, and the attributes that it uses (PS3.2 §N.5).

import { uidName } from '@x/dimse';
import { supportedCharacterSets } from '@x/dimse/data-set';
import type { Options } from '../options.ts';
import {
  availabilityAttributes,
  performedProcedureStepAttributes,
  printAttributes,
  queryKeys,
  storageCommitmentAttributes,
  workItemAttributes,
  worklistKeys,
} from './attribute-tables.ts';
import { type DescribedEntity, isUserOf } from './network-section.ts';
import { NOT_SUPPORTED, type Section, table } from './numbered-sections.ts';

/** Section 5. */
export function servicesSection({ options, scp }: DescribedEntity, areas: readonly DescribedEntity[]): Section {
  const all = [{ options, scp }, ...areas];
  return {
    title: 'Service and interoperability description',
    sections: [
      {
        title: 'Mapping of services to application entities',
        text: table(
          ['Service class', 'Application entity', 'User (SCU)', 'Provider (SCP)'],
          all.flatMap(({ scp: { services, calls = [], aeTitle } }) =>
            services.map((service) => [
              service.serviceClass.name,
              aeTitle,
              isUserOf(service, calls) ? 'yes' : 'no',
              'yes',
            ]),
          ),
        ),
      },
      { title: 'DIMSE services', sections: dimseServices(options, areas) },
      { title: 'DICOM web services', text: NOT_SUPPORTED },
      { title: 'Media services', text: MEDIA },
      { title: 'Real-time video services', text: NOT_SUPPORTED },
      {
        title: 'Cross-service considerations',
        text: 'A performed procedure step sets Scheduled Procedure Step Status of its worklist item. Storage Commitment reports the instances that are in the index with an undamaged file. A step or a work item is kept for the time of `--keep-finished` after its end.',
      },
      { title: 'Specific character sets', text: characterSets() },
    ],
  };
}

const MEDIA =
  'The archive keeps instances as DICOM files (PS3.10), in the transfer syntax in which they were received. It does not claim a media storage application profile.';

function dimseServices(options: Options, areas: readonly DescribedEntity[]): Section[] {
  const { worklist, decompress } = options;
  return [
    {
      title: 'Basic worklist management service',
      text: [worklist, ...areas.map((area) => area.options.worklist)].some((each) => each !== undefined)
        ? [
            'SCP. The items come from the folder of `--worklist`. All keys of the table are matched and returned; attributes of sequences are matched in their sequence. Values of attributes that are not in the table are ignored, and the status of the responses is FF01H. Start date and start time are one range. Binary numbers are returned and not matched.',
            worklistKeys(),
          ]
        : 'Not configured: `--worklist` names the folder of items.',
    },
    {
      title: 'Modality performed procedure step service',
      text: [
        'SCP, with the Retrieve and Notification SOP classes. The archive assigns the SOP Instance UID if N-CREATE does not have one. A request that lacks an attribute of type 1 or 2 is answered with 0120H, one whose attribute of type 1 is empty with 0121H, N-SET after the end with 0110H and Error ID A710H. The table gives the attributes at the top level.',
        performedProcedureStepAttributes(),
      ],
    },
    {
      title: 'Unified worklist and procedure step service',
      text: [
        'SCP of Push, Pull, Watch, Query and Event. Global and filtered subscriptions, deletion locks and cancel requests are supported. The archive does not perform work items itself. The table gives the attributes at the top level.',
        workItemAttributes(),
      ],
    },
    {
      title: 'Instance availability notification service',
      text: [
        'SCP. Notifications are kept and logged; they do not change what the archive answers.',
        availabilityAttributes(),
      ],
    },
    {
      title: 'Storage service',
      sections: [
        {
          title: 'SCU of the storage SOP classes',
          text: 'Instances are sent for C-MOVE and C-GET, bit for bit as they were received if the destination takes their transfer syntax. The presentation contexts are one for each SOP class and transfer syntax, and one for each transfer syntax in which the instances can be sent instead. If the destination does not accept an instance, or its association is lost twice on the instance, that instance fails, and the others are sent. The Move Originator is named in C-MOVE.',
          sections: [{ title: 'Transcoding of transfer syntaxes', text: transcoding(decompress) }],
        },
        {
          title: 'SCP of the storage SOP classes',
          text: [
            `Level 2 (full). All attributes are kept, private ones included. Every SOP class is accepted, including private ones. ${syntaxes(options)} An instance that the archive has already is answered with Success and kept once; its file is replaced only if it is damaged. The same SOP Instance UID in another study or series is a separate instance. Digital signatures are kept, and neither verified nor made.`,
            ...coercion(options),
            ...areas.flatMap((area) => [
              `Application entity ${area.scp.aeTitle}: ${syntaxes(area.options)}`,
              ...coercion(area.options),
            ]),
          ],
        },
      ],
    },
    {
      title: 'Storage commitment service',
      text: [
        'SCP of the Push Model. The result is reported on the association of the request while it is open, else on a new one to the address of `--peer`.',
        storageCommitmentAttributes(),
      ],
    },
    {
      title: 'Query/retrieve service',
      text: [
        'SCP of FIND, MOVE and GET of the patient root and study root models. All kinds of matching of PS3.4 §C.2.2.2 are supported; UIDs do not match by wildcards, and person names match without regard to case. A person name key of delimiters alone matches everything. Keys that are not in the table are ignored, and the status of the responses is FF01H. Instance Availability is ONLINE. In the study root model, the attributes of the patient belong to the study.',
        queryKeys(),
      ],
    },
    {
      title: 'Print management service',
      text: [
        'SCP of the grayscale and color meta SOP classes, Presentation LUT, Basic Annotation Box, Print Job and Printer. Films are pictures in files. Unsupported values of optional attributes are answered with the warning 0116H.',
        printAttributes(),
      ],
    },
  ];
}

function syntaxes({ acceptSyntax, preferSyntax }: Options): string {
  const named = (uids: readonly string[]) => uids.map((uid) => uidName(uid) ?? uid).join(', ');
  const accepted = acceptSyntax
    ? `The transfer syntaxes are ${named(acceptSyntax)}.`
    : 'Every transfer syntax is accepted.';
  return preferSyntax ? `${accepted} Of several, ${named(preferSyntax)} is chosen first.` : accepted;
}

/** The rules of --coerce. */
function coercion({ coerce }: Options): string[] {
  if (!coerce) return ['No attribute is coerced.'];
  const rows = coerce.map(({ name, calling, match, edits, keepsOriginal }) => [
    name,
    calling?.join(', ') ?? 'any',
    Object.entries(match)
      .map(([keyword, values]) => `${keyword}: ${values.join(', ')}`)
      .join('; ') || 'any',
    edits.map(({ at, value }) => (value === undefined ? `${at} removed` : `${at} set`)).join(', '),
    keepsOriginal ? 'kept' : 'not kept',
  ]);
  return [
    'Attributes are coerced by these rules. The response has the status B000H (Coercion of Data Elements) and the tags of the attributes as Offending Element, if any value changes. Previous values are added to the Original Attributes Sequence (0400,0561) with the reason COERCE, the archive as the Modifying System, and the calling AE title as the Source of Previous Values; those of attributes that were absent are empty. SOP Class, SOP Instance, Study Instance and Series Instance UID are never changed. Coerced instances are found, sent and reported as they are stored.',
    table(['Rule', 'Calling AE titles', 'Attributes', 'Changes', 'Previous values'], rows),
  ];
}

/** PS3.2 Table N.5-9. The SOP Instance UID stays the same. */
function transcoding(decompress: boolean): string[] {
  const rest = decompress ? 'SUPPORTED if the codec is installed' : 'NOT_SUPPORTED';
  return [
    table(
      ['Stored', 'Sent in Implicit VR or Explicit VR Little Endian', 'Sent in Explicit VR Big Endian or Deflated'],
      [
        ['uncompressed or deflated', 'SUPPORTED', 'SUPPORTED if nothing else is accepted'],
        ['compressed', rest, 'NOT_SUPPORTED'],
      ],
    ),
    'The same SOP Instance UID is used. Instances are never compressed.',
  ];
}

function characterSets(): string {
  return `Specific Character Set (0008,0005) is honoured in queries: ${supportedCharacterSets().join(', ')}. Labels that are not defined terms but in use, such as UTF8, ISO-8859-1 and GB2312, sets that cannot be together, and sets of two bytes without escape sequences are read as they are meant, and never written. Responses are in the character set of the request if it has all their characters, else in ISO_IR 192. Characters that an attribute cannot carry become a question mark. Instances are kept unchanged. Names match in each of their three component groups.`;
}
