// Operating dimse-scp: health, metrics, users, SIGHUP.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import {
  createScp,
  modalityPerformedProcedureStep,
  type OpenSessionOptions,
  openSession,
  type Session,
  SopClass,
  Status,
  serve,
  storage,
  studyRoot,
  verification,
} from '@x/dimse';
import { PerformedProcedureStepUser } from '@x/dimse/workflow';
import { createAuthority } from '@x/testing/certificates';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { application, type RunningScp, start as startProgram, startScp } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isSharedWorld, keptIn } from '../test/world.ts';
import { scpProgram } from './program.ts';

/** Runs the program in this process to its end. */
const runScp = (...argv: readonly string[]) => runInProcess((context) => runProgram(scpProgram(), context), argv);

let folder: string;
let archive: RunningScp | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'operating-'));
});
afterEach(async () => {
  await archive?.stop('SIGKILL');
  archive = undefined;
  rmSync(folder, { recursive: true });
});

async function start(...args: readonly string[]): Promise<RunningScp> {
  archive = await startScp([...keptIn(join(folder, 'data')), ...args]);
  return archive;
}

function associate(options: Partial<OpenSessionOptions> = {}): Promise<Session> {
  return openSession({
    host: '127.0.0.1',
    port: archive?.port ?? 0,
    callingAeTitle: 'ME',
    calledAeTitle: 'DIMSE',
    services: [verification, studyRoot, storage],
    contexts: [SopClass.Verification, studyRoot.sopClasses.Find.uid, CT_IMAGE_STORAGE].map((abstractSyntax) => ({
      abstractSyntax,
      transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN],
    })),
    ...options,
  } as OpenSessionOptions);
}

async function get(path: string, method = 'GET') {
  const response = await fetch(`${archive?.url}${path}`, { method });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The samples of a scrape by name and labels. */
async function scrape(): Promise<Record<string, number>> {
  const { text } = await get('/metrics');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => [line.replace(/ [^ ]+$/, ''), Number(line.replace(/^.* /, ''))]));
}

/** The log, once it has something to say. */
async function logged(words: RegExp): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const log = archive?.stderr() ?? '';
    if (words.test(log)) return log;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`the log never said ${words}: ${archive?.stderr()}`);
}

/** The part of an answer of /healthz about the services that are shared. */
const CHECKS = isSharedWorld ? ',"checks":{"database":"good","store":"good"}' : '';

describe('--http', () => {
  test('serves this machine read-only and prints its address', async () => {
    const { url } = await start('--http', '0');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await get('/healthz')).toMatchObject({ status: 200, text: `{"status":"ready"${CHECKS}}\n` });
    expect((await get('/nothing')).status).toBe(404);
    expect((await get('/constructor')).status).toBe(404);
    expect((await get('/healthz', 'POST')).status).toBe(405);
    expect((await get('/healthz')).headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('reports a port that is in use', async () => {
    const { url } = await start('--http', '0');
    const outcome = await runScp('--port', '0', ...keptIn(join(folder, 'other')), '--http', url.replace(/.*:/, ''));
    expect([outcome.exitCode, outcome.stderr]).toEqual([
      2,
      expect.stringMatching(/^dimse-scp: port \d+ is in use.*--http.*\n$/),
    ]);
  });

  test('reports that it is draining', async () => {
    await start('--http', '0', '--drain', '20');
    const session = await associate();
    archive?.child.kill('SIGTERM');
    await logged(/no more associations/);
    expect(await get('/healthz')).toMatchObject({ status: 503, text: `{"status":"draining"${CHECKS}}\n` });
    expect(await get('/livez')).toMatchObject({ status: 200, text: '{"status":"alive"}\n' });
    await session.release();
    expect((await archive?.outcome)?.exitCode).toBe(0);
  });

  test('counts exactly what was done in the metrics', async () => {
    await start('--http', '0');
    const before = await scrape();
    const session = await associate();
    const instances = 7;
    let bytes = 0;
    for (let number = 1; number <= instances; number++) {
      const sopInstance = `1.2.3.${number}`;
      const uids = { sopInstance, study: '1.2', series: '1.2.0' };
      const data = syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, ...uids, pixelLength: 1000 * number });
      bytes += data.length;
      await session
        .use(storage)
        .store({ sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data });
    }
    const wrong = { sopInstance: '9.9', transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, sopClass: CT_IMAGE_STORAGE };
    const other = syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance: '9.8' });
    await expect(session.use(storage).store({ ...wrong, data: other })).rejects.toMatchObject({ status: 0xa900 });
    for (let round = 0; round < 3; round++) await session.use(verification).echo();
    const during = await scrape();
    await session.release();
    await expect(associate({ calledAeTitle: 'OTHER' })).rejects.toThrow('called AE title');
    const aborted = await associate();
    aborted.abort();
    await logged(/aborted/);
    const after = await scrape();
    const rise = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
    const stored = 'operation="C-STORE",as="performed",service="Storage"';
    expect({
      stored: rise(`dimse_operations_total{${stored},status="0000"}`),
      refused: rise(`dimse_operations_total{${stored},status="A900"}`),
      timed:
        rise(`dimse_operation_duration_seconds_count{operation="C-STORE",service="Storage",as="performed"}`) ||
        rise(`dimse_operation_duration_seconds_count{${stored}}`),
      echoes: rise('dimse_operations_total{operation="C-ECHO",as="performed",service="Verification",status="0000"}'),
      bytes: rise('dimse_data_received_bytes_total{service="Storage"}'),
      instances: rise('dimse_index_entities{level="instances"}'),
      studies: rise('dimse_index_entities{level="studies"}'),
      during: during['dimse_associations{state="established"}'],
      now: after['dimse_associations{state="established"}'],
      rejected: rise(
        'dimse_associations_rejected_total{reason="called AE title not recognized (permanent, by the service user)"}',
      ),
      aborts: rise('dimse_aborts_total{direction="received",reason="aborted by the service user"}'),
      released: rise('dimse_connections_ended_total{how="released",by="peer"}'),
      queued: after.dimse_event_queue_length,
    }).toEqual({
      stored: instances,
      refused: 1,
      timed: instances + 1,
      echoes: 3,
      bytes: bytes + other.length,
      instances,
      studies: 1,
      during: 1,
      now: 0,
      rejected: 1,
      aborts: 1,
      released: 1,
      queued: 0,
    });
    expect(rise('dimse_network_bytes_total{direction="received"}')).toBeGreaterThan(bytes);
    expect(after.process_resident_memory_bytes).toBeGreaterThan(10_000_000);
    expect(after.dimse_index_bytes).toBeGreaterThan(0);
  });
});

describe('the metrics', () => {
  test('count the sub-operations of a C-MOVE by their status', async () => {
    await using workstation = createScp({
      aeTitle: 'WS',
      services: [serve(storage, { store: ({ sopInstance }) => (sopInstance === '1.2.3.1' ? 0xa700 : Status.Success) })],
    });
    const { port } = await workstation.listen({ port: 0, host: '127.0.0.1' });
    await start('--http', '0', '--peer', `WS=127.0.0.1:${port}`);
    const abstractSyntaxes = [CT_IMAGE_STORAGE, studyRoot.sopClasses.Move.uid];
    const transferSyntaxes = [EXPLICIT_VR_LITTLE_ENDIAN];
    const session = await associate({
      contexts: abstractSyntaxes.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes })),
    });
    for (const number of [1, 2, 3]) {
      const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance: `1.2.3.${number}` };
      const data = syntheticDataSet({ ...uids, study: '1.2', series: '1.2.0' });
      await session.use(storage).store({ ...uids, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data });
    }
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2' };
    await session.use(studyRoot).move({ destination: 'WS', identifier }).final;
    await expect(session.use(studyRoot).move({ destination: 'NOBODY', identifier }).final).rejects.toMatchObject({
      status: 0xa801,
    });
    await session.release();
    const samples = await scrape();
    const count = (labels: string) => samples[`dimse_operations_total{${labels}}`];
    const moved = 'operation="C-MOVE",as="performed",service="Study Root Query/Retrieve"';
    expect([
      count('operation="C-STORE",as="invoked",service="Storage",status="0000"'),
      count('operation="C-STORE",as="invoked",service="Storage",status="A700"'),
      count(`${moved},status="B000"`),
      count(`${moved},status="A801"`),
    ]).toEqual([2, 1, 1, 1]);
  });

  test('follow the naming rules of Prometheus, and peers cannot add labels', async () => {
    await start('--http', '0');
    for (let round = 0; round < 150; round++) {
      const refused = associate({ callingAeTitle: `PEER${round}`, calledAeTitle: `OTHER${round}` });
      await expect(refused).rejects.toThrow('called AE title');
    }
    const { text } = await get('/metrics');
    expect(text).not.toMatch(/PEER|OTHER/);
    const types = [...text.matchAll(/^# TYPE (dimse_\S+) (\S+)$/gm)];
    expect(types.length).toBeGreaterThan(8);
    for (const [, name = '', type] of types) {
      expect(text).toMatch(new RegExp(`^# HELP ${name} \\S`, 'm'));
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
      if (type === 'histogram') expect(name).toMatch(/_(?:seconds|bytes)$/);
    }
    expect(text.split('\n').length).toBeLessThan(400);
  });
});

describe('--users', () => {
  const makeUser = (name: string, stdin: string) =>
    runInProcess((context) => runProgram(scpProgram(), context), ['--make-user', name], { stdin });
  const identity = (identityType: number, name: string, passcode = '') => ({
    userIdentity: {
      identityType,
      positiveResponseRequested: false,
      primaryField: Buffer.from(name),
      secondaryField: Buffer.from(passcode),
    },
  });

  test('accepts known users by name or by passcode, and rejects all others', async () => {
    const users = join(folder, 'users');
    const { stdout: made } = await makeUser('radiology', 'sesame\n');
    expect(made).toMatch(/^radiology:scrypt:[\w-]+:[\w-]+\n$/);
    expect(made).not.toContain('sesame');
    writeFileSync(users, `# users\n\n${made}open\n`);
    await start('--users', users);
    for (const known of [identity(2, 'radiology', 'sesame'), identity(1, 'open'), identity(2, 'open', 'any')])
      await (await associate(known)).release();
    const strangers = [
      {},
      identity(2, 'radiology', 'wrong'),
      identity(1, 'radiology'),
      identity(2, 'nobody', 'sesame'),
      identity(3, 'open'),
      identity(2, 'radiology', ''),
    ];
    // PS3.7 §D.3.3.7.3.
    const byProvider = { name: 'AssociationRejectedError', result: 1, source: 2, reason: 1 };
    for (const stranger of strangers) await expect(associate(stranger)).rejects.toMatchObject(byProvider);
    const log = await logged(/type 3 that is not in the file/);
    expect(log).not.toContain('sesame');
  });

  test.each([
    ['a:scrypt:short:digest\n', ':1: a line is a name'],
    ['a\nb\na\n', ":3: the user 'a' is already listed"],
  ])('rejects %j and names the line', async (text, why) => {
    const users = join(folder, 'users');
    writeFileSync(users, text);
    const { exitCode, stderr } = await runScp(...keptIn(join(folder, 'data')), '--users', users);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${users}${why}`)]);
  });

  test('rejects a user whose name contains a colon, and an empty passcode', async () => {
    for (const [name, input] of [
      ['a:b', 'x'],
      ['a', ''],
    ] as const) {
      const { exitCode } = await makeUser(name, input);
      expect(exitCode).toBe(2);
    }
  });
});

describe('SIGHUP', () => {
  test('reloads peers, callers and users, and says what needs a restart', async () => {
    const config = join(folder, 'scp.yaml');
    writeFileSync(config, 'accept-calling: [ME]\nwindow: 4\n');
    await start('--config', config);
    await (await associate()).release();
    await expect(associate({ callingAeTitle: 'YOU' })).rejects.toThrow('calling AE title');
    const lasting = await associate();
    writeFileSync(config, 'accept-calling: [YOU]\nwindow: 8\npeer: [A=127.0.0.1:104]\n');
    archive?.child.kill('SIGHUP');
    const log = await logged(/a restart is needed/);
    expect(log).toMatch(/reloaded: peer, acceptCalling/);
    expect(log).toMatch(/a restart is needed to change window/);
    await (await associate({ callingAeTitle: 'YOU' })).release();
    await expect(associate()).rejects.toThrow('calling AE title');
    // Existing associations continue.
    await lasting.use(verification).echo();
    await lasting.release();
  });

  test.skipIf(isSharedWorld)('does not end the archive while it starts', async () => {
    await start();
    const audit = join(folder, 'audit');
    const args = ['--port', '0', ...keptIn(join(folder, 'data')), '--audit-log', audit];
    // It waits a second for the index, which the other one uses.
    const second = startProgram(process.execPath, [application('scp'), ...args]);
    await expect.poll(() => existsSync(audit), { timeout: 20_000 }).toBe(true);
    second.child.kill('SIGHUP');
    expect(await second.outcome).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is in use') });
  });

  test('reloads the peers to notify', async () => {
    const told = vi.fn(() => Status.Success);
    await using peer = createScp({
      aeTitle: 'RIS',
      services: [serve(modalityPerformedProcedureStep, { eventReport: told }, { roles: { scu: false, scp: true } })],
    });
    const { port } = await peer.listen({ port: 0, host: '127.0.0.1' });
    const config = join(folder, 'scp.yaml');
    writeFileSync(config, `peer: [RIS=127.0.0.1:${port}]\n`);
    await start('--config', config);
    writeFileSync(config, `peer: [RIS=127.0.0.1:${port}]\nnotify: [RIS]\n`);
    archive?.child.kill('SIGHUP');
    await logged(/reloaded: notify/);
    const session = await associate({ services: [modalityPerformedProcedureStep], contexts: undefined } as never);
    await new PerformedProcedureStepUser().begin(session, {
      ...{ PerformedProcedureStepID: 'X', PerformedStationAETitle: 'CT', Modality: 'CT' },
      ...{ PerformedProcedureStepStartDate: '20260105', PerformedProcedureStepStartTime: '1005' },
      ScheduledStepAttributesSequence: [{ StudyInstanceUID: '1.2' }],
    });
    await session.release();
    await expect.poll(() => told.mock.calls.length, { timeout: 10_000 }).toBe(1);
  });

  test.each([
    ['users', () => `users: ${join(folder, 'users')}\n`],
    ['tlsCert, tlsKey', () => `tls-cert: ${join(folder, 'cert')}\ntls-key: ${join(folder, 'key')}\n`],
  ])('says that a restart is needed to change %s', async (names, settings) => {
    writeFileSync(join(folder, 'users'), 'radiology\n');
    const { key, cert } = await (await createAuthority()).issue();
    writeFileSync(join(folder, 'cert'), cert);
    writeFileSync(join(folder, 'key'), key);
    const config = join(folder, 'scp.yaml');
    writeFileSync(config, '');
    await start('--config', config);
    // The second time as well.
    for (const round of [1, 2]) {
      writeFileSync(config, settings());
      archive?.child.kill('SIGHUP');
      await expect
        .poll(() => archive?.stderr().split(`a restart is needed to change ${names}`).length, { timeout: 10_000 })
        .toBe(round + 1);
      await (await associate()).release();
    }
    expect(archive?.stderr()).not.toContain('reloaded');
  });

  test.each([
    ['window: many\n', ':2:1: window: a whole number'],
    ['widnow: 3\n', ":2:1: unknown setting 'widnow'; did you mean 'window'?"],
    ['users: /nowhere\n', ':2:1: users: the file of users cannot be read'],
    ['notify: [NOBODY]\n', 'needs --peer NOBODY'],
    ['peer: [\n', ':2:7: '],
  ])('changes nothing if the file has %j', async (wrong, why) => {
    const config = join(folder, 'scp.yaml');
    writeFileSync(config, 'accept-calling: [ME]\n');
    await start('--config', config);
    writeFileSync(config, `accept-calling: [YOU]\n${wrong}`);
    archive?.child.kill('SIGHUP');
    expect(await logged(/nothing was changed/)).toContain(why);
    await (await associate()).release();
    await expect(associate({ callingAeTitle: 'YOU' })).rejects.toThrow('calling AE title');
  });
});
