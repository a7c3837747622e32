import { describe, expect, test } from 'vitest';
import { usernameIdentity } from '../negotiation/user-identity.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import type { AssociationRequest } from './accept.ts';
import { decideBy } from './acceptor-policy.ts';
import { type IdentityCheckLimits, type IdentityVerdict, limitIdentityChecks } from './identity-checks.ts';
import { associatedPair } from './pair.ts';

const GUESSER = '10.0.0.66';
const HONEST = '10.0.0.1';
const ANY = { supports: () => ({ transferSyntaxes: 'any' as const }) };

/** Checks that run until the test ends them, in the order in which they began. */
function checks(limits?: IdentityCheckLimits) {
  const begun: { readonly name: string; end(verdict: IdentityVerdict): void }[] = [];
  const verify = limitIdentityChecks(
    (identity) =>
      new Promise((end) => {
        begun.push({ name: Buffer.from(identity?.primaryField ?? []).toString(), end });
      }),
    limits,
  );
  const ask = async (address: string, name: string, signal = new AbortController().signal) =>
    verify(usernameIdentity(name), { address, signal } as AssociationRequest);
  return { begun, verify, ask, names: () => begun.map(({ name }) => name) };
}

describe('identity checks', () => {
  test('are bounded in all and for each host; hosts take turns', async () => {
    using clock = new VirtualClock();
    const { begun, verify, ask, names } = checks({ maximumAtOnce: 3, maximumAtOncePerHost: 2 });
    for (const name of ['g1', 'g2', 'g3', 'g4']) void ask(GUESSER, name);
    void ask(HONEST, 'h1');
    void ask('10.0.0.2', 'o1');
    await clock.advance(0);
    expect(names()).toEqual(['g1', 'g2', 'h1']);
    expect(verify.counters).toMatchObject({ running: 3, waiting: 3 });
    begun[0]?.end(true);
    await clock.advance(0);
    begun[1]?.end(true);
    await clock.advance(0);
    // One of each host, although the guesser asked for more before.
    expect(names()).toEqual(['g1', 'g2', 'h1', 'g3', 'o1']);
    begun[2]?.end(true);
    await clock.advance(0);
    expect(names().at(-1)).toBe('g4');
    for (const { end } of begun) end(true);
    await clock.advance(0);
    expect(verify.counters).toEqual({ accepted: 6, failed: 0, refused: 0, running: 0, waiting: 0 });
  });

  test('that would wait behind too many others are rejected as temporary congestion', async () => {
    const { verify, ask } = checks({ maximumAtOncePerHost: 1, maximumWaitingPerHost: 2, maximumWaiting: 3 });
    const results = ['g1', 'g2', 'g3', 'g4'].map((name) => ask(GUESSER, name));
    expect(await results[3]).toEqual({ reject: { result: 2, source: 3, reason: 1 } });
    expect(verify.counters).toMatchObject({ running: 1, waiting: 2, refused: 1 });
    for (const name of ['a', 'b', 'c']) void ask(HONEST, name);
    await new Promise((resolve) => setImmediate(resolve));
    expect(verify.counters).toMatchObject({ running: 2, waiting: 3, refused: 2 });
  });

  test('slow down a host whose checks fail, but not others', async () => {
    using clock = new VirtualClock();
    const { begun, ask } = checks({ failureDelay: 1000 });
    const waits: number[] = [];
    for (let guess = 0; guess < 7; guess++) {
      const before = begun.length;
      void ask(GUESSER, 'guess');
      await clock.advance(0);
      let waited = 0;
      for (; begun.length === before && waited < 60; waited++) await clock.advance(1000);
      waits.push(waited);
      begun.at(-1)?.end(false);
      await clock.advance(0);
    }
    expect(waits).toEqual([0, 1, 2, 4, 8, 16, 16]);
    void ask(HONEST, 'honest');
    await clock.advance(0);
    expect(begun.at(-1)?.name).toBe('honest');
    // A success, and time, let the host go on.
    void ask(GUESSER, 'right');
    await clock.advance(16_000);
    begun.at(-1)?.end(true);
    await clock.advance(0);
    void ask(GUESSER, 'at once');
    await clock.advance(0);
    expect(begun.at(-1)?.name).toBe('at once');
  });

  test('that wait are given up when their connection ends', async () => {
    const { verify, ask } = checks({ maximumAtOnce: 1 });
    void ask(GUESSER, 'g1');
    const gone = new AbortController();
    const waiting = ask(HONEST, 'h1', gone.signal);
    gone.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    expect(verify.counters).toMatchObject({ running: 1, waiting: 0 });
  });

  test('that throw free their place', async () => {
    const verify = limitIdentityChecks(() => Promise.reject(new Error('directory is down')), { maximumAtOnce: 1 });
    const request = { address: HONEST, signal: new AbortController().signal } as AssociationRequest;
    for (let count = 0; count < 3; count++)
      await expect(verify(usernameIdentity('x'), request)).rejects.toThrow('directory is down');
    expect(verify.counters).toEqual({ accepted: 0, failed: 0, refused: 0, running: 0, waiting: 0 });
  });
});

test('decideBy bounds the checks, and keeps bounds that were chosen', async () => {
  const verifyIdentity = limitIdentityChecks(() => true);
  expect(limitIdentityChecks(verifyIdentity)).toBe(verifyIdentity);
  const decide = decideBy({ ...ANY, verifyIdentity });
  const [requestor] = await associatedPair({ decide, request: { userIdentity: usernameIdentity('user') } });
  expect(verifyIdentity.counters.accepted).toBe(1);
  await requestor.release();
});
