// Associations from request to release, and closing listeners.

import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { collectMessages } from '@x/testing/collect-messages';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Association,
  accept,
  type Listener,
  listen,
  reject,
  requestAssociation,
  StateError,
  TimeoutError,
} from '../index.ts';
import { associatedPair } from './pair.ts';

const VERIFICATION = { abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] };
const everything = () => accept({ supports: () => ({ transferSyntaxes: 'any' as const }) });

let listener: Listener | undefined;
afterEach(async () => {
  await listener?.close();
  listener = undefined;
});

const call = (port: number, options: object = {}) =>
  requestAssociation({
    host: '127.0.0.1',
    port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [VERIFICATION],
    ...options,
  });

describe('release', () => {
  test('waits until responses in progress were sent', async () => {
    const [requestor, acceptor] = await associatedPair();
    const order: string[] = [];
    acceptor.claim({
      beforeRelease: async () => {
        await nextTurn();
        await acceptor.send(1, { command: Buffer.from('late') });
        order.push('sent');
      },
    });
    const received = collectMessages(requestor);
    const served = collectMessages(acceptor);
    await requestor.release();
    order.push('released');
    expect((await received).map(String)).toEqual(['late']);
    expect(order).toEqual(['sent', 'released']);
    await served;
  });

  test('without an answer times out and aborts the association', async () => {
    const [requestor, acceptor] = await associatedPair({ request: { timeouts: { release: 30 } } });
    acceptor.claim({ beforeRelease: () => new Promise(() => {}) });
    await expect(requestor.release()).rejects.toThrow(TimeoutError);
    await expect(requestor.release()).rejects.toThrow("did not answer A-RELEASE-RQ within 30 ms (timeout 'release')");
    expect((await acceptor.closed).how).toBe('aborted');
  });

  test('is answered in both roles if the user never pulls', async () => {
    for (const index of [0, 1]) {
      const pair = await associatedPair();
      await pair[index]?.release();
      expect((await pair[1 - index]?.closed)?.how).toBe('released');
    }
  });

  test('may be requested twice, and sending after it is an error', async () => {
    const [requestor] = await associatedPair();
    await Promise.all([requestor.release(), requestor.release()]);
    await requestor.release();
    await expect(requestor.send(1, { command: Buffer.from('c') })).rejects.toThrow(StateError);
  });

  test('is not broken by a message that comes too late to be sent', async () => {
    const [requestor, acceptor] = await associatedPair();
    let answer = () => {};
    acceptor.claim({
      beforeRelease: () =>
        new Promise((settle) => {
          answer = () => settle();
        }),
    });
    const releasing = requestor.release();
    await expect.poll(() => [requestor.state, acceptor.state]).toEqual(['Sta7', 'Sta8']);
    await expect(requestor.send(1, { command: Buffer.from('c') })).rejects.toThrow(StateError);
    answer();
    await releasing;
    expect((await requestor.closed).how).toBe('released');
  });

  test('collision releases both sides, whether or not they pull', async () => {
    for (const pulls of [[], [0], [1], [0, 1]]) {
      const pair = await associatedPair();
      const pulled = pulls.map((index) => collectMessages(pair[index] as Association));
      await Promise.all(pair.map((side) => side.release()));
      expect((await Promise.all(pair.map(({ closed }) => closed))).map(({ how }) => how)).toEqual([
        'released',
        'released',
      ]);
      await Promise.all(pulled);
    }
  });

  test('ends with `await using`', async () => {
    const [requestor, acceptor] = await associatedPair();
    {
      await using _ = requestor;
    }
    expect((await acceptor.closed).how).toBe('released');
  });
});

describe('a request for an association', () => {
  test('that is rejected fails with the source and the reason', async () => {
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      { decide: () => reject({ result: 2, reason: 3 }), serve: async () => {} },
    );
    await expect(call(listener.port)).rejects.toMatchObject({
      name: 'AssociationRejectedError',
      result: 2,
      source: 1,
      reason: 3,
      isTransient: true,
    });
    await expect(call(listener.port)).rejects.toThrow(
      'calling AE title not recognized (transient, by the service user)',
    );
  });

  test('beyond the limit is rejected as transient, and accepted when there is room again', async () => {
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      {
        decide: everything,
        maximumAssociations: 2,
        serve: (association) => collectMessages(association).then(() => {}),
      },
    );
    const first = await call(listener.port);
    await call(listener.port);
    await expect(call(listener.port)).rejects.toMatchObject({ result: 2, source: 3, reason: 2 });
    await first.release();
    await expect.poll(() => listener?.associations.size).toBe(1);
    await call(listener.port);
  });

  test('whose decision throws is rejected as transient, and the listener emits the error', async () => {
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      {
        decide: () => {
          throw new Error('database down');
        },
        serve: async () => {},
      },
    );
    const failed = new Promise((resolve) => listener?.once('failed', resolve));
    await expect(call(listener.port)).rejects.toMatchObject({ result: 2, source: 3, reason: 1 });
    expect(await failed).toMatchObject({ message: 'database down' });
  });

  test('fails with the name of the timeout for the connection or the answer', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    await expect(call(port, { timeouts: { association: 30 } })).rejects.toMatchObject({
      name: 'TimeoutError',
      waitingFor: 'association',
    });
    silent.close();
    await expect(
      requestAssociation({
        socket: new PassThrough(),
        callingAeTitle: 'A',
        calledAeTitle: 'B',
        contexts: [VERIFICATION],
        timeouts: { association: 20 },
      }),
    ).rejects.toThrow();
  });

  test('ends when its signal aborts', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const reason = new Error('enough');
    const controller = new AbortController();
    const asking = call(port, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await expect(asking).rejects.toBe(reason);
    await expect(call(port, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    silent.close();
  });

  test('to a port without a listener fails with the reason', async () => {
    await expect(call(1)).rejects.toMatchObject({ name: 'NotConnectedError', code: 'NOT_CONNECTED' });
    await expect(call(1)).rejects.toThrow('no connection to 127.0.0.1:1: connection refused');
  });

  test('with an invalid AE title fails before a connection is made', async () => {
    await expect(call(1, { calledAeTitle: 'MUCH TOO LONG A TITLE' })).rejects.toThrow('is not an AE title');
  });
});

describe('a listener that closes', () => {
  test('lets associations finish within the drain time and aborts the others', async () => {
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      { decide: everything, serve: (association) => collectMessages(association).then(() => {}) },
    );
    const [quick, slow] = [await call(listener.port), await call(listener.port)];
    const closing = listener.close({ drain: 200 });
    await quick.release();
    expect(await closing).toMatchObject({ finished: 1, aborted: 1 });
    expect(await slow.closed).toMatchObject({ how: 'aborted', by: 'peer' });
  });

  test('aborts an association whose handler throws', async () => {
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      { decide: everything, serve: () => Promise.reject(new Error('bug')) },
    );
    const failed = new Promise((resolve) => listener?.once('failed', resolve));
    expect(await (await call(listener.port)).closed).toMatchObject({ how: 'aborted', by: 'peer' });
    expect(await failed).toMatchObject({ message: 'bug' });
  });
});

test('sending after the transport was destroyed fails', async () => {
  const [requestor] = await associatedPair();
  requestor.connection.destroy();
  await expect(requestor.send(1, { command: Buffer.alloc(4) })).rejects.toMatchObject({ name: 'ConnectionLostError' });
  expect(await requestor.closed).toMatchObject({ how: 'lost' });
});

test('an association is released even if all listeners of its connection are removed', async () => {
  const [requestor, acceptor] = await associatedPair();
  for (const { connection } of [requestor, acceptor]) connection.removeAllListeners();
  await requestor.release();
  expect(await acceptor.closed).toMatchObject({ how: 'released' });
});

test('PDUs longer than announced end the association, unless they are tolerated', async () => {
  const tooLong = {
    type: 'P-DATA-TF',
    values: [{ contextId: 1, kind: 'command', last: true, fragments: [Buffer.alloc(5000)] }],
  } as const;
  for (const [toleratedLength, how] of [
    [undefined, 'aborted'],
    [8192, 'released'],
  ] as const) {
    const [requestor, acceptor] = await associatedPair({
      acceptor: { maximumLength: 4096, ...(toleratedLength && { toleratedLength }) },
    });
    expect(requestor.peer.maximumLength).toBe(4096);
    const sending = requestor.connection.send(tooLong);
    if (how === 'aborted') await expect(sending).rejects.toMatchObject({ name: 'AssociationAbortedError', by: 'peer' });
    else expect((await acceptor.nextValue())?.fragments.length).toBeGreaterThan(0);
    await requestor.release().catch(() => {});
    expect(await acceptor.closed).toMatchObject({ how });
  }
});

test('an association has one user, whose hooks cannot be replaced', async () => {
  const [requestor, acceptor] = await associatedPair();
  let isBusy = true;
  acceptor.claim({ isBusy: () => isBusy });
  expect(() => acceptor.claim({})).toThrow('the association has a user already');
  expect(() => acceptor.connection.followState(() => {})).toThrow('there is an association on this connection already');
  expect([requestor.isBusy, acceptor.isBusy]).toEqual([false, true]);
  isBusy = false;
  expect(acceptor.isBusy).toBe(false);
  await requestor.release();
});

const UNLIMITED = Number.POSITIVE_INFINITY;

test.each([
  ['both numbers', { invoke: 3, perform: 2 }, { invoke: 2, perform: 3 }, [3, 2], [3, 2]],
  ['a side without a limit', { invoke: 0, perform: 1 }, { invoke: 1, perform: UNLIMITED }, [0, 1], [UNLIMITED, 1]],
  ['one number', 8, 4, [8, 8], [4, 4]],
  ['the smaller of both', { invoke: 8, perform: 1 }, { invoke: 1, perform: 4 }, [8, 1], [4, 1]],
])('each side says its window from its own view: %s', async (_, proposed, granted, [sent, sentPerform], expected) => {
  const supports = () => ({ transferSyntaxes: 'any' as const });
  const [requestor, acceptor] = await associatedPair({
    request: { asynchronousOperations: proposed },
    decide: () => accept({ supports, asynchronousOperations: granted }),
  });
  expect(requestor.request.userInformation.asynchronousOperationsWindow).toEqual({
    maximumInvoked: sent,
    maximumPerformed: sentPerform,
  });
  const [invoke, perform] = expected;
  expect(requestor.asynchronousOperations).toEqual({ invoke, perform });
  expect(acceptor.asynchronousOperations).toEqual({ invoke: perform, perform: invoke });
  await requestor.release();
});
