// Sending messages: from any source, in order, given up, and never in part.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { collectMessages } from '@x/testing/collect-messages';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { accept, type Listener, listen, type PositionedSource, requestAssociation } from '../index.ts';
import { BlockPool, encodeAtOnce, encodeMessage } from './message-encoder.ts';
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

test('a message that is encoded at once has the bytes of one that is read from a source', async () => {
  const around = (size: number) => fc.integer({ min: Math.max(0, size - 40), max: size + 40 });
  const length = fc.oneof(fc.integer({ min: 0, max: 3000 }), around(32 * 1024), around(128 * 1024));
  const maximumLength = fc.constantFrom(0, 128, 1000, 4096, 16_384, 32 * 1024, 131_072);
  const commandLength = fc.integer({ min: 1, max: 400 });
  let atOnce = 0;
  await fc.assert(
    fc.asyncProperty(length, commandLength, maximumLength, async (size, commandSize, maximum) => {
      const bytes = Uint8Array.from({ length: size }, (_, index) => index * 7);
      const command = Uint8Array.from({ length: commandSize }, (_, index) => index * 3);
      const parts: Uint8Array[] = [];
      const message = { command, data: positioned(bytes) };
      for await (const { buffers } of encodeMessage(5, message, maximum, new BlockPool(false))) parts.push(...buffers);
      const encoded = encodeAtOnce(5, { command, data: bytes }, maximum);
      if (!encoded) return;
      atOnce++;
      expect(Buffer.concat(encoded).equals(Buffer.concat(parts))).toBe(true);
    }),
  );
  expect(atOnce).toBeGreaterThan(0);
});

describe('messages', () => {
  test('arrive unchanged from any source with any maximum length', async () => {
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
          const received = collectMessages(acceptor);
          // All at once: messages must not mix.
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

  test('larger than a block arrive complete over TCP', async () => {
    const data = Buffer.alloc(5_000_001, 'abcdefg');
    const received: Promise<Buffer[]>[] = [];
    listener = await listen(
      { port: 0, host: '127.0.0.1' },
      {
        maximumLength: 70_000,
        decide: everything,
        serve: async (association) => {
          received.push(collectMessages(association));
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

  test('whose source fails before anything was sent do not affect the association', async () => {
    const [requestor, acceptor] = await associatedPair();
    const received = collectMessages(acceptor);
    const broken = { length: 10, readv: () => Promise.reject(new Error('bad disk')) };
    await expect(requestor.send(1, { command: Buffer.from('c'), data: broken })).rejects.toThrow('bad disk');
    await requestor.send(1, { command: Buffer.from('d') });
    await requestor.release();
    expect((await received).map(String)).toEqual(['d']);
  });

  test('whose source fails later abort the association', async () => {
    const [requestor, acceptor] = await associatedPair();
    const received = collectMessages(acceptor);
    async function* broken() {
      yield Buffer.alloc(2_000_000);
      throw new Error('bad disk');
    }
    await expect(requestor.send(1, { command: Buffer.from('c'), data: broken() })).rejects.toThrow('bad disk');
    await expect(received).rejects.toMatchObject({ name: 'AssociationAbortedError', by: 'peer' });
    expect(await requestor.closed).toMatchObject({ how: 'aborted', by: 'local' });
  });

  test('whose source ends before its declared length abort the association', async () => {
    const [requestor, acceptor] = await associatedPair();
    collectMessages(acceptor).catch(() => {});
    const short: PositionedSource = {
      length: 2_000_000,
      readv: (buffers, at) => Promise.resolve(at === 0 ? (buffers[0]?.length ?? 0) : 0),
    };
    await expect(requestor.send(1, { command: Buffer.from('c'), data: short })).rejects.toThrow(
      'the source ended at byte',
    );
  });

  test('are given up by a signal, with A-ABORT if they have begun', async () => {
    const [requestor, acceptor] = await associatedPair();
    const received = collectMessages(acceptor);
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

  test('on a context that was not accepted are rejected without sending', async () => {
    const [requestor] = await associatedPair();
    await expect(requestor.send(3, { command: Buffer.from('c') })).rejects.toThrow('context 3 was not accepted');
    await requestor.release();
  });
});

describe('backpressure', () => {
  test('a reader that does not pull stops the sender', async () => {
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
    // It continues until all buffers between both sides are full.
    let before = -1;
    for (let still = 0; still < 5; still = produced === before ? still + 1 : 0) {
      before = produced;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(produced).toBeLessThan(64 * 1024 * 1024);
    association.abort();
    await expect(sending).rejects.toMatchObject({ name: 'AssociationAbortedError' });
  });

  test('the association is aborted if the peer takes nothing within the write timeout', async () => {
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
  ])('%s: its message and those behind it fail when the association ends', async (_, source) => {
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

describe('a signal ends a message that waits', () => {
  const reason = new Error('enough');

  test.each([
    ['for its turn, behind one that has stalled', 'behind'],
    ['for a source that has not begun', 'source'],
  ])('%s: at once, without affecting the association', async (_, where) => {
    const [requestor, acceptor] = await associatedPair();
    const received = collectMessages(acceptor);
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
    // No message has overtaken the one that was partly sent.
    expect((await received).map(String)).toEqual(where === 'source' ? ['d', 'e'] : ['c', 'first', 'e']);
  });
});
