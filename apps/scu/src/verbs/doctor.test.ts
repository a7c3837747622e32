// dimse-scu doctor, completion and the configuration file.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import {
  createScp,
  type Scp,
  type ScpOptions,
  SopClass,
  Status,
  serve,
  storage,
  studyRoot,
  verification,
} from '@x/dimse';
import { createAuthority } from '@x/testing/certificates';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

/** Runs dimse-scu in this process. */
const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

const folder = mkdtempSync(join(tmpdir(), 'dimse-scu-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));
let scp: Scp | undefined;
let server: Server | undefined;
afterEach(async () => {
  await scp?.close();
  server?.close();
});

async function startScp(options: Partial<ScpOptions> = {}): Promise<number> {
  scp = createScp({
    aeTitle: 'SCP',
    services: [
      serve(verification, { echo: () => Status.Success }),
      serve(storage, { store: () => Status.Success }),
      serve(studyRoot, {
        async *rawFind() {
          yield { identifier: { PatientName: { Alphabetic: 'A\u001b[31m^B' }, PatientID: '1' } };
        },
      }),
    ],
    ...options,
  });
  return (await scp.listen({ port: 0, host: '127.0.0.1' })).port;
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('doctor', () => {
  test('passes every step and reports which contexts are accepted', async () => {
    const port = await startScp();
    const { exitCode, stdout, stderr } = await scu(['doctor', `SCP@127.0.0.1:${port}`, '--calling', 'ME']);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ok {6}TCP: 127\.0\.0\.1 port \d+ accepted the connection from 127\.0\.0\.1, [\d.]+ ms$/m);
    expect(stdout).toMatch(
      /^ok {6}association: SCP@.* accepted ME; implementation: .*; it answered C-ECHO in [\d.]+ ms$/m,
    );
    expect(stdout).toMatch(/^ok {6}contexts: Verification: 1 of 1 SOP classes$/m);
    expect(stdout).toMatch(/^ok {6}contexts: Storage: (\d+) of \1 SOP classes$/m);
    expect(stdout).toMatch(
      /^skipped contexts: Modality Worklist: 0 of 1 SOP classes, not .*: abstract syntax not supported.*$/m,
    );
  });

  test('prints JSON', async () => {
    const port = await startScp();
    const { stdout } = await scu(['doctor', `SCP@127.0.0.1:${port}`, '--json']);
    const findings = jsonLines(stdout);
    expect(findings.map(({ step }) => step).slice(0, 3)).toEqual(['TCP', 'association', 'contexts']);
    expect(findings.find(({ words }) => String(words).startsWith('Verification'))).toMatchObject({
      result: 'ok',
      accepted: [{ sopClass: SopClass.Verification }],
      refused: [],
    });
  });

  test('stops if the peer does not listen', async () => {
    const port = await startScp();
    await scp?.close();
    const { exitCode, stdout } = await scu(['doctor', `SCP@127.0.0.1:${port}`]);
    expect([exitCode, stdout]).toEqual([
      3,
      `failed  TCP: no connection to 127.0.0.1:${port}: connection refused, nobody listens there. Check the host, the port, and whether the peer is running.\n`,
    ]);
  });

  test('stops if the peer does not recognize the called AE title', async () => {
    const port = await startScp();
    const { exitCode, stdout } = await scu(['doctor', `OTHER@127.0.0.1:${port}`]);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(
      /^ok {6}TCP: .*\nfailed {2}association: .*called AE title not recognized.*before the @.*\n$/,
    );
  });

  test('reports a peer that does not speak DICOM', async () => {
    server = createServer((socket) => socket.end('220 mail.example ESMTP\r\n').on('error', () => {}));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { exitCode, stdout } = await scu(['doctor', `SCP@127.0.0.1:${port}`]);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^failed {2}association: .*Is this the right port\?|closed the connection/m);
  });

  test('checks certificates, and detects a peer that expects TLS', async () => {
    const authority = await createAuthority();
    const identity = await authority.issue({ name: 'scp.example' });
    const ca = file('ca.pem', authority.cert);
    const port = await startScp({ tls: identity });
    const secure = await scu(['doctor', `SCP@127.0.0.1:${port}`, '--tls', '--tls-ca', ca]);
    expect(secure.exitCode).toBe(0);
    expect(secure.stdout).toMatch(
      /^ok {6}TLS: TLSv1\.3, TLS_\w+, certificate for "scp\.example", valid for \d+ more days$/m,
    );
    const untrusted = await scu(['doctor', `SCP@127.0.0.1:${port}`, '--tls']);
    expect([untrusted.exitCode, untrusted.stdout]).toEqual([3, expect.stringMatching(/^failed {2}TLS: .*--tls-ca/m)]);
    const plain = await scu(['doctor', `SCP@127.0.0.1:${port}`]);
    expect([plain.exitCode, plain.stdout]).toEqual([
      3,
      expect.stringContaining('It expects TLS at this port: use --tls.'),
    ]);
  });
});

describe('the configuration file', () => {
  test('names peers with options of their own, and sets defaults', async () => {
    const port = await startScp({ accept: ({ callingAeTitle }) => callingAeTitle === 'FROM-FILE' });
    const config = file(
      'scu.yaml',
      `calling: DEFAULT
timeout: 20
json: true
window: 4
peers:
  plain: SCP@127.0.0.1:${port}
  archive:
    address: SCP@127.0.0.1:${port}
    calling: FROM-FILE
`,
    );
    const named = await scu(['echo', 'archive', '--config', config]);
    expect([named.exitCode, named.stderr]).toEqual([0, '']);
    expect(jsonLines(named.stdout)).toHaveLength(1);
    // The default title differs.
    expect(await scu(['echo', 'plain', '--config', config])).toMatchObject({ exitCode: 3 });
    expect(await scu(['echo', 'plain', '--calling', 'FROM-FILE', '--config', config])).toMatchObject({ exitCode: 0 });
    expect(await scu(['echo', 'archive', '--calling', 'OTHER', '--config', config])).toMatchObject({ exitCode: 3 });
  });

  test.each([
    ['calling: A TITLE THAT IS MUCH TOO LONG\n', ':1:1: calling: an AE title has 1 to 16 characters'],
    ['peers:\n  archive: {adress: A@b}\n', ':2:3: archive: an address is needed'],
    ['peers:\n  archive: A@b:99999\n', ':2:3: 99999 is not a port'],
    ['paralel: 2\n', ":1:1: unknown setting 'paralel'; did you mean 'parallel'?"],
  ])('rejects %j in one line', async (text, why) => {
    const config = file('bad.yaml', text);
    const { exitCode, stdout, stderr } = await scu(['echo', 'A@b', '--config', config]);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`dimse-scu: ${config}${why}`);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('sends every kind of user identity', async () => {
  const identities: unknown[] = [];
  const port = await startScp({
    verifyIdentity: async (identity) => {
      identities.push([identity?.identityType, Buffer.from(identity?.primaryField ?? []).toString()]);
      return true;
    },
  });
  const token = file('token', 'header.payload.signature\n');
  for (const option of ['--kerberos-ticket', '--saml', '--jwt'])
    expect(await scu(['echo', `SCP@127.0.0.1:${port}`, option, token])).toMatchObject({ exitCode: 0 });
  expect(identities).toEqual([
    [3, 'header.payload.signature\n'],
    [4, 'header.payload.signature\n'],
    [5, 'header.payload.signature'],
  ]);
  const both = await scu(['echo', `SCP@127.0.0.1:${port}`, '--jwt', token, '--user', 'me']);
  expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining('exclude each other')]);
});

test('escapes control characters of matches', async () => {
  const port = await startScp();
  const keys = ['--key', 'PatientName', '--key', 'PatientID'];
  const { exitCode, stdout } = await scu(['find', `SCP@127.0.0.1:${port}`, ...keys]);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('A\\u001b[31m^B')]);
  expect(stdout).not.toContain('\u001b');
});
