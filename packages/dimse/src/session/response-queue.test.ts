import { describe, expect, test, vi } from 'vitest';
import { Status } from '../message/status.ts';
import { ResponseQueue } from './response-queue.ts';
import type { ResponseStatus } from './responses.ts';

const pending = (index: number) => ({ status: Status.Pending, index });
const success = { status: Status.Success };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

async function all<R>(iterable: AsyncIterable<R>): Promise<R[]> {
  const found: R[] = [];
  for await (const each of iterable) found.push(each);
  return found;
}

function open(isInTheWay = () => false, maximumQueuedLength = Number.POSITIVE_INFINITY, signal?: AbortSignal) {
  const cancel = vi.fn();
  const call = { cancel, progressed: () => {}, messageId: 1, isInTheWay, maximumQueuedLength, signal };
  const queue = new ResponseQueue<ResponseStatus>(call);
  return { cancel, queue, responses: queue.responses };
}

async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
  let settled = false;
  void Promise.resolve(promise).finally(() => {
    settled = true;
  });
  await turn();
  return settled;
}

describe('pending responses', () => {
  test('arrive in order, before the loop and during it', async () => {
    const { queue, responses, cancel } = open();
    await queue.push(pending(1), 0);
    const found = all(responses);
    await turn();
    await queue.push(pending(2), 0);
    await queue.push(pending(3), 0);
    queue.end(success);
    expect(await found).toEqual([pending(1), pending(2), pending(3)]);
    expect(await responses.final).toEqual(success);
    expect(cancel).not.toHaveBeenCalled();
  });

  test.each([1, 3])('end if the signal is aborted at the first of %i and all have arrived', async (count) => {
    const controller = new AbortController();
    const { queue, responses, cancel } = open(undefined, undefined, controller.signal);
    for (let index = 1; index <= count; index++) await queue.push(pending(index), 0);
    queue.end(success);
    const found: unknown[] = [];
    const loop = (async () => {
      for await (const each of responses) {
        found.push(each);
        controller.abort('enough');
      }
    })();
    await expect(loop).rejects.toBe('enough');
    expect(found).toEqual([pending(1)]);
    expect(cancel).not.toHaveBeenCalled();
  });

  test('that arrived before a failure are taken before it is thrown', async () => {
    const { queue, responses } = open();
    await queue.push(pending(1), 0);
    queue.fail(new Error('no'));
    const found: unknown[] = [];
    const loop = (async () => {
      for await (const each of responses) found.push(each);
    })();
    await expect(loop).rejects.toThrow('no');
    expect(found).toEqual([pending(1)]);
  });
});

describe('the end', () => {
  test.each([
    ['success', Status.Success],
    ['a warning', 0xb000],
  ])('with %s ends the loop and resolves final', async (_, status) => {
    const { queue, responses } = open();
    queue.end({ status });
    expect(await all(responses)).toEqual([]);
    expect(await responses.final).toEqual({ status });
  });

  test('with a failure throws from the loop and rejects final, once each', async () => {
    const { queue, responses, cancel } = open();
    const loop = all(responses);
    const failure = new Error('refused');
    queue.fail(failure);
    await expect(loop).rejects.toBe(failure);
    await expect(responses.final).rejects.toBe(failure);
    expect(cancel).not.toHaveBeenCalled();
  });

  test('with a failure does not cause an unhandled rejection if nothing awaits it', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    open().queue.fail(new Error('unseen'));
    await turn();
    await turn();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('is final: later calls have no effect', async () => {
    const { queue, responses } = open();
    queue.end(success);
    queue.fail(new Error('late'));
    queue.end({ status: 0xb000 });
    expect(await responses.final).toEqual(success);
    expect(await all(responses)).toEqual([]);
  });

  test('is thrown even if the error is undefined', async () => {
    const { queue, responses } = open();
    queue.fail(undefined);
    await expect(all(responses)).rejects.toBeUndefined();
    await expect(responses.final).rejects.toBeUndefined();
  });
});

describe('leaving the loop', () => {
  test('cancels once, returns at once and drops later responses', async () => {
    const { queue, responses, cancel } = open();
    await queue.push(pending(1), 0);
    for await (const _ of responses) break;
    expect(cancel).toHaveBeenCalledTimes(1);
    for (let index = 0; index < 1000; index++) await queue.push(pending(index), 0);
    queue.fail(new Error('cancelled'));
    await expect(responses.final).rejects.toThrow('cancelled');
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test('by an error in its body cancels as well', async () => {
    const { queue, responses, cancel } = open();
    await queue.push(pending(1), 0);
    const loop = (async () => {
      for await (const _ of responses) throw new Error('mine');
    })();
    await expect(loop).rejects.toThrow('mine');
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test('after the final response has arrived does not cancel', async () => {
    const { queue, responses, cancel } = open();
    await queue.push(pending(1), 0);
    await queue.push(pending(2), 0);
    queue.end(success);
    for await (const _ of responses) break;
    expect(cancel).not.toHaveBeenCalled();
    expect(await responses.final).toEqual(success);
  });

  test('lets the waiting session continue', async () => {
    const { queue, responses } = open();
    const writing = (async () => {
      for (let index = 0; index < 500; index++) await queue.push(pending(index), 0);
    })();
    await turn();
    for await (const _ of responses) break;
    await writing;
  });

  test('ends the iteration for good: a second loop throws', async () => {
    const { queue, responses } = open();
    await queue.push(pending(1), 0);
    for await (const _ of responses) break;
    await expect(all(responses)).rejects.toThrow(TypeError);
  });
});

describe('a slow loop', () => {
  test('holds the session back after a bounded number of responses and loses none', async () => {
    const { queue, responses } = open();
    let pushed = 0;
    const writing = (async () => {
      for (; pushed < 500; pushed++) await queue.push(pending(pushed), 0);
      queue.end(success);
    })();
    await turn();
    expect(pushed).toBeGreaterThan(10);
    expect(pushed).toBeLessThan(100);
    const found: unknown[] = [];
    for await (const each of responses) {
      found.push(each);
      expect(pushed - found.length).toBeLessThan(100);
    }
    await writing;
    expect(found).toEqual(Array.from({ length: 500 }, (_, index) => pending(index)));
  });

  test('lets the session continue if the call fails', async () => {
    const { queue } = open();
    const writing = (async () => {
      for (let index = 0; index < 64; index++) await queue.push(pending(index), 0);
    })();
    await turn();
    expect(await isSettled(writing)).toBe(false);
    queue.fail(new Error('lost'));
    await writing;
  });
});

describe('a slow loop, while other calls wait for responses behind it,', () => {
  test('lets the session read on, whenever those calls began', async () => {
    let isInTheWay = false;
    const { queue, responses } = open(() => isInTheWay);
    for (let index = 0; index < 63; index++) await queue.push(pending(index), 0);
    const push = queue.push(pending(63), 0);
    expect(await isSettled(push)).toBe(false);
    isInTheWay = true;
    queue.makeWay();
    await push;
    for (let index = 64; index < 1000; index++) await queue.push(pending(index), 0);
    queue.end(success);
    expect((await all(responses)).length).toBe(1000);
  });

  test('lets it read on up to a bound, at which its call fails', async () => {
    const { queue, responses, cancel } = open(() => true);
    for (let index = 0; index < 10_000; index++) await queue.push(pending(index), 0);
    expect(cancel).toHaveBeenCalledTimes(1);
    await expect(responses.final).rejects.toThrow('10000 responses are queued and not taken');
  });
});

describe('awaiting final without a loop', () => {
  test.each([
    ['before', true],
    ['after', false],
  ])('%s the queue is full drops the pending responses', async (_, isEarly) => {
    const { queue, responses } = open();
    let final = isEarly ? responses.final : undefined;
    const writing = (async () => {
      for (let index = 0; index < 500; index++) await queue.push(pending(index), 0);
      queue.end(success);
    })();
    await turn();
    final ??= responses.final;
    expect(await final).toEqual(success);
    await writing;
    await expect(all(responses)).rejects.toThrow('dropped');
  });

  test('keeps a few responses for a loop that starts later', async () => {
    const { queue, responses } = open();
    const final = responses.final;
    await queue.push(pending(1), 0);
    queue.end(success);
    expect(await all(responses)).toEqual([pending(1)]);
    expect(await final).toEqual(success);
  });
});

describe('the length of the queued responses', () => {
  const SIZE = 1024;
  test.each([
    ['one byte below the bound', 10 * SIZE + 1, true],
    ['at the bound', 10 * SIZE, false],
    ['one byte above the bound', 10 * SIZE - 1, false],
  ])('%s: holds the session back only from the bound on', async (_, bound, isSettledAtOnce) => {
    const { queue, responses } = open(() => false, bound);
    const pushed = queue.push(pending(0), 9 * SIZE);
    expect(await isSettled(pushed)).toBe(isSettledAtOnce);
    for await (const response of responses) {
      expect(response).toEqual(pending(0));
      break;
    }
    await pushed;
  });

  test('lets a response that is longer than the bound pass alone', async () => {
    const { queue, responses } = open(() => false, 10);
    let pushed = 0;
    const writing = (async () => {
      for (; pushed < 20; pushed++) await queue.push(pending(pushed), 5000);
      queue.end(success);
    })();
    await turn();
    let taken = 0;
    for await (const _ of responses) {
      taken++;
      expect(pushed - taken).toBeLessThanOrEqual(1);
    }
    await writing;
    expect(taken).toBe(20);
  });

  test('fails the call at the bound if other calls wait, and takes nothing more', async () => {
    const { queue, responses, cancel } = open(() => true, 10 * SIZE);
    for (let index = 0; index < 1000; index++) await queue.push(pending(index), SIZE);
    expect(cancel).toHaveBeenCalledTimes(1);
    await expect(responses.final).rejects.toThrow('5 responses are queued and not taken (10240 bytes)');
    const found: unknown[] = [];
    const loop = (async () => {
      for await (const each of responses) found.push(each);
    })();
    await expect(loop).rejects.toThrow(RangeError);
    expect(found).toHaveLength(5);
  });

  test('is given back when the responses are dropped', async () => {
    const { queue, responses } = open(() => false, 10 * SIZE);
    const writing = (async () => {
      for (let index = 0; index < 100; index++) await queue.push(pending(index), SIZE);
      queue.end(success);
    })();
    expect(await responses.final).toEqual(success);
    await writing;
  });
});
