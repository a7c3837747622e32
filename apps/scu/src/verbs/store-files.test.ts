// dimse-scu store: the files that it takes, and the requests that it makes.

import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import {
  createScp,
  encodeDataSet,
  type Scp,
  type Session,
  SopClass,
  Status,
  serve,
  storage,
  TransferSyntax,
} from '@x/dimse';
import { encodeFileMetaInformation, pathBytes } from '@x/dimse/data-set';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { application, start } from '@x/testing/processes';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

let folder: string;
let scp: Scp;
let peer: string;
let received: { readonly sopInstance: string; readonly priority: number | undefined }[] = [];
let associations = 0;
const files: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dimse-scu-store-'));
  mkdirSync(join(folder, 'cd'));
  for (const { bytes } of computedTomographySeries({ slices: 3, size: 16 })) {
    files.push(join(folder, 'cd', `IM${files.length}`));
    writeFileSync(files.at(-1) as string, bytes);
  }
  scp = createScp({
    aeTitle: 'SCP',
    services: [serve(storage, { store: () => Status.Success })],
  });
  scp.on('session', (session) => {
    associations++;
    session.on('message', (direction, { command }) => {
      const { commandField, affectedSopInstanceUid: sopInstance = '', priority } = command;
      if (direction === 'received' && commandField === 0x0001) received.push({ sopInstance, priority });
    });
  });
  peer = `SCP@127.0.0.1:${(await scp.listen({ port: 0, host: '127.0.0.1' })).port}`;
});
beforeEach(() => {
  received = [];
  associations = 0;
});
afterAll(async () => {
  await scp.close();
  rmSync(folder, { recursive: true });
});

test('--repeat sends everything several times, on the same association', async () => {
  const { exitCode, stdout } = await scu(['store', peer, ...files, '--repeat', '3']);
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^9 sent, 0 failed/m)]);
  expect(received).toHaveLength(9);
  expect(new Set(received.map(({ sopInstance }) => sopInstance)).size).toBe(3);
  expect(associations).toBe(1);
});

test.each([
  [[], 0],
  [['--priority', 'medium'], 0],
  [['--priority', 'high'], 1],
  [['--priority', 'low'], 2],
])('%j is the priority of each request', async (options, priority) => {
  expect(await scu(['store', peer, ...files, ...options])).toMatchObject({ exitCode: 0 });
  expect(received.map((request) => request.priority)).toEqual([priority, priority, priority]);
});

test.each([
  [
    ['--propose', 'RLELossless', '--propose', '1.2.840.10008.1.2'],
    ['1.2.840.10008.1.2.5', '1.2.840.10008.1.2'],
  ],
  [['--transfer-syntax', 'keep'], []],
  [['--transfer-syntax', 'RLE Lossless'], ['1.2.840.10008.1.2.5']],
])('%j proposes these transfer syntaxes beside those of the files: %j', async (options, further) => {
  const proposed: string[] = [];
  const note = ({ association }: Session) =>
    proposed.push(...association.request.presentationContexts.flatMap(({ transferSyntaxes }) => transferSyntaxes));
  scp.on('session', note);
  expect(await scu(['store', peer, ...files, ...options])).toMatchObject({ exitCode: 0 });
  scp.off('session', note);
  const { ExplicitVRLittleEndian, ImplicitVRLittleEndian } = TransferSyntax;
  const beside = options.includes('--required') ? [] : [ImplicitVRLittleEndian];
  expect(new Set(proposed)).toEqual(new Set([ExplicitVRLittleEndian, ...beside, ...further]));
});

test('files that are named twice, or linked, are sent once', async () => {
  const { exitCode, stdout } = await scu(['store', peer, ...files, files[0] as string, join(folder, 'cd')]);
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^3 sent, 0 failed, 4 skipped/m)]);
  expect(stdout).toMatch(/^skipped .*IM0: it is the same file as .*IM0$/m);
});

test('a DICOMDIR sends the files that it references, and reports those that do not exist', async () => {
  const transferSyntax = TransferSyntax.ExplicitVRLittleEndian;
  const record = (...ReferencedFileID: string[]) => ({ DirectoryRecordType: 'IMAGE', ReferencedFileID });
  const path = join(folder, 'DICOMDIR');
  const write = (...records: readonly object[]) =>
    writeFileSync(
      path,
      Buffer.concat([
        encodeFileMetaInformation({
          sopClass: SopClass.MediaStorageDirectoryStorage,
          sopInstance: '1.2.3',
          transferSyntax,
        }),
        encodeDataSet({ DirectoryRecordSequence: records } as never, transferSyntax),
      ]),
    );
  write(record('CD', 'IM2'), record('CD', 'IM0'));
  const sent = await scu(['store', peer, path]);
  expect([sent.exitCode, sent.stderr]).toEqual([0, '']);
  expect(sent.stdout).toMatch(/^2 sent, 0 failed, 0 skipped/m);
  write(record('CD', 'IM1'), record('CD', 'IM9'));
  const { exitCode, stdout, stderr } = await scu(['store', peer, path]);
  expect([exitCode, stdout]).toEqual([1, expect.stringMatching(/^1 sent, 1 failed, 0 skipped/m)]);
  expect(stderr).toMatch(/^failed .*IM9: .*DICOMDIR references this file, but it does not exist$/m);
  rmSync(path);
});

test('names in Latin-1 are sent as an argument and in a folder, and printed with their bytes escaped', async () => {
  const odd = join(folder, 'latin1');
  const file = join(odd, 'M\udcfcller.dcm');
  mkdirSync(odd);
  writeFileSync(pathBytes(file), readFileSync(files[0] as string));
  const report = join(folder, 'latin1.jsonl');
  const inFolder = await scu(['store', peer, odd, '--report', report]);
  expect([inFolder.exitCode, inFolder.stderr]).toEqual([0, '']);
  expect(inFolder.stdout).toMatch(/^sent {4}.*\/M\\xFCller\.dcm$/m);
  const resumed = await scu(['store', peer, odd, '--report', report, '--resume', '--json']);
  expect(jsonLines(resumed.stdout)).toMatchObject([{ file, result: 'skipped' }, { summary: { skipped: 1 } }]);
  // A shell gives the bytes to the process; Node.js cannot.
  const command = `exec node ${application('scu')} store ${peer} ${folder}/latin1/M$(printf '\\374')ller.dcm`;
  const named = await start('sh', ['-c', command]).outcome;
  expect([named.exitCode, named.stderr]).toEqual([0, '']);
  expect(named.stdout).toMatch(/^1 sent, 0 failed/m);
  unlinkSync(pathBytes(file));
  rmdirSync(odd);
});

test('Node.js has nothing to warn of, however many associations one command opens', async () => {
  const many = Array.from({ length: 60 }, (_, index) => join(folder, `many-${index}`));
  const bytes = readFileSync(files[0] as string);
  for (const path of many) writeFileSync(path, bytes);
  const env = { NODE_OPTIONS: '--trace-warnings' };
  const args = ['store', peer, ...many, '--parallel', '50', '--repeat', '20'];
  const { exitCode, stdout, stderr } = await start('node', [application('scu'), ...args], { env }).outcome;
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^1200 sent, 0 failed/m);
  expect(associations).toBe(50);
  for (const path of many) rmSync(path);
});
