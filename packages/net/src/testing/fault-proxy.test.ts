import { connect, createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { accept } from '../association/accept.ts';
import { listen } from '../association/listen.ts';
import { requestAssociation } from '../association/request.ts';
import { ConnectionLostError, TimeoutError } from '../errors.ts';
import { type Fault, startFaultProxy } from './fault-proxy.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

/** A server that returns what it receives, behind a proxy with these faults. */
async function echoBehind(...faults: readonly Fault[]) {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  const proxy = await startFaultProxy({
    target: { port: (server.address() as { port: number }).port },
    faults: () => faults,
  });
  open.push(proxy);
  return proxy;
}

function client(port: number): Socket {
  return connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
}

const BYTES = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));

test('passes everything on without faults', async () => {
  const proxy = await echoBehind();
  const socket = client(proxy.port);
  socket.end(BYTES);
  expect(await buffer(socket)).toEqual(BYTES);
  expect([proxy.connections, proxy.passed('to server'), proxy.passed('to client')]).toEqual([1, 1000, 1000]);
});

test.each([
  ['splits into single bytes', { direction: 'to server', kind: 'split', bytes: 1 }],
  ['trickles', { direction: 'to client', kind: 'trickle', bytes: 100, milliseconds: 1 }],
  ['delays', { direction: 'to server', kind: 'delay', milliseconds: 5 }],
] as const satisfies readonly (readonly [string, Fault])[])('%s without losing a byte', async (_, fault) => {
  const proxy = await echoBehind(fault);
  const socket = client(proxy.port);
  socket.end(BYTES);
  expect(await buffer(socket)).toEqual(BYTES);
});

test.each(['to server', 'to client'] as const)('cuts after the byte that was asked for, %s', async (direction) => {
  const proxy = await echoBehind({ direction, kind: 'cut', at: 300 });
  const socket = client(proxy.port);
  socket.write(BYTES);
  const returned = await buffer(socket);
  // Cut on the way to the server, the connection may be closed before the server's bytes come back.
  if (direction === 'to client') expect(returned).toEqual(BYTES.subarray(0, 300));
  expect(proxy.passed(direction)).toBe(300);
  socket.destroy();
});

test('resets both connections', async () => {
  const proxy = await echoBehind({ direction: 'to client', kind: 'reset', at: 10 });
  const socket = client(proxy.port);
  socket.on('error', () => {});
  socket.on('data', () => {});
  // The system drops what is written to a connection that was reset, and fails the writes after that.
  const writing = setInterval(() => socket.write(BYTES), 1);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(writing);
  expect(socket.errored).toMatchObject({ code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) });
  expect(proxy.passed('to client')).toBe(10);
});

test('half-closes one direction only', async () => {
  const proxy = await echoBehind({ direction: 'to server', kind: 'half-close', at: 600 });
  const socket = client(proxy.port);
  socket.write(BYTES);
  expect(await buffer(socket)).toEqual(BYTES.subarray(0, 600));
  socket.destroy();
});

test('an association over a connection that is cut within A-ASSOCIATE-AC is lost; one that stalls times out', async () => {
  const listener = await listen(
    { port: 0, host: '127.0.0.1' },
    { decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }), serve: async () => {} },
  );
  open.push(listener);
  const kinds = ['cut', 'stall'] as const;
  const proxy = await startFaultProxy({
    target: listener,
    faults: (connection) => [{ direction: 'to client', kind: kinds[connection] ?? 'cut', at: 20 }],
  });
  open.push(proxy);
  const request = () =>
    requestAssociation({
      host: proxy.host,
      port: proxy.port,
      callingAeTitle: 'A',
      calledAeTitle: 'B',
      contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
      timeouts: { association: kinds[proxy.connections] === 'stall' ? 50 : 10_000 },
    });
  await expect(request()).rejects.toThrow(ConnectionLostError);
  await expect(request()).rejects.toThrow(TimeoutError);
});
