import { duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { ConnectionLimits } from './connection-limits.ts';
import { PendingConnections } from './pending-connections.ts';

const stream = () => duplexPair()[0];

describe('connections per second', () => {
  test('are counted for each host, with a burst of one second', async () => {
    using clock = new VirtualClock();
    const limits = new ConnectionLimits({ connectionsPerSecond: 3 });
    const enter = (address: string, count: number) =>
      Array.from({ length: count }, () => limits.enter(stream(), address)).filter(Boolean).length;
    expect([enter('10.0.0.1', 10), enter('10.0.0.2', 10)]).toEqual([3, 3]);
    await clock.advance(1000);
    expect(enter('10.0.0.1', 10)).toBe(3);
    await clock.advance(400);
    expect(enter('10.0.0.1', 10)).toBe(1);
    await clock.advance(60_000);
    expect(enter('10.0.0.1', 10)).toBe(3);
  });

  test('may be less than one', async () => {
    using clock = new VirtualClock();
    const limits = new ConnectionLimits({ connectionsPerSecond: 0.1 });
    expect([limits.enter(stream(), 'a'), limits.enter(stream(), 'a')]).toEqual([true, false]);
    await clock.advance(10_000);
    expect([limits.enter(stream(), 'a'), limits.enter(stream(), 'a')]).toEqual([true, false]);
  });

  test.each([0, -1, Number.NaN])('cannot be %d', (connectionsPerSecond) => {
    expect(() => new ConnectionLimits({ connectionsPerSecond })).toThrow(RangeError);
  });
});

test('open connections are counted for each host until they close', async () => {
  const limits = new ConnectionLimits({ maximumConnectionsPerAddress: 2 });
  const first = stream();
  expect(limits.enter(first, '2001:db8::1')).toBe(true);
  expect(limits.enter(stream(), '2001:db8::2')).toBe(true);
  // The same network of 64 bits.
  expect(limits.enter(stream(), '2001:db8::3')).toBe(false);
  expect(limits.enter(stream(), '2001:db8:0:1::1')).toBe(true);
  first.destroy();
  await new Promise((resolve) => first.once('close', resolve));
  expect(limits.enter(stream(), '2001:db8::4')).toBe(true);
});

describe('pending connections', () => {
  test('are dropped from the host that has the most, the longest silent first', () => {
    const pending = new PendingConnections(4);
    const honest = stream();
    const crowd = Array.from({ length: 3 }, stream);
    pending.add(honest, '10.0.0.1');
    for (const each of crowd) pending.add(each, '10.0.0.2');
    const next = stream();
    pending.add(next, '10.0.0.3');
    expect(pending.wasDropped(honest)).toBe(false);
    expect(crowd.map((each) => pending.wasDropped(each))).toEqual([true, false, false]);
    expect([pending.size, pending.droppedCount]).toEqual([4, 1]);
  });

  test('count for the peer that a proxy names', () => {
    const pending = new PendingConnections(3);
    const [first, second, third] = [stream(), stream(), stream()];
    pending.add(first, '10.9.9.9');
    pending.rename(first, '10.0.0.1');
    for (const each of [second, third]) {
      pending.add(each, '10.9.9.9');
      pending.rename(each, '10.0.0.2');
    }
    pending.add(stream(), '10.9.9.9');
    expect([first, second, third].map((each) => pending.wasDropped(each))).toEqual([false, true, false]);
  });
});
