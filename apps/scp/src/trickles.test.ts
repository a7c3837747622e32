// Peers that send a byte from time to time.

import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { requestAssociation } from '@x/net';
import { type RunningScp, runScu, startScp } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptIn } from '../test/world.ts';

let folder: string;
let archive: RunningScp;
const sockets: Socket[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trickles-'));
  archive = await startScp([...keptIn(join(folder, 'data')), '--data-timeout', '1', '--artim-timeout', '1']);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await archive.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

function dial(): Socket {
  const socket = connect({ host: '127.0.0.1', port: archive.port });
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

/** Sends bytes one by one, until all are sent or the archive has closed the connection. Settles with the number sent. */
async function trickle(socket: Socket, bytes: Uint8Array): Promise<number> {
  let isClosed = false;
  socket.once('close', () => {
    isClosed = true;
  });
  for (const [at] of bytes.entries()) {
    if (isClosed) return at;
    socket.write(bytes.subarray(at, at + 1));
    await setTimeout(50);
  }
  return bytes.length;
}

const echo = () => runScu('echo', `DIMSE@127.0.0.1:${archive.port}`);

test('a request that comes byte by byte ends with the time for the whole request', async () => {
  const request = Buffer.concat([Buffer.from('0100000003e80001', 'hex'), Buffer.alloc(1000 - 2)]);
  const socket = dial();
  socket.resume();
  expect(await trickle(socket, request)).toBeLessThan(request.length);
  expect((await echo()).exitCode).toBe(0);
}, 60_000);

test('a message that comes byte by byte delays no other association, and is aborted when the bytes stop', async () => {
  const socket = dial();
  const association = await requestAssociation({
    socket,
    callingAeTitle: 'SCU',
    calledAeTitle: 'DIMSE',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
  });
  const message = Buffer.from('040000000050', 'hex');
  const sending = trickle(socket, Buffer.concat([message, Buffer.alloc(40)]));
  expect((await echo()).exitCode).toBe(0);
  await sending;
  expect(await association.closed).toMatchObject({ how: 'aborted', by: 'peer' });
}, 60_000);

test('a message that stays below --minimum-rate is aborted', async () => {
  await archive.stop('SIGKILL');
  archive = await startScp([
    ...[...keptIn(join(folder, 'data')), '--data-timeout', '0', '--artim-timeout', '1', '--minimum-rate', '1kB'],
  ]);
  const socket = dial();
  const contexts = [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }];
  const association = await requestAssociation({ socket, callingAeTitle: 'SCU', calledAeTitle: 'DIMSE', contexts });
  // The first fragment of a command set, and nothing more.
  socket.write(Buffer.from('04000000000e0000000a01010000000004000000', 'hex'));
  expect(await association.closed).toMatchObject({ how: 'aborted', by: 'peer' });
}, 60_000);
