import { expect, test } from 'vitest';
import {
  AssociationAbortedError,
  AssociationRejectedError,
  ConnectionLostError,
  NotConnectedError,
  TimeoutError,
} from '../errors.ts';
import { classifyFailure, withRetry } from './retry.ts';

const rejected = (result: number) => new AssociationRejectedError('X', { result, source: 1, reason: 1 });
const TRANSIENT = rejected(2);

test.each([
  ['transient-rejection', TRANSIENT],
  ['final', rejected(1)],
  ['no-connection', new NotConnectedError('x')],
  ['no-connection', new TimeoutError('connect', 1, 'x')],
  ['no-connection', new TimeoutError('handshake', 1, 'x')],
  ['no-answer', new ConnectionLostError('x', 'Sta5')],
  ['no-answer', new TimeoutError('association', 1, 'x')],
  // The peer may have performed a request.
  ['final', new ConnectionLostError('x', 'Sta6')],
  ['final', new ConnectionLostError('x', 'Sta7')],
  ['final', new TimeoutError('response', 1, 'x')],
  ['final', new TimeoutError('write', 1, 'x')],
  ['final', new AssociationAbortedError('X', { source: 2, reason: 0, by: 'peer' })],
  ['final', new RangeError('x')],
  ['final', 'anything else'],
])('%s: %s', (expected, error) => {
  expect(classifyFailure(error)).toBe(expected);
});

async function delaysOf(error: unknown, policy: Parameters<typeof withRetry>[1], random = () => 1) {
  const delays: number[] = [];
  const trying = withRetry(() => Promise.reject(error), { random, wait: async (time) => delays.push(time), ...policy });
  await expect(trying).rejects.toBe(error);
  return delays;
}

test('doubles the delay up to a bound, and shortens it at random by up to half', async () => {
  const policy = { firstDelay: 100, longestDelay: 500 };
  expect(await delaysOf(TRANSIENT, policy)).toEqual([100, 200, 400, 500]);
  expect(await delaysOf(TRANSIENT, policy, () => 0)).toEqual([50, 100, 200, 250]);
});

test('counts retries for each kind of failure, and never retries a final one', async () => {
  const retries = { 'transient-rejection': 1, 'no-connection': 0 };
  expect(await delaysOf(TRANSIENT, { retries })).toHaveLength(1);
  expect(await delaysOf(new NotConnectedError('x'), { retries })).toEqual([]);
  expect(await delaysOf(rejected(1), { retries })).toEqual([]);
});

test('succeeds when an attempt succeeds', async () => {
  const numbers: number[] = [];
  const result = await withRetry(
    async (number) => {
      numbers.push(number);
      if (number < 3) throw TRANSIENT;
      return 'done';
    },
    { wait: async () => {} },
  );
  expect([result, numbers]).toEqual(['done', [1, 2, 3]]);
});

test('stops waiting when the signal aborts', async () => {
  const controller = new AbortController();
  const trying = withRetry(
    async () => {
      queueMicrotask(() => controller.abort(new Error('enough')));
      throw TRANSIENT;
    },
    { firstDelay: 60_000 },
    controller.signal,
  );
  await expect(trying).rejects.toThrow('enough');
});
