// Input that dimse-scu cannot use: it is reported in one line, before connecting.

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
  ['a pipe', () => ['store', PEER, file('pipes/pipe')], 'pipes/pipe is not a DICOM file: it is not a regular file'],
  ['a folder of pipes', () => ['store', PEER, file('pipes')], 'no DICOM files found in'],
  ['a name that is too long', () => ['store', PEER, file('x'.repeat(300))], 'x: the name is too long'],
  [
    'a malformed certificate',
    () => tls('--tls-cert', file('text'), '--tls-key', file('one.key')),
    'text does not contain a certificate',
  ],
  [
    'a malformed key',
    () => tls('--tls-cert', file('one.pem'), '--tls-key', file('text')),
    'text does not contain a private key',
  ],
  [
    'the key of another certificate',
    () => tls('--tls-cert', file('one.pem'), '--tls-key', file('other.key')),
    'other.key does not belong to the',
  ],
  ['a malformed authority', () => tls('--tls-ca', file('one.key')), 'one.key does not contain a certificate in PEM'],
  [
    'a file for a folder',
    () => ['find', PEER, ...KEY, '--out', file('text')],
    'text cannot be created: a file with this',
  ],
  [
    'a port that is taken',
    () => ['move', PEER, ...KEY, '--receive', `${takenPort}`, '--out', file('out')],
    'is in use: choose another port',
  ],
  ['a misspelled keyword', () => ['find', PEER, '--key', 'PatientNam=x'], "did you mean 'PatientName'?"],
  ['a misspelled peer', () => ['echo', 'archve', '--config', file('scu.yaml')], "did you mean 'archive'?"],
  ['a malformed peer', () => ['echo', 'A@::1'], "dimse-scu: peer: 'A@::1' is not a peer"],
  ['a user without a name', () => ['echo', PEER, '--user', ''], 'a name is needed'],
])('reports %s', async (_, args, words) => {
  const { exitCode, stdout, stderr } = await scu(args());
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(words)]);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stdout).toMatch(/^(?:0 received, 0 failed[^\n]*\n)?$/);
});

function tls(...options: string[]): string[] {
  return ['echo', PEER, '--tls', ...options];
}
