// The conformance statement, generated from the services that run, as Markdown: the outline of PS3.2 Annex N (2024d).

import type { ScpOptions } from '@x/dimse';
import { supportedCharacterSets } from '@x/dimse/data-set';
import { type DescribedEntity, isUserOf, networkSection } from './conformance/network-section.ts';
import { NOT_SUPPORTED, numbered, type Section, TABLE_OF_CONTENTS, table } from './conformance/numbered-sections.ts';
import { securitySection } from './conformance/security-section.ts';
import { servicesSection } from './conformance/services-section.ts';
import type { Options } from './options.ts';
import { VERSION } from './version.ts';

/** The statement for an archive of these options, and its areas. */
export function conformanceStatement(archive: DescribedEntity, areas: readonly DescribedEntity[] = []): string {
  const { options, scp } = archive;
  const sections = [
    overview(scp),
    TABLE_OF_CONTENTS,
    INTRODUCTION,
    implementationModel(scp, areas, options),
    servicesSection(archive, areas),
    configuration(options),
    networkSection(archive, areas),
    securitySection(options),
    ANNEXES,
  ];
  return `# DICOM conformance statement: dimse-scp as ${scp.aeTitle}\n\nProduct: dimse-scp ${VERSION}. The numbers of the sections are those of PS3.2 Annex N without the N.\n\n${numbered(sections)}\n`;
}

function overview({ services, calls = [] }: ScpOptions): Section {
  const rows = services.map((service) => [service.serviceClass.name, isUserOf(service, calls) ? 'yes' : 'no', 'yes']);
  return {
    title: 'Overview',
    text: 'A small archive, which stores, finds and sends instances, and takes part in the workflow of a department.',
    sections: [
      {
        title: 'Content and transfer',
        text: 'Instances of every SOP class are kept, including private and retired ones: unchanged, unless rules of coercion are configured (section 5.2.5.2). They are sent unchanged if the peer takes their transfer syntax. If it does not, uncompressed instances are encoded in one that it takes (PS3.5 §10.1), and compressed ones are decompressed if the option is set. The archive does not create, display or process instances. Structured reports are kept like other instances.',
      },
      { title: 'DIMSE services', text: table(['Service class', 'User (SCU)', 'Provider (SCP)'], rows) },
      { title: 'DICOM web services', text: NOT_SUPPORTED },
      { title: 'Media services', text: NOT_SUPPORTED },
      { title: 'Real-time video service', text: NOT_SUPPORTED },
      { title: 'De-identification profiles', text: NOT_SUPPORTED },
      { title: 'Specific character sets', text: supportedCharacterSets().join(', ') },
    ],
  };
}

const INTRODUCTION: Section = {
  title: 'Introduction',
  sections: [
    {
      title: 'Revision history',
      text: 'The program generates the statement from its options with `--conformance`; other options give another statement.',
    },
    { title: 'Audience', text: 'People who connect other systems to this one.' },
    {
      title: 'Remarks',
      text: 'Conformance of both sides does not prove that they interoperate: test the connection.',
    },
    { title: 'Terms and definitions', text: 'Those of PS3.1 to PS3.15.' },
    {
      title: 'Abbreviations',
      text: 'AE: application entity. SCP: service class provider. SCU: service class user. SOP: service-object pair. UID: unique identifier. VR: value representation.',
    },
    { title: 'References', text: 'DICOM PS3, edition 2024d.' },
  ],
};

function implementationModel(
  { aeTitle }: ScpOptions,
  areas: readonly DescribedEntity[],
  { index }: Pick<Options, 'index'>,
): Section {
  const processes =
    index === undefined
      ? ''
      : ' Several processes may form it behind a load balancer: each performs all operations on the same instances, index and workflow.';
  return {
    title: 'Implementation model',
    sections: [
      {
        title: 'Application entities and data flow',
        text: `${areas.length === 0 ? 'One application entity. It' : `${areas.length + 1} application entities on one port, each with its own instances. Each`} accepts associations and performs the requested operations. It requests associations itself to move instances and to report events.${processes}`,
        sections: [
          {
            title: `Functional definition of ${aeTitle}`,
            text: 'It stores the instances that it receives, and answers queries from an index of them. It sends instances to the peers that retrievals name. It provides the items of a worklist folder, keeps performed procedure steps and work items, confirms that instances are kept, and prints films to files.',
          },
          ...areas.map(({ scp }) => ({
            title: `Functional definition of ${scp.aeTitle}`,
            text: `The same, with instances, worklist, procedure steps and films of its own. It does not see those of ${aeTitle}.`,
          })),
        ],
      },
    ],
  };
}

function configuration({ fsync, window, drain, index }: Options): Section {
  const kept =
    index === undefined
      ? `the instance is in its final file and in the index${fsync ? ', both on disk' : ''}`
      : `the object of the instance is in the store and its entry in the database${fsync ? ', on disk' : ''}`;
  return {
    title: 'Configuration',
    sections: [
      {
        title: 'General configuration parameters',
        text: `All settings are options of the command line or of its configuration file; \`--help\` lists them with their defaults. AE title, port, peers, users, limits and timeouts can be configured. C-STORE is answered with Success once ${kept}. Up to ${window} operations are performed at the same time on an association. When the archive stops, associations have ${drain / 1000} s to finish.`,
      },
      { title: 'Configuration of DIMSE services', text: table(['Service', 'Options'], SERVICE_OPTIONS) },
      { title: 'Configuration of DICOM web services', text: NOT_SUPPORTED },
      { title: 'Configuration of media storage services', text: NOT_SUPPORTED },
      { title: 'Configuration of real-time video services', text: NOT_SUPPORTED },
      { title: 'Configuration of the audit trail', text: '`--audit-log`, `--audit-patients`' },
    ],
  };
}

const SERVICE_OPTIONS = [
  ['Basic worklist management', '`--worklist`'],
  ['Modality performed procedure step', '`--notify`, `--keep-finished`'],
  ['Unified worklist and procedure step', '`--peer`, `--keep-finished`'],
  ['Instance availability notification', 'none'],
  [
    'Storage',
    '`--data`, `--index`, `--store`, `--no-fsync`, `--accept-syntax`, `--prefer-syntax`, `--coerce`, `--file-name`, `--quota`',
  ],
  ['Storage commitment', '`--peer`'],
  ['Query/retrieve', '`--peer`, `--reindex`'],
  ['Print management', 'none'],
] as const;

/** PS3.2 §N.9. */
const ANNEXES: Section = {
  title: 'Annexes',
  text: `- A.A Information object definitions: the archive does not create instances.
- A.B Structured report content encoding: the archive does not create structured reports.
- A.C Security details: see section 8.
- A.D Mapping of attributes: the archive does not map attributes; sections 5.2.1 to 5.2.8 have those that it uses.
- A.E Code set usage: codes are kept and compared, and not interpreted.`,
};
