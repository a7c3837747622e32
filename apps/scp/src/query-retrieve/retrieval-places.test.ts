import { expect, test } from 'vitest';
import { RetrievalPlaces } from './retrieval-places.ts';

const { signal } = new AbortController();

test('gives as many places for each destination as there are, and then in FIFO order', async () => {
  const places = new RetrievalPlaces(2);
  const order: string[] = [];
  const take = async (name: string, aeTitle = 'A') => {
    const giveBack = await places.take(aeTitle, signal);
    order.push(name);
    return giveBack;
  };
  const [first] = await Promise.all([take('first'), take('second')]);
  const waiting = [take('third'), take('fourth')];
  await take('other', 'B');
  expect(order).toEqual(['first', 'second', 'other']);
  first();
  const third = await waiting[0];
  expect(order).toEqual(['first', 'second', 'other', 'third']);
  third?.();
  await waiting[1];
  expect(order.at(-1)).toBe('fourth');
});

test('does not give a place to a retrieval that was cancelled while it waited', async () => {
  const places = new RetrievalPlaces(1);
  const giveBack = await places.take('A', signal);
  const cancelled = new AbortController();
  const waiting = places.take('A', cancelled.signal);
  const next = places.take('A', signal);
  cancelled.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
  giveBack();
  (await next)();
  await expect(places.take('A', cancelled.signal)).rejects.toThrow('cancelled');
  (await places.take('A', signal))();
});
