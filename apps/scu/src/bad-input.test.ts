// What dimse-scu says, in a line, of input it cannot use: before anybody is called.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { createAuthority } from '@x/testing/certificates';
import { runInProcess } from '@x/testing/run-in-process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScuProgram } from './program.ts';

/** Runs dimse-scu in this process. */
const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);

const folder = mkdtempSync(join(tmpdir(), 'dimse-scu-bad-input-'));
let server: Server;
let takenPort = 0;

beforeAll(async () => {
  const authority = await createAuthority();
  const [one, other] = [await authority.issue(), await authority.issue()];
  const files = {
    'one.pem': one.cert,
    'one.key': one.key,
    'other.key': other.key,
    text: 'no PEM',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'scu.yaml'), 'peers:\n  archive: A@127.0.0.1:1\n');
  mkdirSync(join(folder, 'pipes'));
  execFileSync('mkfifo', [join(folder, 'pipes', 'pipe')]);
  server = createServer();
  takenPort = await new Promise((settle) => {
    server.listen(0, () => settle((server.address() as { readonly port: number }).port));
  });
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const file = (name: string) => join(folder, name);
const PEER = 'A@127.0.0.1:1';
const KEY = ['--key', 'PatientID'];

test.each<[string, () => string[], string]>([
  ['a pipe', () => ['store', PEER, file('pipes/pipe')], 'pipes/pipe is not a DICOM file: it is no file of a disk'],
  ['a folder of pipes', () => ['store', PEER, file('pipes')], 'no DICOM files found in'],
  ['a name too long', () => ['store', PEER, file('x'.repeat(300))], 'x: the name is too long'],
  [
    'a certificate that is none',
    () => tls('--tls-cert', file('text'), '--tls-key', file('one.key')),
    'text holds no certificate',
  ],
  [
    'a key that is none',
    () => tls('--tls-cert', file('one.pem'), '--tls-key', file('text')),
    'text holds no private key',
  ],
  [
    'the key of another',
    () => tls('--tls-cert', file('one.pem'), '--tls-key', file('other.key')),
    'other.key is not that of the',
  ],
  ['an authority that is none', () => tls('--tls-ca', file('one.key')), 'one.key holds no certificate in PEM'],
  [
    'a file for a folder',
    () => ['find', PEER, ...KEY, '--out', file('text')],
    'text cannot be made: there is a file of this',
  ],
  [
    'a port that is taken',
    () => ['move', PEER, ...KEY, '--receive', `${takenPort}`, '--out', file('out')],
    'is in use: choose another one',
  ],
  ['a keyword mistyped', () => ['find', PEER, '--key', 'PatientNam=x'], "is 'PatientName' meant?"],
  ['a peer mistyped', () => ['echo', 'archve', '--config', file('scu.yaml')], "is 'archive' meant?"],
  ['no peer', () => ['echo', 'A@::1'], "dimse-scu: peer: 'A@::1' is not a peer"],
  ['a user without a name', () => ['echo', PEER, '--user', ''], 'a name is needed'],
])('%s', async (_, args, words) => {
  const { exitCode, stdout, stderr } = await scu(args());
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(words)]);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stdout).toMatch(/^(?:0 received, 0 failed[^\n]*\n)?$/);
});

function tls(...options: string[]): string[] {
  return ['echo', PEER, '--tls', ...options];
}
