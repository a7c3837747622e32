import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { encodeCommandSet, openSession, type Session, SopClass, storage, verification } from '@x/dimse';
import { callPort } from '@x/net/testing';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { application, type RunningScp, run, startScp } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { sharedFiles } from '@x/testing/shared-files';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSharedWorld, keptIn } from '../test/world.ts';
import { scpProgram } from './program.ts';

/** Runs the program in this process to its end. */
const runScp = (...argv: readonly string[]) => runInProcess((context) => runProgram(scpProgram(), context), argv);

const PRIVATE_CLASS = '1.3.6.1.4.1.99999.1';
const HARDCOPY = '1.2.840.10008.5.1.1.29';
const PRIVATE_SYNTAX = '1.3.6.1.4.1.99999.2';
const UIDS = { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3', study: '1.2', series: '1.2.1' };

let folder: string;
let archive: RunningScp | undefined;
const sessions: Session[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archive-'));
});
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort();
  await archive?.stop('SIGKILL');
  archive = undefined;
  rmSync(folder, { recursive: true });
});

async function start(...args: readonly string[]): Promise<RunningScp> {
  archive = await startScp([...keptIn(folder), ...args]);
  return archive;
}

async function associate(options: { calling?: string; called?: string; contexts?: [string, string][] } = {}) {
  const { calling = 'SCU', called = 'DIMSE', contexts = [[CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN]] } = options;
  const session = await openSession({
    host: '127.0.0.1',
    port: archive?.port ?? 0,
    callingAeTitle: calling,
    calledAeTitle: called,
    services: [verification, storage],
    contexts: [[SopClass.Verification, EXPLICIT_VR_LITTLE_ENDIAN], ...contexts].map(
      ([abstractSyntax, transferSyntax]) => ({
        abstractSyntax: abstractSyntax as string,
        transferSyntaxes: [transferSyntax as string],
      }),
    ),
  });
  sessions.push(session);
  return session;
}

const instance = (overrides: object = {}) => ({
  sopClass: CT_IMAGE_STORAGE,
  sopInstance: '1.2.3',
  transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN,
  data: syntheticDataSet({ ...UIDS, pixelLength: 1000 }),
  ...overrides,
});

/** Paths of files below the data folder, without those of the databases. In the shared world it has none. */
function files(): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^(?:index|workflow)\.db/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** The paths of stored instances, or none if they are in the object store. */
const inFolder = (...paths: readonly string[]) => (isSharedWorld ? [] : paths);

describe('the command line', () => {
  test.each<[string, string[], RegExp]>([
    ['a missing folder', [], /--data/],
    ['an unknown option', ['--data', 'x', '--bogus'], /--bogus/],
    ['an invalid port', ['--data', 'x', '--port', '70000'], /0 to 65535/],
    ['an invalid AE title', ['--data', 'x', '--aet', 'SEVENTEEN LETTERS'], /AE title/],
    ['a PDU length that is too small', ['--data', 'x', '--max-pdu', '100'], /4096/],
    ['an unknown log format', ['--data', 'x', '--log-format', 'xml'], /pretty, json/],
    ['an excess argument', ['--data', 'x', 'more'], /argument/],
    ['a file in place of a folder', ['--data', main()], /not a folder/],
    ['a folder that cannot be created', ['--data', '/proc/nowhere'], /\/proc\/nowhere/],
  ])('reports %s in one line with exit code 2', async (_, args, words) => {
    const { exitCode, stdout, stderr } = await runScp(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^dimse-scp: [^\n]+\n$/);
    expect(stderr).toMatch(words);
  });

  test('reports a port in use with exit code 2', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const outcome = await runScp(...keptIn(folder), '--host', '127.0.0.1', '--port', `${port}`);
    server.close();
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toMatch(new RegExp(`^dimse-scp: port ${port} is in use[^\n]*\n$`));
  });

  test('reports an address of another machine with exit code 2', async () => {
    const { exitCode, stderr } = await runScp(...keptIn(folder), '--host', '192.0.2.1', '--port', '0');
    expect([exitCode, stderr]).toEqual([2, 'dimse-scp: 192.0.2.1 is not an address of this machine\n']);
  });

  test.skipIf(isSharedWorld)('reports a folder that cannot be written with exit code 2', async (context) => {
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', folder], { stdio: 'ignore' });
    if (status !== 0) {
      process.stderr.write('nothing can be mounted: the test of a folder that cannot be written is skipped\n');
      return context.skip();
    }
    const { exitCode, stderr } = await runScp(...keptIn(folder), '--port', '0');
    spawnSync('umount', [folder]);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/^dimse-scp: the folder .* cannot be written[^\n]*\n$/),
    ]);
  });

  test('shows defaults in the help in the unit of the option', async () => {
    const { exitCode, stdout } = await runScp('--help');
    expect(exitCode).toBe(0);
    const words = stdout.replace(/\s+/g, ' ');
    expect(words).toContain('wait for an association request (default: 30)');
    expect(words).toContain('let associations finish when stopping (default: 10)');
  });
});

describe('the archive accepts associations', () => {
  const rejection = (reason: number) => ({ name: 'AssociationRejectedError', result: 1, source: 1, reason });

  test('only for its AE title', async () => {
    await start();
    await expect(associate({ called: 'OTHER' })).rejects.toMatchObject(rejection(7));
    expect(await (await associate()).use(verification).echo()).toMatchObject({ status: 0 });
  });

  test('with --promiscuous-called, for any called AE title', async () => {
    await start('--promiscuous-called');
    expect((await associate({ called: 'OTHER' })).association.calledAeTitle).toBe('OTHER');
  });

  test('with --accept-calling, only of these calling AE titles', async () => {
    await start('--accept-calling', 'ONE', '--accept-calling', 'TWO');
    for (const calling of ['ONE', 'TWO']) await associate({ calling });
    await expect(associate({ calling: 'THREE' })).rejects.toMatchObject(rejection(3));
  });

  test('with --max-associations, only this number at the same time', async () => {
    const ofOnePeer = ['--max-associations-per-aet', '2', '--max-associations-per-host', '2'];
    await start('--max-associations', '2', ...ofOnePeer);
    const first = await associate();
    await associate();
    await expect(associate()).rejects.toMatchObject({ result: 2, source: 3, reason: 2 });
    await first.release();
    await expect
      .poll(() =>
        associate().then(
          () => 'in',
          () => 'rejected',
        ),
      )
      .toBe('in');
  });

  test('only within --artim-timeout after the connection', async () => {
    await start('--artim-timeout', '0.2');
    const peer = await callPort(archive?.port ?? 0);
    expect((await peer.nextPdu())?.[0] ?? 7).toBe(7);
    await peer.closed();
    expect((await associate()).association.state).toBe('Sta6');
  });
});

describe('storage', () => {
  test('accepts private SOP classes and transfer syntaxes, and refuses services it does not have', async () => {
    await start();
    const session = await associate({
      contexts: [
        [PRIVATE_CLASS, EXPLICIT_VR_LITTLE_ENDIAN],
        [CT_IMAGE_STORAGE, PRIVATE_SYNTAX],
        ...['4.1.2.3.1', '4.1.2.3.2', '4.37.1', '4.1.1.200.4', '4.1.1.201.6', '4.38.2', '4.20.1'].map(
          (end): [string, string] => [`1.2.840.10008.5.1.${end}`, EXPLICIT_VR_LITTLE_ENDIAN],
        ),
        [HARDCOPY, EXPLICIT_VR_LITTLE_ENDIAN],
      ],
    });
    expect([...session.association.contexts.values()].map(({ abstractSyntax }) => abstractSyntax)).toEqual([
      SopClass.Verification,
      PRIVATE_CLASS,
      CT_IMAGE_STORAGE,
      HARDCOPY,
    ]);
    const data = syntheticDataSet({ ...UIDS, sopClass: PRIVATE_CLASS });
    expect(await session.use(storage).store(instance({ sopClass: PRIVATE_CLASS, data }))).toMatchObject({ status: 0 });
    const other = instance({
      sopInstance: '1.2.4',
      transferSyntax: PRIVATE_SYNTAX,
      data: syntheticDataSet({ ...UIDS, sopInstance: '1.2.4' }),
    });
    expect(await session.use(storage).store(other)).toMatchObject({ status: 0 });
    expect(files().sort()).toEqual(inFolder('instances/1.2/1.2.1/1.2.3.dcm', 'instances/1.2/1.2.1/1.2.4.dcm'));
  });

  test('answers instances that it cannot keep with a failure and continues', async () => {
    await start('--log-format', 'json');
    const store = (await associate()).use(storage);
    const other = syntheticDataSet({ ...UIDS, sopInstance: '1.2.9' });
    await expect(store.store(instance({ data: other }))).rejects.toMatchObject({ status: 0xa900 });
    const cut = instance().data.subarray(0, -1);
    await expect(store.store(instance({ data: cut }))).rejects.toMatchObject({ status: 0xc000 });
    for (const sopInstance of ['../../../x', '1.2\0.3', '9'.repeat(300), 'CON', '1.2\u001b[31m\nfake line'])
      await expect(store.store(instance({ sopInstance }))).rejects.toMatchObject({ status: 0x0117 });
    expect(files()).toEqual([]);
    expect(await store.store(instance())).toMatchObject({ status: 0 });
    expect(await store.store(instance())).toMatchObject({ status: 0 });
    expect(files()).toEqual(inFolder('instances/1.2/1.2.1/1.2.3.dcm'));
    // Each line of the log is one JSON object, whatever peers name things.
    for (const line of archive?.stderr().trim().split('\n') ?? []) expect(JSON.parse(line)).toHaveProperty('time');
  });

  test('escapes text from peers in its readable log', async () => {
    await start('-vv');
    const session = await associate();
    const store = session.use(storage);
    await expect(store.store(instance({ sopInstance: '1\u001b[31m\nfake' }))).rejects.toMatchObject({ status: 0x0117 });
    await session.release();
    await expect.poll(() => archive?.stderr()).toContain('association released');
    expect(archive?.stderr()).not.toContain('\u001b');
    expect(archive?.stderr()).not.toMatch(/^fake/m);
  });

  test.skipIf(isSharedWorld)('answers A700H if the disk is full, and the association continues', async (context) => {
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    if (status !== 0) {
      process.stderr.write('no small disk can be mounted: the test of a full disk is skipped\n');
      return context.skip();
    }
    try {
      await start();
      const store = (await associate()).use(storage);
      const data = syntheticDataSet({ ...UIDS, pixelLength: 8_000_000 });
      await expect(store.store(instance({ data }))).rejects.toMatchObject({
        status: 0xa700,
        errorComment: expect.stringContaining('no space'),
      });
      expect(files()).toEqual([]);
      expect(await store.store(instance())).toMatchObject({ status: 0 });
    } finally {
      await archive?.stop('SIGKILL');
      spawnSync('umount', [folder]);
    }
  });

  test.skipIf(isSharedWorld)('leaves nothing of an interrupted transfer', async () => {
    await start();
    for (const how of ['abort', 'reset'] as const) {
      const { association } = await associate();
      const command = encodeCommandSet({
        commandField: 1,
        messageId: 1,
        affectedSopClassUid: CT_IMAGE_STORAGE,
        affectedSopInstanceUid: '1.2.3',
        hasDataSet: true,
      });
      const data = syntheticDataSet({ ...UIDS, pixelLength: 3_000_000 });
      const value = (kind: 'command' | 'data', last: boolean, bytes: Uint8Array) =>
        association.connection.send({
          type: 'P-DATA-TF',
          values: [{ contextId: 3, kind, last, fragments: [bytes] }],
        });
      await value('command', true, command);
      for (let at = 0; at < 2_000_000; at += 100_000) await value('data', false, data.subarray(at, at + 100_000));
      // It is being written aside before it breaks off.
      await expect.poll(files).toHaveLength(1);
      if (how === 'abort') association.abort();
      else association.connection.destroy();
      await expect.poll(files).toEqual([]);
    }
    expect(await (await associate()).use(storage).store(instance())).toMatchObject({ status: 0 });
    expect(files()).toEqual(['instances/1.2/1.2.1/1.2.3.dcm']);
  });
});

describe('stopping', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('ends at once with exit code 0 on %s if it is idle', async (signal) => {
    const { child, outcome } = await start('--drain', '600');
    child.kill(signal);
    expect(await outcome).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^listening [^\n]+\n$/) });
  });

  test('lets open associations finish on SIGTERM and accepts no others', async () => {
    const { child, outcome, stderr: log } = await start('--drain', '600');
    const session = await associate();
    child.kill('SIGTERM');
    await expect.poll(log).toContain('no more associations');
    await expect(associate()).rejects.toThrow();
    expect(await session.use(storage).store(instance())).toMatchObject({ status: 0 });
    await session.release();
    expect((await outcome).exitCode).toBe(0);
    expect(files()).toEqual(inFolder('instances/1.2/1.2.1/1.2.3.dcm'));
  });

  test('aborts associations that do not finish within --drain', async () => {
    const { child, outcome } = await start('--drain', '0.1');
    const { association } = await associate();
    child.kill('SIGTERM');
    expect(await association.closed).toMatchObject({ how: 'aborted', by: 'peer' });
    expect(await outcome).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('1 aborted') });
  });

  test('aborts associations at once on a second signal', async () => {
    const { child, outcome, stderr: log } = await start('--drain', '600');
    const { association } = await associate();
    child.kill('SIGTERM');
    await expect.poll(log).toContain('no more associations');
    child.kill('SIGTERM');
    expect(await association.closed).toMatchObject({ how: 'aborted', by: 'peer' });
    expect((await outcome).exitCode).toBe(0);
  });

  test.skipIf(isSharedWorld)('removes the remains of an earlier run at the next start', async () => {
    const first = await start();
    writeFileSync(join(folder, 'incoming', '1-1.part'), 'half');
    await first.stop('SIGKILL');
    await start();
    expect(files()).toEqual([]);
  });
});

const hasDcmtk = ['echoscu', 'storescu', 'dcmsend'].every((program) => !spawnSync(program, ['--version']).error);
if (!hasDcmtk) process.stderr.write('DCMTK is not installed: its tests are skipped\n');

test.runIf(hasDcmtk)('serves echoscu, storescu and dcmsend with JSON logs', async () => {
  const { port, stderr: log } = await start('--log-format', 'json', '-vv');
  const at = ['-aec', 'DIMSE', '127.0.0.1', `${port}`];
  expect(await run('echoscu', at)).toMatchObject({ exitCode: 0 });
  const ct = sharedFiles(/CT_small/);
  if (ct.length > 0) {
    expect(await run('storescu', [...at, ...ct])).toMatchObject({ exitCode: 0 });
    expect(await run('dcmsend', [...at, ...ct])).toMatchObject({ exitCode: 0 });
    expect(files()).toHaveLength(isSharedWorld ? 0 : 1);
  }
  await expect.poll(log).toContain('C-ECHO-RSP');
  const lines = log()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const echo = lines.filter(({ event, type }) => event === 'message' && /^C-ECHO/.test(type));
  expect(echo.map(({ direction, type }) => [direction, type])).toEqual([
    ['received', 'C-ECHO-RQ'],
    ['sent', 'C-ECHO-RSP'],
  ]);
  for (const line of echo)
    expect(line).toMatchObject({
      time: expect.any(Number),
      association: expect.any(String),
      summary: expect.any(String),
    });
  // No patient data.
  expect(log()).not.toContain('CompressedSamples');
});

function main(): string {
  return new URL('main.ts', import.meta.url).pathname;
}

test.skipIf(process.platform === 'win32')('ends in order if the reader of its output has gone', async () => {
  const command = `"${process.execPath}" "${application('scp')}" --conformance | :`;
  expect(await run('sh', ['-c', command])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
});

test('reads options from a configuration file and reports its errors with their line', async () => {
  const config = join(folder, 'scp.yaml');
  const data = join(folder, 'configured');
  writeFileSync(config, `data: ${data}\naet: FROM-FILE\nport: 1\npeer: [A=127.0.0.1:104]\ndrain: 1\n`);
  const archive = await startScp(['--config', config]);
  const session = await openSession({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle: 'ME',
    calledAeTitle: 'FROM-FILE',
    services: [verification],
  });
  await session.release();
  archive.child.kill('SIGTERM');
  expect((await archive.outcome).exitCode).toBe(0);
  writeFileSync(config, `data: ${data}\nwindow: 0\n`);
  const { exitCode, stderr } = await runScp('--config', config);
  expect([exitCode, stderr]).toEqual([
    2,
    `dimse-scp: ${config}:2:1: window: a whole number from 1 to 65535 is needed\n`,
  ]);
});
