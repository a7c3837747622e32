// The conformance statement, held against what is negotiated.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { INSTANCE_AVAILABILITY_ATTRIBUTES, modalityWorklist } from '@x/dimse';
import { PRINT_ATTRIBUTES } from '@x/dimse/print';
import { PERFORMED_PROCEDURE_STEP_ATTRIBUTES, WORK_ITEM_ATTRIBUTES } from '@x/dimse/workflow';
import { requestAssociation, TLS_PROFILES } from '@x/net';
import { startScp } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterAll, expect, test } from 'vitest';
import { keptIn } from '../test/world.ts';
import { INDEXED_ATTRIBUTES } from './instances/archive-index/indexed-attributes.ts';
import { scpProgram } from './program.ts';

/** Runs the program in this process to its end. */
const runScp = (...argv: readonly string[]) => runInProcess((context) => runProgram(scpProgram(), context), argv);

const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Stated {
  readonly abstractSyntax: string;
  /** By name; absent where any is taken. */
  readonly transferSyntaxes: readonly string[] | undefined;
  readonly scu: boolean;
  readonly scp: boolean;
}

/** What the sections of the service classes say. */
function statedIn(statement: string): Stated[] {
  return statement.split(/^##### /m).flatMap((section) => {
    const [, roles = ''] = /^.*Roles of the association's requestor: (.*)\.$/m.exec(section) ?? [];
    const [, syntaxes] = /^Transfer syntaxes: (.*)\.$/m.exec(section) ?? [];
    if (syntaxes === undefined) return [];
    const transferSyntaxes = syntaxes.startsWith('any') ? undefined : syntaxes.split(', ');
    const uids = [...section.matchAll(/^\| .* \| `([\d.]+)` \|$/gm)].map(([, uid = '']) => uid);
    const of = (role: string) => roles.split(', ').includes(role);
    return uids.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes, scu: of('SCU'), scp: of('SCP') }));
  });
}

/** Headings whose numbers PS3.2 Annex N gives. */
const NUMBERS = [
  '1.7 Specific character sets',
  '3.6 References',
  '4.1.1 Functional definition of DIMSE',
  '5.2.1 Basic worklist management service',
  '5.2.2 Modality performed procedure step service',
  '5.2.3 Unified worklist and procedure step service',
  '5.2.4 Instance availability notification service',
  '5.2.5.1 SCU of the storage SOP classes',
  '5.2.5.1.1 Transcoding of transfer syntaxes',
  '5.2.5.2 SCP of the storage SOP classes',
  '5.2.6 Storage commitment service',
  '5.2.7 Query/retrieve service',
  '5.2.8 Print management service',
  '5.7 Specific character sets',
  '6.6 Configuration of the audit trail',
  '7.1.1 General association parameters',
  '7.2.1 Application entity DIMSE',
  '7.2.1.3 Association initiation',
  '7.2.1.4 Association acceptance',
  '7.3.1 General communication and failure behaviour',
  '8.4.2 Secure transport connection profiles',
  '8.5.2 Association acceptance',
];

const TRANSFER_SYNTAXES = {
  'Implicit VR Little Endian': '1.2.840.10008.1.2',
  'Explicit VR Little Endian': '1.2.840.10008.1.2.1',
  'Deflated Explicit VR Little Endian': '1.2.840.10008.1.2.1.99',
  'Explicit VR Big Endian': '1.2.840.10008.1.2.2',
  'JPEG Baseline (Process 1)': '1.2.840.10008.1.2.4.50',
};
/** Not in the statement: a SOP class that is retired, a service, a query model that the archive does not have. */
const OTHERS = ['1.2.840.10008.5.1.1.27.9', '1.2.840.10008.1.42', '1.2.840.10008.5.1.4.1.2.3.1'];

test('lists exactly the SOP classes, transfer syntaxes and roles that the archive accepts', async () => {
  const options = ['--worklist', folder, '--aet', 'DIMSE'];
  const { stdout } = await runScp('--conformance', ...options);
  const stated = statedIn(stdout);
  expect(stated.length).toBeGreaterThan(150);
  const archive = await startScp([...keptIn(join(folder, 'data')), ...options]);
  const proposals = [
    ...stated.flatMap(({ abstractSyntax, transferSyntaxes, scu, scp }) =>
      Object.entries(TRANSFER_SYNTAXES).map(([name, uid]) => ({
        abstractSyntax,
        transferSyntax: uid,
        accepted: (transferSyntaxes?.some((each) => each.startsWith(name)) ?? true) && { scu, scp },
      })),
    ),
    ...OTHERS.map((abstractSyntax) => ({ abstractSyntax, transferSyntax: '1.2.840.10008.1.2', accepted: false })),
  ];
  try {
    const differences: unknown[] = [];
    for (let at = 0; at < proposals.length; at += 100) {
      const part = proposals.slice(at, at + 100);
      const association = await requestAssociation({
        ...{ host: '127.0.0.1', port: archive.port, callingAeTitle: 'ME', calledAeTitle: 'DIMSE' },
        contexts: part.map(({ abstractSyntax, transferSyntax }) => ({
          abstractSyntax,
          transferSyntaxes: [transferSyntax],
          roles: { scu: true, scp: true },
        })),
      });
      part.forEach((proposal, index) => {
        const context = association.contexts.get(2 * index + 1);
        const found = context ? { scu: context.roles.scu, scp: context.roles.scp } : false;
        if (JSON.stringify(found) !== JSON.stringify(proposal.accepted)) differences.push({ ...proposal, found });
      });
      await association.release();
    }
    expect(differences).toEqual([]);
  } finally {
    await archive.stop('SIGKILL');
  }
});

test('has the outline of PS3.2 Annex N, with a table of contents, and the actual timeouts, security and user identity', async () => {
  const { stdout } = await runScp('--conformance', '--max-pdu', '0', '--artim-timeout', '7');
  expect(stdout.match(/^##? .*$/gm)).toEqual([
    '# DICOM conformance statement: dimse-scp as DIMSE',
    '## 1. Overview',
    '## 2. Table of contents',
    '## 3. Introduction',
    '## 4. Implementation model',
    '## 5. Service and interoperability description',
    '## 6. Configuration',
    '## 7. Network and media communication details',
    '## 8. Security',
    '## 9. Annexes',
  ]);
  for (const heading of NUMBERS) expect(stdout).toMatch(new RegExp(`^#+ ${heading}$`, 'm'));
  // Every numbered heading is in the table of contents, in this order.
  const headings = [...stdout.matchAll(/^#{2,} (\d.*)$/gm)].map(([, heading]) => heading);
  expect([...stdout.matchAll(/^ *- (\d.*)$/gm)].map(([, entry]) => entry)).toEqual(headings);
  expect(stdout).toMatch(/^\| artim \| 7 \|$/m);
  expect(stdout).toMatch(/^\| Maximum PDU length announced \| unlimited \|$/m);
  expect(stdout).toMatch(/^\| User identity \| not required \|$/m);
  expect(stdout).toContain('Connections are not secured');
  expect(stdout).toMatch(/^\| C-MOVE of a peer \| C-STORE \| SCU \|/m);
});

test('has the attributes of each service, from the tables of the code', async () => {
  const { stdout } = await runScp('--conformance', '--worklist', folder);
  const sections = new Map(stdout.split(/^#{3,4} (?=\d)/m).map((section) => [section.split(' ')[0], section] as const));
  const { attributes = [], inSequences = [] } = modalityWorklist.queries.find;
  const tables: readonly (readonly [section: string, keywords: readonly string[]])[] = [
    ['5.2.1', [...attributes, ...inSequences]],
    ['5.2.2', PERFORMED_PROCEDURE_STEP_ATTRIBUTES.map(({ keyword }) => keyword)],
    ['5.2.3', WORK_ITEM_ATTRIBUTES.map(({ keyword }) => keyword)],
    ['5.2.4', INSTANCE_AVAILABILITY_ATTRIBUTES.map(({ keyword }) => keyword)],
    ['5.2.7', INDEXED_ATTRIBUTES.map(({ keyword }) => keyword)],
    ['5.2.8', Object.values(PRINT_ATTRIBUTES).flat()],
  ];
  for (const [number, keywords] of tables) {
    const section = sections.get(number) ?? '';
    expect(keywords.length).toBeGreaterThan(2);
    for (const keyword of keywords)
      expect([number, section]).toEqual([number, expect.stringContaining(`| ${keyword} |`)]);
    // Each row has a tag of the dictionary.
    expect(section).not.toContain('(0000,0000)');
  }
});

test('states the behaviour on failure, and the TLS profiles with the suites that are not offered', async () => {
  const { stdout } = await runScp('--conformance');
  for (const words of [
    /^\| The user identity is missing or not accepted.*\(1, 2, 1\) \|$/m,
    /^\| C-MOVE to a destination that cannot be reached \| A702H/m,
    /^\| C-MOVE to a destination that is unknown \| A801H \|$/m,
    /TLS_AES_128_CCM_8_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 and TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8/,
  ])
    expect(stdout).toMatch(words);
  for (const [name, { cipherSuites }] of Object.entries(TLS_PROFILES))
    expect(stdout).toMatch(new RegExp(`^\\| .${name}. .*${cipherSuites.join(', ')} \\|$`, 'm'));
});

test('describes the services that the options configure', async () => {
  const args = ['--aet', 'ARCHIVE', '--peer', 'WS=10.0.0.7:104', '--window', '7', '--idle-timeout', '90'];
  const { exitCode, stdout, stderr } = await runScp('--conformance', ...args, '--accept-calling', 'CT1');
  expect([exitCode, stderr]).toEqual([0, '']);
  for (const words of [
    /^# DICOM conformance statement: dimse-scp as ARCHIVE$/m,
    /^\| Storage \| yes \| yes \|$/m,
    /^\| Verification \| no \| yes \|$/m,
    /^##### Study Root Query\/Retrieve$/m,
    /Operations performed: C-FIND, C-MOVE, C-GET/,
    /^\| Calling AE titles \| CT1 \|$/m,
    /^\| idle \| 90 \|$/m,
    /^\| WS \| 10\.0\.0\.7:104 \| no \|$/m,
    /7 performed, 7 invoked/,
    /`1\.2\.840\.10008\.5\.1\.4\.1\.1\.2`/,
    /ISO 2022 IR 149/,
    /^\| A801H \| failure \| move destination unknown \|$/m,
  ])
    expect(stdout).toMatch(words);
  // Without a folder there is no worklist.
  expect(stdout).not.toContain('Modality Worklist |');
  const withWorklist = await runScp('--conformance', '--worklist', folder);
  expect(withWorklist.stdout).toContain('| Modality Worklist |');
});

test('describes all areas of the configuration, with their rights, transfer syntaxes and coercion', async () => {
  const [config, rules] = [join(folder, 'areas.yaml'), join(folder, 'coerce.yaml')];
  writeFileSync(rules, 'rules:\n  site: { calling: [ECHO01], set: { InstitutionName: Clinic } }');
  writeFileSync(
    config,
    `aet: ARCHIVE
areas:
  CARDIO: { write: [ECHO01], read: [WS], accept-syntax: [ExplicitVRLittleEndian], coerce: ${rules} }
  NEURO: { worklist: ${folder} }
`,
  );
  const { exitCode, stdout, stderr } = await runScp('--conformance', '--config', config);
  expect([exitCode, stderr]).toEqual([0, '']);
  for (const words of [
    /^3 application entities on one port, each with its own instances\./m,
    /^#### 4\.1\.2 Functional definition of CARDIO$/m,
    /^#### 7\.2\.1 Application entity ARCHIVE$/m,
    /^#### 7\.2\.2 Application entity CARDIO$/m,
    /^#### 7\.2\.3 Application entity NEURO$/m,
    /^\| Storage \| NEURO \| yes \| yes \|$/m,
    /^\| Calling AE titles that may store and change \| ECHO01 \|$/m,
    /^\| Calling AE titles that may have instances sent to peers \| WS \|$/m,
    /^Application entity CARDIO: The transfer syntaxes are Explicit VR Little Endian\.$/m,
    /^\| site \| ECHO01 \| any \| InstitutionName set \| kept \|$/m,
    /^\| Modality Worklist \| NEURO \| no \| yes \|$/m,
  ])
    expect(stdout).toMatch(words);
  expect(stdout).not.toContain('| Modality Worklist | ARCHIVE |');
});
