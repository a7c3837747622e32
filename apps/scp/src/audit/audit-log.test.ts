// The audit log of a running archive.

import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { createScp, get, openSession, Status, serve, storage, studyRoot, verification } from '@x/dimse';
import { passcodeIdentity, usernameIdentity } from '@x/net';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptIn } from '../../test/world.ts';
import { scpProgram } from '../program.ts';

let folder: string;
let archive: RunningScp | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(async () => {
  await archive?.stop('SIGKILL');
  archive = undefined;
  rmSync(folder, { recursive: true });
});

async function start(...args: readonly string[]): Promise<void> {
  archive = await startScp([...keptIn(join(folder, 'data')), '--audit-log', join(folder, 'audit'), ...args]);
}

const peer = () => ({ host: '127.0.0.1', port: archive?.port ?? 0, callingAeTitle: 'CT01', calledAeTitle: 'DIMSE' });
const IDENTIFIER = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2', PatientName: 'Doe*', PatientID: 'P1' };

interface Line {
  readonly EventIdentification: Record<string, unknown>;
  readonly ActiveParticipant: readonly Record<string, unknown>[];
  readonly ParticipantObjectIdentification: readonly Record<string, unknown>[];
  readonly Association?: string;
}

const linesOf = (name: string) => jsonLines(readFileSync(join(folder, name), 'utf8')) as unknown as Line[];

/** Event, kind, action and outcome of each line. */
function summary(lines: readonly Line[]): string[] {
  const text = (code: unknown) => (code as { originalText: string } | undefined)?.originalText;
  return lines.map(({ EventIdentification: { EventID, EventTypeCode, EventActionCode, EventOutcomeIndicator } }) =>
    [text(EventID), text(EventTypeCode), EventActionCode, EventOutcomeIndicator]
      .filter((each) => each !== undefined)
      .join(' '),
  );
}

async function useArchive(): Promise<void> {
  const destination = createScp({
    aeTitle: 'WS',
    services: [
      serve(
        storage,
        {
          store: async ({ data }) => {
            for await (const _ of data.batches());
            return Status.Success;
          },
        },
        { otherSopClasses: () => true },
      ),
    ],
  });
  const { port } = await destination.listen({ host: '127.0.0.1', port: 0 });
  await start('--peer', `WS=127.0.0.1:${port}`);
  const [sopClass, transferSyntax, sopInstance] = [CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, '1.2.3'];
  const uids = [
    verification.sopClasses.Verification.uid,
    sopClass,
    ...Object.values(studyRoot.sopClasses).map(({ uid }) => uid),
  ];
  const contexts = uids.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [transferSyntax] }));
  const session = await openSession({
    ...peer(),
    userIdentity: usernameIdentity('jane\u202e'),
    services: [verification, storage, studyRoot],
    contexts,
  });
  const data = syntheticDataSet({ sopClass, sopInstance, study: '1.2', series: '1.2.1', pixelLength: 1000 });
  await session.use(storage).store({ sopClass, sopInstance, transferSyntax, data });
  for await (const _ of session.use(studyRoot).find({ identifier: IDENTIFIER }));
  const retrieval = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2' };
  for await (const _ of session.use(studyRoot).move({ identifier: retrieval, destination: 'WS' }));
  await session.release();
  for await (const { data } of get({ ...peer(), identifier: retrieval, sopClasses: [sopClass] }))
    for await (const _ of data);
  await expect(
    openSession({ ...peer(), calledAeTitle: 'OTHER', services: [verification], contexts }),
  ).rejects.toThrow();
  await archive?.stop();
  await destination.close();
}

test('says who associated, stored, queried, retrieved and moved what', async () => {
  await useArchive();
  const lines = linesOf('audit');
  expect(summary(lines)).toEqual([
    'Application Activity Application Start E 0',
    'User Authentication Login E 0',
    'DICOM Instances Transferred C 0',
    'Query E 0',
    'DICOM Instances Transferred R 0',
    'User Authentication Logout E 0',
    'User Authentication Login E 0',
    'DICOM Instances Transferred R 0',
    'User Authentication Logout E 0',
    'Security Alert Node Authentication E 4',
    'Application Activity Application Stop E 0',
  ]);
  const [, login, stored, query, moved] = lines;
  expect(login?.ActiveParticipant).toMatchObject([
    { UserID: 'CT01', AlternativeUserID: 'AETITLES=CT01', UserIsRequestor: true, NetworkAccessPointID: '127.0.0.1' },
    { UserID: 'jane\u202e', UserIsRequestor: true },
    { AlternativeUserID: 'AETITLES=DIMSE', UserIsRequestor: false },
  ]);
  for (const line of [stored, query, moved])
    expect(line?.ParticipantObjectIdentification[0]).toMatchObject({
      ParticipantObjectIDTypeCode: { 'csd-code': '110180' },
      ParticipantObjectID: '1.2',
    });
  expect(moved?.ActiveParticipant.at(-1)).toMatchObject({ UserID: 'WS', RoleIDCode: { 'csd-code': '110152' } });
  expect(new Set([login, stored, query, moved].map((line) => line?.Association)).size).toBe(1);
  const text = readFileSync(join(folder, 'audit'), 'utf8');
  expect([text.includes('Doe'), text.includes('P1'), text.includes('\u202e')]).toEqual([false, false, false]);
  expect(statSync(join(folder, 'audit')).mode & 0o777).toBe(0o600);
});

test('writes patients only with --audit-patients, refused logins, and a new file after SIGHUP', async () => {
  writeFileSync(join(folder, 'users'), 'jane\n');
  await start('--audit-patients', '--users', join(folder, 'users'));
  const find = studyRoot.sopClasses.Find.uid;
  const options = {
    ...peer(),
    services: [studyRoot],
    contexts: [{ abstractSyntax: find, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }],
  };
  await expect(openSession({ ...options, userIdentity: passcodeIdentity('eve', 'guess') })).rejects.toThrow();
  const session = await openSession({ ...options, userIdentity: usernameIdentity('jane') });
  renameSync(join(folder, 'audit'), join(folder, 'audit.1'));
  archive?.child.kill('SIGHUP');
  await archive?.printed(/SIGHUP: the audit log was opened again/, 'stderr');
  for await (const _ of session.use(studyRoot).find({ identifier: IDENTIFIER }));
  await session.release();
  await archive?.stop();
  expect(summary(linesOf('audit.1'))).toEqual([
    'Application Activity Application Start E 0',
    'User Authentication Login E 4',
    'User Authentication Login E 0',
  ]);
  const [query] = linesOf('audit');
  expect(query?.ParticipantObjectIdentification[1]).toMatchObject({
    ParticipantObjectTypeCode: 1,
    ParticipantObjectID: 'P1',
    ParticipantObjectName: 'Doe*',
  });
  expect(readFileSync(join(folder, 'audit.1'), 'utf8')).not.toContain('guess');
});

test('reports an audit log that cannot be written', async () => {
  const args = [...keptIn(join(folder, 'data')), '--audit-log', join(folder, 'nowhere', 'audit')];
  const { exitCode, stderr } = await runInProcess((context) => runProgram(scpProgram(), context), args);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringMatching(/^dimse-scp: the audit log .* cannot be written: ENOENT[^\n]*\n$/),
  ]);
});
