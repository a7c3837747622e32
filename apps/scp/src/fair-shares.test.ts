// One peer cannot take the places of all: limits by AE title and by address, also behind a load balancer.

import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { type Association, requestAssociation } from '@x/net';
import { type RunningScp, startScp } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptIn } from '../test/world.ts';
import { scpProgram } from './program.ts';

let folder: string;
let archive: RunningScp | undefined;
const associations: Association[] = [];
const sockets: Socket[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shares-'));
});
afterEach(async () => {
  for (const association of associations.splice(0)) association.abort();
  for (const socket of sockets.splice(0)) socket.destroy();
  await archive?.stop('SIGKILL');
  archive = undefined;
  rmSync(folder, { recursive: true });
});

async function start(...args: readonly string[]): Promise<RunningScp> {
  archive = await startScp([...keptIn(join(folder, 'data')), ...args]);
  return archive;
}

interface From {
  readonly title?: string;
  /** The address of this machine to call from. */
  readonly localAddress?: string;
  /** The bytes to send before the request. */
  readonly header?: string;
}

async function associate({ title = 'SCU', localAddress = '127.0.0.1', header = '' }: From = {}): Promise<Association> {
  const socket = connect({ host: '127.0.0.1', port: archive?.port ?? 0, localAddress });
  socket.on('error', () => {});
  sockets.push(socket);
  if (header !== '') socket.write(header);
  const association = await requestAssociation({
    socket,
    callingAeTitle: title,
    calledAeTitle: 'DIMSE',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
  });
  associations.push(association);
  return association;
}

const LOCAL_LIMIT = { result: 2, source: 3, reason: 2 };
const from = (address: string) => `PROXY TCP4 ${address} 198.51.100.2 50000 104\r\n`;

test('leaves half of all places to other AE titles and addresses by default', async () => {
  await start('--max-associations', '4');
  for (const title of ['ONE', 'TWO']) await associate({ title });
  await expect(associate({ title: 'THREE' })).rejects.toMatchObject(LOCAL_LIMIT);
  await associate({ title: 'TWO', localAddress: '127.0.0.2' });
  await expect(associate({ title: 'TWO', localAddress: '127.0.0.3' })).rejects.toMatchObject(LOCAL_LIMIT);
  await associate({ title: 'FOUR', localAddress: '127.0.0.3' });
});

test('gives the places of an AE title back when its associations end', async () => {
  await start('--max-associations-per-aet', '1');
  const first = await associate();
  await expect(associate()).rejects.toMatchObject(LOCAL_LIMIT);
  await associate({ title: 'OTHER' });
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

test('counts associations by the address that a load balancer names, and logs it', async () => {
  await start('--proxy', '127.0.0.0/8', '--max-associations-per-host', '1', '--http', '0');
  const title = 'SCU';
  const first = await associate({ title, header: from('192.0.2.1') });
  await associate({ title, header: from('192.0.2.2') });
  await expect(associate({ header: from('192.0.2.1') })).rejects.toMatchObject(LOCAL_LIMIT);
  expect(archive?.stderr()).toMatch(/association accepted: .* from 192\.0\.2\.1/);
  const page = await (await fetch(`${archive?.url}/events`)).body?.getReader().read();
  expect(Buffer.from(page?.value ?? []).toString()).toContain('"address":"192.0.2.2:50000"');
  await first.release();
});

test('refuses a connection from a load balancer without a header', async () => {
  await start('--proxy', '127.0.0.1');
  await expect(associate()).rejects.toThrow();
  expect(archive?.stderr()).toMatch(/expected a PROXY protocol header/);
  await associate({ header: from('192.0.2.1') });
});

test('refuses the header of the PROXY protocol from other addresses', async () => {
  await start('--proxy', '127.0.0.9', '-v');
  await expect(associate({ header: from('192.0.2.1') })).rejects.toThrow();
  expect(archive?.stderr()).not.toContain('192.0.2.1');
  await associate();
});

test('closes connections of an address beyond --max-connections-per-second at once', async () => {
  await start('--max-connections-per-second', '2', '--data-timeout', '5', '--strict');
  const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => associate()));
  expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(5);
  await associate({ localAddress: '127.0.0.2' });
});

test.each([
  ['--proxy', '10.0.0.0/33'],
  ['--proxy', '10.0.0'],
  ['--proxy', '::1/129'],
  ['--proxy', 'example.org'],
  ['--max-associations-per-host', '0'],
  ['--umask', '700'],
  ['--umask', '9'],
])('reports a wrong value of %s: %s', async (...args) => {
  const outcome = await runInProcess((context) => runProgram(scpProgram(), context), args);
  expect([outcome.exitCode, outcome.stderr]).toEqual([2, expect.stringMatching(/^dimse-scp: [^\n]+ needed[^\n]*\n$/)]);
});
