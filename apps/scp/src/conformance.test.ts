// The conformance statement, held against what is negotiated.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { requestAssociation } from '@x/net';
import { startScp } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterAll, expect, test } from 'vitest';
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
  const archive = await startScp(['--data', join(folder, 'data'), ...options]);
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

test('has the outline of PS3.2 and the actual timeouts, security and user identity', async () => {
  const { stdout } = await runScp('--conformance', '--max-pdu', '0', '--artim-timeout', '7');
  expect(stdout.match(/^##? .*$/gm)).toEqual([
    '# DICOM conformance statement: dimse-scp as DIMSE',
    '## 1. Conformance statement overview',
    '## 2. Introduction',
    '## 3. Networking',
    '## 4. Media interchange',
    '## 5. Support of character sets',
    '## 6. Security',
  ]);
  expect(stdout).toMatch(/^\| artim \| 7 \|$/m);
  expect(stdout).toMatch(/^\| Maximum PDU length announced \| unlimited \|$/m);
  expect(stdout).toMatch(/^\| User identity \| not required \|$/m);
  expect(stdout).toContain('Connections are not secured');
  expect(stdout).toMatch(/^\| C-MOVE of a peer \| C-STORE \| SCU \|/m);
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
