import { createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Association,
  accept,
  type Listener,
  listen,
  type PositionedSource,
  reject,
  requestAssociation,
  StateError,
  TimeoutError,
} from './index.ts';
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

function drain(association: Association): Promise<Buffer[]> {
  const drained = drainMessages(association);
  // It may fail before the test comes to look.
  drained.catch(() => {});
  return drained;
}

async function drainMessages(association: Association): Promise<Buffer[]> {
  const messages: Buffer[] = [];
  let parts: Uint8Array[] = [];
  for await (const { fragments, last } of association.receive()) {
    parts.push(...fragments);
    if (last) {
      messages.push(Buffer.concat(parts));
      parts = [];
    }
  }
  return messages;
}

const positioned = (bytes: Uint8Array, most = Number.POSITIVE_INFINITY): PositionedSource => ({
  length: bytes.length,
  async readv(buffers, position) {
    let at = position;
    for (const buffer of buffers) {
      const part = bytes.subarray(at, Math.min(at + buffer.length, position + most));
      buffer.set(part);
      at += part.length;
    }
    return at - position;
  },
});

async function* streamed(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('messages', () => {
  test('arrive as they were sent, from any source, for any maximum length', async () => {
    const bytes = fc.uint8Array({ maxLength: 3000 });
    const size = fc.integer({ min: 1, max: 700 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(bytes, fc.constantFrom('bytes', 'stream', 'positioned'), size), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 128, max: 1000 }),
        async (messages, maximumLength) => {
          const [requestor, acceptor] = await associatedPair({ acceptor: { maximumLength } });
          const lengths: number[] = [];
          acceptor.connection.on('pdu', (direction, pdu) => {
            if (direction === 'received' && pdu.type === 'P-DATA-TF')
              for (const { fragments } of pdu.values)
                lengths.push(6 + fragments.reduce((sum, { length }) => sum + length, 0));
          });
          const received = drain(acceptor);
          // All at once: they must not mix.
          await Promise.all(
            messages.map(([data, source, piece]) =>
              requestor.send(1, {
                command: Buffer.from('command!'),
                data: source === 'bytes' ? data : source === 'stream' ? streamed(data, piece) : positioned(data, piece),
              }),
            ),
          );
          await requestor.release();
          const expected = messages.flatMap(([data]) => [Buffer.from('command!'), Buffer.from(data)]);
          expect(await received).toEqual(expected);
          expect(Math.max(...lengths)).toBeLessThanOrEqual(maximumLength);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('larger than a block arrive whole over TCP', async () => {
    const data = Buffer.alloc(5_000_001, 'abcdefg');
    const received: Promise<Buffer[]>[] = [];
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      {
        maximumLength: 70_000,
        decide: everything,
        serve: async (association) => {
          received.push(drain(association));
          await received[0];
        },
      },
    );
    const association = await call(listener.port);
    await association.send(1, { command: Buffer.from('c'), data: positioned(data) });
    await association.send(1, { command: Buffer.from('d'), data: streamed(data, 100_000) });
    await association.send(1, { command: Buffer.from('e'), data });
    await association.release();
    const [messages = []] = await Promise.all(received);
    expect(messages.filter((_, index) => index % 2 === 1).map((each) => each.equals(data))).toEqual([true, true, true]);
  });

  test('whose source fails before anything was sent leave the association as it was', async () => {
    const [requestor, acceptor] = await associatedPair();
    const received = drain(acceptor);
    const broken = { length: 10, readv: () => Promise.reject(new Error('bad disk')) };
    await expect(requestor.send(1, { command: Buffer.from('c'), data: broken })).rejects.toThrow('bad disk');
    await requestor.send(1, { command: Buffer.from('d') });
    await requestor.release();
    expect((await received).map(String)).toEqual(['d']);
  });

  test('whose source fails later abort the association', async () => {
    const [requestor, acceptor] = await associatedPair();
    const received = drain(acceptor);
    async function* broken() {
      yield Buffer.alloc(2_000_000);
      throw new Error('bad disk');
    }
    await expect(requestor.send(1, { command: Buffer.from('c'), data: broken() })).rejects.toThrow('bad disk');
    await expect(received).rejects.toMatchObject({ name: 'AssociationAbortedError', by: 'peer' });
    expect(await requestor.closed).toMatchObject({ how: 'aborted', by: 'local' });
  });

  test('from a source shorter than it says abort rather than lie', async () => {
    const [requestor, acceptor] = await associatedPair();
    drain(acceptor).catch(() => {});
    const short: PositionedSource = {
      length: 2_000_000,
      readv: (buffers, at) => Promise.resolve(at === 0 ? (buffers[0]?.length ?? 0) : 0),
    };
    await expect(requestor.send(1, { command: Buffer.from('c'), data: short })).rejects.toThrow(
      'the source ended at byte',
    );
  });

  test('are given up by a signal: before they begin without harm, later with A-ABORT', async () => {
    const [requestor, acceptor] = await associatedPair();
    const received = drain(acceptor);
    const reason = new Error('enough');
    await expect(requestor.send(1, { command: Buffer.from('c') }, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    expect(requestor.isEstablished).toBe(true);
    const controller = new AbortController();
    async function* endless() {
      for (let sent = 0; ; sent++) {
        if (sent === 100) controller.abort(reason);
        yield Buffer.alloc(100_000);
        await nextTurn();
      }
    }
    await expect(
      requestor.send(1, { command: Buffer.from('c'), data: endless() }, { signal: controller.signal }),
    ).rejects.toBe(reason);
    await expect(received).rejects.toMatchObject({ name: 'AssociationAbortedError' });
  });

  test('on a context that was not accepted are refused here', async () => {
    const [requestor] = await associatedPair();
    await expect(requestor.send(3, { command: Buffer.from('c') })).rejects.toThrow('context 3 was not accepted');
    await requestor.release();
  });
});

describe('backpressure', () => {
  test('a reader that does not pull holds the sender', async () => {
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      { decide: everything, serve: (association) => association.closed.then(() => {}) },
    );
    const association = await call(listener.port);
    let produced = 0;
    async function* endless() {
      for (;;) {
        produced += 100_000;
        yield Buffer.alloc(100_000);
      }
    }
    const sending = association.send(1, { command: Buffer.from('c'), data: endless() });
    sending.catch(() => {});
    // It goes on until everything between both is full, and no further.
    let before = -1;
    for (let still = 0; still < 5; still = produced === before ? still + 1 : 0) {
      before = produced;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(produced).toBeLessThan(64 * 1024 * 1024);
    association.abort();
    await expect(sending).rejects.toMatchObject({ name: 'AssociationAbortedError' });
  });

  test('a peer that takes nothing is given up after the write timeout', async () => {
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      { decide: everything, serve: (association) => association.closed.then(() => {}) },
    );
    const association = await call(listener.port, { timeouts: { write: 100 } });
    const zeros = {
      length: 2 ** 30,
      readv: (buffers: readonly Uint8Array[]) => Promise.resolve(buffers.reduce((sum, { length }) => sum + length, 0)),
    };
    await expect(association.send(1, { command: Buffer.from('c'), data: zeros })).rejects.toMatchObject({
      name: 'AssociationAbortedError',
      cause: { name: 'TimeoutError', waitingFor: 'write' },
    });
  });
});

describe('release', () => {
  test('waits for responses under way', async () => {
    const [requestor, acceptor] = await associatedPair();
    const order: string[] = [];
    acceptor.beforeRelease = async () => {
      await nextTurn();
      await acceptor.send(1, { command: Buffer.from('late') });
      order.push('sent');
    };
    const received = drain(requestor);
    const served = drain(acceptor);
    await requestor.release();
    order.push('released');
    expect((await received).map(String)).toEqual(['late']);
    expect(order).toEqual(['sent', 'released']);
    await served;
  });

  test('that nobody answers times out, and aborts', async () => {
    const [requestor, acceptor] = await associatedPair({ request: { timeouts: { release: 30 } } });
    acceptor.beforeRelease = () => new Promise(() => {});
    await expect(requestor.release()).rejects.toThrow(TimeoutError);
    await expect(requestor.release()).rejects.toThrow("did not answer A-RELEASE-RQ within 30 ms (timeout 'release')");
    expect((await acceptor.closed).how).toBe('aborted');
  });

  test('is answered for those who never pull, in both roles', async () => {
    for (const index of [0, 1]) {
      const pair = await associatedPair();
      await pair[index]?.release();
      expect((await pair[1 - index]?.closed)?.how).toBe('released');
    }
  });

  test('may be asked for twice; after it, sending is a mistake', async () => {
    const [requestor] = await associatedPair();
    await Promise.all([requestor.release(), requestor.release()]);
    await requestor.release();
    await expect(requestor.send(1, { command: Buffer.from('c') })).rejects.toThrow(StateError);
  });

  test('has begun: what cannot be sent any more does not break it', async () => {
    const [requestor, acceptor] = await associatedPair();
    let answer = () => {};
    acceptor.beforeRelease = () =>
      new Promise((settle) => {
        answer = () => settle();
      });
    const releasing = requestor.release();
    await expect.poll(() => [requestor.state, acceptor.state]).toEqual(['Sta7', 'Sta8']);
    await expect(requestor.send(1, { command: Buffer.from('c') })).rejects.toThrow(StateError);
    answer();
    await releasing;
    expect((await requestor.closed).how).toBe('released');
  });

  test('collides: both sides are released, whoever pulls', async () => {
    for (const pulls of [[], [0], [1], [0, 1]]) {
      const pair = await associatedPair();
      const pulled = pulls.map((index) => drain(pair[index] as Association));
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

describe('asking for an association', () => {
  test('that is rejected says by whom and why', async () => {
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

  test('beyond the limit is rejected for now; a place that is free again can be taken', async () => {
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      { decide: everything, maximumAssociations: 2, serve: (association) => drain(association).then(() => {}) },
    );
    const first = await call(listener.port);
    await call(listener.port);
    await expect(call(listener.port)).rejects.toMatchObject({ result: 2, source: 3, reason: 2 });
    await first.release();
    await expect.poll(() => listener?.associations.size).toBe(1);
    await call(listener.port);
  });

  test('whose decision throws is rejected for now, and the listener tells of it', async () => {
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

  test('times out for the connection, and for the answer, by name', async () => {
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

  test('can be given up', async () => {
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

  test('of nobody says so', async () => {
    await expect(call(1)).rejects.toMatchObject({ name: 'ConnectionLostError', during: 'Sta4' });
    await expect(call(1)).rejects.toThrow('no connection to 127.0.0.1:1: connection refused');
  });

  test('with a title that is none fails before anybody is called', async () => {
    await expect(call(1, { calledAeTitle: 'MUCH TOO LONG A TITLE' })).rejects.toThrow('is not an AE title');
  });
});

describe('a listener that closes', () => {
  test('lets associations finish, up to a time, and aborts the rest', async () => {
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      { decide: everything, serve: (association) => drain(association).then(() => {}) },
    );
    const [quick, slow] = [await call(listener.port), await call(listener.port)];
    const closing = listener.close({ drain: 200 });
    await quick.release();
    expect(await closing).toMatchObject({ finished: 1, aborted: 1 });
    expect(await slow.closed).toMatchObject({ how: 'aborted', by: 'peer' });
  });

  test('aborts when what serves an association throws', async () => {
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      { decide: everything, serve: () => Promise.reject(new Error('bug')) },
    );
    const failed = new Promise((resolve) => listener?.once('failed', resolve));
    expect(await (await call(listener.port)).closed).toMatchObject({ how: 'aborted', by: 'peer' });
    expect(await failed).toMatchObject({ message: 'bug' });
  });
});

describe('a source that has stalled', () => {
  const stalled = async function* () {
    yield Buffer.alloc(1_000_000);
    await new Promise(() => {});
  };
  const never = { length: 10, readv: () => new Promise<number>(() => {}) };

  test.each([
    ['a stream', stalled],
    [
      'a stream from the beginning',
      async function* () {
        await new Promise(() => {});
        yield Buffer.alloc(1);
      },
    ],
    ['a positioned source', () => never],
  ])('%s: the message fails when the association ends, and those behind it', async (_, source) => {
    for (const end of ['local abort', 'abort by the peer', 'loss'] as const) {
      const [requestor, acceptor] = await associatedPair();
      const sending = requestor.send(1, { command: Buffer.alloc(4), data: source() });
      const behind = requestor.send(1, { command: Buffer.alloc(4) });
      sending.catch(() => {});
      behind.catch(() => {});
      await new Promise((resolve) => setImmediate(resolve));
      if (end === 'local abort') requestor.abort();
      else if (end === 'abort by the peer') acceptor.abort();
      else requestor.connection.destroy();
      const name = end === 'loss' ? 'ConnectionLostError' : 'AssociationAbortedError';
      await expect(sending).rejects.toMatchObject({ name });
      await expect(behind).rejects.toMatchObject({ name });
    }
  });
});

describe('a signal gives up a message that waits', () => {
  const reason = new Error('enough');

  test.each([
    ['for its turn, behind one that has stalled', 'behind'],
    ['for a source that has not begun', 'source'],
  ])('%s: at once, and without harm', async (_, where) => {
    const [requestor, acceptor] = await associatedPair();
    const received = drain(acceptor);
    let goOn = () => {};
    const slow = async function* () {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      yield Buffer.from('first');
    };
    const controller = new AbortController();
    const { signal } = controller;
    const first = requestor.send(1, { command: Buffer.from('c'), data: slow() }, where === 'source' ? { signal } : {});
    const second = requestor.send(1, { command: Buffer.from('d') }, where === 'behind' ? { signal } : {});
    const third = requestor.send(1, { command: Buffer.from('e') });
    await nextTurn();
    controller.abort(reason);
    await expect(where === 'source' ? first : second).rejects.toBe(reason);
    expect(requestor.isEstablished).toBe(true);
    goOn();
    await Promise.all([where === 'source' ? second : first, third]);
    expect(requestor.sendQueue.messages).toBe(0);
    await requestor.release();
    // Nobody went ahead of a message that was in the middle.
    expect((await received).map(String)).toEqual(where === 'source' ? ['d', 'e'] : ['c', 'first', 'e']);
  });
});

test('what is sent after the transport was destroyed has not been sent', async () => {
  const [requestor] = await associatedPair();
  requestor.connection.destroy();
  await expect(requestor.send(1, { command: Buffer.alloc(4) })).rejects.toMatchObject({ name: 'ConnectionLostError' });
  expect(await requestor.closed).toMatchObject({ how: 'lost' });
});

test('an association is released though all listeners of its connection are removed', async () => {
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
