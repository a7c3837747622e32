// What an archive makes of a data folder that changes under it: files and index that are gone, cut short, overwritten.

import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { createScp, get, openSession, type Scp, type Session, Status, serve, storage, studyRoot } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scpProgram } from '../program.ts';

/** Runs the program in this process to its end. */
const runScp = (...argv: readonly string[]) => runInProcess((context) => runProgram(scpProgram(), context), argv);

const RLE = '1.2.840.10008.1.2.5';
let folder: string;
let archive: RunningScp | undefined;
let destination: Scp | undefined;
let session: Session | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'damaged-folder-'));
});
afterEach(async () => {
  await destination?.close();
  destination = undefined;
  await kill();
  rmSync(folder, { recursive: true });
});

async function start(...options: readonly string[]): Promise<void> {
  archive = await startScp(['--data', join(folder, 'data'), ...options]);
  const contexts = [studyRoot.sopClasses.Find.uid, studyRoot.sopClasses.Move.uid, CT_IMAGE_STORAGE].map(
    (abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }),
  );
  session = await openSession({
    ...peer(),
    services: [storage, studyRoot],
    contexts: [...contexts, { abstractSyntax: CT_IMAGE_STORAGE, transferSyntaxes: [RLE] }],
  });
}

/** Waits until the index has been compared with the files. */
async function compared(): Promise<void> {
  await expect.poll(() => archive?.stderr(), { timeout: 20_000 }).toContain('the index agrees with the files');
}

async function kill(): Promise<void> {
  session?.abort();
  await archive?.stop('SIGKILL');
  archive = undefined;
}

const peer = () => ({
  host: '127.0.0.1',
  port: archive?.port ?? 0,
  callingAeTitle: 'SCU',
  calledAeTitle: 'DIMSE',
});
const fileOf = (number: number) => join(folder, 'data/instances/1.2/1.2.1', `1.2.1.${number}.dcm`);
const STUDY = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2' };

/** Stores instances of one series, and gives the statuses. */
async function store(numbers: readonly number[], transferSyntax = EXPLICIT_VR_LITTLE_ENDIAN): Promise<number[]> {
  const statuses: number[] = [];
  for (const number of numbers) {
    const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance: `1.2.1.${number}` };
    const data = syntheticDataSet({ ...uids, study: '1.2', series: '1.2.1', pixelLength: 50_000 });
    const stored = session?.use(storage).store({ ...uids, transferSyntax, data });
    statuses.push(
      await (stored as NonNullable<typeof stored>).then(({ status }) => status).catch(({ status }) => status),
    );
  }
  return statuses;
}

async function found(): Promise<unknown[]> {
  const keys = { StudyInstanceUID: '1.2', SeriesInstanceUID: '1.2.1', SOPInstanceUID: '' };
  const uids: unknown[] = [];
  const responses = session?.use(studyRoot).find({ identifier: { QueryRetrieveLevel: 'IMAGE', ...keys } });
  for await (const { identifier } of responses ?? []) uids.push(identifier?.SOPInstanceUID);
  return uids;
}

const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);

test('rebuilds a deleted index without losing acknowledged instances', async () => {
  await start();
  expect(await store(upTo(5))).toEqual(Array(5).fill(0));
  for (const name of readdirSync(join(folder, 'data'))) if (/^index\.db/.test(name)) rmSync(join(folder, 'data', name));
  expect(await store([5, 6])).toEqual([0, 0]);
  await kill();
  await start();
  await compared();
  expect(archive?.stderr()).toContain('7 instances that were not in the index were entered');
  expect(await found()).toHaveLength(7);
});

test('reports an overwritten index at the next start and loses no acknowledged instances', async () => {
  await start();
  expect(await store(upTo(50))).toEqual(Array(50).fill(0));
  await kill();
  const index = join(folder, 'data/index.db');
  // As it is once the log of writes has been taken up.
  rmSync(`${index}-wal`, { force: true });
  writeFileSync(index, randomBytes(Math.max(statSync(index).size, 100_000)));
  const refused = await runScp('--data', join(folder, 'data'), '--port', '0');
  expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
  expect(refused.stderr).toMatch(
    /^dimse-scp: the index \S+index\.db is damaged \([^\n]+\): start once with --reindex[^\n]*\n$/,
  );
  await start('--reindex');
  await compared();
  expect(await found()).toHaveLength(50);
});

test('sends the other instances if files are missing, empty or truncated', async () => {
  const arrived: string[] = [];
  destination = createScp({
    aeTitle: 'DEST',
    services: [
      serve(storage, {
        async store({ sopInstance, data }) {
          for await (const _ of data);
          arrived.push(sopInstance);
          return Status.Success;
        },
      }),
    ],
  });
  const { port } = await destination.listen({ port: 0, host: '127.0.0.1' });
  await start('--peer', `DEST=127.0.0.1:${port}`);
  expect(await store(upTo(5))).toEqual(Array(5).fill(0));
  rmSync(fileOf(1));
  truncateSync(fileOf(2), 0);
  truncateSync(fileOf(3), statSync(fileOf(3)).size - 100);
  const failed = ['1.2.1.1', '1.2.1.2', '1.2.1.3'];
  const move = session?.use(studyRoot).move({ destination: 'DEST', identifier: STUDY });
  const moved = await move?.final;
  expect(moved).toMatchObject({ status: 0xb000, completed: 2, failed: 3 });
  expect([...((moved?.identifier?.FailedSOPInstanceUIDList ?? []) as string[])].sort()).toEqual(failed);
  expect(arrived.sort()).toEqual(['1.2.1.0', '1.2.1.4']);
  const retrieval = get({ ...peer(), identifier: STUDY, sopClasses: [CT_IMAGE_STORAGE] });
  const got: string[] = [];
  for await (const { sopInstance } of retrieval) got.push(sopInstance);
  expect(got.sort()).toEqual(['1.2.1.0', '1.2.1.4']);
  expect([...retrieval.report.failedSopInstances].sort()).toEqual(failed);
  // Missing and damaged instances can be stored again.
  expect(await store([1, 2, 3])).toEqual([0, 0, 0]);
  const again = session?.use(studyRoot).move({ destination: 'DEST', identifier: STUDY });
  expect(await again?.final).toMatchObject({ status: 0, completed: 5, failed: 0 });
});

test('refuses instances while a folder cannot be written, and accepts them afterwards', async (context) => {
  await start();
  const incoming = join(folder, 'data/incoming');
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', incoming], { stdio: 'ignore' });
  if (status !== 0) {
    process.stderr.write('nothing can be mounted: the test of a folder that becomes read-only is skipped\n');
    return context.skip();
  }
  try {
    expect(await store([1])).toEqual([0x0110]);
  } finally {
    spawnSync('umount', [incoming]);
  }
  expect(archive?.stderr()).toMatch(/EROFS/);
  expect(await store([1])).toEqual([0]);
  expect(await found()).toEqual(['1.2.1.1']);
});

const hasStorescp = !spawnSync('storescp', ['--version']).error;
if (!hasStorescp) process.stderr.write('storescp is not installed: its test is skipped\n');
test.runIf(hasStorescp || process.env.CI)(
  'reports instances whose transfer syntax storescp does not accept as failed',
  async () => {
    const port = await freePort();
    const received = join(folder, 'received');
    mkdirSync(received);
    // Uncompressed ones alone.
    const storescp = spawn('storescp', ['-aet', 'DEST', '-od', received, `${port}`], { stdio: 'ignore' });
    try {
      await start('--peer', `DEST=127.0.0.1:${port}`);
      expect(await store([1, 2])).toEqual([0, 0]);
      expect(await store([3], RLE)).toEqual([0]);
      const move = () => session?.use(studyRoot).move({ destination: 'DEST', identifier: STUDY }).final;
      await expect
        .poll(() => move()?.catch(() => 'not yet'), { timeout: 20_000 })
        .toMatchObject({
          status: 0xb000,
          completed: 2,
          failed: 1,
          identifier: { FailedSOPInstanceUIDList: ['1.2.1.3'] },
          errorComment: expect.stringMatching(/context|transfer syntax/),
        });
      expect(readdirSync(received).sort()).toEqual(['CT.1.2.1.1', 'CT.1.2.1.2']);
    } finally {
      storescp.kill();
    }
  },
);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
