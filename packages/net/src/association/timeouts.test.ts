// Every timeout has a default, and its error contains its name.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { accept, DEFAULT_TIMEOUTS, type Listener, listen, requestAssociation, type Timeouts } from '../index.ts';
import { callPort } from '../testing/scripted-peer.ts';
import type { Association } from './association.ts';
import { associatedPair } from './pair.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const everything = () => accept({ supports: () => ({ transferSyntaxes: 'any' as const }) });
const ask = (port: number, timeouts: Partial<Timeouts>, options: object = {}) =>
  requestAssociation({
    host: '127.0.0.1',
    port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
    timeouts,
    ...options,
  });

/** A port that accepts connections and never sends anything. */
async function silentPort(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

/** A port that does not accept connections: its process is stopped and its queue is full. */
async function fullPort(): Promise<number> {
  const script = `const server = require('net').createServer(() => {});
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  closers.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(String(line));
  child.kill('SIGSTOP');
  for (let count = 0; count < 8; count++) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    closers.push(() => socket.destroy());
  }
  return port;
}

async function failureOf(listener: Listener, provoke: () => Promise<unknown>): Promise<unknown> {
  closers.push(() => listener.close());
  const failed = new Promise((resolve) => listener.once('failed', resolve));
  await provoke();
  return failed;
}

const serve = async ({ closed }: Association) => {
  const { error } = await closed;
  if (error) throw error;
};

const open = (
  timeouts: Partial<Timeouts>,
  decide = everything as () => ReturnType<typeof everything> | Promise<never>,
) => listen({ port: 0, host: '127.0.0.1' }, { timeouts, decide, serve });

const ENDS: Readonly<Record<Exclude<keyof Timeouts, 'idle'>, () => Promise<unknown>>> = {
  connect: async () => ask(await fullPort(), { connect: 100 }).catch((error) => error),
  handshake: async () => ask(await silentPort(), { handshake: 50 }, { tls: {} }).catch((error) => error),
  association: async () => ask(await silentPort(), { association: 50 }).catch((error) => error),
  artim: async () => {
    const listener = await open({ artim: 50 });
    return failureOf(listener, () => callPort(listener.port));
  },
  release: async () => {
    const [requestor, acceptor] = await associatedPair({ request: { timeouts: { release: 50 } } });
    acceptor.claim({ beforeRelease: () => new Promise(() => {}) });
    return requestor.release().catch((error) => error);
  },
  data: async () => {
    const listener = await open({ data: 50 });
    const failure = failureOf(listener, async () => {
      const association = await ask(listener.port, {});
      closers.push(() => association.abort());
      await association.connection.sendRaw(Uint8Array.of(4), { unsafe: true });
    });
    return ((await failure) as Error).cause;
  },
  write: async () => {
    const listener = await open({});
    closers.push(() => listener.close());
    const association = await ask(listener.port, { write: 50 });
    const data = {
      length: 2 ** 30,
      readv: async (buffers: readonly Uint8Array[]) => buffers.reduce((sum, { length }) => sum + length, 0),
    };
    return association.send(1, { command: Buffer.alloc(4), data }).catch(({ cause }) => cause);
  },
};

test.each(Object.entries(ENDS))('a wait longer than `%s` fails with an error of that name', async (name, end) => {
  expect(await end()).toMatchObject({ name: 'TimeoutError', waitingFor: name });
});

test('the association timeout also bounds the local decision', async () => {
  const listener = await open({ association: 50 }, () => new Promise<never>(() => {}));
  const failure = await failureOf(listener, () => ask(listener.port, {}).catch(() => {}));
  expect(failure).toMatchObject({ name: 'AssociationAbortedError', cause: { waitingFor: 'association' } });
});

describe('a timeout', () => {
  test('has a default, also if it is given as undefined', async () => {
    expect(DEFAULT_TIMEOUTS).toEqual({
      connect: 10_000,
      handshake: 10_000,
      artim: 30_000,
      association: 30_000,
      release: 10_000,
      write: 60_000,
      data: 60_000,
      idle: 300_000,
    });
    const timeouts = { release: undefined, artim: 5 } as unknown as Partial<Timeouts>;
    const [{ connection }] = await associatedPair({ request: { timeouts } });
    expect(connection.timeouts).toEqual({ ...DEFAULT_TIMEOUTS, artim: 5 });
    connection.abort();
  });

  test('longer than the maximum of 24.8 days does not expire at once', async () => {
    const long = { association: 1e10, release: 1e10, idle: 1e10, artim: 1e10, write: 1e10 };
    const [requestor, acceptor] = await associatedPair({ request: { timeouts: long }, acceptor: { timeouts: long } });
    let letGo = () => {};
    acceptor.claim({
      beforeRelease: () =>
        new Promise((resolve) => {
          letGo = resolve;
        }),
    });
    const releasing = requestor.release();
    await new Promise((resolve) => setTimeout(resolve, 20));
    letGo();
    await releasing;
    expect((await acceptor.closed).how).toBe('released');
  });

  test.each([-1, Number.NaN])('of %d is rejected before a connection is made', async (milliseconds) => {
    await expect(ask(1, { connect: milliseconds })).rejects.toThrow(RangeError);
    await expect(open({ artim: milliseconds })).rejects.toThrow("timeout 'artim'");
  });
});
