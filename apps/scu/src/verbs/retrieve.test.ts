// dimse-scu get and move, against an SCP of the library.

import { getEventListeners } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProgramContext, runProgram } from '@x/cli/program';
import {
  createScp,
  DimseError,
  type InstanceSource,
  openDicomFile,
  performGet,
  performMove,
  type Scp,
  SopClass,
  Status,
  serve,
  storage,
  studyRoot,
  TransferSyntax,
} from '@x/dimse';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { startScu } from '@x/testing/processes';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

/** Runs dimse-scu in this process. */
const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

let folder: string;
const files: string[] = [];
let scp: Scp | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimse-scu-retrieve-'));
  for (const { bytes } of computedTomographySeries({ slices: 6, size: 32 })) {
    const path = join(folder, `${files.length}.dcm`);
    writeFileSync(path, bytes);
    files.push(path);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => scp?.close());

let receiverPort = 0;
let outFolders = 0;
const newOut = () => join(folder, `out-${outFolders++}`);

async function startScp(instances: () => Iterable<InstanceSource> = () => files): Promise<string> {
  scp = createScp({
    aeTitle: 'SCP',
    calls: [storage],
    services: [
      serve(storage, { store: () => Status.Success }),
      serve(studyRoot, {
        get: ({ identifier }, context) => {
          if (identifier.StudyInstanceUID === 'none') return performGet([], context);
          return performGet(instances(), context);
        },
        move: ({ destination }, context) => {
          const address = { host: '127.0.0.1', port: receiverPort, callingAeTitle: 'SCP' };
          return performMove(
            instances(),
            destination,
            (title) => (title === 'STRANGER' ? undefined : address),
            context,
          );
        },
      }),
    ],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return `SCP@127.0.0.1:${port}`;
}

function filesIn(out: string): string[] {
  return readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

async function dataSetsOf(paths: readonly string[]): Promise<string[]> {
  const all = await Promise.all(
    paths.map(async (path) => {
      await using file = await openDicomFile(path);
      return readFileSync(path).subarray(file.dataSetOffset).toString('base64');
    }),
  );
  return all.sort();
}

const KEY = ['--key', 'StudyInstanceUID=1.2.3'];

test('get writes the data sets unchanged, in folders by study and series', async () => {
  const [peer, out] = [await startScp(), newOut()];
  const { exitCode, stdout, stderr } = await scu(['get', peer, ...KEY, '--out', out, '--window', '4']);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^6 received, 0 failed: /m);
  const received = filesIn(out);
  expect(await dataSetsOf(received)).toEqual(await dataSetsOf(files));
  for (const path of received) expect(path.slice(out.length)).toMatch(/^\/[\d.]+\/[\d.]+\/[\d.]+\.dcm$/);
  const again = await scu(['get', peer, ...KEY, '--out', out, '--json']);
  expect(jsonLines(again.stdout).at(-1)).toMatchObject({ summary: { received: 0, present: 6, failed: 0 } });
  expect(filesIn(out)).toHaveLength(6);
});

test('get leaves no listener on the signals of the program', async () => {
  const [peer, out] = [await startScp(), newOut()];
  const signals: AbortSignal[] = [];
  const program = (context: ProgramContext) => {
    signals.push(context.signal, context.insistence);
    return runProgram(createScuProgram(), context);
  };
  expect(await runInProcess(program, ['get', peer, ...KEY, '--out', out])).toMatchObject({ exitCode: 0 });
  // The one that is left is that of the program itself.
  await expect.poll(() => signals.map((each) => getEventListeners(each, 'abort').length)).toEqual([1, 0]);
});

test('get makes paths by the template', async () => {
  const [peer, out] = [await startScp(), newOut()];
  const template = '{PatientID}/{Modality}-{SOPInstanceUID}';
  expect(await scu(['get', peer, ...KEY, '--out', out, '--template', template])).toMatchObject({ exitCode: 0 });
  for (const path of filesIn(out)) expect(path.slice(out.length)).toMatch(/^\/[^/]+\/CT-[\d.]+$/);
  const unsafe = await scu(['get', peer, ...KEY, '--out', out, '--template', '../{SOPInstanceUID}']);
  expect([unsafe.exitCode, unsafe.stderr]).toEqual([2, expect.stringContaining('is not a relative path')]);
});

test('get lists the instances that the peer could not send, and exits with 1', async () => {
  const missing = {
    sopClass: SopClass.CTImageStorage,
    sopInstance: '1.2.77',
    transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
    data: () => Promise.reject(new Error('gone')),
  };
  const peer = await startScp(() => [...files.slice(0, 2), missing]);
  const { exitCode, stdout, stderr } = await scu(['get', peer, ...KEY, '--out', newOut()]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^failed {3}1\.2\.77: the peer could not send it$/m);
  expect(stdout).toMatch(/^2 received, 1 failed/m);
  expect(stderr).toContain('sub-operations complete, with one or more failures or warnings (B000H)');
});

test('get succeeds if nothing matches', async () => {
  const peer = await startScp();
  const { exitCode, stdout, stderr } = await scu(['get', peer, '--key', 'StudyInstanceUID=none', '--out', newOut()]);
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^0 received, 0 failed/)]);
  expect(stderr).toContain(`${peer}: nothing matches these keys`);
});

test('get reports a refusal in one line', async () => {
  const peer = await startScp(() => {
    throw new DimseError(Status.DataSetDoesNotMatchSopClass, { errorComment: 'no \u001b[31mlevel' });
  });
  const { exitCode, stderr } = await scu(['get', peer, ...KEY, '--out', newOut()]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^dimse-scu: SCP@127\.0\.0\.1:\d+ answered: [^\n]*\(A900H\)[^\n]*\n$/);
  expect(stderr).not.toContain('\u001b');
});

test('get reports each file that cannot be written', async () => {
  const [peer, out] = [await startScp(), newOut()];
  // A file has the name of the folder for the instances.
  await scu(['get', peer, '--key', 'StudyInstanceUID=none', '--out', out]);
  writeFileSync(join(out, 'CT'), 'in the way');
  const { exitCode, stdout, stderr } = await scu([
    'get',
    peer,
    ...KEY,
    '--out',
    out,
    '--template',
    '{Modality}/{SOPInstanceUID}',
  ]);
  expect(exitCode).toBe(1);
  expect(
    stderr.match(/^failed {3}[\d.]+: (?:a file with this name exists|a part of the path is not a folder)$/gm),
  ).toHaveLength(6);
  expect(stdout).toMatch(/^0 received, 6 failed/m);
  expect(filesIn(out)).toEqual([join(out, 'CT')]);
});

test('move --receive receives the instances itself', async () => {
  const [peer, out] = [await startScp(), newOut()];
  // The peer must know the port in advance.
  const other = createScp({ aeTitle: 'X', services: [] });
  receiverPort = (await other.listen({ port: 0, host: '127.0.0.1' })).port;
  await other.close();
  const { exitCode, stdout, stderr } = await scu(['move', peer, ...KEY, '--receive', `${receiverPort}`, '--out', out]);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^6 received, 0 failed/m);
  expect(await dataSetsOf(filesIn(out))).toEqual(await dataSetsOf(files));
});

test('move reports the instances moved to another peer, and an unknown destination', async () => {
  const received: string[] = [];
  await using other = createScp({
    aeTitle: 'OTHER',
    services: [
      serve(storage, {
        store({ sopInstance }) {
          received.push(sopInstance);
          return received.length === 2 ? Status.OutOfResources : Status.Success;
        },
      }),
    ],
  });
  receiverPort = (await other.listen({ port: 0, host: '127.0.0.1' })).port;
  const peer = await startScp();
  const moved = await scu(['move', peer, ...KEY, '--dest', 'OTHER']);
  expect(moved.exitCode).toBe(1);
  expect(moved.stdout).toBe(
    `5 moved, 1 failed: sub-operations complete, with one or more failures or warnings (B000H): "out of resources (A700H)"\n`,
  );
  expect(moved.stderr).toBe(`failed  ${received[1]}\n`);
  const stranger = await scu(['move', peer, ...KEY, '--dest', 'STRANGER']);
  expect([stranger.exitCode, stranger.stdout]).toEqual([1, '']);
  expect(stranger.stderr).toContain('(A801H)');
});

test('move requires a destination', async () => {
  const peer = await startScp();
  const nowhere = await scu(['move', peer, ...KEY]);
  expect([nowhere.exitCode, nowhere.stderr]).toEqual([2, expect.stringContaining('--dest is needed')]);
  const half = await scu(['move', peer, ...KEY, '--receive', '0']);
  expect([half.exitCode, half.stderr]).toEqual([2, expect.stringContaining('go together')]);
});

test('get cancels on an interruption and leaves no partial file', async () => {
  const [peer, out] = [await startScp(() => slowly()), newOut()];
  const running = startScu(['get', peer, ...KEY, '--out', out]);
  await running.printed(/\n/);
  running.child.kill('SIGINT');
  const { exitCode, stdout } = await running.outcome;
  expect(exitCode).toBe(130);
  const count = Number(/^(\d+) received/m.exec(stdout)?.[1]);
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThan(1000);
  expect(filesIn(out).filter((path) => path.endsWith('.part'))).toEqual([]);
  expect(existsSync(out)).toBe(true);
});

/** So many instances that the interruption comes before the last one. */
function* slowly(): Generator<InstanceSource> {
  for (let number = 0; number < 1000; number++) yield files[number % files.length] as string;
}
