// No resources are left of associations, whichever way they ended.

import { duplexPair } from 'node:stream';
import { encodePdu, type Pdu } from '@x/pdu';
import { describe, expect, test, vi } from 'vitest';
import { accept, acceptAssociation, type Listener, listen, reject, requestAssociation } from '../index.ts';
import { callPort } from '../testing/scripted-peer.ts';
import { associatedPair } from './pair.ts';

const CONTEXT = { abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] };
const everything = () => accept({ supports: () => ({ transferSyntaxes: 'any' as const }) });
const bytesOf = (pdu: Pdu) => Buffer.concat(encodePdu(pdu));
const request = bytesOf({
  type: 'A-ASSOCIATE-RQ',
  protocolVersion: 1,
  calledAeTitle: 'SCP',
  callingAeTitle: 'SCU',
  presentationContexts: [{ id: 1, ...CONTEXT }],
  userInformation: { maximumLength: 16384 },
});
const call = (port: number, calledAeTitle = 'SCP', options: object = {}) =>
  requestAssociation({
    host: '127.0.0.1',
    port,
    callingAeTitle: 'SCU',
    calledAeTitle,
    contexts: [CONTEXT],
    ...options,
  });
const scripted = async ({ port }: Listener) => {
  const peer = await callPort(port);
  peer.send(request);
  expect((await peer.nextPdu())?.[0]).toBe(2);
  return peer;
};

const ENDINGS: Readonly<Record<string, (listener: Listener) => Promise<unknown>>> = {
  release: async ({ port }) => (await call(port)).release(),
  abort: async ({ port }) => (await call(port)).abort(),
  'abort while sending': async ({ port }) => {
    const association = await call(port);
    const sending = association.send(1, { command: Buffer.alloc(10), data: Buffer.alloc(2_000_000) });
    association.abort();
    await expect(sending).rejects.toThrow();
  },
  reset: async (listener) => (await scripted(listener)).reset(),
  'half-close': async (listener) => {
    const peer = await scripted(listener);
    peer.end();
    await peer.closed();
  },
  'release byte by byte, then no close': async (listener) => {
    const peer = await scripted(listener);
    for (const byte of bytesOf({ type: 'A-RELEASE-RQ' })) peer.send(Buffer.from([byte]));
    expect((await peer.nextPdu())?.[0]).toBe(6);
    await peer.closed();
  },
  'data after release': async (listener) => {
    const peer = await scripted(listener);
    const value = { contextId: 1, kind: 'data', last: true, fragments: [Buffer.from('late')] } as const;
    peer.send(bytesOf({ type: 'A-RELEASE-RQ' }), bytesOf({ type: 'P-DATA-TF', values: [value] }));
    expect((await peer.nextPdu())?.[0]).toBeGreaterThan(5);
    peer.end();
  },
  reject: ({ port }) => expect(call(port, 'OTHER')).rejects.toThrow('rejected'),
  probe: async ({ port }) => (await callPort(port)).end(),
  'ARTIM timeout': async ({ port }) => (await callPort(port)).closed(),
  'something else': async ({ port }) => {
    const peer = await callPort(port);
    peer.send(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await peer.closed();
  },
  'decision timeout': ({ port }) => expect(call(port, 'NEVER')).rejects.toThrow('aborted'),
  'association timeout': ({ port }) =>
    expect(call(port, 'NEVER', { timeouts: { association: 50 } })).rejects.toThrow("timeout 'association'"),
};

const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|Timeout/.test(name))
    .sort();

describe('no resources are left', () => {
  test('of associations, whichever way they ended', async () => {
    const before = resources();
    const listener = await listen(
      { port: 0, host: '127.0.0.1' },
      {
        timeouts: { artim: 1000, association: 1000 },
        decide: ({ calledAeTitle }) =>
          calledAeTitle === 'OTHER' ? reject() : calledAeTitle === 'NEVER' ? new Promise(() => {}) : everything(),
        serve: async (association) => {
          for await (const _ of association.receive());
        },
      },
    );
    for (let round = 0; round < 8; round++) await Promise.all(Object.values(ENDINGS).map((ending) => ending(listener)));
    await expect.poll(() => [listener.connections, listener.associations.size], { timeout: 4000 }).toEqual([0, 0]);
    await listener.close();
    await expect.poll(resources, { timeout: 4000 }).toEqual(before);
  }, 30_000);

  test('of messages in a long association', async () => {
    const [requestor, acceptor] = await associatedPair();
    const { signal } = new AbortController();
    const listeners = () => requestor.connection.eventNames().map((name) => requestor.connection.listenerCount(name));
    const before = listeners();
    const reading = (async () => {
      for await (const _ of acceptor.receive());
    })();
    const data = async function* () {
      yield Buffer.from('data');
    };
    for (let index = 0; index < 300; index++)
      await requestor.send(1, { command: Buffer.alloc(4), data: data() }, { signal });
    expect(listeners()).toEqual(before);
    await requestor.release();
    await reading;
  });
});

describe('a listener', () => {
  test('forgets an association if a listener of the event throws', async () => {
    const listener = await listen({ port: 0, host: '127.0.0.1' }, { decide: everything, serve: async () => {} });
    listener.on('association', () => {
      throw new Error('the watcher failed');
    });
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const association = await call(listener.port);
    await association.closed;
    await expect.poll(() => [listener.connections, listener.associations.size]).toEqual([0, 0]);
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
    await listener.close();
  });

  test('keeps its limit while decisions are pending', async () => {
    let decide: (() => void)[] = [];
    const listener = await listen(
      { port: 0, host: '127.0.0.1' },
      {
        maximumAssociations: 1,
        decide: () => new Promise((resolve) => decide.push(() => resolve(everything()))),
        serve: async (association) => {
          for await (const _ of association.receive());
        },
      },
    );
    const calls = [call(listener.port), call(listener.port)];
    const rejected = Promise.any(
      calls.map((calling) =>
        calling.then(
          () => Promise.reject(new Error('accepted')),
          (error) => error,
        ),
      ),
    );
    const answers = Promise.allSettled(calls);
    await expect.poll(() => decide.length).toBeGreaterThan(0);
    await Promise.race([rejected, expect.poll(() => decide.length).toBe(2)]);
    for (const accepting of decide) accepting();
    decide = [];
    expect((await answers).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await listener.close();
  });
});

test('an answer that cannot be encoded rejects the association', async () => {
  const [one, other] = duplexPair();
  const accepting = acceptAssociation(other, {
    decide: everything,
    implementationClassUid: 'not a UID',
  });
  const requesting = requestAssociation({
    socket: one,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [CONTEXT],
  });
  await Promise.all([
    expect(accepting).rejects.toThrow(),
    expect(requesting).rejects.toMatchObject({ name: 'AssociationRejectedError', result: 2, source: 3, reason: 1 }),
  ]);
});

test('a request on a closed stream fails at once', async () => {
  const [one] = duplexPair();
  one.destroy();
  await new Promise((resolve) => one.once('close', resolve));
  await expect(
    requestAssociation({ socket: one, callingAeTitle: 'SCU', calledAeTitle: 'SCP', contexts: [CONTEXT] }),
  ).rejects.toMatchObject({ name: 'ConnectionLostError' });
});
