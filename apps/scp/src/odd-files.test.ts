// Pipes, devices and links in the data folder, and as files that options name.

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { openSession, type Session, Status, storage } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { application, isInstalled, type RunningScp, run, start as startProgram, startScp } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSharedWorld, keptIn } from '../test/world.ts';
import { scpProgram } from './program.ts';

let folder: string;
let archive: RunningScp | undefined;
let session: Session | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'odd-files-'));
});
afterEach(async () => {
  session?.abort();
  await archive?.stop('SIGKILL');
  archive = undefined;
  rmSync(folder, { recursive: true });
});

const data = (...names: readonly string[]) => join(folder, 'data', ...names);
const pipe = (path: string) => spawnSync('mkfifo', [path]);

async function start(...args: readonly string[]): Promise<void> {
  archive = await startScp([...keptIn(data()), ...args]);
  session = await openSession({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'DIMSE',
    services: [storage],
    contexts: [{ abstractSyntax: CT_IMAGE_STORAGE, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }],
  });
}

async function store(sopInstance: string): Promise<number | undefined> {
  const [sopClass, transferSyntax] = [CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN];
  const bytes = syntheticDataSet({ sopClass, sopInstance, study: '1.2', series: '1.2.1', pixelLength: 1000 });
  return (await session?.use(storage).store({ sopClass, sopInstance, transferSyntax, data: bytes }))?.status;
}

describe.skipIf(isSharedWorld)('in the data folder', () => {
  test('does not write through a link in place of the folder of a study', async () => {
    const outside = join(folder, 'outside');
    for (const path of [outside, data('instances')]) mkdirSync(path, { recursive: true });
    symlinkSync(outside, data('instances', '1.2'));
    await start();
    await expect(store('1.2.3')).rejects.toMatchObject({ status: Status.ProcessingFailure });
    expect(readdirSync(outside)).toEqual([]);
    expect(archive?.stderr()).toMatch(/the folder \S+1\.2 is a symbolic link/);
  });

  test('neither reads a link in place of an instance nor writes through it', async () => {
    const outside = join(folder, 'outside.dcm');
    const series = data('instances', '1.2', '1.2.1');
    await start();
    expect(await store('1.2.3')).toBe(Status.Success);
    await archive?.stop();
    writeFileSync(outside, readFileSync(join(series, '1.2.3.dcm')));
    for (const [name, target] of [
      ['1.2.3', outside],
      ['1.2.4', join(folder, 'nowhere')],
    ] as const) {
      rmSync(join(series, `${name}.dcm`), { force: true });
      symlinkSync(target, join(series, `${name}.dcm`));
    }
    pipe(join(series, '1.2.5.dcm'));
    await start('--reindex');
    for (const [name, why] of [
      ['3', 'a symbolic link'],
      ['4', 'a symbolic link'],
      ['5', 'not a regular file'],
    ])
      await expect
        .poll(() => archive?.stderr(), { timeout: 20_000 })
        .toMatch(new RegExp(`the file of 1\\.2\\.${name} is not a valid instance: .*${why}`));
    for (const name of ['1.2.3', '1.2.4', '1.2.5']) expect(await store(name)).toBe(Status.Success);
    expect(existsSync(join(folder, 'nowhere'))).toBe(false);
    expect(readFileSync(join(series, '1.2.4.dcm')).subarray(128, 132).toString()).toBe('DICM');
  });

  test('starts with a pipe among the orders of films', async () => {
    mkdirSync(data('films', 'spool'), { recursive: true });
    pipe(data('films', 'spool', '1.2.3.film'));
    await start();
    await archive?.printed(/1\.2\.3\.film is not a printable film/, 'stderr');
    expect((await archive?.stop())?.exitCode).toBe(0);
  });
});

describe('named by an option', () => {
  test.each(['--config', '--users', '--tls-cert'])(
    'refuses a pipe and a device for %s without waiting',
    async (option) => {
      pipe(join(folder, 'pipe'));
      for (const path of [join(folder, 'pipe'), '/dev/zero', folder]) {
        const args = [...keptIn(data()), option, path, ...(option === '--tls-cert' ? ['--tls-key', path] : [])];
        const { exitCode, stderr } = await runInProcess((context) => runProgram(scpProgram(), context), args);
        expect([exitCode, stderr]).toEqual([
          2,
          expect.stringMatching(/^dimse-scp: [^\n]*it is (?:not a regular file|a folder)\n$/),
        ]);
      }
    },
  );
});

test.skipIf(isSharedWorld)('ends with exit status 0 when it is told to end before it is ready', async () => {
  // So many files that the start takes a while; each is a pipe, which must not hold it up.
  mkdirSync(data('instances', '1.2', '1.2.1'), { recursive: true });
  const pipes = Array.from({ length: 3000 }, (_, index) => data('instances/1.2/1.2.1', `1.2.${index}.dcm`));
  spawnSync('mkfifo', pipes);
  const running = startProgram(process.execPath, [application('scp'), '--port', '0', ...keptIn(data())]);
  await expect.poll(() => existsSync(data('index.db')), { timeout: 20_000 }).toBe(true);
  expect((await running.stop()).exitCode).toBe(0);
});

const isLimitable = isInstalled('prlimit');

test.runIf(isLimitable)('says in one line that there are too few file descriptors', async () => {
  const args = [application('scp'), '--port', '0', ...keptIn(data())];
  for (const limit of [64, 160]) {
    const outcome = await run('prlimit', [`--nofile=${limit}:${limit}`, process.execPath, ...args]);
    expect(outcome).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^dimse-scp: too few file desc[^\n]*\n$/),
    });
  }
  const few = startProgram('prlimit', ['--nofile=400:400', process.execPath, ...args]);
  await few.printed(/the limit of 400 file descriptors is too low for 256 associations/, 'stderr');
  expect((await few.stop()).exitCode).toBe(0);
});

test('goes on without the capture if its disk is full', async (context) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
  if (status !== 0) {
    process.stderr.write('nothing can be mounted: the test of a capture on a full disk is skipped\n');
    return context.skip();
  }
  try {
    await start('--capture', disk);
    for (let number = 0; number < 300; number++) expect(await store(`1.2.3.${number}`)).toBe(0);
    await archive?.printed(/ERROR: the capture \S+ ends, it cannot be written: ENOSPC/, 'stderr');
    await session?.release();
    expect((await archive?.stop())?.exitCode).toBe(0);
  } finally {
    await archive?.stop('SIGKILL');
    spawnSync('umount', [disk]);
  }
});
