// Deleting: by the operator, while the archive runs and when it does not, and after a crash.

import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { get, openSession, SopClass, storage, studyRoot } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordingPeer } from '../test/recording-peer.ts';
import { type RunningArchive, runArchive } from '../test/running-archive.ts';
import { databaseOf, isSharedWorld, keptIn } from '../test/world.ts';
import { openInstanceArchive } from './instances/instance-archive.ts';
import { scpProgram } from './program.ts';

let folder: string;
let archive: RunningArchive | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deletion-'));
});
afterEach(async () => {
  await archive?.stop();
  archive = undefined;
  rmSync(folder, { recursive: true });
});

const deleting = (...argv: readonly string[]) =>
  runInProcess((context) => runProgram(scpProgram(), context), ['delete', ...keptIn(folder), ...argv]);

function calling() {
  return openSession({
    host: '127.0.0.1',
    port: archive?.port ?? 0,
    callingAeTitle: 'CT',
    calledAeTitle: 'DIMSE',
    services: [studyRoot, storage],
    contexts: [CT_IMAGE_STORAGE, ...Object.values(studyRoot.sopClasses).map(({ uid }) => uid)].map(
      (abstractSyntax) => ({
        abstractSyntax,
        transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN],
      }),
    ),
  });
}

/** Stores instances named study/series/instance. */
async function store(...names: readonly string[]): Promise<void> {
  await using session = await calling();
  for (const name of names) {
    const [study, series, sopInstance = ''] = name.split('/');
    const instance = { sopClass: CT_IMAGE_STORAGE, sopInstance };
    const data = syntheticDataSet({ ...instance, study, series, pixelLength: 2000 });
    await session.use(storage).store({ ...instance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data });
  }
}

async function studies(): Promise<unknown[]> {
  await using session = await calling();
  const found: unknown[] = [];
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '' } as const;
  for await (const match of session.use(studyRoot).find({ identifier })) found.push(match.identifier?.StudyInstanceUID);
  return found;
}

const has = (path: string) => existsSync(join(folder, 'instances', path));
/** Whether their files are in the folder. In the shared world there are none. */
const haveFiles = (...expected: readonly boolean[]) => (isSharedWorld ? expected.map(() => false) : expected);

describe('dimse-scp delete', () => {
  test('deletes a study, a series and an instance while the archive runs', async () => {
    const log = join(folder, 'audit');
    archive = await runArchive(...keptIn(folder), '--audit-log', log);
    // In the shared world, the command deletes without a running archive, and audits it itself.
    const audit = isSharedWorld ? ['--audit-log', log] : [];
    await store('1.1/1.1.1/1', '1.1/1.1.1/2', '1.1/1.1.2/3', '1.2/1.2.1/4');
    expect(await deleting('--study', '1.1', '--instance', '2', '--yes', ...audit)).toMatchObject({ exitCode: 0 });
    expect([has('1.1/1.1.1/1.dcm'), has('1.1/1.1.1/2.dcm')]).toEqual(haveFiles(true, false));
    const ofSeries = await deleting('--study', '1.1', '--series', '1.1.2', '--yes', ...audit);
    expect(ofSeries.stdout).toMatch(/^deleted the series 1\.1\.2: 1 instance, 2\d\d\d bytes\n$/);
    expect([has('1.1/1.1.1'), has('1.1/1.1.2')]).toEqual(haveFiles(true, false));
    expect(await studies()).toEqual(['1.1', '1.2']);
    expect(await deleting('--study', '1.1', '--yes', ...audit)).toMatchObject({ exitCode: 0 });
    expect(await studies()).toEqual(['1.2']);
    expect([has('1.1'), has('1.2')]).toEqual(haveFiles(false, true));
    // The same study can be stored again.
    await store('1.1/1.1.1/1');
    expect(has('1.1/1.1.1/1.dcm')).toBe(!isSharedWorld);
    await archive.stop();
    archive = undefined;
    expect(existsSync(join(folder, 'control.sock'))).toBe(false);
    const deleted = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ EventIdentification: { EventActionCode } }) => EventActionCode === 'D');
    expect(
      deleted.map(({ EventIdentification: { EventID, EventOutcomeDescription: words } }) => [
        EventID.originalText,
        words,
      ]),
    ).toEqual([
      ['DICOM Instances Accessed', '1 instances of 2'],
      ['DICOM Instances Accessed', '1 instances of 1.1.2'],
      ['DICOM Study Deleted', '1 instances'],
    ]);
    expect(deleted[2].ParticipantObjectIdentification[0].ParticipantObjectID).toBe('1.1');
  });

  test('deletes from the folder of an archive that does not run', async () => {
    archive = await runArchive(...keptIn(folder));
    await store('1.1/1.1.1/1', '1.2/1.2.1/4');
    await archive.stop();
    archive = undefined;
    const log = join(folder, 'audit');
    expect(await deleting('--study', '1.1', '--yes', '--audit-log', log)).toMatchObject({ exitCode: 0 });
    expect([has('1.1'), has('1.2/1.2.1/4.dcm')]).toEqual(haveFiles(false, true));
    expect(readFileSync(log, 'utf8')).toContain('DICOM Study Deleted');
    archive = await runArchive(...keptIn(folder));
    expect(await studies()).toEqual(['1.2']);
  });

  test('keeps a study that waits for forwarding, whether the archive runs or not', async () => {
    const rules = join(folder, 'rules.yaml');
    writeFileSync(rules, 'destinations:\n  PACS: { host: 127.0.0.1, port: 1 }\nrules:\n  all: { to: [PACS] }\n');
    archive = await runArchive(...keptIn(folder), '--forward', rules);
    await store('1.1/1.1.1/1');
    const needed = /the study 1\.1 is needed for forwarding/;
    expect((await deleting('--study', '1.1', '--yes')).stderr).toMatch(needed);
    const list = () =>
      runInProcess((context) => runProgram(scpProgram(), context), ['forward', 'list', ...databaseOf(folder)]);
    await expect.poll(async () => (await list()).stdout, { timeout: 20_000 }).toMatch(/PACS/);
    await archive.stop();
    archive = undefined;
    expect((await deleting('--study', '1.1', '--yes')).stderr).toMatch(needed);
    expect(has('1.1/1.1.1/1.dcm')).toBe(!isSharedWorld);
    expect(await deleting('--study', '1.1', '--yes', '--force')).toMatchObject({ exitCode: 0 });
    expect(has('1.1')).toBe(false);
  });

  test.skipIf(isSharedWorld)(
    'finds instances that arrived right before a crash, and keeps those that were to be forwarded',
    async () => {
      await using pacs = await recordingPeer();
      const rules = join(folder, 'rules.yaml');
      const destination = `PACS: { host: 127.0.0.1, port: ${pacs.port} }`;
      writeFileSync(rules, `destinations:\n  ${destination}\nrules:\n  all: { to: [PACS] }\n`);
      archive = await runArchive(...keptIn(folder), '--forward', rules);
      await store('1.1/1.1.1/1', '1.1/1.1.1/2', '1.2/1.2.1/3');
      await expect.poll(() => pacs.requests.length, { timeout: 20_000 }).toBe(3);
      const settled = () => deleting('--study', '1.2', '--yes');
      await expect.poll(async () => (await settled()).exitCode, { timeout: 20_000 }).toBe(0);
      await archive.stop();
      archive = undefined;
      {
        // The crash came after the name of the file, and before the entry of the index.
        await using instances = await openInstanceArchive(folder, { fsync: true, reindex: false });
        await instances.index.remove({ study: '1.1', series: '1.1.1', sopInstance: '2' });
      }
      const refused = await deleting('--study', '1.1', '--yes');
      expect(refused.stderr).toMatch(/the study 1\.1 is needed for forwarding to PACS/);
      const forced = await deleting('--study', '1.1', '--yes', '--force');
      expect(forced.stdout).toMatch(/^deleted the study 1\.1: 2 instances/);
      expect(has('1.1')).toBe(false);
    },
  );

  test('needs --yes without a terminal, a study, and a study that is there', async () => {
    archive = await runArchive(...keptIn(folder));
    await store('1.1/1.1.1/1');
    const faults = [
      await deleting('--study', '1.1'),
      await deleting('--yes'),
      await deleting('--study', '1.9', '--yes'),
      await deleting('--study', '../1', '--yes'),
    ];
    expect(faults.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2]);
    expect(faults.map(({ stderr }) => stderr).join('')).toMatch(
      /--yes is needed.*\n.*--study is required.*\n.*does not have the study 1\.9\n.*UID/,
    );
    expect(await studies()).toEqual(['1.1']);
  });

  test.skipIf(isSharedWorld)('refuses a folder that is not that of an archive, and leaves it as it is', async () => {
    const { exitCode, stderr } = await deleting('--study', '1.1', '--yes');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/is not the data folder of an archive: it does not have index\.db/);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.skipIf(isSharedWorld)('answers only its owner, within limits, on a socket of mode 0600', async () => {
    archive = await runArchive(...keptIn(folder), '--umask', '022');
    const path = join(folder, 'control.sock');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const ask = (text: string) =>
      new Promise<string>((resolve) => {
        let answer = '';
        const socket = createConnection({ path }, () => socket.write(text));
        socket.on('data', (chunk) => {
          answer += chunk;
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve(answer.trim()));
      });
    expect(await ask(`${'x'.repeat(10_000)}`)).toBe('');
    expect(await ask('not JSON\n')).toBe('');
    expect(await ask('{"command":"constructor"}\n')).toContain('does not know the command');
    expect(await ask('{"command":"delete","study":"../.."}\n')).toContain('not a UID');
    expect(await ask('{"command":"ping"}\n')).toBe('{"aeTitle":"DIMSE"}');
    chmodSync(path, 0o666);
    const refused = await deleting('--study', '1.1', '--yes');
    expect(refused.stderr).toMatch(/not a socket that only this user can use/);
  });

  test('reaches an archive in a folder whose path is too long for a socket', async () => {
    const long = join(folder, 'a-long-name-'.repeat(8), 'data');
    archive = await runArchive('--data', long);
    expect(archive.log()).not.toMatch(/cannot reach/);
    const outcome = await runInProcess(
      (context) => runProgram(scpProgram(), context),
      ['delete', '--data', long, '--study', '1.9', '--yes'],
    );
    expect(outcome.stderr).toMatch(/does not have the study 1\.9/);
  });

  test.skipIf(isSharedWorld)('replaces a socket that a crash has left, and leaves another file alone', async () => {
    writeFileSync(join(folder, 'control.sock'), '');
    archive = await runArchive(...keptIn(folder));
    expect(archive.log()).toMatch(/control\.sock is not a socket: remove it/);
  });

  test('refuses a study that a retrieval uses, unless it is forced; then the retrieval ends properly', async () => {
    archive = await runArchive(...keptIn(folder));
    const count = 30;
    await store(...Array.from({ length: count }, (_, number) => `1.1/1.1.1/1.${number + 1}`));
    const received: string[] = [];
    const outcomes: string[] = [];
    const retrieval = get({
      host: '127.0.0.1',
      port: archive.port,
      callingAeTitle: 'WS',
      calledAeTitle: 'DIMSE',
      identifier: { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.1' },
      sopClasses: [SopClass.CTImageStorage],
    } as never);
    for await (const { sopInstance, data } of retrieval) {
      for await (const _ of data.batches());
      received.push(sopInstance);
      if (received.length > 1) continue;
      outcomes.push((await deleting('--study', '1.1', '--yes')).stderr);
      outcomes.push((await deleting('--study', '1.1', '--yes', '--force')).stdout);
    }
    expect(outcomes[0]).toMatch(/the study 1\.1 is needed for a retrieval in progress/);
    expect(outcomes[1]).toMatch(/deleted the study 1\.1: 30 instances/);
    expect(received.length).toBeGreaterThan(0);
    expect(received.length).toBeLessThanOrEqual(count);
    expect(await studies()).toEqual([]);
  });
});

describe.skipIf(isSharedWorld)('a deletion that a crash has interrupted', () => {
  const options = { fsync: true, reindex: false };

  test('is finished at the next start, also with --reindex', async () => {
    archive = await runArchive(...keptIn(folder));
    await store('1.1/1.1.1/1', '1.1/1.1.1/2', '1.2/1.2.1/4');
    await archive.stop();
    archive = undefined;
    for (const reindex of [false, true]) {
      const study = reindex ? '1.2' : '1.1';
      {
        // The entries are gone, the files are not.
        await using instances = await openInstanceArchive(folder, options);
        await instances.index.deletions.listForRemoval({ study }, Number.MAX_SAFE_INTEGER, 100);
      }
      expect(has(study)).toBe(true);
      await using instances = await openInstanceArchive(folder, { fsync: true, reindex });
      expect(instances.finishedDeletions).toEqual([study]);
      expect(has(study)).toBe(false);
      expect(await instances.index.deletions.filesToRemove(1)).toEqual([]);
      expect(await instances.index.deletions.measure({ study })).toEqual({ instances: 0, bytes: 0 });
    }
  });
});
