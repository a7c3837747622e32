// Writing to a transport: gathered output leaves in its order, by one call, and nothing is gathered behind a slow peer.

import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TransportWriter } from './transport-writer.ts';

/** A transport that keeps what it is given, call by call, and answers each call when `answer` is called. */
function transport(isSlow = false) {
  const calls: Buffer[] = [];
  const answers: (() => void)[] = [];
  const took = (chunk: Buffer, done: () => void) => {
    calls.push(chunk);
    if (isSlow) answers.push(done);
    else done();
  };
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => took(chunk, done),
    writev: (chunks, done) => took(Buffer.concat(chunks.map(({ chunk }) => chunk as Buffer)), done),
  });
  const failures: Error[] = [];
  const writer = new TransportWriter(stream as never, {
    timeout: 0,
    stuck: () => {},
    wrote: () => {},
    failed: (error) => failures.push(error),
  });
  const answer = () => {
    for (const done of answers.splice(0)) done();
  };
  return { calls, stream, writer, failures, answer };
}

const bytes = (length: number, value: number) => [Buffer.alloc(length, value)];

test('gathered output leaves by one call when it is flushed', () => {
  const { calls, writer } = transport();
  writer.gather();
  for (let value = 1; value <= 3; value++) writer.write(bytes(100, value));
  expect(calls).toEqual([]);
  expect(writer.isWritten).toBe(true);
  writer.flush();
  expect(calls).toEqual([Buffer.concat([...bytes(100, 1), ...bytes(100, 2), ...bytes(100, 3)])]);
  writer.flush();
  expect(calls.length).toBe(1);
});

test('output that is not flushed any more is written as before', () => {
  const { calls, writer } = transport();
  writer.gather();
  writer.flush();
  writer.write(bytes(10, 1));
  expect(calls.length).toBe(1);
});

test('messages that are sent in one turn, with promises between, leave by one call', async () => {
  const { calls, writer } = transport();
  const sendSome = async () => {
    for (let value = 1; value <= 3; value++) {
      writer.gatherTurn();
      writer.write(bytes(10, value));
      await undefined;
    }
  };
  await sendSome();
  expect(calls).toEqual([]);
  await turn();
  expect(calls).toEqual([Buffer.concat([...bytes(10, 1), ...bytes(10, 2), ...bytes(10, 3)])]);
  writer.write(bytes(10, 4));
  expect(calls.length).toBe(2);
  await sendSome();
  await turn();
  expect(calls.length).toBe(3);
});

test('a message in several buffers, which may be those of its caller, is not gathered', () => {
  const { calls, writer } = transport();
  const own = Buffer.alloc(20, 2);
  writer.gather();
  writer.write(bytes(10, 1));
  writer.write([...bytes(10, 3), own]);
  const left = calls.map((call) => Buffer.from(call));
  own.fill(0);
  writer.write(bytes(10, 4));
  writer.flush();
  expect(left).toEqual([...bytes(10, 1), Buffer.concat([...bytes(10, 3), ...bytes(20, 2)])]);
  expect(calls[2]).toEqual(bytes(10, 4)[0]);
});

test('at most 64 KiB are gathered', () => {
  const { calls, writer } = transport();
  writer.gather();
  for (let count = 0; count < 100; count++) writer.write(bytes(1000, count));
  expect(calls.map(({ length }) => length)).toEqual([65_000, 1000]);
  writer.flush();
  expect(Buffer.concat(calls).length).toBe(100_000);
});

test('nothing is gathered behind bytes that the transport has not accepted', () => {
  const { calls, writer, answer } = transport(true);
  writer.write(bytes(10, 1));
  writer.gather();
  writer.write(bytes(10, 2));
  expect(writer.isWritten).toBe(false);
  answer();
  answer();
  writer.flush();
  expect(Buffer.concat(calls)).toEqual(Buffer.concat([...bytes(10, 1), ...bytes(10, 2)]));
});

test('output that is flushed after the transport has closed fails', () => {
  const { calls, stream, writer, failures } = transport();
  writer.gather();
  writer.write(bytes(10, 1));
  stream.destroy();
  writer.flush();
  expect(calls).toEqual([]);
  expect(failures.length).toBe(1);
});

test('gathered or not, the same bytes leave in the same order', () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ write: fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 3 }) }) },
      { weight: 1, arbitrary: fc.constant('gather' as const) },
      { weight: 1, arbitrary: fc.constant('flush' as const) },
      { weight: 1, arbitrary: fc.constant('answer' as const) },
    ),
  );
  fc.assert(
    fc.property(steps, fc.boolean(), (given, isSlow) => {
      const { calls, writer, answer } = transport(isSlow);
      const expected: Buffer[] = [];
      for (const step of given) {
        if (step === 'gather') writer.gather();
        else if (step === 'flush') writer.flush();
        else if (step === 'answer') answer();
        else {
          const buffers = step.write.map((length, index) => Buffer.alloc(length, expected.length + index));
          if (buffers.length === 0) continue;
          expected.push(...buffers);
          writer.write(buffers);
        }
      }
      writer.flush();
      for (let left = expected.length; left >= 0; left--) answer();
      expect(Buffer.concat(calls).equals(Buffer.concat(expected))).toBe(true);
    }),
    { numRuns: 200 },
  );
});
