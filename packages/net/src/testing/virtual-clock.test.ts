import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { associatedPair } from '../association/pair.ts';
import { requestAssociation } from '../association/request.ts';
import { TimeoutError } from '../errors.ts';
import { VirtualClock } from './virtual-clock.ts';

test('timers run in the order in which they are due, each at its time', async () => {
  using clock = new VirtualClock();
  const start = performance.now();
  const ran: [string, number][] = [];
  const note = (name: string) => ran.push([name, performance.now() - start]);
  setTimeout(note, 300, 'late');
  setTimeout(note, 100, 'early');
  const interval = setInterval(note, 120, 'again');
  clearTimeout(setTimeout(note, 50, 'never'));
  await clock.advance(250);
  expect(ran).toEqual([
    ['early', 100],
    ['again', 120],
    ['again', 240],
  ]);
  clearInterval(interval);
  await clock.advance(1000);
  expect(ran.at(-1)).toEqual(['late', 300]);
  expect(ran).toHaveLength(4);
});

test('the process has its own timers back afterwards', async () => {
  const before = [setTimeout, clearTimeout, setInterval, clearInterval, performance.now];
  {
    using clock = new VirtualClock();
    expect(setTimeout).not.toBe(before[0]);
    expect(() => new VirtualClock()).toThrow('dispose of the other');
    expect(clock.running).toBe(0);
  }
  expect([setTimeout, clearTimeout, setInterval, clearInterval, performance.now]).toEqual(before);
});

test('a peer that never answers costs the association timeout in no time', async () => {
  using clock = new VirtualClock();
  const [socket] = duplexPair();
  const requesting = requestAssociation({
    socket,
    callingAeTitle: 'A',
    calledAeTitle: 'B',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
  }).catch((error: unknown) => error);
  await clock.advance(29_999);
  expect(await Promise.race([requesting, 'nothing yet'])).toBe('nothing yet');
  await clock.advance(1);
  expect(await requesting).toMatchObject({ waitingFor: 'association', constructor: TimeoutError });
});

test('an idle association is released after five minutes', async () => {
  using clock = new VirtualClock();
  const [requestor, acceptor] = await associatedPair();
  await clock.advance(299_000);
  expect(requestor.isEstablished).toBe(true);
  await clock.advance(2000);
  expect(await acceptor.closed).toMatchObject({ how: 'released', by: 'local' });
});
