// Listeners that many silent or very slow connections occupy.

import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { encodePdu } from '@x/pdu';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { accept, reject } from './accept.ts';
import { type Listener, type ListenOptions, listen } from './listen.ts';
import { type RequestOptions, requestAssociation } from './request.ts';

let listener: Listener | undefined;
const crowd: Socket[] = [];
afterEach(async () => {
  for (const socket of crowd.splice(0)) socket.destroy();
  await listener?.close();
  listener = undefined;
});

async function start(options: Partial<ListenOptions> = {}): Promise<Listener> {
  listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
      serve: async (association) => {
        for await (const value of association.receive())
          if (value.last) await association.send(1, { command: Buffer.alloc(2) });
      },
      ...options,
    },
  );
  return listener;
}

function associate(options: Partial<RequestOptions> = {}) {
  return requestAssociation({
    host: '127.0.0.1',
    port: listener?.port ?? 0,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
    ...options,
  } as RequestOptions);
}

async function echo(): Promise<void> {
  const association = await associate();
  await association.send(1, { command: Buffer.alloc(2) });
  expect((await association.nextValue())?.last).toBe(true);
  await association.release();
}

/** Opens connections and calls back for each. */
async function gather(count: number, behave: (socket: Socket) => void = () => {}): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, () => {
      const socket = connect(listener?.port ?? 0, '127.0.0.1');
      crowd.push(socket);
      socket.on('error', () => {});
      return new Promise<void>((resolve) =>
        socket.once('connect', () => {
          behave(socket);
          resolve();
        }),
      );
    }),
  );
}

const openFiles = () => readdirSync('/proc/self/fd').length;

test('500 silent connections and 200 very slow ones do not keep an echo from being answered', async () => {
  const before = process.platform === 'linux' ? openFiles() : 0;
  const { maximumPendingConnections, maximumAssociations } = {
    maximumPendingConnections: 1024,
    maximumAssociations: 5,
  };
  await start({ maximumPendingConnections, maximumAssociations });
  await gather(500);
  const timers: NodeJS.Timeout[] = [];
  const request = Buffer.from('0100000000cd00010000', 'hex');
  await gather(200, (socket) => {
    let sent = 0;
    timers.push(setInterval(() => socket.write(request.subarray(sent, ++sent)), 1000));
    socket.write(request.subarray(sent, ++sent));
  });
  await vi.waitUntil(() => listener?.pendingConnections === 700);
  // All of them still wait when the answers have come: the listener did not wait for them.
  for (let round = 0; round < 20; round++) await echo();
  expect(listener?.pendingConnections).toBe(700);
  expect(listener?.counters).toMatchObject({ dropped: 0, failures: 0, associations: 20 });
  for (const timer of timers) clearInterval(timer);
  for (const socket of crowd.splice(0)) socket.destroy();
  await vi.waitUntil(() => listener?.connections === 0 && listener.pendingConnections === 0);
  await listener?.close();
  if (process.platform === 'linux') await vi.waitUntil(() => openFiles() <= before, { timeout: 10_000 });
});

test('the connections that have been silent for the longest are dropped if there are too many', async () => {
  const open = await start({ maximumPendingConnections: 10 });
  await gather(10);
  await vi.waitUntil(() => open.pendingConnections === 10);
  const first = crowd[0] as Socket;
  const gone = new Promise((resolve) => first.once('close', resolve));
  for (let round = 0; round < 5; round++) await echo();
  await gone;
  expect(open.counters).toMatchObject({ dropped: 1, probes: 0, associations: 5 });
  expect(open.pendingConnections).toBe(9);
});

test.each([
  ['is rejected', reject(), 1],
  ['is aborted because another one follows', accept({ supports: () => ({ transferSyntaxes: 'any' }) }), 2],
])('peers whose request %s and that do not close hold a bounded number of connections', async (_, decision, times) => {
  const open = await start({ maximumPendingConnections: 10, decide: () => decision });
  const request = encodePdu({
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle: 'SCP',
    callingAeTitle: 'SCU',
    presentationContexts: [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
    userInformation: {},
  });
  let connections = 0;
  open.on('connection', () => connections++);
  await gather(50, (socket) => {
    for (let time = 0; time < times; time++) socket.write(Buffer.concat(request));
  });
  await vi.waitUntil(() => connections === 50 && open.connections === 10);
  expect(open.counters).toMatchObject({ dropped: 40, probes: 0 });
  await gather(10);
  await vi.waitUntil(() => open.pendingConnections === 10);
});

describe('limits of associations', () => {
  test.each<[string, Partial<ListenOptions>]>([
    ['in total', { maximumAssociations: 2 }],
    ['of a calling AE title', { maximumAssociationsPerCallingAe: 2 }],
    ['of one calling AE title', { maximumAssociationsPerCallingAe: (title) => (title === 'SCU' ? 2 : 100) }],
    ['from an address', { maximumAssociationsPerAddress: 2 }],
  ])('%s reject with the reason, and accept when there is room again', async (name, options) => {
    const open = await start(options);
    const associations = [await associate(), await associate()];
    await expect(associate()).rejects.toMatchObject({
      name: 'AssociationRejectedError',
      result: 2,
      source: 3,
      reason: 2,
      isTransient: true,
    });
    expect(open.counters).toMatchObject({ associations: 2, rejections: 1, failures: 0 });
    const isOfAll = /in total|address/.test(name);
    const other = associate({ callingAeTitle: 'OTHER' });
    if (isOfAll) await expect(other).rejects.toMatchObject({ isTransient: true });
    else await (await other).release();
    for (const association of associations) await association.release();
    await vi.waitUntil(() => open.associations.size === 0);
    await (await associate()).release();
  });

  test('are not used up by requests that were rejected or given up', async () => {
    const open = await start({
      maximumAssociations: 1,
      decide: ({ callingAeTitle }) =>
        callingAeTitle === 'SLOW' ? new Promise(() => {}) : accept({ supports: () => undefined }),
    });
    for (let round = 0; round < 3; round++) {
      const signal = AbortSignal.timeout(50);
      await expect(associate({ callingAeTitle: 'SLOW', signal })).rejects.toThrow();
      await vi.waitUntil(() => open.connections === 0);
    }
    await (await associate()).release();
  });
});

describe('admission', () => {
  test('that takes long does not delay other connections', async () => {
    const held: ((admitted: boolean) => void)[] = [];
    let count = 0;
    await start({ admit: () => (++count <= 3 ? new Promise((resolve) => held.push(resolve)) : true) });
    const waiting = [associate(), associate(), associate()];
    await vi.waitUntil(() => held.length === 3);
    await echo();
    for (const admit of held) admit(true);
    for (const association of waiting) await (await association).release();
  });

  test('that fails or refuses closes the connection', async () => {
    const failures: unknown[] = [];
    let round = 0;
    const open = await start({
      admit: ({ address, port, localPort }) => {
        expect([address, typeof port, localPort]).toEqual(['127.0.0.1', 'number', open.port]);
        if (++round === 1) return false;
        throw new Error('the list of peers cannot be read');
      },
    });
    open.on('failed', (error) => failures.push(error));
    for (let times = 0; times < 2; times++)
      await expect(associate()).rejects.toMatchObject({ name: 'ConnectionLostError' });
    expect(failures).toMatchObject([{ message: 'the list of peers cannot be read' }]);
    expect(open.counters).toMatchObject({ notAdmitted: 1, failures: 1, associations: 0 });
  });
});

describe('the end of a listener', () => {
  test('does not wait for silent connections', async () => {
    const open = await start();
    await gather(50);
    await vi.waitUntil(() => open.pendingConnections === 50);
    expect(open.isListening).toBe(true);
    expect(await open.close({ drain: 60_000 })).toMatchObject({ finished: 0, aborted: 0 });
    expect(open.isListening).toBe(false);
  });

  test('stops waiting when its signal aborts', async () => {
    const open = await start();
    const association = await associate();
    const controller = new AbortController();
    const closing = open.close({ drain: 60_000, signal: controller.signal });
    controller.abort();
    expect(await closing).toMatchObject({ finished: 0, aborted: 1 });
    expect(await association.closed).toMatchObject({ how: 'aborted', by: 'peer' });
  });
});

test.each(['127.0.0.1', '::1'])('a listener accepts connections at %s', async (host) => {
  listener = await listen(
    { port: 0, host, ...(host === '::1' && { ipv6Only: true }), backlog: 10 },
    { decide: () => accept({ supports: () => undefined }), serve: async () => {} },
  );
  expect(listener.host).toBe(host);
  const association = await associate({ host } as Partial<RequestOptions>);
  expect(association.peer.address).toBe(host);
  await association.release().catch(() => {});
  await listener.close();
});

test.each([
  ['more at once than allowed', { maximumConnectionsPerAddress: 3 }],
  ['more in a second than allowed', { connectionsPerSecond: 3 }],
])('connections of a host are closed at once if there are %s', async (_, limits) => {
  using clock = new VirtualClock();
  const open = await start(limits);
  await gather(3);
  await expect(associate()).rejects.toMatchObject({ name: 'ConnectionLostError' });
  expect(open.counters).toMatchObject({ connections: 4, limited: 1, probes: 0, notAdmitted: 0 });
  for (const socket of crowd.splice(0)) socket.destroy();
  await clock.advance(1000);
  await echo();
  expect(open.counters).toMatchObject({ limited: 1, associations: 1 });
});
